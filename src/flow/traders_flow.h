/* traders_flow.h: the table of traders out of the lake. */
#ifndef VIGIL_FLOW_TRADERS_FLOW_H
#define VIGIL_FLOW_TRADERS_FLOW_H

#include "analyze/traders.h"
#include "base/progress.h"

struct traders_options {
    const char *lake;
    int32_t from, to; /* days; VG_NO_DATE: no bound */
    const char *user; /* one address, or NULL for everybody */
    struct vg_progress *progress;
};

/* What the numbers rest on. */
struct traders_coverage {
    uint64_t fills;
    int64_t first_time_ns, last_time_ns; /* of the objects read; 0 and 0: none */
    uint64_t hours_present, hours_span;  /* hour objects, and hours from the first to the last */
};

/* *traders is the caller's to free. */
VG_MUST_USE vg_code traders_run(const struct traders_options *options, struct traders **traders,
                                struct traders_coverage *coverage, vg_err *err);

#endif
