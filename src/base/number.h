/* number.h: text of numbers: counts, and floating-point for statistics and display. Money is neither: base/dec.h. */
#ifndef VIGIL_BASE_NUMBER_H
#define VIGIL_BASE_NUMBER_H

#include "base/buf.h"

/* The number that the text is, whatever the locale; NAN for NULL and for anything else. */
double number_parse(vg_slice text);

#define NUMBER_TEXT 32 /* bytes for a printed number with its NUL */

/* Writes the shortest of %.15g, %.16g and %.17g that number_parse reads back as the same number, which must be finite;
 * returns the length. */
size_t number_print(double value, char out[NUMBER_TEXT]);

/* Decimal digits and nothing else, as a number that fits. */
bool number_count(vg_slice text, uint64_t *value);

#endif
