#include "base/json.h"
#include "cmd/cmd.h"
#include "flow/load.h"

static const char *const actions[] = {
    [LOAD_NEW] = "new", [LOAD_ADDED] = "added to", [LOAD_REPLACED] = "replaced", [LOAD_REMOVED] = "removed"};

#define DAYS_SHOWN 10

static void print_text(const struct load_report *r, vg_buf *out)
{
    char date[VG_DATE_TEXT];
    vg_buf_addf(out, "%s%s: %llu fills of %zu days loaded, %zu days were there already (%.1f s)\n", r->database,
                r->timescale ? " (TimescaleDB)" : "", (unsigned long long)r->fills, r->day_count, r->days_same,
                r->seconds);
    for (size_t i = 0; i < r->day_count && i < DAYS_SHOWN; i++) {
        vg_day_print(r->days[i].day, '-', date);
        vg_buf_addf(out, "  %s %s, %llu fills\n", date, actions[r->days[i].action],
                    (unsigned long long)r->days[i].rows);
    }
    if (r->day_count > DAYS_SHOWN) vg_buf_addf(out, "  and %zu days more\n", r->day_count - DAYS_SHOWN);
    if (r->day_count) vg_buf_adds(out, "  rows and exact sums of each day equal the lake's\n");
    if (r->figure_files)
        vg_buf_addf(out, "  tables of figures: %llu rows of %llu files\n", (unsigned long long)r->figure_rows,
                    (unsigned long long)r->figure_files);
    if (r->days_foreign && !r->pruned)
        vg_buf_addf(out, "  the database has %zu days that the lake has not: --prune removes them\n", r->days_foreign);
    if (!r->has_figures) vg_buf_adds(out, "  the lake has no tables of figures yet: `vigil features` computes them\n");
    if (r->figures_are_behind)
        vg_buf_adds(out, "  the lake has fills that are not in its figures: `vigil features` takes them in\n");
}

static void print_json(const struct load_report *r, vg_buf *out)
{
    char date[VG_DATE_TEXT];
    vg_buf_adds(out, "{\"database\":");
    json_add_string(out, vg_slice_of(r->database));
    vg_buf_addf(out, ",\"timescale\":%s,\"fills\":%llu,\"days_same\":%zu,\"days_foreign\":%zu,\"days\":[",
                r->timescale ? "true" : "false", (unsigned long long)r->fills, r->days_same, r->days_foreign);
    for (size_t i = 0; i < r->day_count; i++) {
        vg_day_print(r->days[i].day, '-', date);
        vg_buf_addf(out, "%s{\"date\":\"%s\",\"action\":\"%s\",\"parts\":%llu,\"rows\":%llu}", i ? "," : "", date,
                    actions[r->days[i].action], (unsigned long long)r->days[i].parts,
                    (unsigned long long)r->days[i].rows);
    }
    vg_buf_addf(out,
                "],\"figures\":{\"present\":%s,\"behind\":%s,\"files\":%llu,\"rows\":%llu},\"seconds\":%.3f,"
                "\"copy_seconds\":%.3f,\"index_seconds\":%.3f,\"check_seconds\":%.3f,\"publish_seconds\":%.3f,"
                "\"figures_seconds\":%.3f}\n",
                r->has_figures ? "true" : "false", r->figures_are_behind ? "true" : "false",
                (unsigned long long)r->figure_files, (unsigned long long)r->figure_rows, r->seconds, r->copy_s,
                r->index_s, r->check_s, r->publish_s, r->figures_s);
}

static int load(const struct command *self, struct load_options options, bool quiet, bool json)
{
    struct vg_progress progress;
    struct load_report report;
    vg_err err = {0};
    vg_buf text = {0};
    int code;
    options.progress = &progress;
    vg_progress_start(&progress, "loading", "fills", 0, quiet);
    vg_code rc = load_run(&options, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        (json ? print_json : print_text)(&report, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE && report.day_count == 0 && report.days_same == 0) code = EXIT_INCOMPLETE;
    }
    load_report_release(&report);
    vg_buf_release(&text);
    return code;
}

static int run_load(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *url = NULL;
    int32_t date = VG_NO_DATE, from = VG_NO_DATE, to = VG_NO_DATE;
    uint64_t jobs = 0;
    bool prune = false, quiet = false, json = false;
    const struct vg_option table[] = {
        {"source", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to load from"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the same"},
        {"database", VG_OPT_TEXT, &url, "URL", NULL, "postgresql://user@host/name, without password (DATABASE_URL)"},
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only fills of this day (UTC)"},
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "only fills from this day on"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "only fills up to this day, which counts"},
        {"jobs", VG_OPT_COUNT, &jobs, "N", NULL, "connections (as many as processors, at most 4)"},
        {"prune", VG_OPT_FLAG, &prune, NULL, NULL, "remove days that the lake has not"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, table, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments; --source names the lake");
    if (jobs > 64) return command_usage(self, "--jobs: 64 at most");
    if (url && load_url_has_password(url))
        return command_usage(self, "--database: a command line is no place for a password: put the URL into "
                                   "DATABASE_URL, or the password into ~/.pgpass or PGPASSWORD");
    if (!url) url = getenv("DATABASE_URL");
    if (!url || !*url)
        return command_usage(self,
                             "where to? Set DATABASE_URL=postgresql://user:password@host/name, or use --database");
    code = command_days(self, date, &from, &to);
    if (code >= 0) return code;
    vg_buf storage = {0};
    struct load_options options = {.lake = command_lake(lake, &storage),
                                   .url = url,
                                   .from = from,
                                   .to = to,
                                   .jobs = (unsigned)jobs,
                                   .prune = prune};
    code = load(self, options, quiet || json, json);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_load = {
    .name = "load",
    .summary = "the lake into PostgreSQL or TimescaleDB",
    .usage = "[--source LAKE] [--database URL] [--start DAY --end DAY]",
    .help = "Makes the tables where there are none, then brings them up to the lake: days of fills that are new or\n"
            "have changed, and the tables of figures. Each day appears at once, after its rows and exact sums were\n"
            "compared with the lake's. A run that was killed is run again; one with nothing new changes nothing.\n"
            "docs/stores.md describes the tables.\n"
            "\n"
            "  DATABASE_URL=postgresql://vigil:secret@localhost/vigil vigil load\n"
            "  vigil load --start 2025-11-01 --end 2025-11-30 --database postgresql:///vigil\n"
            "\n"
            "exit: 0 done, or nothing was new; 1 failed; 2 wrong usage; 3 the lake has no fills in these days",
    .run = run_load,
};
