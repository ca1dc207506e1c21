#include "base/clock.h"
#include "base/json.h"
#include "flow/sync.h"

static void add_time(vg_buf *out, const char *key, int64_t ns)
{
    char text[VG_TIME_TEXT];
    vg_time_print(ns, 3, text);
    vg_buf_addf(out, ",\"%s\":\"%sZ\"", key, text);
}

static void add_hour(vg_buf *out, struct fetch_hour hour)
{
    char date[VG_DATE_TEXT];
    vg_day_print(hour.day, '-', date);
    vg_buf_addf(out, "\"%sT%02d\"", date, hour.hour);
}

static bool is_ok(const struct sync_report *report, const vg_err *error) { return !error && sync_is_complete(report); }

void sync_print_json(const struct sync_report *r, const vg_err *error, vg_buf *out)
{
    const struct fetch_report *f = &r->fetch;
    vg_buf_addf(out, "{\"ok\":%s", is_ok(r, error) ? "true" : "false");
    if (error) {
        vg_buf_adds(out, ",\"error\":");
        json_add_string(out, vg_slice_of(error->msg));
    }
    add_time(out, "started", r->started_ns);
    vg_buf_addf(out, ",\"seconds\":%.3f", r->seconds);
    vg_buf_addf(out, ",\"fetched\":%zu,\"replaced\":%zu,\"unchanged\":%zu,\"failed\":%zu,\"cancelled\":%zu",
                f->outcomes[FETCH_DONE], f->outcomes[FETCH_REPLACED], f->outcomes[FETCH_UNCHANGED],
                f->outcomes[FETCH_FAILED], f->outcomes[FETCH_CANCELLED]);
    vg_buf_addf(out, ",\"new_fills\":%llu,\"quarantined\":%llu,\"computed\":%s", (unsigned long long)f->fills,
                (unsigned long long)f->quarantined, r->computed ? "true" : "false");
    if (r->computed)
        vg_buf_addf(out, ",\"traders\":%llu,\"classes_changed\":%llu", (unsigned long long)r->features.traders,
                    (unsigned long long)r->classes.changed);
    vg_buf_addf(out, ",\"clustered\":%s,\"clusters_changed\":%s", r->clustered ? "true" : "false",
                r->clusters_changed ? "true" : "false");
    if (r->cluster_problem.msg[0]) {
        vg_buf_adds(out, ",\"cluster_problem\":");
        json_add_string(out, vg_slice_of(r->cluster_problem.msg));
    }
    vg_buf_addf(out, ",\"lake_fills\":%llu,\"lake_hours\":%llu", (unsigned long long)r->fills,
                (unsigned long long)r->hours);
    if (r->fills) add_time(out, "last_fill", r->last_fill_ns);
    if (r->hours) {
        vg_buf_adds(out, ",\"last_hour\":");
        add_hour(out, r->last);
        vg_buf_addf(out, ",\"behind_hours\":%lld", (long long)r->behind_hours);
    }
    if (f->asked_s3)
        vg_buf_addf(out,
                    ",\"s3\":{\"requests\":%llu,\"retries\":%llu,\"bytes_in\":%llu,\"bytes_out\":%llu,\"usd\":%.6f}",
                    (unsigned long long)f->s3_requests, (unsigned long long)f->s3_retries,
                    (unsigned long long)f->s3_bytes_in, (unsigned long long)f->s3_bytes_out, f->s3_usd);
    vg_buf_adds(out, ",\"missing_hours\":[");
    for (size_t i = 0; i < r->missing_count; i++) {
        if (i) vg_buf_addc(out, ',');
        add_hour(out, r->missing[i]);
    }
    vg_buf_adds(out, "],\"errors\":[");
    for (size_t i = 0, n = 0; i < f->n; i++) {
        if (f->results[i].outcome != FETCH_FAILED) continue;
        vg_buf_adds(out, n++ ? ",{\"location\":" : "{\"location\":");
        json_add_string(out, vg_slice_of(f->results[i].location));
        vg_buf_adds(out, ",\"error\":");
        json_add_string(out, vg_slice_of(f->results[i].error.msg));
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]}\n");
}

static void add_gauge(vg_buf *out, const char *name, const char *help, double value)
{
    vg_buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.17g\n", name, help, name, name, value);
}

void sync_print_metrics(const struct sync_report *r, const vg_err *error, vg_buf *out)
{
    add_gauge(out, "vigil_sync_ok", "Whether the last round found and took everything.", is_ok(r, error));
    add_gauge(out, "vigil_sync_finished_timestamp_seconds", "When the last round ended.", (double)vg_now_ns() / 1e9);
    add_gauge(out, "vigil_sync_duration_seconds", "How long the last round took.", r->seconds);
    add_gauge(out, "vigil_sync_objects_failed", "Objects that could not be taken.",
              (double)r->fetch.outcomes[FETCH_FAILED]);
    add_gauge(out, "vigil_sync_new_fills", "Fills that the last round took.", (double)r->fetch.fills);
    add_gauge(out, "vigil_sync_quarantined", "Records that the last round refused.", (double)r->fetch.quarantined);
    if (r->fetch.asked_s3)
        add_gauge(out, "vigil_sync_s3_usd", "What the last round's requests to S3 cost, at list prices.",
                  r->fetch.s3_usd);
    add_gauge(out, "vigil_lake_fills", "Fills in the lake.", (double)r->fills);
    add_gauge(out, "vigil_lake_hours", "Hours of which the lake has something.", (double)r->hours);
    add_gauge(out, "vigil_lake_missing_hours", "Hours missing between its first and its last.",
              (double)r->missing_count);
    if (r->hours) add_gauge(out, "vigil_lake_behind_hours", "Final hours after its last one.", (double)r->behind_hours);
    if (r->fills)
        add_gauge(out, "vigil_lake_last_fill_timestamp_seconds", "Time of its last fill.",
                  (double)r->last_fill_ns / 1e9);
}
