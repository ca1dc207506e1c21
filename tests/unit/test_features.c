#include "analyze/features_core.h"

#include <math.h>

#include "support.h"

#define DAY 20000 /* 2024-10-04, a Friday */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* Rows of tables, as texts to compare and as values to look at. */
struct table_row {
    enum feature_table table;
    struct feature_value *values;
};
struct tables {
    struct arena arena;
    struct table_row *rows;
    size_t n;
    vg_buf text;
};

static void add_value(vg_buf *out, const struct column *column, const struct feature_value *v)
{
    vg_buf_addf(out, " %s=", column->name);
    if (v->null)
        vg_buf_adds(out, "NULL");
    else if (column->type == COLUMN_TEXT)
        vg_buf_addf(out, "%.*s", (int)v->text.n, v->text.p);
    else if (column->type == COLUMN_DECIMAL)
        vg_buf_add_dec(out, v->decimal);
    else if (column->type == COLUMN_SUM)
        vg_buf_add_dec20(out, v->decimal);
    else if (column->type == COLUMN_DOUBLE)
        vg_buf_addf(out, "%a", v->number); /* every bit */
    else
        vg_buf_addf(out, "%lld", (long long)v->integer);
}

static vg_code take_row(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err)
{
    struct tables *t = ctx;
    const struct feature_table_schema *schema = &feature_tables[table];
    (void)err;
    t->rows = vg_realloc(t->rows, (t->n + 1) * sizeof *t->rows);
    struct table_row *row = &t->rows[t->n++];
    *row = (struct table_row){table, arena_alloc(&t->arena, schema->column_count * sizeof *values)};
    vg_buf_addf(&t->text, "%s:", schema->name);
    for (size_t i = 0; i < schema->column_count; i++) {
        row->values[i] = values[i];
        if (schema->columns[i].type == COLUMN_TEXT && !values[i].null)
            row->values[i].text.p = arena_copy(&t->arena, values[i].text.p, values[i].text.n);
        assert_true(schema->columns[i].nullable || !values[i].null);
        add_value(&t->text, &schema->columns[i], &values[i]);
    }
    vg_buf_addc(&t->text, '\n');
    return VG_OK;
}

static void tables_release(struct tables *t)
{
    arena_release(&t->arena);
    free(t->rows);
    vg_buf_release(&t->text);
    *t = (struct tables){0};
}

/* Computing, in groups, batches and with checkpoints wherever one likes. */

struct how {
    const size_t *cuts; /* first rows of groups but for the first; days are cut anyway */
    size_t cut_count;
    size_t batch;           /* rows at most */
    bool saves;             /* to a checkpoint and back after each group */
    unsigned shard, shards; /* shards 0: one */
    uint32_t awake;         /* profiles at most that do not rest; 0: as ever */
};

static struct features *new_features(const struct how *how)
{
    struct features *f = features_new(how->shard, how->shards ? how->shards : 1);
    if (how->awake) f->profiles.awake_most = how->awake;
    return f;
}

static int64_t block_ms(const struct fill *f) { return f->block_time_ns / VG_NS_PER_MS; }

/* Indices of groups' first rows, and n at the end. */
static size_t *groups_of(const struct fill *fills, size_t n, const struct how *how, size_t *count)
{
    size_t *first = vg_alloc((n + 1) * sizeof *first);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        bool cut = i == 0 || vg_day_of_ns(fills[i].block_time_ns) != vg_day_of_ns(fills[i - 1].block_time_ns);
        for (size_t k = 0; k < how->cut_count; k++)
            cut = cut || how->cuts[k] == i;
        if (cut) first[(*count)++] = i;
    }
    first[*count] = n;
    return first;
}

static int by_trader(const void *a, const void *b)
{
    const struct fill *x = a, *y = b;
    int order = memcmp(x->user, y->user, sizeof x->user);
    if (order) return order;
    if (x->block_number != y->block_number) return x->block_number < y->block_number ? -1 : 1;
    return (x->event_index > y->event_index) - (x->event_index < y->event_index);
}

static struct features *reloaded(struct features *f, const struct how *how)
{
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    vg_err err;
    assert_int_equal(features_save(f, &out, &err), VG_OK);
    features_free(f);
    f = new_features(how);
    struct state_reader in = state_memory_reader(&memory);
    if (features_load(f, &in, &err)) fail_msg("%s", err.msg);
    vg_buf_release(&memory.bytes);
    return f;
}

static void add_prices(struct features *f, const struct fill *fills, size_t n)
{
    struct made_batch made;
    make_batch(&made, fills, n);
    features_add_prints(f, &made.batch);
    features_settle_prints(f, vg_day_of_ns(fills[0].block_time_ns));
    arena_release(&made.arena);
}

static vg_code add_rows(struct features *f, const struct fill *fills, size_t n, size_t batch, vg_err *err)
{
    struct fill *sorted = vg_alloc(n * sizeof *sorted);
    vg_code rc = VG_OK;
    memcpy(sorted, fills, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_trader);
    for (size_t i = 0; i < n && !rc; i += batch) {
        struct made_batch made;
        make_batch(&made, sorted + i, n - i < batch ? n - i : batch);
        rc = features_add(f, &made.batch, err);
        arena_release(&made.arena);
    }
    free(sorted);
    return rc;
}

/* The state after all rows, with the last day open. */
static struct features *take_market(const struct fill *fills, size_t n, const struct how *how, struct tables *out)
{
    size_t count, priced = 0, *first = groups_of(fills, n, how, &count);
    struct features *f = new_features(how);
    struct feature_sink sink = {out, take_row};
    vg_err err;
    for (size_t g = 0; g < count; g++) {
        const struct fill *from = &fills[first[g]];
        int32_t day = vg_day_of_ns(from->block_time_ns);
        if (g && vg_day_of_ns(from[-1].block_time_ns) != day)
            assert_int_equal(features_close_day(f, vg_day_of_ns(from[-1].block_time_ns), &sink, &err), VG_OK);
        int64_t ahead_ms = block_ms(&fills[first[g + 1] - 1]) + HOUR;
        for (; priced < count && (priced <= g || block_ms(&fills[first[priced]]) <= ahead_ms); priced++)
            add_prices(f, &fills[first[priced]], first[priced + 1] - first[priced]);
        assert_int_equal(features_begin_group(f, block_ms(from), &err), VG_OK);
        assert_int_equal(add_rows(f, from, first[g + 1] - first[g], how->batch ? how->batch : SIZE_MAX / 2, &err),
                         VG_OK);
        assert_int_equal(features_end_group(f, &err), VG_OK);
        if (how->saves) {
            assert_int_equal(features_flush_episodes(f, &sink, &err), VG_OK);
            f = reloaded(f, how);
        }
    }
    free(first);
    return f;
}

static struct tables compute(const struct fill *fills, size_t n, const struct how *how)
{
    struct tables out = {0};
    struct feature_sink sink = {&out, take_row};
    struct features *f = take_market(fills, n, how, &out);
    vg_err err;
    assert_int_equal(features_close_day(f, vg_day_of_ns(fills[n - 1].block_time_ns), &sink, &err), VG_OK);
    assert_int_equal(features_print(f, &sink, &err), VG_OK);
    features_free(f);
    return out;
}

static int in_line_order(const void *a, const void *b)
{
    const vg_slice *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* Episodes come out before each checkpoint and at the day's end, so their order depends on the way. */
static void sort_lines(vg_buf *text)
{
    vg_slice *lines = NULL, line, rest = vg_buf_view(text);
    size_t n = 0;
    for (; next_line(&rest, &line); n++) {
        lines = vg_realloc(lines, (n + 1) * sizeof *lines);
        lines[n] = line;
    }
    qsort(lines, n, sizeof *lines, in_line_order);
    vg_buf sorted = {0};
    for (size_t i = 0; i < n; i++) {
        vg_buf_add(&sorted, lines[i].p, lines[i].n);
        vg_buf_addc(&sorted, '\n');
    }
    free(lines);
    vg_buf_release(text);
    *text = sorted;
}

/* A market of three traders, by hand. */

enum { ANN = 0xaa, BOB = 0xbb, CAT = 0xcc };

static struct fill row(int who, int64_t block, uint32_t event, int64_t ms, const char *side, bool is_taker,
                       const char *price, const char *size, const char *start, const char *direction, const char *pnl,
                       const char *fee)
{
    struct fill f = plain_fill(block, event, who, *side == 'B', is_taker, block * 10);
    f.has |= FILL_HAS_FEE | FILL_HAS_FEE_TOKEN;
    f.time_ms = ms;
    f.block_time_ns = ms * VG_NS_PER_MS;
    f.order_id = block * 1000 + who;
    f.price = dec(price);
    f.size = dec(size);
    f.start_position = dec(start);
    f.direction = vg_slice_of(direction);
    f.closed_pnl = dec(pnl);
    f.fee = dec(fee);
    f.fee_token = VG_SLICE("USDC");
    return f;
}

#define AT(day, h, m, s) ((DAY + (day)) * VG_MS_PER_DAY + (h)*HOUR + (m)*MINUTE + (s)*SECOND)

static struct fill hand_made[10];
static void make_market(void)
{
    const struct fill fills[COUNT(hand_made)] = {
        row(ANN, 1, 0, AT(0, 10, 0, 0), "B", true, "100.0", "1.0", "0.0", "Open Long", "0.0", "0.045"),
        row(BOB, 1, 1, AT(0, 10, 0, 0), "A", false, "100.0", "1.0", "0.0", "Open Short", "0.0", "-0.002"),
        row(CAT, 2, 0, AT(0, 10, 0, 30), "B", true, "101.0", "1.0", "0.0", "Open Long", "0.0", "0.04"),
        row(BOB, 2, 1, AT(0, 10, 0, 30), "A", false, "101.0", "1.0", "-1.0", "Open Short", "0.0", "-0.002"),
        row(CAT, 3, 0, AT(0, 10, 10, 0), "B", false, "110.0", "1.0", "1.0", "Open Long", "0.0", "0.01"),
        row(ANN, 3, 1, AT(0, 10, 10, 0), "A", true, "110.0", "1.0", "1.0", "Close Long", "10.0", "0.05"),
        row(BOB, 4, 0, AT(0, 11, 20, 0), "B", false, "108.0", "3.0", "-2.0", "Short > Long", "-15.0", "-0.002"),
        row(CAT, 4, 1, AT(0, 11, 20, 0), "A", true, "108.0", "3.0", "2.0", "Long > Short", "5.0", "0.09"),
        row(CAT, 5, 0, AT(2, 0, 0, 10), "B", true, "120.0", "1.0", "-1.0", "Close Short", "-12.0", "0.05"),
        row(ANN, 5, 1, AT(2, 0, 0, 10), "A", false, "120.0", "1.0", "0.0", "Open Short", "0.0", "-0.01"),
    };
    memcpy(hand_made, fills, sizeof fills);
}

static const struct feature_value *find(const struct tables *t, enum feature_table table, size_t nth)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].table == table && nth-- == 0) return t->rows[i].values;
    fail_msg("no such row of %s", feature_tables[table].name);
    return NULL;
}

static size_t count_of(const struct tables *t, enum feature_table table)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->rows[i].table == table;
    return n;
}

/* Figures as the schema prints them; numbers as doubles. */
struct figure {
    size_t column;
    const char *text;
    double number;
};

static void assert_figures(const struct feature_value *row, const struct column *columns, const struct figure *figures,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct figure *f = &figures[i];
        const struct column *c = &columns[f->column];
        const struct feature_value *v = &row[f->column];
        if (c->type == COLUMN_DOUBLE && !f->text) {
            if (v->null || !(fabs(v->number - f->number) <= 1e-9 * fmax(1, fabs(f->number))))
                fail_msg("%s is %s%.17g, not %.17g", c->name, v->null ? "NULL " : "", v->number, f->number);
            continue;
        }
        vg_buf got = {0}, wanted = {0};
        add_value(&got, c, v);
        vg_buf_addf(&wanted, " %s=%s", c->name, f->text);
        assert_slice(vg_buf_view(&got), vg_buf_view(&wanted));
        vg_buf_release(&got);
        vg_buf_release(&wanted);
    }
}

#define ASSERT_FIGURES(row, columns, ...)                        \
    do {                                                         \
        const struct figure figures_[] = {__VA_ARGS__};          \
        assert_figures(row, columns, figures_, COUNT(figures_)); \
    } while (0)

static void knows_every_figure_of_a_trader(void **state)
{
    (void)state;
    struct tables t = compute(hand_made, COUNT(hand_made), &(struct how){0});
    assert_int_equal(count_of(&t, TABLE_TRADERS), 3);
    const struct feature_value *ann = find(&t, TABLE_TRADERS, 0), *bob = find(&t, TABLE_TRADERS, 1),
                               *cat = find(&t, TABLE_TRADERS, 2);
    double year = sqrt(365), daily[3] = {10 - 0.095, 0, 0.01}, mean = (daily[0] + daily[2]) / 3;
    double sd = sqrt((pow(daily[0] - mean, 2) + pow(mean, 2) + pow(daily[2] - mean, 2)) / 2);
    ASSERT_FIGURES(
        ann, trader_columns, {TRADER_USER_ADDRESS, "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0},
        {TRADER_FILL_COUNT, "3", 0}, {TRADER_SYSTEM_FILL_COUNT, "0", 0}, {TRADER_ORDER_COUNT, "3", 0},
        {TRADER_FILLS_PER_ORDER, NULL, 1}, {TRADER_UNIQUE_COINS, "1", 0}, {TRADER_ACTIVE_DAYS, "2", 0},
        {TRADER_CALENDAR_DAYS, "3", 0}, {TRADER_TRADES_PER_DAY, NULL, 1.5}, {TRADER_FIRST_TRADE, "1728036000000000", 0},
        {TRADER_LAST_TRADE, "1728172810000000", 0}, {TRADER_LEFT_CENSORED, "0", 0}, {TRADER_VOLUME, "330.0", 0},
        {TRADER_PERP_VOLUME, "330.0", 0}, {TRADER_SPOT_VOLUME, "0.0", 0}, {TRADER_AVG_TRADE_SIZE, NULL, 110},
        {TRADER_MAX_TRADE_SIZE, "120.0", 0}, {TRADER_ORDER_AVG_TRADE_SIZE, NULL, 110},
        {TRADER_ORDER_MAX_TRADE_SIZE, "120.0", 0}, {TRADER_REALIZED_PNL, "10.0", 0}, {TRADER_FEES_PAID, "0.085", 0},
        {TRADER_NET_PNL, "9.915", 0}, {TRADER_GROSS_PROFIT, "10.0", 0}, {TRADER_GROSS_LOSS, "0.0", 0},
        {TRADER_WINNING_FILLS, "1", 0}, {TRADER_WIN_RATE, NULL, 1}, {TRADER_PNL_PER_TRADE, NULL, 10},
        {TRADER_PROFIT_FACTOR, "NULL", 0}, {TRADER_EDGE_BPS, NULL, 1e4 * 9.915 / 330},
        {TRADER_EDGE_GROSS_BPS, NULL, 1e5 / 330}, {TRADER_FEE_BPS, NULL, 1e4 * 0.085 / 330},
        {TRADER_EPISODE_COUNT, "1", 0}, {TRADER_EPISODE_HELD_COUNT, "1", 0}, {TRADER_OPEN_POSITION_COUNT, "1", 0},
        {TRADER_EPISODE_WIN_RATE, NULL, 1}, {TRADER_EPISODE_GROSS_PROFIT, "9.905", 0},
        {TRADER_PNL_CONCENTRATION, NULL, 1}, {TRADER_AVG_HOLD_TIME_MINUTES, NULL, 10},
        {TRADER_WINNER_HOLD_TIME, NULL, 10}, {TRADER_LOSS_CUT_SPEED, "NULL", 0},
        {TRADER_HOLD_TIME_WEIGHTED_MINUTES, NULL, 10}, {TRADER_TURNOVER_HOLD_MINUTES, NULL, 1000.0 / 110},
        {TRADER_LONG_OPEN_NOTIONAL, "100.0", 0}, {TRADER_SHORT_OPEN_NOTIONAL, "120.0", 0},
        {TRADER_LONG_SHORT_RATIO, NULL, 100.0 / 120}, {TRADER_TAKER_BUY_VOLUME, "100.0", 0},
        {TRADER_TAKER_SELL_VOLUME, "110.0", 0}, {TRADER_MOMENTUM_ENTRY_BPS, "NULL", 0},
        {TRADER_MAKER_PCT, NULL, 1.0 / 3}, {TRADER_MAKER_SHARE, NULL, 120.0 / 330}, {TRADER_SLIPPAGE_BPS, NULL, 0},
        {TRADER_TWO_SIDED, NULL, 0}, {TRADER_ROUND_SIZE_SHARE, NULL, 1},
        {TRADER_INTERORDER_MEDIAN_S, NULL, (600 + 136210 - 0.0) / 2}, {TRADER_BURSTINESS, "NULL", 0},
        {TRADER_SLEEP_GAP_H, "13", 0}, {TRADER_COIN_HHI, NULL, 1}, {TRADER_SHARPE_RATIO, NULL, mean / sd * year},
        {TRADER_SORTINO_RATIO, "NULL", 0}, {TRADER_MAX_DRAWDOWN, "0.0", 0}, {TRADER_PCT_DAYS_UP, NULL, 2.0 / 3},
        {TRADER_NET_PNL_MTM, "9.915", 0}, {TRADER_MDD_MTM, "0.0", 0}, {TRADER_MAX_POSITION_USD, "120.0", 0},
        {TRADER_PEAK_GROSS_USD, "120.0", 0}, {TRADER_TURNOVER, NULL, 3.3}, {TRADER_WEEKEND_SHARE, NULL, 120.0 / 330},
        {TRADER_TAKER_MARKOUT_BPS_1S, NULL, 0}, {TRADER_TAKER_MARKOUT_BPS_10S, NULL, 0},
        {TRADER_TAKER_MARKOUT_BPS_1M, NULL, 1e4 / 210}, {TRADER_TAKER_MARKOUT_BPS_5M, NULL, 1e4 / 210},
        {TRADER_TAKER_MARKOUT_BPS_1H, NULL, 1e5 / 210}, {TRADER_TAKER_MARKOUT_STALE_SHARE_1S, NULL, 1},
        {TRADER_TAKER_MARKOUT_STALE_SHARE_1M, NULL, 110.0 / 210},
        {TRADER_TAKER_MARKOUT_STALE_SHARE_1H, NULL, 110.0 / 210}, {TRADER_MAKER_MARKOUT_BPS_1S, "NULL", 0},
        {TRADER_GAP_COUNT, "0", 0}, {TRADER_DIRECTION_MISMATCHES, "0", 0}, {TRADER_UNKNOWN_DIRECTIONS, "0", 0});
    ASSERT_FIGURES(bob, trader_columns, {TRADER_VOLUME, "525.0", 0}, {TRADER_REALIZED_PNL, "-15.0", 0},
                   {TRADER_FEES_PAID, "-0.006", 0}, {TRADER_NET_PNL, "-14.994", 0}, {TRADER_MAKER_PCT, NULL, 1},
                   {TRADER_SHARPE_RATIO, "NULL", 0}, {TRADER_MAX_DRAWDOWN, "14.994", 0},
                   {TRADER_NET_PNL_MTM, "-14.994", 0}, {TRADER_MAKER_MARKOUT_BPS_1S, NULL, 0},
                   {TRADER_MAKER_MARKOUT_BPS_1M, NULL, -1e4 / 525}, {TRADER_MAKER_MARKOUT_BPS_1H, NULL, -19e4 / 525},
                   {TRADER_MAKER_MARKOUT_STALE_SHARE_1M, NULL, 425.0 / 525},
                   {TRADER_MAKER_MARKOUT_STALE_SHARE_1H, NULL, 324.0 / 525}, {TRADER_TAKER_MARKOUT_BPS_1S, "NULL", 0},
                   {TRADER_AVG_DOWN_SHARE, NULL, 1}, {TRADER_MOMENTUM_ENTRY_BPS, "NULL", 0});
    ASSERT_FIGURES(cat, trader_columns, {TRADER_NET_PNL, "-7.19", 0}, {TRADER_EPISODE_COUNT, "2", 0},
                   {TRADER_OPEN_POSITION_COUNT, "0", 0}, {TRADER_EPISODE_GROSS_PROFIT, "4.89", 0},
                   {TRADER_EPISODE_GROSS_LOSS, "12.08", 0}, {TRADER_PAYOFF_RATIO, NULL, 4.89 / 12.08},
                   {TRADER_MOMENTUM_ENTRY_BPS, NULL, 2e4 / 110}, {TRADER_NET_PNL_MTM, "-7.19", 0},
                   {TRADER_MDD_MTM, "12.05", 0}, {TRADER_MAX_DRAWDOWN, "12.05", 0}, {TRADER_AVG_DOWN_SHARE, NULL, 0},
                   {TRADER_TAKER_MARKOUT_BPS_1H, NULL, 9e4 / 425}, {TRADER_MAKER_MARKOUT_BPS_1H, NULL, 0},
                   {TRADER_MAKER_MARKOUT_STALE_SHARE_1H, NULL, 1}, {TRADER_PEAK_GROSS_USD, "220.0", 0},
                   {TRADER_DISPOSITION, NULL, log((36 * 60 + 40 + 10 / 60.0 - 0.0) / 79.5)});
    tables_release(&t);
}

static void knows_every_figure_of_the_other_tables(void **state)
{
    (void)state;
    struct tables t = compute(hand_made, COUNT(hand_made), &(struct how){0});
    assert_int_equal(count_of(&t, TABLE_TRADER_DAILY), 5);
    assert_int_equal(count_of(&t, TABLE_COIN_DAILY), 2);
    assert_int_equal(count_of(&t, TABLE_EPISODES), 4);
    assert_int_equal(count_of(&t, TABLE_POSITIONS), 2);
    ASSERT_FIGURES(find(&t, TABLE_TRADER_DAILY, 2), trader_daily_columns, {TRADER_DAILY_DATE, "20000", 0},
                   {TRADER_DAILY_FILL_COUNT, "3", 0}, {TRADER_DAILY_ORDER_COUNT, "3", 0},
                   {TRADER_DAILY_EPISODE_COUNT, "1", 0}, {TRADER_DAILY_UNIQUE_COINS, "1", 0},
                   {TRADER_DAILY_VOLUME, "535.0", 0}, {TRADER_DAILY_TAKER_VOLUME, "425.0", 0},
                   {TRADER_DAILY_REALIZED_PNL, "5.0", 0}, {TRADER_DAILY_NET_PNL, "4.86", 0},
                   {TRADER_DAILY_CUMULATIVE_NET_PNL, "4.86", 0}, {TRADER_DAILY_NET_PNL_MTM, "4.86", 0});
    ASSERT_FIGURES(find(&t, TABLE_TRADER_DAILY, 4), trader_daily_columns, {TRADER_DAILY_DATE, "20002", 0},
                   {TRADER_DAILY_NET_PNL, "-12.05", 0}, {TRADER_DAILY_CUMULATIVE_NET_PNL, "-7.19", 0},
                   {TRADER_DAILY_NET_PNL_MTM, "-12.05", 0}, {TRADER_DAILY_NET_PNL_MTM_IDLE, "0.0", 0},
                   {TRADER_DAILY_LOSING_FILLS, "1", 0});
    ASSERT_FIGURES(find(&t, TABLE_COIN_DAILY, 0), coin_daily_columns, {COIN_DAILY_COIN, "BTC", 0},
                   {COIN_DAILY_KIND, "perp", 0}, {COIN_DAILY_FILL_COUNT, "8", 0}, {COIN_DAILY_TRADE_COUNT, "4", 0},
                   {COIN_DAILY_UNIQUE_TRADERS, "3", 0}, {COIN_DAILY_VOLUME, "635.0", 0},
                   {COIN_DAILY_TAKER_BUY_VOLUME, "201.0", 0}, {COIN_DAILY_TAKER_SELL_VOLUME, "434.0", 0},
                   {COIN_DAILY_SEED_BUY_VOLUME, "3.0", 0}, {COIN_DAILY_SEED_SELL_VOLUME, "3.0", 0},
                   {COIN_DAILY_OPEN, "100.0", 0}, {COIN_DAILY_HIGH, "110.0", 0}, {COIN_DAILY_LOW, "100.0", 0},
                   {COIN_DAILY_CLOSE, "108.0", 0}, {COIN_DAILY_VWAP, NULL, 635.0 / 6});
    ASSERT_FIGURES(find(&t, TABLE_EPISODES, 1), episode_columns,
                   {EPISODE_USER_ADDRESS, "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 0}, {EPISODE_SIDE, "short", 0},
                   {EPISODE_OPENED_NOTIONAL, "201.0", 0}, {EPISODE_CLOSED_NOTIONAL, "216.0", 0},
                   {EPISODE_GROSS_PNL, "-15.0", 0}, {EPISODE_FEES_USD, "-0.00533333333333333334", 0},
                   {EPISODE_NET_PNL, "-14.99466666666666666666", 0}, {EPISODE_FILLS, "3", 0}, {EPISODE_ORDERS, "3", 0},
                   {EPISODE_MAKER_SHARE, NULL, 1}, {EPISODE_MAX_SIZE, "2.0", 0}, {EPISODE_POSITION, "0.0", 0});
    ASSERT_FIGURES(find(&t, TABLE_EPISODES, 3), episode_columns, {EPISODE_SIDE, "short", 0},
                   {EPISODE_NET_PNL, "-12.08", 0}, {EPISODE_OPENED_NOTIONAL, "108.0", 0},
                   {EPISODE_CLOSE_TIME, "1728172810000000", 0});
    ASSERT_FIGURES(find(&t, TABLE_POSITIONS, 0), episode_columns, {EPISODE_SIDE, "short", 0},
                   {EPISODE_POSITION, "-1.0", 0}, {EPISODE_ENTRY, NULL, 120}, {EPISODE_LAST_PRICE, "120.0", 0},
                   {EPISODE_CLOSE_TIME, "NULL", 0});
    ASSERT_FIGURES(find(&t, TABLE_POSITIONS, 1), episode_columns, {EPISODE_SIDE, "long", 0},
                   {EPISODE_POSITION, "1.0", 0}, {EPISODE_FEES_USD, "-0.00066666666666666666", 0},
                   {EPISODE_LAST_PRICE, "120.0", 0}); /* the coin's, on a day without fills of his own */
    tables_release(&t);
}

/* Positions brought along, and coins of other kinds. */
static void values_what_a_trader_brings_along(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(BOB, 1, 0, AT(0, 1, 0, 0), "A", true, "50.0", "1.0", "0.0", "Open Short", "0.0", "0.0"),
        /* Ann brings 4 along: of yesterday there is no price, the first of today was 50 */
        row(ANN, 2, 0, AT(0, 2, 0, 0), "A", true, "60.0", "1.0", "4.0", "Close Long", "20.0", "0.0"),
        /* Cat brings 2 along on the next day: the last price of the day before is 60 */
        row(CAT, 3, 0, AT(1, 2, 0, 0), "B", true, "70.0", "1.0", "2.0", "Open Long", "0.0", "0.0"),
        /* and spot, of which there is no mark to market */
        row(CAT, 4, 0, AT(1, 3, 0, 0), "B", true, "2.0", "10.0", "5.0", "Buy", "0.0", "0.5"),
    };
    fills[3].coin = VG_SLICE("@1");
    fills[3].fee_token = VG_SLICE("ABC");
    struct tables t = compute(fills, COUNT(fills), &(struct how){0});
    ASSERT_FIGURES(find(&t, TABLE_TRADERS, 0), trader_columns, {TRADER_LEFT_CENSORED, "1", 0},
                   {TRADER_NET_PNL_MTM, "40.0", 0}, /* 3 x 60 + 60 - 4 x 50 */
                   {TRADER_AVG_HOLD_TIME_MINUTES, "NULL", 0}, {TRADER_OPEN_POSITION_COUNT, "1", 0});
    ASSERT_FIGURES(find(&t, TABLE_TRADERS, 2), trader_columns, {TRADER_NET_PNL_MTM, "20.0", 0}, /* 3 x 70 - 70 - 120 */
                   {TRADER_SPOT_VOLUME, "20.0", 0}, {TRADER_FEES_PAID, "1.0", 0}, {TRADER_SPOT_NET_PNL, "0.0", 0},
                   {TRADER_UNIQUE_COINS, "2", 0}, {TRADER_COIN_HHI, NULL, (70.0 * 70 + 20 * 20) / 8100},
                   {TRADER_SPOT_SHARE, NULL, 2.0 / 9});
    ASSERT_FIGURES(find(&t, TABLE_POSITIONS, 0), episode_columns, {EPISODE_ENTRY, NULL, 40},
                   {EPISODE_LEFT_CENSORED, "1", 0}, {EPISODE_LAST_PRICE, "70.0", 0});
    tables_release(&t);
}

/* A market with a bit of everything: flips, gaps, trades with oneself, blocks that share milliseconds,
 * rows that no order made, liquidations, idle hours and days. */
struct market {
    struct fill fills[1200];
    size_t n;
    size_t cuts[1200]; /* where groups may begin */
    size_t cut_count;
};

static void add_side(struct market *m, vg_dec books[7][3], struct vg_rng *rng, const struct fill *trade, int who,
                     size_t coin, bool is_buy, bool is_taker)
{
    static const char *const words[] = {"Open Long", "Close Long", "Open Short", "Close Short", "Buy", "New Word"};
    struct fill *f = &m->fills[m->n];
    *f = *trade;
    f->event_index = m->n ? f[-1].block_number == f->block_number ? f[-1].event_index + 1 : 0 : 0;
    memset(f->user, 0x10 + who, sizeof f->user);
    f->has |= (is_buy ? FILL_IS_BUY : 0) | (is_taker ? FILL_IS_TAKER : 0);
    f->order_id = (int64_t)vg_rng_below(rng, 400);
    f->direction = vg_slice_of(words[vg_rng_below(rng, COUNT(words))]);
    if (vg_rng_below(rng, 40) == 0) books[who][coin] += (vg_dec)vg_rng_below(rng, 5) * VG_DEC_ONE; /* a gap */
    f->start_position = books[who][coin];
    f->closed_pnl = ((vg_dec)vg_rng_below(rng, 2000) - 1000) * (VG_DEC_ONE / 100);
    f->fee = ((vg_dec)vg_rng_below(rng, 90) - 10) * (VG_DEC_ONE / 1000);
    if (vg_rng_below(rng, 30) == 0) {
        f->has |= FILL_HAS_LIQUIDATED_USER;
        memset(f->liquidated_user, 0x10 + (int)vg_rng_below(rng, 7), sizeof f->liquidated_user);
    }
    books[who][coin] += is_buy ? f->size : -f->size;
    m->n++;
}

static struct market *random_market(uint64_t seed)
{
    static const char *const coins[] = {"BTC", "x:Y", "@7"};
    struct vg_rng rng;
    vg_rng_init(&rng, seed);
    struct market *m = calloc(1, sizeof *m);
    assert_non_null(m);
    vg_dec books[7][3] = {{0}};
    int64_t ms = AT(0, 0, 0, 0) + (int64_t)vg_rng_below(&rng, (uint64_t)HOUR), block = 1;
    while (m->n + 8 < COUNT(m->fills)) {
        uint64_t kind = vg_rng_below(&rng, 100);
        ms += (int64_t)vg_rng_below(&rng, kind < 60   ? 3000
                                          : kind < 97 ? 200000
                                          : kind < 99 ? (uint64_t)(5 * HOUR)
                                                      : (uint64_t)(40 * HOUR));
        block++;
        if (m->n) m->cuts[m->cut_count++] = m->n;
        for (uint64_t trades = 1 + vg_rng_below(&rng, 3); trades > 0; trades--) {
            size_t coin = vg_rng_below(&rng, COUNT(coins));
            struct fill trade = plain_fill(block, 0, 0, false, false, (int64_t)m->n);
            trade.has = FILL_HAS_CLOSED_PNL | FILL_HAS_TRADE_ID | FILL_HAS_DIRECTION | FILL_HAS_FEE;
            trade.time_ms = ms;
            trade.block_time_ns = ms * VG_NS_PER_MS + (int64_t)vg_rng_below(&rng, VG_NS_PER_MS);
            if (m->n && m->fills[m->n - 1].block_number == block)
                trade.block_time_ns = m->fills[m->n - 1].block_time_ns;
            trade.coin = vg_slice_of(coins[coin]);
            trade.price = (vg_dec)(9000 + vg_rng_below(&rng, 2000)) * (VG_DEC_ONE / 100);
            trade.size = (vg_dec)(1 + vg_rng_below(&rng, 400)) * (VG_DEC_ONE / 100);
            int buyer = (int)vg_rng_below(&rng, 7), seller = (int)vg_rng_below(&rng, 7);
            bool buyer_takes = vg_rng_below(&rng, 2) != 0;
            add_side(m, books, &rng, &trade, buyer, coin, true, buyer_takes);
            add_side(m, books, &rng, &trade, seller, coin, false, !buyer_takes);
        }
        if (vg_rng_below(&rng, 30) == 0) {
            struct fill dust = plain_fill(block, 0, 0, false, true, 0);
            dust.time_ms = m->fills[m->n - 1].time_ms;
            dust.block_time_ns = m->fills[m->n - 1].block_time_ns;
            dust.has = FILL_HAS_DIRECTION;
            dust.coin = VG_SLICE("@7");
            add_side(m, books, &rng, &dust, 3, 2, false, true);
            m->fills[m->n - 1].direction = VG_SLICE("Spot Dust Conversion");
        }
    }
    return m;
}

static void computes_the_same_however_rows_are_cut(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct market *m = random_market(seed);
        struct tables whole = compute(m->fills, m->n, &(struct how){0});
        assert_true(count_of(&whole, TABLE_TRADERS) == 7 && count_of(&whole, TABLE_EPISODES) > 20);
        vg_buf sorted = {0};
        vg_buf_add(&sorted, whole.text.data, whole.text.len);
        sort_lines(&sorted);
        size_t some[40];
        struct vg_rng rng;
        vg_rng_init(&rng, 100 + seed);
        for (size_t i = 0; i < COUNT(some); i++)
            some[i] = m->cuts[vg_rng_below(&rng, m->cut_count)];
        const struct how ways[] = {
            {.batch = 1},
            {.batch = 7},
            {.batch = 17, .saves = true},
            {.cuts = some, .cut_count = COUNT(some), .batch = 5},
            {.cuts = some, .cut_count = 3, .saves = true},
            {.cuts = m->cuts, .cut_count = m->cut_count, .batch = 3},
            {.cuts = m->cuts, .cut_count = m->cut_count, .saves = true},
            {.awake = 1},
            {.cuts = some, .cut_count = COUNT(some), .batch = 5, .awake = 2},
            {.cuts = some, .cut_count = 3, .saves = true, .awake = 3},
        };
        for (size_t i = 0; i < COUNT(ways); i++) {
            struct tables cut = compute(m->fills, m->n, &ways[i]);
            if (!ways[i].saves) assert_slice(vg_buf_view(&cut.text), vg_buf_view(&whole.text));
            sort_lines(&cut.text);
            assert_slice(vg_buf_view(&cut.text), vg_buf_view(&sorted));
            tables_release(&cut);
        }
        tables_release(&whole);
        vg_buf_release(&sorted);
        free(m);
    }
}

static void gives_every_trader_to_one_shard(void **state)
{
    (void)state;
    struct market *m = random_market(9);
    struct tables whole = compute(m->fills, m->n, &(struct how){0});
    size_t traders = 0;
    for (unsigned shard = 0; shard < 3; shard++) {
        struct tables part = compute(m->fills, m->n, &(struct how){.shard = shard, .shards = 3, .saves = true});
        for (vg_slice rest = vg_buf_view(&part.text), line; next_line(&rest, &line);) {
            if (line.n > 10 && memcmp(line.p, "coin_daily", 10) == 0) continue;
            if (!memmem(whole.text.data, whole.text.len, line.p, line.n)) fail_msg("%.*s", (int)line.n, line.p);
        }
        traders += count_of(&part, TABLE_TRADERS);
        tables_release(&part);
    }
    assert_int_equal(traders, 7);
    tables_release(&whole);
    free(m);
}

/* A clock of the fill that is behind the block's: its prices are looked up all the same. */
static void counts_markouts_of_fills_from_before_the_group(void **state)
{
    (void)state;
    struct fill fills[COUNT(hand_made)];
    memcpy(fills, hand_made, sizeof fills);
    for (size_t i = 0; i < COUNT(fills); i++)
        fills[i].time_ms -= 40;
    struct tables t = compute(fills, COUNT(fills), &(struct how){0});
    ASSERT_FIGURES(find(&t, TABLE_TRADERS, 0), trader_columns, {TRADER_TAKER_MARKOUT_BPS_1M, NULL, 1e4 / 210},
                   {TRADER_TAKER_MARKOUT_STALE_SHARE_1M, NULL, 110.0 / 210});
    tables_release(&t);
}

static void says_which_row_is_too_large(void **state)
{
    (void)state;
    struct fill fills[2];
    for (size_t i = 0; i < COUNT(fills); i++) {
        fills[i] = hand_made[0];
        fills[i].event_index = (uint32_t)i + 3;
        fills[i].price = dec("99999999.0");
        fills[i].size = dec("9999999999.0");
    }
    struct features *f = features_new(0, 1);
    vg_err err;
    add_prices(f, fills, 2);
    assert_int_equal(features_begin_group(f, fills[0].time_ms, &err), VG_OK);
    assert_int_equal(add_rows(f, fills, 2, 2, &err), VG_OK);
    assert_int_equal(features_end_group(f, &err), VG_ELIMIT);
    assert_non_null(strstr(err.msg, "block 1, event 4"));
    features_free(f);
}

/* Damaged checkpoints: refused, or safe to go on with. */

static vg_code go_on_with(const struct state_memory *memory)
{
    struct state_memory view = *memory;
    struct state_reader in = state_memory_reader(&view);
    struct features *f = features_new(0, 1);
    struct tables out = {0};
    struct feature_sink sink = {&out, take_row};
    vg_err err = {0};
    vg_code rc = features_load(f, &in, &err);
    assert_true(rc == VG_OK || (rc == VG_EPARSE && err.msg[0]));
    if (!rc) {
        add_prices(f, hand_made + 8, 2);
        rc = features_begin_group(f, hand_made[8].time_ms, &err);
        if (!rc) rc = add_rows(f, hand_made + 8, 2, 2, &err);
        if (!rc) rc = features_end_group(f, &err);
        if (!rc) rc = features_close_day(f, DAY + 2, &sink, &err);
        if (!rc) rc = features_print(f, &sink, &err);
        rc = VG_OK;
    }
    tables_release(&out);
    features_free(f);
    return rc;
}

static struct state_memory checkpoint(const struct fill *fills, size_t n, const struct how *how)
{
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    struct tables tables = {0};
    struct features *f = take_market(fills, n, how, &tables);
    struct feature_sink sink = {&tables, take_row};
    assert_int_equal(features_flush_episodes(f, &sink, NULL), VG_OK);
    assert_int_equal(features_save(f, &out, NULL), VG_OK);
    tables_release(&tables);
    features_free(f);
    return memory;
}

static void refuses_checkpoints_that_are_cut(void **state)
{
    (void)state;
    struct state_memory memory = checkpoint(hand_made, 8, &(struct how){0});
    assert_int_equal(go_on_with(&memory), VG_OK);
    size_t whole = memory.bytes.len;
    for (size_t n = 0; n < whole; n++) {
        memory.bytes.len = n;
        assert_int_equal(go_on_with(&memory), VG_EPARSE);
        memory.bytes.len = whole;
        memory.fails_after = n ? n : 1; /* the file ends before its length says */
        assert_int_equal(go_on_with(&memory), VG_EPARSE);
        memory.fails_after = 0;
    }
    vg_buf_addc(&memory.bytes, '\0');
    assert_int_equal(go_on_with(&memory), VG_EPARSE);
    vg_buf_release(&memory.bytes);
}

static void survives_checkpoints_with_any_byte_changed(void **state)
{
    (void)state;
    struct state_memory memory = checkpoint(hand_made, 8, &(struct how){0});
    static const char masks[] = {1, 0x20, 0x7f};
    size_t refused = 0;
    for (size_t i = 0; i < memory.bytes.len; i++) {
        for (size_t k = 0; k < COUNT(masks); k++) {
            memory.bytes.data[i] ^= masks[k];
            refused += go_on_with(&memory) != VG_OK;
            memory.bytes.data[i] ^= masks[k];
        }
    }
    assert_true(refused > 100);
    vg_buf_release(&memory.bytes);
}

static void refuses_checkpoints_of_another_shard(void **state)
{
    (void)state;
    struct state_memory memory = checkpoint(hand_made, 8, &(struct how){0});
    struct state_reader in = state_memory_reader(&memory);
    struct features *f = features_new(1, 2);
    assert_int_equal(features_load(f, &in, NULL), VG_EPARSE);
    features_free(f);
    vg_buf_release(&memory.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_figure_of_a_trader),
        cmocka_unit_test(knows_every_figure_of_the_other_tables),
        cmocka_unit_test(values_what_a_trader_brings_along),
        cmocka_unit_test(computes_the_same_however_rows_are_cut),
        cmocka_unit_test(gives_every_trader_to_one_shard),
        cmocka_unit_test(counts_markouts_of_fills_from_before_the_group),
        cmocka_unit_test(says_which_row_is_too_large),
        cmocka_unit_test(refuses_checkpoints_that_are_cut),
        cmocka_unit_test(survives_checkpoints_with_any_byte_changed),
        cmocka_unit_test(refuses_checkpoints_of_another_shard),
    };
    make_market();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
