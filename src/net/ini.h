/* ini.h: files of [sections] with "key = value" lines, as AWS's tools read them.
 *
 * Lines that begin with '#' or ';' are comments; a line that is indented deeper than the setting above belongs to
 * that one (nested settings) and is skipped; nothing is taken off behind a value but blanks.
 */
#ifndef VIGIL_NET_INI_H
#define VIGIL_NET_INI_H

#include "base/buf.h"

/* One setting; the slices point into the text. The key is as written. */
typedef void (*ini_visit)(void *ctx, vg_slice section, vg_slice key, vg_slice value);

/* VG_EPARSE names the line that is neither, or stands before the first section. */
VG_MUST_USE vg_code ini_walk(vg_slice text, ini_visit visit, void *ctx, vg_err *err);

#endif
