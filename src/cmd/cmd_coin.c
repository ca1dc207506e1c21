#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/rows_print.h"

static void print_days(const struct sql_rows *rows, size_t most, vg_buf *out)
{
    struct table table = {0};
    table_column(&table, "day", false);
    table_column(&table, "open", true);
    table_column(&table, "high", true);
    table_column(&table, "low", true);
    table_column(&table, "close", true);
    table_column(&table, "volume USD", true);
    table_column(&table, "takers bought", true);
    table_column(&table, "trades", true);
    table_column(&table, "traders", true);
    table_column(&table, "liquidated", true);
    for (size_t i = rows->n > most ? rows->n - most : 0; i < rows->n; i++) {
        static const char *const prices[] = {"open", "high", "low", "close"};
        rows_cell_text(&table, rows, i, "date");
        for (size_t k = 0; k < 4; k++)
            rows_cell_price(&table, rows, i, prices[k]);
        rows_cell_money(&table, rows, i, "volume");
        table_percent(&table, sql_rows_number(rows, i, "taker_buy_volume") / sql_rows_number(rows, i, "volume"));
        rows_cell_text(&table, rows, i, "trade_count");
        rows_cell_text(&table, rows, i, "unique_traders");
        rows_cell_money(&table, rows, i, "liquidated_notional");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_positions(const struct sql_rows *rows, vg_buf *out)
{
    struct table table = {0};
    if (rows->n == 0) return;
    vg_buf_adds(out, "\nBiggest open positions\n");
    table_column(&table, "trader", false);
    table_column(&table, "side", false);
    table_column(&table, "USD", true);
    table_column(&table, "entry", true);
    table_column(&table, "unrealized", true);
    for (size_t i = 0; i < rows->n; i++) {
        rows_cell_text(&table, rows, i, "user_address");
        rows_cell_text(&table, rows, i, "side");
        rows_cell_money(&table, rows, i, "position_usd");
        rows_cell_price(&table, rows, i, "entry");
        rows_cell_money(&table, rows, i, "unrealized_pnl");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_traders(const char *title, const struct sql_rows *rows, vg_buf *out)
{
    struct table table = {0};
    if (rows->n == 0) return;
    vg_buf_addf(out, "\n%s\n", title);
    table_column(&table, "trader", false);
    table_column(&table, "fills", true);
    table_column(&table, "volume USD", true);
    table_column(&table, "bought", true);
    table_column(&table, "taker", true);
    table_column(&table, "net PnL", true);
    for (size_t i = 0; i < rows->n; i++) {
        rows_cell_text(&table, rows, i, "user_address");
        double volume = sql_rows_number(rows, i, "volume");
        rows_cell_text(&table, rows, i, "fill_count");
        rows_cell_money(&table, rows, i, "volume");
        table_percent(&table, sql_rows_number(rows, i, "buy_volume") / volume);
        table_percent(&table, sql_rows_number(rows, i, "taker_volume") / volume);
        rows_cell_money(&table, rows, i, "net_pnl");
    }
    table_print(&table, out);
    table_release(&table);
}

static void print_text(const char *coin, const struct coin_profile *p, const struct lake_coverage *coverage,
                       vg_buf *out)
{
    vg_buf_addf(out, "%s (%s)", coin, sql_rows_text(&p->daily, 0, "kind"));
    if (p->daily.n > 1) {
        vg_buf_adds(out, "  ");
        rows_sparkline(&p->daily, "close", 60, out);
    }
    vg_buf_adds(out, "\n\n");
    print_days(&p->daily, 14, out);
    print_positions(&p->positions, out);
    print_traders("Biggest traders", &p->traders, out);
    print_traders("Who won and lost most", &p->results, out);
    vg_buf_addc(out, '\n');
    features_coverage_text(coverage, out);
}

static void print_json(const char *coin, const struct coin_profile *p, const struct lake_coverage *coverage,
                       vg_buf *out)
{
    vg_buf_adds(out, "{\"coin\":");
    json_add_string(out, vg_slice_of(coin));
    vg_buf_addc(out, ',');
    features_coverage_json(coverage, out);
    vg_buf_addc(out, ',');
    rows_json_array("daily", &p->daily, out);
    vg_buf_addc(out, ',');
    rows_json_array("positions", &p->positions, out);
    vg_buf_addc(out, ',');
    rows_json_array("traders", &p->traders, out);
    vg_buf_addc(out, ',');
    rows_json_array("results", &p->results, out);
    vg_buf_adds(out, "}\n");
}

static int answer(const struct command *self, const char *lake, const char *coin, unsigned limit, bool json)
{
    struct coin_profile profile = {0};
    struct lake_coverage coverage;
    vg_buf text = {0};
    vg_err err = {0};
    int code;
    vg_code rc = features_coverage_read(lake, &coverage, &err);
    if (!rc) rc = coin_profile_read(lake, coin, limit, &profile, &err);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        if (json) {
            print_json(coin, &profile, &coverage, &text);
        } else if (profile.daily.n) {
            print_text(coin, &profile, &coverage, &text);
        } else {
            vg_buf_addf(&text, "%s has no fills here (names are case-sensitive). ", coin);
            features_coverage_text(&coverage, &text);
        }
        code = command_print(self, &text);
        if (code == EXIT_DONE && profile.daily.n == 0) code = EXIT_INCOMPLETE;
    }
    coin_profile_release(&profile);
    vg_buf_release(&text);
    return code;
}

static int run_coin(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false;
    uint64_t limit = 8;
    const struct vg_option options[] = {
        {"limit", VG_OPT_COUNT, &limit, "N", NULL, "traders in each list (8)"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals != 1) return command_usage(self, "name one coin");
    if (limit > 1000000) return command_usage(self, "--limit: a million at most");
    vg_buf storage = {0};
    code = answer(self, command_lake(lake, &storage), argv[0], (unsigned)limit, json);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_coin = {
    .name = "coin",
    .summary = "one coin: days, biggest positions, winners and losers",
    .usage = "COIN [--limit N]",
    .help = "Reads the tables of `vigil features`. Volume is one-sided: each trade once.\n"
            "\n"
            "  vigil coin BTC\n"
            "  vigil coin xyz:NVDA --json\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 the coin has no fills in the lake",
    .run = run_coin,
};
