#include "cmd/fetch_command.h"

static int exit_code(const struct fetch_report *report)
{
    if (report->outcomes[FETCH_FAILED] || report->outcomes[FETCH_CANCELLED]) return EXIT_FAILED;
    if (report->outcomes[FETCH_PLANNED]) return EXIT_DONE;
    if (report->quarantined) return EXIT_INCOMPLETE;
    return report->outcomes[FETCH_UNCHANGED] == report->n ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int run_fetch(const struct command *self, int argc, char **argv)
{
    struct fetch_command how = {.exit_code = exit_code};
    uint64_t jobs = 0;
    int32_t date = VG_NO_DATE;
    struct fetch_options fetch = {.range = {VG_NO_DATE, VG_NO_DATE, 0}};
    const struct vg_option options[] = {
        {"output", VG_OPT_TEXT, &how.lake, "LAKE", NULL, "the lake to write (also --lake)"},
        {"lake", VG_OPT_TEXT, &how.lake, "LAKE", NULL, "the same"},
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only hour files of this day"},
        {"start", VG_OPT_DATE, &fetch.range.from, "DAY", NULL, "only hour files from this day on"},
        {"end", VG_OPT_DATE, &fetch.range.to, "DAY", NULL, "only hour files up to this day, itself included"},
        {"jobs", VG_OPT_COUNT, &jobs, "N", NULL, "objects at a time (default: processors, at most 2)"},
        {"replace", VG_OPT_FLAG, &fetch.replace, NULL, NULL,
         "take a changed object even if it comes from another place"},
        {"dry-run", VG_OPT_FLAG, &fetch.dry_run, NULL, NULL, "only list what would be fetched, with sizes and price"},
        {"keep-raw", VG_OPT_TEXT, &fetch.keep_raw, "DIR", NULL, "also keep the untouched objects here"},
        {"quiet", VG_OPT_FLAG, &how.quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &how.json, NULL, NULL, "one JSON document on stdout"},
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

    fetch.sources = argv;
    fetch.source_count = (size_t)positionals;
    fetch.jobs = (unsigned)jobs;
    return fetch_command_run(self, &how, &fetch);
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
