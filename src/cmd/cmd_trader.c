#include <math.h>

#include "cmd/cmd.h"
#include "cmd/rows_print.h"

enum shown { MONEY, COUNT, SHARE, MINUTES, RATIO, BASIS_POINTS };

static const struct line {
    const char *title;
    const char *column;
    enum shown shown;
} lines[] = {
    {"Performance", NULL, MONEY},
    {"net PnL (USD)", "net_pnl", MONEY},
    {"marked to market, perps", "net_pnl_mtm", MONEY},
    {"realized PnL, perps", "perp_realized_pnl", MONEY},
    {"realized PnL, spot", "spot_realized_pnl", MONEY},
    {"fees paid", "fees_paid", MONEY},
    {"volume, perps", "perp_volume", MONEY},
    {"volume, spot", "spot_volume", MONEY},
    {"edge, net of fees", "edge_bps", BASIS_POINTS},
    {"Sharpe ratio", "sharpe_ratio", RATIO},
    {"  its standard error", "sharpe_se", RATIO},
    {"Sharpe ratio, marked", "sharpe_mtm", RATIO},
    {"win rate, fills", "win_rate", SHARE},
    {"win rate, episodes", "episode_win_rate", SHARE},
    {"profit factor, episodes", "episode_profit_factor", RATIO},
    {"Behaviour", NULL, MONEY},
    {"fills", "fill_count", COUNT},
    {"orders", "order_count", COUNT},
    {"episodes", "episode_count", COUNT},
    {"coins", "unique_coins", COUNT},
    {"active days", "active_days", COUNT},
    {"maker, by volume", "maker_share", SHARE},
    {"hold time, episodes", "avg_hold_time_minutes", MINUTES},
    {"hold time, by size", "hold_time_weighted_minutes", MINUTES},
    {"long / short, opened", "long_short_ratio", RATIO},
    {"both sides in 5 minutes", "two_sided", SHARE},
    {"adds to losers", "avg_down_share", SHARE},
    {"TWAP slices, by volume", "twap_share", SHARE},
    {"taker markout after 1 min", "taker_markout_bps_1m", BASIS_POINTS},
    {"maker markout after 1 min", "maker_markout_bps_1m", BASIS_POINTS},
    {"Risk", NULL, MONEY},
    {"largest drawdown", "max_drawdown", MONEY},
    {"largest drawdown, marked", "mdd_mtm", MONEY},
    {"largest position", "max_position_usd", MONEY},
    {"peak of all positions", "peak_gross_usd", MONEY},
    {"own liquidations", "liquidation_count", COUNT},
    {"  their notional", "liquidated_notional", MONEY},
    {"others' taken over", "liq_taker_notional", MONEY},
    {"auto-deleveraged fills", "adl_count", COUNT},
};

static void add_line(struct table *table, const struct sql_rows *rows, const struct line *line)
{
    table_cell(table, line->title, strlen(line->title));
    if (!line->column) {
        table_cell(table, "", 0);
        return;
    }
    switch (line->shown) {
    case MONEY: rows_cell_money(table, rows, 0, line->column); break;
    case COUNT: rows_cell_text(table, rows, 0, line->column); break;
    case SHARE: rows_cell_percent(table, rows, 0, line->column); break;
    case MINUTES: rows_cell_minutes(table, rows, 0, line->column); break;
    case RATIO: rows_cell_number(table, rows, 0, line->column, 2); break;
    case BASIS_POINTS: {
        double value = sql_rows_number(rows, 0, line->column);
        if (isnan(value))
            table_cellf(table, "–");
        else
            table_cellf(table, "%.2f bp", value);
    }
    }
}

/* Tables without titles: the first line of what table_print writes is left out. */
static void print_untitled(struct table *table, vg_buf *out)
{
    vg_buf body = {0};
    table_print(table, &body);
    vg_buf_adds(out, strchr(body.data, '\n') + 1);
    vg_buf_release(&body);
    table_release(table);
}

static void print_figures(const struct trader_profile *p, vg_buf *out)
{
    struct table table = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!lines[i].column) {
            if (i) print_untitled(&table, out);
            vg_buf_addf(out, "\n%s\n", lines[i].title);
            table_column(&table, "", false);
            table_column(&table, "", true);
            continue;
        }
        add_line(&table, &p->trader, &lines[i]);
    }
    print_untitled(&table, out);
}

static void print_positions(const struct sql_rows *rows, size_t most, vg_buf *out)
{
    struct table table = {0};
    if (rows->n == 0) return;
    vg_buf_addf(out, "\nPositions (%zu)\n", rows->n);
    table_column(&table, "coin", false);
    table_column(&table, "size", true);
    table_column(&table, "USD", true);
    table_column(&table, "entry", true);
    table_column(&table, "last", true);
    table_column(&table, "unrealized", true);
    table_column(&table, "since", false);
    for (size_t i = 0; i < rows->n && i < most; i++) {
        rows_cell_text(&table, rows, i, "coin");
        rows_cell_price(&table, rows, i, "position");
        rows_cell_money(&table, rows, i, "position_usd");
        rows_cell_price(&table, rows, i, "entry");
        rows_cell_price(&table, rows, i, "last_price");
        rows_cell_money(&table, rows, i, "unrealized_pnl");
        table_cellf(&table, "%.19s%s", sql_rows_text(rows, i, "open_time"),
                    *sql_rows_text(rows, i, "left_censored") == 't' ? " or before" : "");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_episodes(const struct sql_rows *rows, vg_buf *out)
{
    struct table table = {0};
    if (rows->n == 0) return;
    vg_buf_addf(out, "\nLast episodes\n");
    table_column(&table, "closed", false);
    table_column(&table, "coin", false);
    table_column(&table, "side", false);
    table_column(&table, "opened USD", true);
    table_column(&table, "entry", true);
    table_column(&table, "exit", true);
    table_column(&table, "net PnL", true);
    table_column(&table, "", false);
    for (size_t i = 0; i < rows->n; i++) {
        table_cellf(&table, "%.19s", sql_rows_text(rows, i, "close_time"));
        rows_cell_text(&table, rows, i, "coin");
        rows_cell_text(&table, rows, i, "side");
        rows_cell_money(&table, rows, i, "opened_notional");
        rows_cell_price(&table, rows, i, "entry_vwap");
        rows_cell_price(&table, rows, i, "exit_vwap");
        rows_cell_money(&table, rows, i, "net_pnl");
        table_cellf(&table, "%s%s%s", *sql_rows_text(rows, i, "liquidated") == 't' ? "liquidated " : "",
                    *sql_rows_text(rows, i, "left_censored") == 't' ? "opening unseen " : "",
                    *sql_rows_text(rows, i, "broken") == 't' ? "broken by a gap" : "");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_coins(const struct sql_rows *rows, size_t most, vg_buf *out)
{
    struct table table = {0};
    if (rows->n == 0) return;
    vg_buf_addf(out, "\nCoins (%zu)\n", rows->n);
    table_column(&table, "coin", false);
    table_column(&table, "fills", true);
    table_column(&table, "volume USD", true);
    table_column(&table, "bought", true);
    table_column(&table, "net PnL", true);
    for (size_t i = 0; i < rows->n && i < most; i++) {
        rows_cell_text(&table, rows, i, "coin");
        rows_cell_text(&table, rows, i, "fill_count");
        rows_cell_money(&table, rows, i, "volume");
        table_percent(&table, sql_rows_number(rows, i, "buy_volume") / sql_rows_number(rows, i, "volume"));
        rows_cell_money(&table, rows, i, "net_pnl");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_text(const struct trader_profile *p, const struct lake_coverage *coverage, vg_buf *out)
{
    vg_buf_addf(out, "%s\nfrom %.19s to %.19s UTC%s\n", sql_rows_text(&p->trader, 0, "user_address"),
                sql_rows_text(&p->trader, 0, "first_trade"), sql_rows_text(&p->trader, 0, "last_trade"),
                *sql_rows_text(&p->trader, 0, "left_censored") == 't' ? "; held positions before" : "");
    print_figures(p, out);
    if (p->daily.n > 1) {
        vg_buf_adds(out, "\nnet PnL, cumulative, by active day\n  ");
        rows_sparkline(&p->daily, "cumulative_net_pnl", 72, out);
        vg_buf_addc(out, '\n');
    }
    print_positions(&p->positions, 12, out);
    print_episodes(&p->episodes, out);
    print_coins(&p->coins, 8, out);
    vg_buf_addc(out, '\n');
    features_coverage_text(coverage, out);
}

static void print_json(const struct trader_profile *p, const struct lake_coverage *coverage, vg_buf *out)
{
    vg_buf_addc(out, '{');
    features_coverage_json(coverage, out);
    vg_buf_adds(out, ",\"trader\":");
    if (p->trader.n)
        rows_json_object(&p->trader, 0, out);
    else
        vg_buf_adds(out, "null");
    vg_buf_addc(out, ',');
    rows_json_array("positions", &p->positions, out);
    vg_buf_addc(out, ',');
    rows_json_array("episodes", &p->episodes, out);
    vg_buf_addc(out, ',');
    rows_json_array("daily", &p->daily, out);
    vg_buf_addc(out, ',');
    rows_json_array("coins", &p->coins, out);
    vg_buf_adds(out, "}\n");
}

static int answer(const struct command *self, const char *lake, const char *address, unsigned episodes, bool json)
{
    struct trader_profile profile = {0};
    struct lake_coverage coverage;
    vg_buf text = {0};
    vg_err err = {0};
    int code;
    vg_code rc = features_coverage_read(lake, &coverage, &err);
    if (!rc) rc = trader_profile_read(lake, address, episodes, &profile, &err);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        if (json) {
            print_json(&profile, &coverage, &text);
        } else if (profile.trader.n) {
            print_text(&profile, &coverage, &text);
        } else {
            vg_buf_addf(&text, "%s has no fills here. ", address);
            features_coverage_text(&coverage, &text);
        }
        code = command_print(self, &text);
        if (code == EXIT_DONE && profile.trader.n == 0) code = EXIT_INCOMPLETE;
    }
    trader_profile_release(&profile);
    vg_buf_release(&text);
    return code;
}

static int run_trader(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false;
    uint64_t episodes = 10;
    const struct vg_option options[] = {
        {"episodes", VG_OPT_COUNT, &episodes, "N", NULL, "of the last episodes (10)"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals != 1) return command_usage(self, "name one address");
    if (episodes > 1000000) return command_usage(self, "--episodes: a million at most");
    for (char *p = argv[0]; *p; p++) /* the lake has lower case; people paste checksummed addresses */
        if (*p >= 'A' && *p <= 'F') *p = (char)(*p - 'A' + 'a');
    vg_buf storage = {0};
    code = answer(self, command_lake(lake, &storage), argv[0], (unsigned)episodes, json);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_trader = {
    .name = "trader",
    .summary = "one trader: performance, behaviour, risk, positions, episodes",
    .usage = "ADDRESS [--episodes N]",
    .help = "Reads the tables of `vigil features`. Sums are exact; every figure is defined in\n"
            "docs/data-dictionary.md. Hours that are missing in the lake are told at the end.\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 the address has no fills in the lake",
    .run = run_trader,
};
