/* compact.h: many parts of a day into one; same rows, same order. */
#ifndef VIGIL_FLOW_COMPACT_H
#define VIGIL_FLOW_COMPACT_H

#include "base/progress.h"
#include "lake/lake.h"

struct compact_options {
    const char *lake;
    int32_t from, to; /* days; VG_NO_DATE: no bound */
    struct vg_progress *progress;
};

struct compact_report {
    size_t days, parts_before;
    uint64_t rows, bytes_before, bytes_after;
};

/* Merges every day in range that has more than one part. VG_ESTATE: no lake, or somebody writes. */
VG_MUST_USE vg_code compact_run(const struct compact_options *options, struct compact_report *report, vg_err *err);

/* Takes the rows of the object `part` out of compacted days, so that the parts `now`, which stand at
 * their places already, can replace it. The lake is open for writing. Nothing to do when its parts
 * were never merged; a part that has not changed is removed again, and the compacted day keeps its rows. */
VG_MUST_USE vg_code compact_evict(struct lake *lake, const char *part, const struct part_list *now, vg_err *err);

#endif
