/* features_flow.h: the lake's fills into the tables of features/, from where the last run stopped. */
#ifndef VIGIL_FLOW_FEATURES_FLOW_H
#define VIGIL_FLOW_FEATURES_FLOW_H

#include "base/progress.h"
#include "lake/lake.h"

struct features_options {
    const char *lake;
    int32_t from, to; /* days; VG_NO_DATE: no bound */
    unsigned shard, shards;
    bool full; /* from the beginning, whatever there is */
    struct vg_progress *progress;
};

struct features_report {
    bool up_to_date;            /* nothing was new */
    uint64_t fills, fills_read; /* in the window; read by this run */
    uint64_t traders, episodes, positions;
    size_t days, days_written;
    int32_t resumed_at; /* first day that was computed; VG_NO_DATE: nothing before it was there */
    int64_t first_time_ns, last_time_ns;
    double seconds;
};

/* VG_ESTATE: no lake, somebody writes, or no fills in the window. */
VG_MUST_USE vg_code features_run(const struct features_options *options, struct features_report *report, vg_err *err);

#endif
