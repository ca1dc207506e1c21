#include "cmd/fetch_command.h"

#include <stdio.h>

#include "base/json.h"

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
    vg_buf_addf(out, ",\"absent_hours\":%zu,\"objects\":[", report->absent_count);
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

static void done_text(const struct fetch_report *report, const char *lake, vg_buf *out)
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

#define HOURS_SHOWN 5

void fetch_command_hours(const struct fetch_hour *hours, size_t n, vg_buf *out)
{
    for (size_t i = 0; i < n && i < HOURS_SHOWN; i++) {
        char date[VG_DATE_TEXT];
        vg_day_print(hours[i].day, '-', date);
        vg_buf_addf(out, "%s%s %02d:00", i ? ", " : "", date, hours[i].hour);
    }
    vg_buf_adds(out, n > HOURS_SHOWN ? ", …\n" : "\n");
}

static void absent_text(const struct fetch_report *report, vg_buf *out)
{
    if (report->absent_count == 0) return;
    vg_buf_addf(out, "  %zu hours of these days are not at the source: ", report->absent_count);
    fetch_command_hours(report->absent, report->absent_count, out);
}

static void report_text(const struct fetch_report *report, const char *lake, bool dry_run, vg_buf *out)
{
    (dry_run ? plan_text : done_text)(report, lake, out);
    absent_text(report, out);
    cost_text(report, out);
}

void fetch_command_failures(const struct command *self, const struct fetch_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        const struct fetch_result *result = &report->results[i];
        if (result->outcome != FETCH_FAILED) continue;
        bool named = strncmp(result->error.msg, result->location, strlen(result->location)) == 0;
        fprintf(stderr, "vigil %s: %s%s%s\n", self->name, named ? "" : result->location, named ? "" : ": ",
                result->error.msg);
    }
    if (report->outcomes[FETCH_CANCELLED])
        fprintf(stderr, "vigil %s: stopped; %zu objects are left: run the same command again\n", self->name,
                report->outcomes[FETCH_CANCELLED]);
}

int fetch_command_run(const struct command *self, const struct fetch_command *how, struct fetch_options *options)
{
    vg_buf storage = {0}, text = {0};
    struct vg_progress progress;
    struct fetch_report report;
    vg_err err = {0};
    int code;
    struct fetch_options fetch = *options;
    fetch.lake = command_lake(how->lake, &storage);
    fetch.progress = &progress;
    vg_progress_start(&progress, "fetching", "fills", 0, how->quiet);
    vg_code rc = fetch_run(&fetch, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        fetch_command_failures(self, &report);
        if (report.n == 0) fprintf(stderr, "vigil %s: no hour file of the days asked for\n", self->name);
        if (how->json)
            report_json(&report, fetch.lake, &text);
        else
            report_text(&report, fetch.lake, fetch.dry_run, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE) code = how->exit_code(&report);
    }
    fetch_report_release(&report);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}
