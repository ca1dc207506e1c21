#include <math.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/table.h"
#include "cmd/trader_print.h"

/* What the table can be ordered by. Exact sums are compared exactly. */
enum order { BY_NET_PNL, BY_REALIZED_PNL, BY_VOLUME, BY_FEES, BY_FILLS, BY_WIN_RATE, ORDERS };

static const char *const order_names[ORDERS] = {"net_pnl",   "realized_pnl", "volume",
                                                "fees_paid", "fill_count",   "win_rate"};

static vg_dec20 sort_sum(const struct trader *t, enum order order)
{
    switch (order) {
    case BY_NET_PNL: return t->net_pnl;
    case BY_REALIZED_PNL: return trader_pnl(t);
    case BY_VOLUME: return trader_volume(t);
    case BY_FEES: return t->fees_paid;
    case BY_FILLS: return (vg_dec20)t->fill_count;
    case BY_WIN_RATE:
    case ORDERS: break;
    }
    double rate = trader_win_rate(t);
    return isnan(rate) ? -1 : (vg_dec20)(rate * 1e18);
}

struct entry {
    const struct trader *trader;
    vg_dec20 sum;
};

static int best_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->sum != y->sum) return x->sum > y->sum ? -1 : 1;
    return memcmp(x->trader->address.p, y->trader->address.p, ADDRESS_TEXT);
}

static size_t select_traders(const struct trader *traders, size_t n, enum order order, bool worst, uint64_t min_fills,
                             struct entry *entries)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (traders[i].fill_count < min_fills || vg_slice_is(traders[i].address, DUST_ADDRESS)) continue;
        vg_dec20 sum = sort_sum(&traders[i], order);
        entries[kept++] = (struct entry){&traders[i], worst ? -sum : sum};
    }
    if (kept) qsort(entries, kept, sizeof *entries, best_first);
    return kept;
}

static void print_text(const struct entry *entries, size_t n, size_t all, const struct traders_coverage *coverage,
                       vg_buf *out)
{
    static const char *const titles[] = {"#",     "trader",   "net PnL USD", "realized", "fees", "volume",
                                         "fills", "win rate", "maker",       "coins",    "days"};
    struct table table = {0};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(&table, titles[i], i != 1);
    for (size_t i = 0; i < n; i++) {
        const struct trader *t = entries[i].trader;
        table_cellf(&table, "%zu", i + 1);
        table_cell(&table, t->address.p, t->address.n);
        table_money(&table, t->net_pnl);
        table_money(&table, trader_pnl(t));
        table_money(&table, t->fees_paid);
        table_money(&table, trader_volume(t));
        table_cellf(&table, "%llu", (unsigned long long)t->fill_count);
        table_percent(&table, trader_win_rate(t));
        table_percent(&table, trader_maker_share(t));
        table_cellf(&table, "%u", t->unique_coins);
        table_cellf(&table, "%u", t->active_days);
    }
    table_print(&table, out);
    table_release(&table);
    vg_buf_addf(out, "\n%zu of %zu traders; ", n, all);
    coverage_print_text(coverage, out);
}

static void print_json(const struct entry *entries, size_t n, size_t all, const struct traders_coverage *coverage,
                       enum order order, vg_buf *out)
{
    vg_buf_addf(out, "{\"by\":\"%s\",\"traders_in_all\":%zu,", order_names[order], all);
    coverage_print_json(coverage, out);
    vg_buf_adds(out, ",\"traders\":[");
    for (size_t i = 0; i < n; i++) {
        if (i) vg_buf_addc(out, ',');
        trader_print_json(entries[i].trader, out);
    }
    vg_buf_adds(out, "]}\n");
}

/* ORDERS when there is no such metric, which is said on stderr. */
static enum order order_named(const struct command *self, const char *name)
{
    enum order order = 0;
    while (order < ORDERS && strcmp(name, order_names[order]) != 0)
        order++;
    if (order < ORDERS) return order;
    vg_buf what = {0};
    vg_buf_addf(&what, "--by: no metric '%s'; there are", name);
    for (size_t i = 0; i < ORDERS; i++)
        vg_buf_addf(&what, "%s %s", i ? "," : "", order_names[i]);
    command_usage(self, what.data);
    vg_buf_release(&what);
    return ORDERS;
}

/* Which traders to show, and how. */
struct view {
    enum order order;
    bool worst, json;
    uint64_t limit, min_fills;
};

static int show(const struct command *self, const struct traders *traders, const struct traders_coverage *coverage,
                const struct view *view)
{
    size_t n;
    const struct trader *items = traders_view(traders, &n);
    struct entry *entries = vg_alloc(n * sizeof *entries);
    size_t kept = select_traders(items, n, view->order, view->worst, view->min_fills, entries);
    size_t shown = kept < view->limit ? kept : view->limit;
    vg_buf text = {0};
    if (view->json)
        print_json(entries, shown, n, coverage, view->order, &text);
    else
        print_text(entries, shown, n, coverage, &text);
    int code = command_print(self, &text);
    vg_buf_release(&text);
    free(entries);
    return code == EXIT_DONE && shown == 0 ? EXIT_INCOMPLETE : code;
}

static int run_leaderboard(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *by = "net_pnl";
    bool quiet = false;
    struct view view = {.limit = 20, .min_fills = 1};
    int32_t from = VG_NO_DATE, to = VG_NO_DATE;
    const struct vg_option options[] = {
        {"by", VG_OPT_TEXT, &by, "METRIC", NULL, "net_pnl, realized_pnl, volume, fees_paid, fill_count or win_rate"},
        {"worst", VG_OPT_FLAG, &view.worst, NULL, NULL, "from the other end"},
        {"limit", VG_OPT_COUNT, &view.limit, "N", NULL, "rows (20)"},
        {"min-fills", VG_OPT_COUNT, &view.min_fills, "N", NULL, "only traders with at least so many fills"},
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "from this day on"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "up to this day, itself included"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &view.json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    code = command_days(self, VG_NO_DATE, &from, &to);
    if (code >= 0) return code;
    view.order = order_named(self, by);
    if (view.order == ORDERS) return EXIT_WRONG_USAGE;

    vg_buf storage = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct traders *traders = NULL;
    struct traders_coverage coverage;
    struct traders_options flow = {command_lake(lake, &storage), from, to, NULL, &progress};
    vg_progress_start(&progress, "reading", "fills", 0, quiet);
    vg_code rc = traders_run(&flow, &traders, &coverage, &err);
    vg_progress_stop(&progress);
    code = rc ? command_fail(self, &err) : show(self, traders, &coverage, &view);
    traders_free(traders);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_leaderboard = {
    .name = "leaderboard",
    .summary = "traders by net PnL, volume and other sums",
    .usage = "[--by METRIC] [--worst] [--limit N] [--min-fills N] [--start DAY] [--end DAY]",
    .help = "One pass over the lake, exact sums per trader, ordered. The account that sells the exchange's\n"
            "dust is left out. Definitions: docs/metrics.md.\n"
            "\n"
            "  vigil leaderboard --by volume --limit 50\n"
            "  vigil leaderboard --worst --min-fills 100\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 no trader matches",
    .run = run_leaderboard,
};
