/* progress.h: one line on a terminal that shows how far long work is.
 *
 * Workers add to atomic counters; the line is redrawn at most five times a second by whoever adds.
 * Where stderr is no terminal nothing is written at all.
 */
#ifndef VIGIL_BASE_PROGRESS_H
#define VIGIL_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct vg_progress {
    const char *what; /* "fetching" */
    const char *unit; /* "fills" */
    uint64_t total;   /* bytes, rows or whatever `advance` counts; 0 when unknown */
    double price;     /* USD a unit of `total`; 0: nothing is paid */
    int64_t started_ns;
    bool shown;             /* stderr is a terminal and the caller wants it */
    _Atomic uint64_t done;  /* of total: time left comes from it */
    _Atomic uint64_t items; /* in units: the rate comes from it */
    _Atomic int64_t drawn_ns;
};

/* `quiet` suppresses the line even on a terminal. */
void vg_progress_start(struct vg_progress *progress, const char *what, const char *unit, uint64_t total, bool quiet);

/* Thread-safe. `progress` may be NULL. */
void vg_progress_add(struct vg_progress *progress, uint64_t done, uint64_t items);

/* Clears the line. */
void vg_progress_stop(struct vg_progress *progress);

#endif
