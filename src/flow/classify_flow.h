/* classify_flow.h: classes of all traders by the three profiles of rules, into the table `classes`. */
#ifndef VIGIL_FLOW_CLASSIFY_FLOW_H
#define VIGIL_FLOW_CLASSIFY_FLOW_H

#include "analyze/classes.h"

struct classify_report {
    uint64_t traders, counts[CLASS_PROFILES][TRADER_CLASSES];
    uint64_t changed; /* other than before, by the profile vigil */
    int64_t as_of_ns; /* end of the data that the labels rest on */
};

/* VG_ESTATE: no lake, no features yet, or somebody writes. */
VG_MUST_USE vg_code classify_run(const char *lake, struct classify_report *report, vg_err *err);

/* Whether there are classes, of the figures as they are now. */
VG_MUST_USE vg_code classify_is_current(const char *lake, bool *current, vg_err *err);

#endif
