/* number.h: text of a floating-point number, for statistics and display. Money is never one: base/dec.h. */
#ifndef VIGIL_BASE_NUMBER_H
#define VIGIL_BASE_NUMBER_H

#include "base/buf.h"

/* The number that the text is, whatever the locale; NAN for NULL and for anything else. */
double number_parse(vg_slice text);

#endif
