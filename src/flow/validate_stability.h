/* validate_stability.h: a window of days grouped for itself, and two of them against each other. */
#ifndef VIGIL_FLOW_VALIDATE_STABILITY_H
#define VIGIL_FLOW_VALIDATE_STABILITY_H

#include "flow/trader_windows.h"
#include "flow/validate.h"

/* Where windows come from, and how they are grouped. */
struct window_source {
    struct lake *lake;
    struct intern *addresses;
    const struct cluster_options *options;
    struct vg_progress *progress;
};

/* Groups of a window, fitted on it alone; k 0: choose. Window and clustering are zeroed before, and the caller's to
 * release in any case. VG_ESTATE names the days. */
VG_MUST_USE vg_code window_group(const struct window_source *source, int32_t from, int32_t to, unsigned k,
                                 struct trader_window *window, struct clustering *clustering, vg_err *err);

/* The first half of these days against the second; unknown when a half has too few traders. */
VG_MUST_USE vg_code validate_stability(const struct window_source *source, int32_t from, int32_t to,
                                       struct validation_stability *out, vg_err *err);

#endif
