/* part_sound.h: is a file of the lake what was committed, and what to do when it is not. */
#ifndef VIGIL_LAKE_PART_SOUND_H
#define VIGIL_LAKE_PART_SOUND_H

#include "lake/lake.h"

/* VG_ESTATE: the file is missing, or not the one that its record names (sha256). The message says which, and
 * what mends it. Of the part, path and sha256 count (and day, where it is compacted): a quarantine file may be
 * asked about in the same way. */
VG_MUST_USE vg_code part_sound(const struct lake *lake, const struct part *part, vg_err *err);

/* VG_ESTATE: a part has another number of rows than its record says. Reads the files' footers only. */
VG_MUST_USE vg_code parts_have_their_rows(const struct lake *lake, const struct part_list *parts, vg_err *err);

#endif
