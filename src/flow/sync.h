/* sync.h: the lake and everything made of it, brought up to date with its source.
 *
 * One round: list what the source has, take the hours that are final and new or have changed, compute the
 * figures and classes of what is new, place traders by the clusters' model if there is one, and say what is missing.
 * Fetching and computing figures grow with what is new; labels, the table of traders and, once there are clusters,
 * their map are made anew for everybody. A round that is stopped or fails is made good by the next one.
 */
#ifndef VIGIL_FLOW_SYNC_H
#define VIGIL_FLOW_SYNC_H

#include "flow/classify_flow.h"
#include "flow/cluster_flow.h"
#include "flow/features_flow.h"
#include "flow/fetch.h"

/* The exchange publishes an hour some 6 minutes after its end (docs/formats.md). */
#define SYNC_LAG_S 1200

struct sync_options {
    char *const *sources; /* as of fetch */
    size_t source_count;
    const char *lake;
    int32_t from;   /* day from which on the lake is to be complete; VG_NO_DATE: its first, of an empty one yesterday */
    uint64_t lag_s; /* seconds after its end until an hour is final; 0: hours that are being written, too */
    unsigned jobs;
    struct vg_progress *progress;
};

struct sync_report {
    int64_t started_ns; /* since 1970 */
    struct fetch_report fetch;
    bool computed; /* figures or classes are new */
    struct features_report features;
    struct classify_report classes;
    bool clustered;             /* traders were placed anew by the model of the last `vigil cluster` */
    bool clusters_changed;      /* shares of clusters are no longer what they were when it was fitted */
    vg_err cluster_problem;     /* why they could not be; msg "": they could, or there is no model */
    struct fetch_hour *missing; /* between the first and the last hour of the lake, in order */
    size_t missing_count;
    uint64_t hours, fills;  /* of the lake */
    struct fetch_hour last; /* hour of the lake; meaningless when `hours` is 0 */
    int64_t last_fill_ns;   /* meaningless when `fills` is 0 */
    int64_t behind_hours;   /* final hours since the last one */
    double seconds;
};

/* The first hour (since 1970) that is not final yet. */
int64_t sync_open_hour(int64_t now_ns, uint64_t lag_s);

/* One round. Fails for what stops everything; what happened to each object is in report->fetch. VG_ESTATE:
 * another sync is at work. The report is the caller's to release in any case. */
VG_MUST_USE vg_code sync_round(const struct sync_options *options, struct sync_report *report, vg_err *err);
void sync_report_release(struct sync_report *report);

/* All went well: no object failed and no hour is missing in between. */
bool sync_is_complete(const struct sync_report *report);

/* The round as JSON (one line), and as Prometheus's text format; `error` is NULL when it did not fail. */
void sync_print_json(const struct sync_report *report, const vg_err *error, vg_buf *out);
void sync_print_metrics(const struct sync_report *report, const vg_err *error, vg_buf *out);

#endif
