#include "cmd/cmd.h"
#include "flow/compact.h"

static int run_compact(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false, quiet = false;
    int32_t date = VG_NO_DATE, from = VG_NO_DATE, to = VG_NO_DATE;
    const struct vg_option options[] = {
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only this day"},
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "from this day on"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "up to this day, itself included"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to compact"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    code = command_days(self, date, &from, &to);
    if (code >= 0) return code;

    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct compact_report report;
    struct compact_options flow = {command_lake(lake, &storage), from, to, &progress};
    vg_progress_start(&progress, "compacting", "fills", 0, quiet);
    vg_code rc = compact_run(&flow, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        vg_buf_addf(
            &text,
            json ? "{\"days\":%zu,\"parts_before\":%zu,\"rows\":%llu,\"bytes_before\":%llu,\"bytes_after\":%llu}\n"
                 : "%zu days, %zu parts merged, %llu rows, %llu bytes before, %llu after\n",
            report.days, report.parts_before, (unsigned long long)report.rows, (unsigned long long)report.bytes_before,
            (unsigned long long)report.bytes_after);
        code = command_print(self, &text);
        if (code == EXIT_DONE && report.days == 0) code = EXIT_INCOMPLETE;
    }
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_compact = {
    .name = "compact",
    .summary = "many parts of a day into one",
    .usage = "[--date DAY | --start DAY --end DAY]",
    .help = "Merges the parts of each day into part-0000.parquet: the same rows in the order of a part, and\n"
            "fewer files. A compacted day still takes late or repaired hours. Memory: about 160 MiB.\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 nothing to merge",
    .run = run_compact,
};
