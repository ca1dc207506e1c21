/* fetch.h: objects of a source into the lake.
 *
 * New objects are decoded, sorted and written in parallel, one worker an object, and committed one by
 * one. What is in the lake already is skipped; an object whose content changed replaces its rows, and so do
 * those that left out blocks because it had them. A killed run is run again.
 */
#ifndef VIGIL_FLOW_FETCH_H
#define VIGIL_FLOW_FETCH_H

#include "base/progress.h"
#include "ingest/source.h"

struct fetch_options {
    char *const *sources; /* files and directories */
    size_t source_count;
    const char *lake;
    int32_t from, to;    /* hour objects of these days only; VG_NO_DATE: no bound */
    int64_t before_hour; /* hour objects before this hour since 1970 only; 0: no bound */
    unsigned jobs;       /* 0: as many as processors, at most 2 */
    bool replace;        /* an object of the same name from another place replaces the one in the lake */
    struct vg_progress *progress;
};

enum fetch_outcome { FETCH_DONE, FETCH_REPLACED, FETCH_UNCHANGED, FETCH_FAILED, FETCH_CANCELLED };

struct fetch_result {
    char *key, *location;
    enum fetch_outcome outcome;
    uint64_t fills, blocks, duplicate_blocks, quarantined, lines, lines_strict, unknown_line_keys;
    uint64_t bytes_in, bytes_out;
    bool growing;     /* a file that is being written: its last line was not whole yet */
    char *quarantine; /* path, when something was refused */
    vg_err error;
};

struct fetch_report {
    struct fetch_result *results; /* one per object, in order of key */
    size_t n;
    size_t outcomes[FETCH_CANCELLED + 1];
    uint64_t fills, blocks, duplicate_blocks, quarantined, lines, lines_strict, unknown_line_keys;
    uint64_t bytes_in, bytes_out;
    double seconds;
};

/* Fails only for what stops everything (no source, no lake); what happened to each object is in the
 * report, which the caller releases in any case. */
VG_MUST_USE vg_code fetch_run(const struct fetch_options *options, struct fetch_report *report, vg_err *err);
void fetch_report_release(struct fetch_report *report);

#endif
