/* part_merge.h: parts of one day into one, and rows of one object out again. */
#ifndef VIGIL_LAKE_PART_MERGE_H
#define VIGIL_LAKE_PART_MERGE_H

#include "lake/lake.h"

/* Writes all rows of the listed fills parts, in the order of the lake, to the file at `path`. Rows of
 * `without` (may be NULL), an object of the manifest, are left out: by its blocks, or by its range where
 * these are surrogates or cannot be read; so compare *rows with what must be left. All parts are of one day. Memory is
 * bounded: the sort spills to lake->tmp. */
VG_MUST_USE vg_code part_merge(const struct lake *lake, const struct part_list *parts,
                               const struct manifest_record *without, const char *path, uint64_t *rows, vg_err *err);

#endif
