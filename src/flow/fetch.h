/* fetch.h: objects of a source into the lake.
 *
 * New objects are decoded, sorted and written in parallel, one worker an object, and committed one by
 * one. What is in the lake already is skipped; an object whose content changed replaces its rows, and so do
 * those that left out blocks because it had them. A killed run is run again.
 */
#ifndef VIGIL_FLOW_FETCH_H
#define VIGIL_FLOW_FETCH_H

#include "base/progress.h"
#include "ingest/sources.h"

struct fetch_options {
    char *const *sources; /* files, directories, s3://bucket/prefix */
    size_t source_count;  /* 0: the exchange's archives */
    const char *lake;
    struct source_range range;
    unsigned jobs;        /* 0: as many as processors, at most 2 */
    bool replace;         /* an object of the same name from another place replaces the one in the lake */
    bool dry_run;         /* only looks: what would be fetched */
    const char *keep_raw; /* folder for the untouched objects; NULL: they are not kept */
    struct vg_progress *progress;
};

/* FETCH_PLANNED: of a dry run, would be fetched. */
enum fetch_outcome { FETCH_DONE, FETCH_REPLACED, FETCH_UNCHANGED, FETCH_FAILED, FETCH_CANCELLED, FETCH_PLANNED };

struct fetch_result {
    char *key, *location;
    enum fetch_outcome outcome;
    uint64_t fills, blocks, duplicate_blocks, quarantined, lines, lines_strict, unknown_line_keys;
    uint64_t size; /* bytes, as listed */
    uint64_t bytes_in, bytes_out;
    bool growing;     /* a file that is being written: its last line was not whole yet */
    char *quarantine; /* path, when something was refused */
    vg_err error;
};

struct fetch_hour {
    int32_t day;
    int hour;
};

struct fetch_report {
    struct fetch_result *results; /* one per object, in order of key */
    size_t n;
    size_t outcomes[FETCH_PLANNED + 1];
    uint64_t fills, blocks, duplicate_blocks, quarantined, lines, lines_strict, unknown_line_keys;
    uint64_t bytes_in, bytes_out;
    struct fetch_hour *absent; /* hours of the days asked for that no source has, up to now; only of bounded ranges */
    size_t absent_count;
    bool asked_s3;
    uint64_t s3_requests, s3_retries, s3_bytes_in, s3_bytes_out; /* of the source and the lake */
    double s3_usd;                                               /* estimated, at list prices (net/s3_budget.h) */
    double seconds;
};

/* Fails only for what stops everything (no source, no lake); what happened to each object is in the
 * report, which the caller releases in any case. */
VG_MUST_USE vg_code fetch_run(const struct fetch_options *options, struct fetch_report *report, vg_err *err);
void fetch_report_release(struct fetch_report *report);

/* USD that so many bytes in so many objects cost to read from the exchange's bucket, at list prices. */
double fetch_price(uint64_t bytes, uint64_t objects);

#endif
