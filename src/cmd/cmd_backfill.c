#include "base/pool.h"
#include "cmd/fetch_command.h"

static int exit_code(const struct fetch_report *report)
{
    if (report->outcomes[FETCH_FAILED] || report->outcomes[FETCH_CANCELLED]) return EXIT_FAILED;
    return report->absent_count || report->quarantined ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int run_backfill(const struct command *self, int argc, char **argv)
{
    struct fetch_command how = {.exit_code = exit_code};
    uint64_t jobs = vg_processors();
    struct fetch_options fetch = {.range = {VG_NO_DATE, VG_NO_DATE, 0}};
    const struct vg_option options[] = {
        {"start", VG_OPT_DATE, &fetch.range.from, "DAY", NULL, "first day (required)"},
        {"end", VG_OPT_DATE, &fetch.range.to, "DAY", NULL, "last day, itself included (required)"},
        {"lake", VG_OPT_TEXT, &how.lake, "LAKE", NULL, "the lake to write"},
        {"jobs", VG_OPT_COUNT, &jobs, "N", NULL, "hours at a time, 130 MiB of memory each (default: processors)"},
        {"dry-run", VG_OPT_FLAG, &fetch.dry_run, NULL, NULL, "only list what would be fetched, with sizes and price"},
        {"keep-raw", VG_OPT_TEXT, &fetch.keep_raw, "DIR", NULL, "also keep the untouched objects here"},
        {"quiet", VG_OPT_FLAG, &how.quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &how.json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (jobs < 1 || jobs > 256) return command_usage(self, "--jobs is from 1 to 256");
    if (fetch.range.from == VG_NO_DATE || fetch.range.to == VG_NO_DATE)
        return command_usage(self, "wanted are --start DAY and --end DAY");
    code = command_days(self, VG_NO_DATE, &fetch.range.from, &fetch.range.to);
    if (code >= 0) return code;

    fetch.sources = argv;
    fetch.source_count = (size_t)positionals;
    fetch.jobs = (unsigned)jobs;
    return fetch_command_run(self, &how, &fetch);
}

const struct command cmd_backfill = {
    .name = "backfill",
    .summary = "history into the lake, in parallel",
    .usage = "[SOURCE…] --start DAY --end DAY [--jobs N] [--dry-run]",
    .help = "Takes every hour of the days that the lake does not have yet, as many at a time as there are\n"
            "processors. Without SOURCE from the exchange's archives, each hour from the one that has it\n"
            "(node_trades, node_fills, node_fills_by_block): requester pays, --dry-run says how much.\n"
            "It may be stopped or killed at any moment: run again, it goes on with what is left. Then:\n"
            "`vigil features`, or `vigil sync` to stay current.\n"
            "\n"
            "  vigil backfill --start 2025-11-01 --end 2025-11-30 --dry-run\n"
            "\n"
            "exit: 0 done; 1 an object failed, or it was stopped; 2 wrong usage;\n"
            "      3 the source lacks hours of these days, or records were refused",
    .run = run_backfill,
};
