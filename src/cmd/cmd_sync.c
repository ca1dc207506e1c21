#include <stdio.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/out_file.h"
#include "base/pool.h"
#include "cmd/fetch_command.h"
#include "flow/sync.h"

static void print_text(const struct sync_report *r, vg_buf *out)
{
    const struct fetch_report *f = &r->fetch;
    size_t fresh = f->outcomes[FETCH_DONE] + f->outcomes[FETCH_REPLACED];
    vg_buf_addf(out, "%zu new or changed objects, %llu fills; lake: %llu fills", fresh, (unsigned long long)f->fills,
                (unsigned long long)r->fills);
    if (r->hours) {
        char date[VG_DATE_TEXT];
        vg_day_print(r->last.day, '-', date);
        vg_buf_addf(out, ", last hour %s %02d:00 UTC", date, r->last.hour);
    }
    vg_buf_addf(out, " (%.1f s)\n", r->seconds);
    if (r->computed) vg_buf_addf(out, "  figures of %llu traders are new\n", (unsigned long long)r->features.traders);
    if (r->clustered) vg_buf_adds(out, "  clusters are current, by the model of the last `vigil cluster`\n");
    if (r->clusters_changed)
        vg_buf_adds(out,
                    "  some cluster has half as many traders more than when it was fitted, or that much less: `vigil "
                    "cluster` groups anew\n");
    if (r->cluster_problem.msg[0]) vg_buf_addf(out, "  clusters stay as they were: %s\n", r->cluster_problem.msg);
    if (r->behind_hours > 1)
        vg_buf_addf(out, "  the source has nothing of the last %lld hours yet\n", (long long)r->behind_hours);
    if (f->quarantined)
        vg_buf_addf(out, "  %llu records were refused: LAKE/quarantine has them\n", (unsigned long long)f->quarantined);
    if (f->asked_s3)
        vg_buf_addf(out, "  S3: %llu requests, %.1f MB received, about %.4f USD at list prices\n",
                    (unsigned long long)f->s3_requests, (double)f->s3_bytes_in / 1e6, f->s3_usd);
    if (r->missing_count) {
        vg_buf_addf(out, "  %zu hours in between are missing: ", r->missing_count);
        fetch_command_hours(r->missing, r->missing_count, out);
    }
}

struct sync_files {
    const char *heartbeat, *metrics;
};

static vg_code write_file(const char *path, const vg_buf *text, vg_err *err)
{
    struct out_file file = {0};
    if (!path) return VG_OK;
    vg_code rc = out_file_open(&file, path, err);
    if (!rc && fwrite(text->data, 1, text->len, file.stream) != text->len) rc = vg_fail_errno(err, "writing %s", path);
    if (!rc) rc = out_file_finish(&file, err);
    out_file_release(&file);
    return rc;
}

static vg_code write_files(const struct sync_files *files, const struct sync_report *report, const vg_err *error,
                           vg_err *err)
{
    vg_buf heartbeat = {0}, metrics = {0};
    sync_print_json(report, error, &heartbeat);
    sync_print_metrics(report, error, &metrics);
    vg_code rc = write_file(files->heartbeat, &heartbeat, err);
    if (!rc) rc = write_file(files->metrics, &metrics, err);
    vg_buf_release(&heartbeat);
    vg_buf_release(&metrics);
    return rc;
}

/* One round, with all that is told about it. */
static int run_round(const struct command *self, const struct sync_options *options, const struct sync_files *files,
                     bool quiet, bool json)
{
    struct vg_progress progress;
    struct sync_report report;
    vg_err err = {0}, file_err = {0};
    vg_buf text = {0};
    struct sync_options round = *options;
    round.progress = &progress;
    vg_progress_start(&progress, "syncing", "fills", 0, quiet);
    vg_code rc = sync_round(&round, &report, &err);
    vg_progress_stop(&progress);
    fetch_command_failures(self, &report.fetch);
    if (json)
        sync_print_json(&report, rc ? &err : NULL, &text);
    else if (!rc)
        print_text(&report, &text);
    int code = command_print(self, &text);
    if (rc) {
        code = command_fail(self, &err);
    } else if (code == EXIT_DONE) {
        const size_t *outcomes = report.fetch.outcomes;
        code = outcomes[FETCH_FAILED] || outcomes[FETCH_CANCELLED] ? EXIT_FAILED
               : sync_is_complete(&report)                         ? EXIT_DONE
                                                                   : EXIT_INCOMPLETE;
    }
    if (write_files(files, &report, rc ? &err : NULL, &file_err)) code = command_fail(self, &file_err);
    sync_report_release(&report);
    vg_buf_release(&text);
    return code;
}

#define LONGEST_PERIOD_S (UINT64_C(366) * 86400)

/* "90s", "15m", "1h", "1d"; 0: no such time, or more than a year. */
static uint64_t parse_period(const char *text)
{
    size_t n = strlen(text);
    uint64_t value;
    if (n < 2 || !number_count((vg_slice){text, n - 1}, &value)) return 0;
    char unit = text[n - 1];
    uint64_t seconds = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : 0;
    return seconds && value <= LONGEST_PERIOD_S / seconds ? value * seconds : 0;
}

/* Until the next multiple of the period, so that restarts do not move it. */
static void wait_for_next(uint64_t period_s)
{
    int64_t period = (int64_t)period_s * VG_NS_PER_S;
    vg_wait_until((vg_now_ns() / period + 1) * period);
}

static int run_sync(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *every = NULL, *lag = NULL;
    bool json = false, quiet = false;
    uint64_t jobs = 0, period = 0;
    struct sync_options sync = {.from = VG_NO_DATE, .lag_s = SYNC_LAG_S};
    struct sync_files files = {0};
    const struct vg_option options[] = {
        {"every", VG_OPT_TEXT, &every, "PERIOD", NULL, "stay, and do it again at every full PERIOD: 10m, 1h, 1d"},
        {"start", VG_OPT_DATE, &sync.from, "DAY", NULL,
         "be complete from this day on (default: the lake's first day; for a new lake yesterday)"},
        {"lag", VG_OPT_TEXT, &lag, "PERIOD", NULL,
         "an hour is final so long after its end (20m); 0s: take hours that are being written, too"},
        {"heartbeat", VG_OPT_TEXT, &files.heartbeat, "FILE", "VIGIL_HEARTBEAT", "write the report of each round here"},
        {"metrics", VG_OPT_TEXT, &files.metrics, "FILE", "VIGIL_METRICS",
         "write figures for Prometheus's node_exporter here (*.prom)"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to keep up to date"},
        {"jobs", VG_OPT_COUNT, &jobs, "N", NULL, "objects at a time (default: processors, at most 2)"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document a round on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (jobs > 256) return command_usage(self, "--jobs is at most 256");
    if (every && (period = parse_period(every)) == 0)
        return command_usage(self, "--every: wanted is a number with s, m, h or d, such as 1h");
    if (lag && strcmp(lag, "0s") == 0)
        sync.lag_s = 0;
    else if (lag && (sync.lag_s = parse_period(lag)) == 0)
        return command_usage(self, "--lag: wanted is a number with s, m, h or d, such as 20m");

    vg_buf storage = {0};
    sync.sources = argv;
    sync.source_count = (size_t)positionals;
    sync.lake = command_lake(lake, &storage);
    sync.jobs = (unsigned)jobs;
    code = run_round(self, &sync, &files, quiet, json);
    while (period && code != EXIT_WRONG_USAGE && !vg_cancelled()) {
        wait_for_next(period);
        if (!vg_cancelled()) code = run_round(self, &sync, &files, quiet, json);
    }
    vg_buf_release(&storage);
    return period && vg_cancelled() ? EXIT_DONE : code;
}

const struct command cmd_sync = {
    .name = "sync",
    .summary = "the lake and its figures, up to date: once, or every hour",
    .usage = "[SOURCE…] [--every PERIOD] [--start DAY]",
    .help = "Takes what is new or has changed at the source, hours as soon as they are final, then computes the\n"
            "figures and classes of what is new, and places traders by the model of the last `vigil cluster`, if\n"
            "there was one. A missed day is caught up; late objects repair their hour; a\n"
            "round that fails or is killed is made good by the next. Only one sync works on a lake.\n"
            "\n"
            "SOURCE is a directory, perhaps one that a node is writing to, or s3://bucket/prefix; default: the\n"
            "exchange's bucket (requester pays).\n"
            "\n"
            "  vigil sync --every 1h --metrics /var/lib/node_exporter/vigil.prom\n"
            "  vigil sync ~/hl/data/node_fills_by_block --every 1m --lag 0s      beside a node\n"
            "\n"
            "exit: 0 done (with --every: stopped on request); 1 failed, or an object failed; 2 wrong usage;\n"
            "      3 hours in between are missing, or records were refused",
    .run = run_sync,
};
