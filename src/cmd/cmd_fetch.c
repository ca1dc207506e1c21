#include <stdio.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "flow/fetch.h"

static const char *const outcome_names[] = {"fetched", "replaced", "unchanged", "failed", "cancelled", "planned"};

static void add_result(const struct fetch_result *result, vg_buf *out)
{
    vg_buf_adds(out, "{\"key\":");
    json_add_string(out, vg_slice_of(result->key));
    vg_buf_adds(out, ",\"location\":");
    json_add_string(out, vg_slice_of(result->location));
    vg_buf_addf(out,
                ",\"outcome\":\"%s\",\"fills\":%llu,\"blocks\":%llu,\"duplicate_blocks\":%llu,\"quarantined\":%llu",
                outcome_names[result->outcome], (unsigned long long)result->fills, (unsigned long long)result->blocks,
                (unsigned long long)result->duplicate_blocks, (unsigned long long)result->quarantined);
    vg_buf_addf(out, ",\"size\":%llu", (unsigned long long)result->size);
    if (result->growing) vg_buf_adds(out, ",\"growing\":true");
    if (result->quarantine) {
        vg_buf_adds(out, ",\"quarantine\":");
        json_add_string(out, vg_slice_of(result->quarantine));
    }
    if (result->outcome == FETCH_FAILED || result->outcome == FETCH_CANCELLED) {
        vg_buf_adds(out, ",\"error\":");
        json_add_string(out, vg_slice_of(result->error.msg));
    }
    vg_buf_addc(out, '}');
}

static void report_json(const struct fetch_report *report, const char *lake, vg_buf *out)
{
    vg_buf_adds(out, "{\"lake\":");
    json_add_string(out, vg_slice_of(lake));
    for (size_t i = 0; i <= FETCH_PLANNED; i++)
        vg_buf_addf(out, ",\"%s\":%zu", outcome_names[i], report->outcomes[i]);
    vg_buf_addf(out,
                ",\"fills\":%llu,\"blocks\":%llu,\"duplicate_blocks\":%llu,\"quarantined\":%llu,\"lines\":%llu,"
                "\"lines_strict\":%llu,\"unknown_line_keys\":%llu,\"bytes_in\":%llu,\"bytes_out\":%llu,"
                "\"seconds\":%.3f",
                (unsigned long long)report->fills, (unsigned long long)report->blocks,
                (unsigned long long)report->duplicate_blocks, (unsigned long long)report->quarantined,
                (unsigned long long)report->lines, (unsigned long long)report->lines_strict,
                (unsigned long long)report->unknown_line_keys, (unsigned long long)report->bytes_in,
                (unsigned long long)report->bytes_out, report->seconds);
    if (report->asked_s3)
        vg_buf_addf(out,
                    ",\"s3\":{\"requests\":%llu,\"retries\":%llu,\"bytes_in\":%llu,\"bytes_out\":%llu,\"usd\":%.6f}",
                    (unsigned long long)report->s3_requests, (unsigned long long)report->s3_retries,
                    (unsigned long long)report->s3_bytes_in, (unsigned long long)report->s3_bytes_out, report->s3_usd);
    vg_buf_adds(out, ",\"objects\":[");
    for (size_t i = 0; i < report->n; i++) {
        if (i) vg_buf_addc(out, ',');
        add_result(&report->results[i], out);
    }
    vg_buf_adds(out, "]}\n");
}

static void add_size(vg_buf *out, uint64_t bytes)
{
    if (bytes < 10000000)
        vg_buf_addf(out, "%.1f kB", (double)bytes / 1e3);
    else if (bytes < 10000000000)
        vg_buf_addf(out, "%.1f MB", (double)bytes / 1e6);
    else
        vg_buf_addf(out, "%.1f GB", (double)bytes / 1e9);
}

/* A dry run. */
static void plan_text(const struct fetch_report *report, const char *lake, vg_buf *out)
{
    uint64_t bytes = 0;
    bool in_bucket = false;
    for (size_t i = 0; i < report->n; i++) {
        const struct fetch_result *result = &report->results[i];
        if (result->outcome != FETCH_PLANNED) continue;
        bytes += result->size;
        in_bucket = in_bucket || strncmp(result->location, "s3://", 5) == 0;
        vg_buf_addf(out, "%s  ", result->location);
        add_size(out, result->size);
        vg_buf_addc(out, '\n');
    }
    vg_buf_addf(out, "%s: %zu objects would be fetched, ", lake, report->outcomes[FETCH_PLANNED]);
    add_size(out, bytes);
    if (in_bucket)
        vg_buf_addf(out, ", about %.2f USD (list prices; free within the bucket's region)",
                    fetch_price(bytes, report->outcomes[FETCH_PLANNED]));
    vg_buf_addf(out, "; %zu are in the lake already\n", report->outcomes[FETCH_UNCHANGED]);
}

static void report_text(const struct fetch_report *report, const char *lake, vg_buf *out)
{
    size_t new_objects = report->outcomes[FETCH_DONE] + report->outcomes[FETCH_REPLACED];
    vg_buf_addf(out, "%s: %llu fills and %llu blocks from %zu objects", lake, (unsigned long long)report->fills,
                (unsigned long long)report->blocks, new_objects);
    if (report->seconds > 0 && new_objects)
        vg_buf_addf(out, " in %.1f s (%.0f fills/s)", report->seconds, (double)report->fills / report->seconds);
    vg_buf_addc(out, '\n');
    if (report->outcomes[FETCH_REPLACED])
        vg_buf_addf(out, "  %zu objects were taken again: they, or objects that they share blocks with, had changed\n",
                    report->outcomes[FETCH_REPLACED]);
    if (report->outcomes[FETCH_UNCHANGED])
        vg_buf_addf(out, "  %zu objects were in the lake already\n", report->outcomes[FETCH_UNCHANGED]);
    if (report->duplicate_blocks)
        vg_buf_addf(out, "  %llu blocks came twice with the same events: taken once\n",
                    (unsigned long long)report->duplicate_blocks);
    if (report->lines_strict)
        vg_buf_addf(out, "  %llu of %llu lines were not in the exchange's usual form and took the strict reader\n",
                    (unsigned long long)report->lines_strict, (unsigned long long)report->lines);
    if (report->unknown_line_keys)
        vg_buf_addf(out, "  %llu unknown keys beside the events of block lines were not kept\n",
                    (unsigned long long)report->unknown_line_keys);
    if (report->quarantined)
        vg_buf_addf(out, "  %llu records were refused; with reason and bytes in:\n",
                    (unsigned long long)report->quarantined);
    for (size_t i = 0; i < report->n; i++)
        if (report->results[i].growing)
            vg_buf_addf(out, "  %s is being written: its last line was not whole yet; run this again later\n",
                        report->results[i].location);
    for (size_t i = 0; i < report->n; i++)
        if (report->results[i].quarantine) vg_buf_addf(out, "    %s\n", report->results[i].quarantine);
}

static void cost_text(const struct fetch_report *report, vg_buf *out)
{
    if (!report->asked_s3) return;
    vg_buf_addf(out, "  S3: %llu requests", (unsigned long long)report->s3_requests);
    if (report->s3_retries) vg_buf_addf(out, " (%llu of them tried again)", (unsigned long long)report->s3_retries);
    vg_buf_adds(out, ", ");
    add_size(out, report->s3_bytes_in);
    vg_buf_adds(out, " received, ");
    add_size(out, report->s3_bytes_out);
    vg_buf_addf(out, " sent, about %.4f USD at list prices\n", report->s3_usd);
}

static int exit_code(const struct fetch_report *report)
{
    if (report->outcomes[FETCH_FAILED] || report->outcomes[FETCH_CANCELLED]) return EXIT_FAILED;
    if (report->outcomes[FETCH_PLANNED]) return EXIT_DONE;
    if (report->quarantined) return EXIT_INCOMPLETE;
    return report->outcomes[FETCH_UNCHANGED] == report->n ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int run_fetch(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false, quiet = false;
    uint64_t jobs = 0;
    int32_t date = VG_NO_DATE;
    struct fetch_options fetch = {.range = {VG_NO_DATE, VG_NO_DATE, 0}};
    const struct vg_option options[] = {
        {"output", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to write (also --lake)"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the same"},
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only hour files of this day"},
        {"start", VG_OPT_DATE, &fetch.range.from, "DAY", NULL, "only hour files from this day on"},
        {"end", VG_OPT_DATE, &fetch.range.to, "DAY", NULL, "only hour files up to this day, itself included"},
        {"jobs", VG_OPT_COUNT, &jobs, "N", NULL, "objects at a time (default: processors, at most 2)"},
        {"replace", VG_OPT_FLAG, &fetch.replace, NULL, NULL,
         "take a changed object even if it comes from another place"},
        {"dry-run", VG_OPT_FLAG, &fetch.dry_run, NULL, NULL, "only list what would be fetched, with sizes and price"},
        {"keep-raw", VG_OPT_TEXT, &fetch.keep_raw, "DIR", NULL, "also keep the untouched objects here"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0;
    int code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (jobs > 256) return command_usage(self, "--jobs is at most 256");
    code = command_days(self, date, &fetch.range.from, &fetch.range.to);
    if (code >= 0) return code;
    if (positionals == 0 && fetch.range.from == VG_NO_DATE && fetch.range.to == VG_NO_DATE)
        return command_usage(self, "name a SOURCE, or the days to take from the exchange's archive (--date, --start)");

    vg_buf storage = {0}, text = {0};
    struct vg_progress progress;
    struct fetch_report report;
    vg_err err = {0};
    lake = command_lake(lake, &storage);
    fetch.sources = argv;
    fetch.source_count = (size_t)positionals;
    fetch.lake = lake;
    fetch.jobs = (unsigned)jobs;
    fetch.progress = &progress;
    vg_progress_start(&progress, "fetching", "fills", 0, quiet);
    vg_code rc = fetch_run(&fetch, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        for (size_t i = 0; i < report.n; i++)
            if (report.results[i].outcome == FETCH_FAILED)
                fprintf(stderr, "vigil fetch: %s: %s\n", report.results[i].location, report.results[i].error.msg);
        if (report.outcomes[FETCH_CANCELLED])
            fprintf(stderr, "vigil fetch: stopped; %zu objects are left: run the same command again\n",
                    report.outcomes[FETCH_CANCELLED]);
        if (report.n == 0) fputs("vigil fetch: no hour file of the days asked for\n", stderr);
        (json ? report_json : fetch.dry_run ? plan_text : report_text)(&report, lake, &text);
        if (!json) cost_text(&report, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE) code = exit_code(&report);
    }
    fetch_report_release(&report);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_fetch = {
    .name = "fetch",
    .summary = "raw files of the exchange into the lake",
    .usage = "[SOURCE…] [--output LAKE] [--date DAY | --start DAY --end DAY] [--dry-run]",
    .help = "Reads fill files of the exchange (LZ4 or plain, every form since March 2025) and writes them as\n"
            "exact Parquet. SOURCE is a file, a directory that is searched for hour files, or s3://bucket/prefix;\n"
            "without one, the exchange's own archives are read (s3://hl-mainnet-node-data, requester pays: your\n"
            "AWS credentials, your bill; --dry-run says how much).\n"
            "\n"
            "Objects that are in the lake already are skipped; an object whose content changed replaces its\n"
            "rows; a stopped or killed run is simply run again. Lines and records that cannot be taken go to\n"
            "LAKE/quarantine with place, reason and bytes; everything else of the same file lands.\n"
            "Memory: about 130 MiB a job; with lines of up to 64 MiB at most 512 MiB for two jobs.\n"
            "\n"
            "  vigil fetch --date 2025-11-01 --dry-run\n"
            "  vigil fetch hl/node_fills_by_block --start 2025-11-01 --end 2025-11-30\n"
            "\n"
            "exit: 0 done; 1 an object failed (the others are in the lake); 2 wrong usage;\n"
            "      3 nothing new, or records were refused",
    .run = run_fetch,
};
