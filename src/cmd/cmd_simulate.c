#include <stdio.h>

#include "base/day.h"
#include "cmd/cmd.h"
#include "simulate/simulate.h"

static void print_json(const struct simulate_options *options, const struct simulate_result *result)
{
    char date[VG_DATE_TEXT];
    vg_buf out = {0};
    vg_day_print(options->first_day, '-', date);
    vg_buf_adds(&out, "{\"output\":\"");
    for (const char *p = options->output; *p; p++) {
        if ((unsigned char)*p < 0x20)
            vg_buf_addf(&out, "\\u%04x", (unsigned)*p);
        else if (*p == '"' || *p == '\\')
            vg_buf_addf(&out, "\\%c", *p);
        else
            vg_buf_addc(&out, *p);
    }
    vg_buf_addf(&out, "\",\"date\":\"%s\",\"days\":%u,\"seed\":%llu,\"traders\":%u,\"fills\":%llu,\"trades\":%llu,",
                date, options->days, (unsigned long long)options->seed, options->traders,
                (unsigned long long)result->fills, (unsigned long long)result->trades);
    vg_buf_addf(&out, "\"dust_fills\":%llu,\"blocks\":%llu,\"files\":%u,\"bytes_raw\":%llu,\"bytes_lz4\":%llu,",
                (unsigned long long)result->dust_fills, (unsigned long long)result->blocks, result->files,
                (unsigned long long)result->bytes_raw, (unsigned long long)result->bytes_lz4);
    vg_buf_addf(&out, "\"seconds\":%.3f}\n", result->seconds);
    fputs(vg_buf_str(&out), stdout);
    vg_buf_release(&out);
}

static void print_text(const struct simulate_options *options, const struct simulate_result *result)
{
    printf("%llu fills (%llu trades, %llu dust rows) of %u traders in %llu blocks, %u files\n",
           (unsigned long long)result->fills, (unsigned long long)result->trades,
           (unsigned long long)result->dust_fills, options->traders, (unsigned long long)result->blocks, result->files);
    printf("%.1f MB of JSON, %.1f MB as LZ4, %.1f s (%.0f fills/s)\n", (double)result->bytes_raw / 1e6,
           (double)result->bytes_lz4 / 1e6, result->seconds,
           result->seconds > 0 ? (double)result->fills / result->seconds : 0.0);
    printf(
        "files  %s/node_fills_by_block/hourly\ntruth  %s/truth (traders.csv, positions.csv, coins.csv, market.json)\n",
        options->output, options->output);
    printf("next   vigil fetch %s --lake lake\n", options->output);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct simulate_options options = {.fills = SIMULATE_FILLS, .first_day = SIMULATE_DATE};
    uint64_t traders = SIMULATE_TRADERS, days = 1, seed = SIMULATE_SEED;
    bool json = false;
    const struct vg_option table[] = {
        {"fills", VG_OPT_COUNT, &options.fills, "N", NULL, "rows in all days together (default 1M)"},
        {"traders", VG_OPT_COUNT, &traders, "N", NULL, "how many people trade (default 5000, at least 20)"},
        {"seed", VG_OPT_COUNT, &seed, "S", NULL, "which market; the same seed gives the same bytes (default 1)"},
        {"output", VG_OPT_TEXT, &options.output, "DIR", NULL, "where to write; created when missing (required)"},
        {"date", VG_OPT_DATE, &options.first_day, "D", NULL, "first day, UTC (default 2026-05-01)"},
        {"days", VG_OPT_COUNT, &days, "N", NULL, "how many days (default 1)"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "print one JSON document on stdout and nothing else"},
        {NULL, VG_OPT_FLAG, NULL, NULL, NULL, NULL},
    };
    int positionals = 0;
    int done = command_options(self, table, argc, argv, &positionals);
    if (done >= 0) return done;

    vg_err err = {0};
    if (positionals) {
        vg_fail(&err, VG_EUSAGE, "'%s' is not an option; the directory goes after --output", argv[0]);
        return command_fail(self, &err);
    }
    if (!options.output) return command_usage(self, "--output DIR is missing: where to write");
    options.traders = traders > UINT32_MAX ? UINT32_MAX : (uint32_t)traders;
    options.days = days > UINT32_MAX ? UINT32_MAX : (uint32_t)days;
    options.seed = seed;

    struct vg_progress progress;
    struct simulate_result result;
    vg_progress_start(&progress, "simulating", "fills", options.fills, json);
    options.progress = &progress;
    vg_code rc = simulate_market(&options, &result, &err);
    vg_progress_stop(&progress);
    if (rc) return command_fail(self, &err);
    if (json)
        print_json(&options, &result);
    else
        print_text(&options, &result);
    return EXIT_DONE;
}

const struct command cmd_simulate = {
    .name = "simulate",
    .summary = "write a synthetic market in the exchange's file format, with the truth beside it",
    .usage = "--output DIR [--fills N] [--traders N] [--seed S] [--date D] [--days N] [--json]",
    .help = "Invents traders and prices, and books their trades exactly as the exchange does. DIR gets\n"
            "node_fills_by_block/hourly/YYYYMMDD/H.lz4 (what the exchange's bucket holds) and truth/ (who is\n"
            "which archetype, exact sums per trader, positions brought into the window).\n"
            "\n"
            "  vigil simulate --fills 1M --traders 5k --output demo\n"
            "  vigil simulate --fills 20M --days 5 --date 2026-05-01 --seed 7 --output big\n"
            "\n"
            "The same options give the same bytes. Exit codes: 0 done, 1 failed, 2 wrong usage.",
    .run = run,
};
