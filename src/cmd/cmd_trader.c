#include <math.h>

#include "cmd/cmd.h"
#include "cmd/table.h"
#include "cmd/trader_print.h"

static void money_row(struct table *table, const char *name, vg_dec20 value)
{
    table_cell(table, name, strlen(name));
    table_money(table, value);
}

static void percent_row(struct table *table, const char *name, double share)
{
    table_cell(table, name, strlen(name));
    table_percent(table, share);
}

static void count_row(struct table *table, const char *name, uint64_t value)
{
    table_cell(table, name, strlen(name));
    table_cellf(table, "%llu", (unsigned long long)value);
}

static void print_text(const struct trader *t, const struct traders_coverage *coverage, vg_buf *out)
{
    char first[VG_TIME_TEXT], last[VG_TIME_TEXT];
    struct table table = {0};
    vg_time_print(t->first_time_us * 1000, 3, first);
    vg_time_print(t->last_time_us * 1000, 3, last);
    vg_buf_addf(out, "%.*s\nfrom %s to %s UTC\n\n", (int)t->address.n, t->address.p, first, last);
    table_column(&table, "", false);
    table_column(&table, "", true);
    money_row(&table, "net PnL (USD)", t->net_pnl);
    money_row(&table, "realized PnL, perps", t->perp_pnl);
    money_row(&table, "realized PnL, spot", t->spot_pnl);
    if (t->other_pnl) money_row(&table, "realized PnL, other", t->other_pnl);
    money_row(&table, "fees paid", t->fees_paid);
    money_row(&table, "volume, perps", t->perp_volume);
    money_row(&table, "volume, spot", t->spot_volume);
    if (t->other_volume) money_row(&table, "volume, other", t->other_volume);
    count_row(&table, "fills", t->fill_count);
    percent_row(&table, "win rate (fills)", trader_win_rate(t));
    percent_row(&table, "maker, by fills", trader_maker_pct(t));
    percent_row(&table, "maker, by volume", trader_maker_share(t));
    count_row(&table, "coins", t->unique_coins);
    count_row(&table, "active days", t->active_days);
    count_row(&table, "fills of own liquidations", t->liquidated_fills);
    if (t->fee_unpriced_fills) count_row(&table, "fills with a fee that has no price", t->fee_unpriced_fills);
    vg_buf body = {0};
    table_print(&table, &body);
    vg_buf_adds(out, strchr(body.data, '\n') + 1); /* without the empty titles */
    vg_buf_release(&body);
    table_release(&table);
    vg_buf_addc(out, '\n');
    coverage_print_text(coverage, out);
}

static int run_trader(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false, quiet = false;
    int32_t from = VG_NO_DATE, to = VG_NO_DATE;
    const struct vg_option options[] = {
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "from this day on"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "up to this day, itself included"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals != 1) return command_usage(self, "name one address");
    code = command_days(self, VG_NO_DATE, &from, &to);
    if (code >= 0) return code;
    for (char *p = argv[0]; *p; p++) /* the lake has lower case; people paste checksummed addresses */
        if (*p >= 'A' && *p <= 'F') *p = (char)(*p - 'A' + 'a');

    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct traders *traders = NULL;
    struct traders_coverage coverage;
    struct traders_options flow = {command_lake(lake, &storage), from, to, argv[0], NULL};
    vg_progress_start(&progress, "reading", "fills", 0, quiet);
    vg_code rc = traders_run(&flow, &traders, &coverage, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        size_t n;
        const struct trader *trader = traders_view(traders, &n);
        if (json) {
            vg_buf_addc(&text, '{');
            coverage_print_json(&coverage, &text);
            vg_buf_adds(&text, ",\"trader\":");
            if (n)
                trader_print_json(trader, &text);
            else
                vg_buf_adds(&text, "null");
            vg_buf_adds(&text, "}\n");
        } else if (n) {
            print_text(trader, &coverage, &text);
        } else {
            vg_buf_addf(&text, "%s has no fills here; ", argv[0]);
            coverage_print_text(&coverage, &text);
        }
        code = command_print(self, &text);
        if (code == EXIT_DONE && n == 0) code = EXIT_INCOMPLETE;
    }
    traders_free(traders);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_trader = {
    .name = "trader",
    .summary = "one trader: profit, volume, fees, behaviour",
    .usage = "ADDRESS [--start DAY] [--end DAY]",
    .help = "Prints the exact sums of one trader. Row groups of other traders are skipped, so this is fast in\n"
            "a large lake. Definitions: docs/metrics.md.\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 the address has no fills in the lake",
    .run = run_trader,
};
