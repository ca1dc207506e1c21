#include <stdio.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/rows_print.h"

/* Columns that stand beside the metric. */
static void print_text(const struct sql_rows *rows, const struct leaderboard_question *q, uint64_t all,
                       const struct lake_coverage *coverage, vg_buf *out)
{
    struct table table = {0};
    bool usual = strcmp(q->by, "net_pnl") == 0 || strcmp(q->by, "volume") == 0;
    table_column(&table, "#", true);
    table_column(&table, "trader", false);
    if (!usual) table_column(&table, q->by, true);
    table_column(&table, "net PnL USD", true);
    table_column(&table, "realized", true);
    table_column(&table, "fees", true);
    table_column(&table, "volume", true);
    table_column(&table, "fills", true);
    table_column(&table, "win rate", true);
    table_column(&table, "days", true);
    for (size_t i = 0; i < rows->n; i++) {
        table_cellf(&table, "%zu", i + 1);
        rows_cell_text(&table, rows, i, "user_address");
        if (!usual) rows_cell_number(&table, rows, i, q->by, 4);
        rows_cell_money(&table, rows, i, "net_pnl");
        rows_cell_money(&table, rows, i, "realized_pnl");
        rows_cell_money(&table, rows, i, "fees_paid");
        rows_cell_money(&table, rows, i, "volume");
        rows_cell_text(&table, rows, i, "fill_count");
        rows_cell_percent(&table, rows, i, "win_rate");
        rows_cell_text(&table, rows, i, "active_days");
    }
    table_print(&table, out);
    table_release(&table);
    vg_buf_addf(out, "\n%zu of %llu traders; ", rows->n, (unsigned long long)all);
    features_coverage_text(coverage, out);
}

static void print_json(const struct sql_rows *rows, const struct leaderboard_question *q, uint64_t all,
                       const struct lake_coverage *coverage, vg_buf *out)
{
    vg_buf_adds(out, "{\"by\":");
    json_add_string(out, vg_slice_of(q->by));
    vg_buf_addf(out, ",\"traders_in_all\":%llu,", (unsigned long long)all);
    features_coverage_json(coverage, out);
    vg_buf_addc(out, ',');
    rows_json_array("traders", rows, out);
    vg_buf_adds(out, "}\n");
}

static int answer(const struct command *self, const char *lake, const struct leaderboard_question *question, bool json)
{
    struct sql_rows rows = {0};
    struct lake_coverage coverage;
    uint64_t all = 0;
    vg_buf text = {0};
    vg_err err = {0};
    int code;
    vg_code rc = features_coverage_read(lake, &coverage, &err);
    if (!rc) rc = leaderboard_read(lake, question, &rows, &all, &err);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        if (json)
            print_json(&rows, question, all, &coverage, &text);
        else
            print_text(&rows, question, all, &coverage, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE && rows.n == 0) code = EXIT_INCOMPLETE;
    }
    sql_rows_release(&rows);
    vg_buf_release(&text);
    return code;
}

#define CONDITIONS 5

static int run_leaderboard(const struct command *self, int argc, char **argv)
{
    static const char *const metrics[CONDITIONS] = {"fill_count", "order_count", "episode_count", "active_days",
                                                    "volume"};
    const char *lake = NULL;
    bool json = false;
    uint64_t least[CONDITIONS] = {0};
    struct leaderboard_question question = {.by = "net_pnl", .limit = 20, .since = VG_NO_DATE};
    const struct vg_option options[] = {
        {"by", VG_OPT_TEXT, &question.by, "METRIC", NULL,
         "a column of traders: net_pnl, sharpe_ratio, edge_bps, … (net_pnl)"},
        {"worst", VG_OPT_FLAG, &question.worst, NULL, NULL, "from the other end"},
        {"limit", VG_OPT_COUNT, &question.limit, "N", NULL, "rows (20)"},
        {"min-fills", VG_OPT_COUNT, &least[0], "N", NULL, "only traders with at least so many fills"},
        {"min-orders", VG_OPT_COUNT, &least[1], "N", NULL, "… orders"},
        {"min-episodes", VG_OPT_COUNT, &least[2], "N", NULL, "… completed episodes"},
        {"min-days", VG_OPT_COUNT, &least[3], "N", NULL, "… active days"},
        {"min-volume", VG_OPT_COUNT, &least[4], "USD", NULL, "… volume"},
        {"since", VG_OPT_DATE, &question.since, "DAY", NULL, "sums of the days from this one on"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    struct leaderboard_condition conditions[CONDITIONS];
    for (size_t i = 0; i < CONDITIONS; i++)
        if (least[i])
            conditions[question.condition_count++] = (struct leaderboard_condition){metrics[i], (double)least[i]};
    question.conditions = conditions;
    vg_buf storage = {0};
    code = answer(self, command_lake(lake, &storage), &question, json);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_leaderboard = {
    .name = "leaderboard",
    .summary = "traders by net PnL, Sharpe ratio or any other figure",
    .usage = "[--by METRIC] [--worst] [--limit N] [--min-fills N] [--since DAY]",
    .help = "Reads the tables of `vigil features`. METRIC is any number of the table traders\n"
            "(docs/data-dictionary.md); with --since those that add up over days. The account that sells the\n"
            "exchange's dust is left out.\n"
            "\n"
            "  vigil leaderboard --by volume --limit 50\n"
            "  vigil leaderboard --by sharpe_ratio --min-days 14 --min-volume 100k\n"
            "  vigil leaderboard --worst --since 2025-11-01\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 no trader matches",
    .run = run_leaderboard,
};
