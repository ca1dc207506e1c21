#include <stdio.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "flow/verify.h"

static const char *const state_names[] = {"absent", "partial", "complete"};

static void add_calendar(const struct verify_report *report, vg_buf *out)
{
    static const char *const marks[] = {"·", "▒", "█"};
    bool folded = false;
    vg_buf_adds(out, "coverage, hours 0 to 23 (█ complete, ▒ partial, · absent)\n");
    for (size_t i = 0; i < report->hour_count;) {
        int32_t day = report->hours[i].day;
        size_t n = 0, present = 0;
        while (i + n < report->hour_count && report->hours[i + n].day == day) {
            present += report->hours[i + n].state != HOUR_ABSENT;
            n++;
        }
        if (present == 0) { /* long absences are one line */
            if (!folded) vg_buf_adds(out, "  …           days without any hour\n");
            folded = true;
            i += n;
            continue;
        }
        folded = false;
        char date[VG_DATE_TEXT];
        uint64_t fills = 0;
        vg_day_print(day, '-', date);
        vg_buf_addf(out, "  %s  ", date);
        for (int hour = 0; hour < report->hours[i].hour; hour++)
            vg_buf_addc(out, ' ');
        for (size_t k = i; k < i + n; k++) {
            vg_buf_adds(out, marks[report->hours[k].state]);
            fills += report->hours[k].fills;
        }
        for (int hour = report->hours[i + n - 1].hour; hour < 23; hour++)
            vg_buf_addc(out, ' ');
        vg_buf_addf(out, "  %llu fills\n", (unsigned long long)fills);
        i += n;
    }
    vg_buf_addf(out, "  %zu complete, %zu partial, %zu absent", report->hours_in[HOUR_COMPLETE],
                report->hours_in[HOUR_PARTIAL], report->hours_in[HOUR_ABSENT]);
    if (report->other_objects) vg_buf_addf(out, "; %zu objects without an hour", report->other_objects);
    vg_buf_addc(out, '\n');
}

static void add_remarks(const struct verify_report *report, vg_buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < report->hour_count; i++) {
        const struct verify_hour *hour = &report->hours[i];
        if (!*hour->remark || shown == 10) continue;
        char date[VG_DATE_TEXT];
        vg_day_print(hour->day, '-', date);
        vg_buf_addf(out, "  %s %02d:00 partial: %s\n", date, hour->hour, hour->remark);
        shown++;
    }
}

static void add_count(vg_buf *out, uint64_t n, const char *what)
{
    if (n) vg_buf_addf(out, "  %llu %s\n", (unsigned long long)n, what);
}

static void add_trades(const struct trade_check *t, vg_buf *out)
{
    vg_buf_addf(out, "trades: %llu rows; two rows each, same price and size, one taker:\n",
                (unsigned long long)t->rows);
    add_count(out, t->trades, "trades as they should be");
    add_count(out, t->dust_rows, "dust conversions, which have one side");
    add_count(out, t->one_sided_rows, "legs of outcomes, which have one side");
    add_count(out, t->unkeyed_rows, "rows of sources without trade ids");
    add_count(out, t->half_trades, "trades of wallet histories, where the other wallet is not in the lake");
    add_count(out, t->irregular, "trades that are NOT as they should be");
    vg_buf_addf(out, "  buyers' and sellers' notional agree in %llu of %llu coins x blocks\n",
                (unsigned long long)(t->groups - t->unequal), (unsigned long long)t->groups);
    if (*t->example) vg_buf_addf(out, "  for example: %s\n", t->example);
}

static void add_chain(const struct chain_report *chain, vg_buf *out)
{
    struct table table = {0};
    table_column(&table, "positions", false);
    table_column(&table, "rows", true);
    table_column(&table, "links", true);
    table_column(&table, "unbroken", true);
    for (enum chain_break cause = 0; cause < CHAIN_BREAKS; cause++)
        table_column(&table, chain_break_name(cause), true);
    table_column(&table, "direction", true);
    for (enum coin_kind kind = 0; kind < COIN_KINDS; kind++) {
        const struct chain_kind_report *k = &chain->kinds[kind];
        if (k->rows == 0) continue;
        uint64_t broken = 0;
        for (enum chain_break cause = 0; cause < CHAIN_BREAKS; cause++)
            broken += k->breaks[cause];
        table_cellf(&table, "  %s", coin_kind_name(kind));
        table_cellf(&table, "%llu", (unsigned long long)k->rows);
        table_cellf(&table, "%llu", (unsigned long long)k->links);
        table_cellf(&table, "%llu", (unsigned long long)(k->links - broken));
        for (enum chain_break cause = 0; cause < CHAIN_BREAKS; cause++)
            table_cellf(&table, "%llu", (unsigned long long)k->breaks[cause]);
        table_cellf(&table, "%llu", (unsigned long long)k->direction_mismatches);
    }
    vg_buf_adds(out,
                "startPosition follows from the fill before (breaks by cause; direction: text against arithmetic)\n");
    table_print(&table, out);
    table_release(&table);
    if (chain->example.found) {
        const struct chain_example *e = &chain->example;
        vg_buf_addf(out, "  first gap: %s %s in block %lld, event %u: expected ", e->user, e->coin,
                    (long long)e->block_number, e->event_index);
        vg_buf_add_dec(out, e->expected);
        vg_buf_adds(out, ", found ");
        vg_buf_add_dec(out, e->found_position);
        vg_buf_addc(out, '\n');
    }
    add_count(out, chain->time_mismatches, "rows whose time is not block_time cut to the millisecond");
}

static void add_ledger(const struct ledger_report *ledger, vg_buf *out)
{
    struct table table = {0};
    table_column(&table, "closes", false);
    table_column(&table, "booked", true);
    for (enum close_verdict verdict = 0; verdict < CLOSE_VERDICTS; verdict++)
        table_column(&table, close_verdict_name(verdict), true);
    for (enum coin_kind kind = 0; kind < COIN_KINDS; kind++) {
        const struct ledger_kind_report *k = &ledger->kinds[kind];
        if (k->closes == 0) continue;
        table_cellf(&table, "  %s", coin_kind_name(kind));
        table_cellf(&table, "%llu", (unsigned long long)k->closes);
        for (enum close_verdict verdict = 0; verdict < CLOSE_VERDICTS; verdict++)
            table_cellf(&table, "%llu", (unsigned long long)k->verdicts[verdict]);
    }
    vg_buf_adds(out, "closedPnl against the ledger, which books as the exchange does (exact: to the last digit)\n");
    table_print(&table, out);
    table_release(&table);
    if (ledger->worst.found) {
        const struct ledger_example *e = &ledger->worst;
        vg_buf_addf(out, "  worst: %s %s in block %lld, event %u: booked ", e->user, e->coin,
                    (long long)e->block_number, e->event_index);
        vg_buf_add_dec(out, e->booked);
        vg_buf_adds(out, ", expected ");
        vg_buf_add_dec(out, e->expected);
        vg_buf_addc(out, '\n');
    }
}

static void report_text(const struct verify_report *r, vg_buf *out)
{
    if (r->fills == 0 && r->hour_count == 0 && r->files_bad == 0) {
        vg_buf_adds(out, "nothing to verify: the lake has no fills of the days asked for\n");
        return;
    }
    if (r->hour_count) add_calendar(r, out);
    if (r->hour_count == 0 && r->other_objects)
        vg_buf_addf(out, "coverage: %zu objects without an hour\n", r->other_objects);
    add_remarks(r, out);
    vg_buf_addf(out, "files: %zu of %zu are what was committed (sha256)\n", r->files - r->files_bad, r->files);
    for (size_t i = 0; i < r->problem_count; i++)
        vg_buf_addf(out, "  %s\n", r->problems[i]);
    if (r->files_bad) {
        vg_buf_adds(out, "the other checks need sound files and were left out\n");
        return;
    }
    add_trades(&r->trades, out);
    add_chain(&r->chain, out);
    add_ledger(&r->ledger, out);
    if (r->quarantined)
        vg_buf_addf(out, "quarantine: %llu records were refused; see the lake's folder quarantine/\n",
                    (unsigned long long)r->quarantined);
    vg_buf_addf(out, "\n%s: %llu fills in %llu blocks, checked in %.1f s\n",
                verify_is_clean(r) ? "everything is there and adds up" : "not everything is there or explained",
                (unsigned long long)r->fills, (unsigned long long)r->blocks, r->seconds);
}

static void chain_json(const struct chain_report *chain, vg_buf *out)
{
    vg_buf_adds(out, ",\"chain\":{");
    for (enum coin_kind kind = 0; kind < COIN_KINDS; kind++) {
        const struct chain_kind_report *k = &chain->kinds[kind];
        vg_buf_addf(out, "%s\"%s\":{\"rows\":%llu,\"links\":%llu", kind ? "," : "", coin_kind_name(kind),
                    (unsigned long long)k->rows, (unsigned long long)k->links);
        for (enum chain_break cause = 0; cause < CHAIN_BREAKS; cause++)
            vg_buf_addf(out, ",\"%s\":%llu", chain_break_name(cause), (unsigned long long)k->breaks[cause]);
        vg_buf_addf(out, ",\"direction_mismatches\":%llu}", (unsigned long long)k->direction_mismatches);
    }
    vg_buf_addf(out, "},\"time_mismatches\":%llu", (unsigned long long)chain->time_mismatches);
}

static void ledger_json(const struct ledger_report *ledger, vg_buf *out)
{
    vg_buf_adds(out, ",\"ledger\":{");
    for (enum coin_kind kind = 0; kind < COIN_KINDS; kind++) {
        const struct ledger_kind_report *k = &ledger->kinds[kind];
        vg_buf_addf(out, "%s\"%s\":{\"closes\":%llu", kind ? "," : "", coin_kind_name(kind),
                    (unsigned long long)k->closes);
        for (enum close_verdict verdict = 0; verdict < CLOSE_VERDICTS; verdict++)
            vg_buf_addf(out, ",\"%s\":%llu", close_verdict_name(verdict), (unsigned long long)k->verdicts[verdict]);
        vg_buf_addc(out, '}');
    }
    vg_buf_addc(out, '}');
}

static void report_json(const struct verify_report *r, vg_buf *out)
{
    const struct trade_check *t = &r->trades;
    vg_buf_addf(out, "{\"clean\":%s,\"fills\":%llu,\"blocks\":%llu,\"quarantined\":%llu",
                verify_is_clean(r) ? "true" : "false", (unsigned long long)r->fills, (unsigned long long)r->blocks,
                (unsigned long long)r->quarantined);
    vg_buf_addf(out, ",\"hours_complete\":%zu,\"hours_partial\":%zu,\"hours_absent\":%zu,\"other_objects\":%zu",
                r->hours_in[HOUR_COMPLETE], r->hours_in[HOUR_PARTIAL], r->hours_in[HOUR_ABSENT], r->other_objects);
    vg_buf_addf(out, ",\"files\":%zu,\"files_bad\":%zu,\"problems\":[", r->files, r->files_bad);
    for (size_t i = 0; i < r->problem_count; i++) {
        if (i) vg_buf_addc(out, ',');
        json_add_string(out, vg_slice_of(r->problems[i]));
    }
    vg_buf_addf(out,
                "],\"trades\":{\"rows\":%llu,\"trades\":%llu,\"dust_rows\":%llu,\"one_sided_rows\":%llu,"
                "\"unkeyed_rows\":%llu,\"half_trades\":%llu,\"irregular\":%llu,\"groups\":%llu,\"unequal\":%llu}",
                (unsigned long long)t->rows, (unsigned long long)t->trades, (unsigned long long)t->dust_rows,
                (unsigned long long)t->one_sided_rows, (unsigned long long)t->unkeyed_rows,
                (unsigned long long)t->half_trades, (unsigned long long)t->irregular, (unsigned long long)t->groups,
                (unsigned long long)t->unequal);
    chain_json(&r->chain, out);
    ledger_json(&r->ledger, out);
    vg_buf_adds(out, ",\"hours\":[");
    for (size_t i = 0; i < r->hour_count; i++) {
        const struct verify_hour *hour = &r->hours[i];
        char date[VG_DATE_TEXT];
        vg_day_print(hour->day, '-', date);
        vg_buf_addf(out,
                    "%s{\"date\":\"%s\",\"hour\":%d,\"state\":\"%s\",\"fills\":%llu,\"blocks\":%llu,"
                    "\"missing_blocks\":%llu,\"quarantined\":%llu,\"remark\":\"%s\"}",
                    i ? "," : "", date, hour->hour, state_names[hour->state], (unsigned long long)hour->fills,
                    (unsigned long long)hour->blocks, (unsigned long long)hour->missing_blocks,
                    (unsigned long long)hour->quarantined, hour->remark);
    }
    vg_buf_addf(out, "],\"seconds\":%.3f}\n", r->seconds);
}

static int run_verify(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false, quiet = false;
    int32_t from = VG_NO_DATE, to = VG_NO_DATE;
    const struct vg_option options[] = {
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "from this day on: absent hours after it count"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "up to this day, itself included"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to verify"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    code = command_days(self, VG_NO_DATE, &from, &to);
    if (code >= 0) return code;
    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct verify_report report;
    struct verify_options flow = {command_lake(lake, &storage), from, to, &progress};
    vg_progress_start(&progress, "verifying", "fills", 0, quiet);
    vg_code rc = verify_run(&flow, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        (json ? report_json : report_text)(&report, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE && report.files_bad) code = EXIT_FAILED;
        if (code == EXIT_DONE && !verify_is_clean(&report)) code = EXIT_INCOMPLETE;
    }
    verify_report_release(&report);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_verify = {
    .name = "verify",
    .summary = "is everything there, unchanged, and does it add up",
    .usage = "[--start DAY] [--end DAY]",
    .help = "Checks, and prints as tables or --json:\n"
            "  coverage      every hour from the first to the last: complete, partial or absent; block numbers\n"
            "                without holes\n"
            "  files         every part is the one that was committed (sha256)\n"
            "  conservation  two rows per trade; buyers' notional = sellers' per coin and block, exactly\n"
            "  positions     every startPosition follows from the fill before it\n"
            "\n"
            "exit: 0 everything is there and adds up; 1 failed, or a file is damaged; 2 wrong usage;\n"
            "      3 an hour is absent or partial, records were refused, something is unexplained, or there is\n"
            "      nothing to verify",
    .run = run_verify,
};
