#include "analyze/profile.h"

/* *sum += value, and notes in *ok when that leaves 128 bits. */
static void add(vg_dec20 *sum, vg_dec20 value, bool *ok) { *ok &= vg_dec_add(*sum, value, sum); }

static void keep_largest(vg_dec20 *largest, vg_dec20 value)
{
    if (value > *largest) *largest = value;
}

static bool is_weekend(int64_t time_ms)
{
    int64_t weekday = (vg_floor_div(time_ms, VG_MS_PER_DAY) + 3) % 7; /* 1970-01-01 was a Thursday; 0: Monday */
    return weekday >= 5;
}

/* Half powers of two of dollars: floor(2 log2), from the bits of the double. */
static size_t size_bin(vg_dec20 notional)
{
    double dollars = vg_dec20_double(notional);
    uint64_t bits;
    memcpy(&bits, &dollars, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52) - 1023;
    int bin = 2 * exponent + (fraction > UINT64_C(0x6a09e667f3bcc)) + SIZE_BIN_ZERO; /* of the square root of 2 */
    return bin < 0 ? 0 : bin >= SIZE_BINS ? SIZE_BINS - 1 : (size_t)bin;
}

/* Two significant digits at most. */
static bool is_round(vg_dec size)
{
    while (size > INT64_MAX && size % 10 == 0)
        size /= 10;
    if (size > INT64_MAX) return false;
    uint64_t digits = (uint64_t)size;
    while (digits >= 1000000 && digits % 10000 == 0)
        digits /= 10000;
    while (digits >= 100 && digits % 10 == 0)
        digits /= 10;
    return digits < 100;
}

static size_t gap_bin(uint64_t ms)
{
    if (ms == 0) return 0;
    size_t bin = 1 + (size_t)floor(8 * log2((double)ms));
    return bin < GAP_BINS ? bin : GAP_BINS - 1;
}

static void add_gap(struct gaps *g, uint64_t ms)
{
    if (g->count < GAPS_EXACT) {
        if (g->count == g->capacity) {
            g->capacity = g->capacity ? g->capacity * 2 : 8;
            g->values = vg_realloc(g->values, g->capacity * sizeof *g->values);
        }
        g->values[g->count] = ms;
    } else {
        if (!g->bins) {
            g->bins = vg_calloc(GAP_BINS, sizeof *g->bins);
            for (size_t i = 0; i < GAPS_EXACT; i++)
                g->bins[gap_bin(g->values[i])]++;
        }
        g->bins[gap_bin(ms)]++;
    }
    g->count++;
    g->sum += ms;
    g->squares += (unsigned __int128)ms * ms;
}

static void add_order(struct profile *p, const struct fill_row *r, struct order *order, bool is_new, bool *ok)
{
    if (is_new) {
        if (p->order_count)
            add_gap(&p->gaps, r->time_ms > p->gaps.last_order_ms ? (uint64_t)(r->time_ms - p->gaps.last_order_ms) : 0);
        p->gaps.last_order_ms = r->time_ms;
        p->order_count++;
        p->today.order_count++;
    } else {
        if (order->notional > 0) p->size_bins[size_bin(order->notional)]--;
        p->round_orders -= is_round(order->size);
    }
    add(&order->notional, r->notional, ok);
    *ok &= vg_dec_add(order->size, r->size, &order->size);
    if (order->notional > 0) p->size_bins[size_bin(order->notional)]++;
    p->round_orders += is_round(order->size);
    keep_largest(&p->largest_order, order->notional);
}

/* What was paid above the first price is exact; only then it is divided. */
static void end_sweep(struct profile *p)
{
    vg_dec20 at_first, above;
    if (!p->sweep.open) return;
    p->sweep.open = false;
    if (!vg_dec_mul(p->sweep.first_price, p->sweep.size, &at_first) || at_first == 0 ||
        __builtin_sub_overflow(p->sweep.notional, at_first, &above))
        return;
    double slip = vg_dec20_double(above) / vg_dec20_double(at_first) * 1e4;
    p->slippage += p->sweep.is_buy ? slip : -slip;
    p->sweep_count++;
}

/* Every row of the trader comes here: what is no taker fill of the same order ends the sweep. */
static void add_sweep(struct profile *p, const struct fill_row *r, bool *ok)
{
    bool takes = r->is_taker && !r->is_system;
    bool same = takes && p->sweep.open && p->sweep.block == r->block && p->sweep.coin == r->coin &&
                p->sweep.order_id == r->order_id;
    if (!same) end_sweep(p);
    if (!takes) return;
    if (!same) {
        p->sweep.open = true;
        p->sweep.order_id = r->order_id;
        p->sweep.block = r->block;
        p->sweep.coin = r->coin;
        p->sweep.is_buy = r->is_buy;
        p->sweep.first_price = r->price;
        p->sweep.size = 0;
        p->sweep.notional = 0;
    }
    *ok &= vg_dec_add(p->sweep.size, r->size, &p->sweep.size);
    add(&p->sweep.notional, r->notional, ok);
}

static void add_money(struct profile *p, const struct fill_row *r, bool *ok)
{
    struct profile_day *d = &p->today;
    int market = market_of(r->kind);
    vg_dec20 pnl;
    *ok &= vg_dec_widen(r->pnl, &pnl);
    add(&p->volume[market], r->notional, ok);
    add(&d->volume[market], r->notional, ok);
    add(&p->pnl[market], pnl, ok);
    add(&d->pnl, pnl, ok);
    add(&p->net_pnl[market], r->net_pnl, ok);
    add(&d->net_pnl, r->net_pnl, ok);
    add(&p->fees, r->fee_usd, ok);
    add(&d->fees, r->fee_usd, ok);
    add(&p->builder_fees, r->builder_fee_usd, ok);
    if (r->fee_usd > 0) {
        add(&p->positive_fees, r->fee_usd, ok);
        add(&p->builder_of_positive_fees, r->builder_fee_usd, ok);
    }
    if (pnl > 0) add(&p->gross_profit, pnl, ok);
    if (pnl < 0) add(&p->gross_loss, -pnl, ok);
    p->winning_fills += pnl > 0;
    d->winning_fills += pnl > 0;
    p->losing_fills += pnl < 0;
    d->losing_fills += pnl < 0;
    p->fee_unpriced_fills += r->fee_unpriced;
    keep_largest(&p->largest_fill, r->notional);
}

static void add_shares(struct profile *p, const struct fill_row *r, bool *ok)
{
    if (r->is_taker) add(&p->today.taker_volume, r->notional, ok);
    if (r->kind == COIN_HIP3) add(&p->hip3_volume, r->notional, ok);
    if (r->is_twap) add(&p->twap_volume, r->notional, ok);
    if (r->has_builder) add(&p->builder_volume, r->notional, ok);
    if (is_weekend(r->time_ms)) add(&p->weekend_volume, r->notional, ok);
    if (r->self_trade) add(&p->self_trade_volume, r->notional, ok);
    if (!r->is_twap && !r->is_liquidation) {
        add(&p->plain_volume, r->notional, ok);
        if (!r->is_taker) add(&p->plain_maker_volume, r->notional, ok);
    }
    if (r->own_liquidation) {
        add(&p->liquidated_notional, r->notional, ok);
        add(&p->today.liquidated_notional, r->notional, ok);
    }
    if (r->others_liquidation && r->direction != DIRECTION_AUTO_DELEVERAGING)
        add(&p->liq_taker_notional, r->notional, ok);
    p->liquidation_fill_count += r->is_liquidation;
    p->victim_unknown_count += r->is_liquidation && !r->own_liquidation && !r->others_liquidation;
    p->adl_count += r->direction == DIRECTION_AUTO_DELEVERAGING;
    p->unknown_directions += r->direction == DIRECTION_UNKNOWN;
}

bool profile_add(struct profile *p, const struct fill_row *r, struct order *order, bool order_is_new)
{
    bool ok = true;
    if (p->fill_count == 0 || r->time_ms < p->first_ms) p->first_ms = r->time_ms;
    if (p->fill_count == 0 || r->time_ms > p->last_ms) p->last_ms = r->time_ms;
    p->fill_count++;
    p->today.fill_count++;
    p->system_fill_count += r->is_system;
    p->taker_fills += r->is_taker;
    add_money(p, r, &ok);
    add_shares(p, r, &ok);
    add_sweep(p, r, &ok);
    if (r->is_system) return ok;
    add(&p->trade_volume, r->notional, &ok);
    if (r->is_taker) add(r->is_buy ? &p->taker_buy_volume : &p->taker_sell_volume, r->notional, &ok);
    p->hours[vg_floor_div(r->time_ms, 3600000) - vg_floor_div(r->time_ms, VG_MS_PER_DAY) * 24]++;
    add_order(p, r, order, order_is_new, &ok);
    return ok;
}

/* Days. */

static void series_add(struct daily_series *s, vg_dec20 value, bool *ok)
{
    double x = vg_dec20_double(value), off = x - s->mean;
    s->days++;
    s->days_up += value > 0;
    s->days_down += value < 0;
    s->mean += off / (double)s->days;
    s->squares += off * (x - s->mean);
    if (x < 0) s->downside += x * x;
    add(&s->total, value, ok);
    keep_largest(&s->peak, s->total);
    keep_largest(&s->drawdown, s->peak - s->total);
}

void profile_open_day(struct profile *p, int32_t day)
{
    struct profile_day last = p->today;
    if (p->active_days == 0) p->first_day = day;
    p->active_days++;
    p->today = (struct profile_day){.day = day, .value_before = last.value_before, .mtm_idle = last.mtm_idle};
}

bool profile_pass_idle_day(struct profile *p, vg_dec20 value)
{
    bool ok = true;
    vg_dec20 mtm = value - p->today.value_before;
    series_add(&p->series, 0, &ok);
    series_add(&p->mtm_series, mtm, &ok);
    add(&p->today.mtm_idle, mtm, &ok);
    p->today.value_before = value;
    return ok;
}

bool profile_close_day(struct profile *p, vg_dec20 value)
{
    bool ok = true;
    struct profile_day *d = &p->today;
    d->mtm = value;
    add(&d->mtm, -d->value_before, &ok);
    add(&d->mtm, -d->paid, &ok);
    add(&d->mtm, -d->perp_fees, &ok);
    series_add(&p->series, d->net_pnl, &ok);
    series_add(&p->active_series, d->net_pnl, &ok);
    series_add(&p->mtm_series, d->mtm, &ok);
    return ok;
}

/* Figures. */

static double ratio(double part, double whole) { return whole == 0 ? (double)NAN : part / whole; }
static double ratio20(vg_dec20 part, vg_dec20 whole) { return ratio(vg_dec20_double(part), vg_dec20_double(whole)); }
static double count_ratio(uint64_t part, uint64_t whole) { return ratio((double)part, (double)whole); }

static double series_sd(const struct daily_series *s)
{
    return s->days < 2 ? (double)NAN : sqrt(s->squares / (double)(s->days - 1));
}

#define YEAR sqrt(365.0)

static double series_sharpe(const struct daily_series *s)
{
    double sd = series_sd(s);
    return sd > 1e-12 ? s->mean / sd * YEAR : (double)NAN;
}

static double series_sortino(const struct daily_series *s)
{
    if (s->days < 2 || s->days_down == 0) return (double)NAN;
    return s->mean / sqrt(s->downside / (double)s->days) * YEAR;
}

/* Miller and Madow's estimate. */
static double entropy(const uint32_t *bins, size_t n)
{
    double total = 0, sum = 0, used = 0;
    for (size_t i = 0; i < n; i++)
        total += bins[i];
    if (total == 0) return (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (bins[i] == 0) continue;
        sum -= bins[i] / total * log2(bins[i] / total);
        used++;
    }
    return sum + (used - 1) / (2 * total * log(2.0));
}

/* Longest run of empty hours, around midnight; -1 when all are empty. */
static int64_t sleep_gap(const uint32_t hours[24])
{
    int64_t longest = -1, run = 0;
    bool any = false;
    for (int i = 0; i < 24; i++)
        any = any || hours[i];
    for (int i = 0; any && i < 48; i++) {
        run = hours[i % 24] ? 0 : run + 1;
        if (run > longest) longest = run;
    }
    return longest;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* In milliseconds. */
static double gap_median(const struct gaps *g)
{
    if (g->count == 0) return (double)NAN;
    if (!g->bins) {
        uint64_t sorted[GAPS_EXACT];
        size_t n = g->count;
        memcpy(sorted, g->values, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_size);
        size_t low = (n - 1) / 2, high = n / 2;
        return ((double)sorted[low] + (double)sorted[high]) / 2;
    }
    uint64_t below = 0, half = (g->count + 1) / 2;
    size_t bin = 0;
    while (below + g->bins[bin] < half)
        below += g->bins[bin++];
    return bin == 0 ? 0 : exp2(((double)bin - 0.5) / 8);
}

static double burstiness(const struct gaps *g)
{
    if (g->count < 3 || g->sum == 0) return (double)NAN;
    double n = (double)g->count, mean = (double)g->sum / n;
    /* n sum of squares - square of sum, exact, is n^2 times the variance */
    double spread = (double)(g->count * g->squares - g->sum * g->sum);
    double r = sqrt(spread) / n / mean;
    return (sqrt(n + 1) * r - sqrt(n - 1)) / ((sqrt(n + 1) - 2) * r + sqrt(n - 1));
}

static vg_dec20 total_of(const vg_dec20 parts[MARKETS]) { return parts[ON_PERP] + parts[ON_SPOT] + parts[ON_OTHER]; }

static double log_ratio(double a, double b) { return a > 0 && b > 0 ? log(a / b) : (double)NAN; }

#define INT(column, value) out[TRADER_##column] = feature_int((int64_t)(value))
#define SUM(column, value) out[TRADER_##column] = feature_decimal(value)
#define NUMBER(column, value) out[TRADER_##column] = feature_number(value)

static void print_activity(const struct profile *p, struct feature_value *out)
{
    vg_dec20 volume = total_of(p->volume);
    uint64_t trades = p->fill_count - p->system_fill_count;
    out[TRADER_USER_ADDRESS] = feature_text(p->address);
    INT(FILL_COUNT, p->fill_count);
    INT(SYSTEM_FILL_COUNT, p->system_fill_count);
    INT(ORDER_COUNT, p->order_count);
    NUMBER(FILLS_PER_ORDER, count_ratio(trades, p->order_count));
    INT(UNIQUE_COINS, p->unique_coins);
    INT(ACTIVE_DAYS, p->active_days);
    INT(CALENDAR_DAYS, p->series.days);
    NUMBER(TRADES_PER_DAY, count_ratio(p->fill_count, p->active_days));
    INT(FIRST_TRADE, p->first_ms * 1000);
    INT(LAST_TRADE, p->last_ms * 1000);
    INT(LEFT_CENSORED, p->left_censored);
    SUM(VOLUME, volume);
    SUM(PERP_VOLUME, p->volume[ON_PERP]);
    SUM(SPOT_VOLUME, p->volume[ON_SPOT]);
    SUM(OTHER_VOLUME, p->volume[ON_OTHER]);
    NUMBER(AVG_TRADE_SIZE, vg_dec20_double(volume) / (double)p->fill_count);
    SUM(MAX_TRADE_SIZE, p->largest_fill);
    NUMBER(ORDER_AVG_TRADE_SIZE, ratio(vg_dec20_double(p->trade_volume), (double)p->order_count));
    SUM(ORDER_MAX_TRADE_SIZE, p->largest_order);
}

static void print_profit(const struct profile *p, struct feature_value *out)
{
    double decided = (double)(p->winning_fills + p->losing_fills);
    SUM(REALIZED_PNL, total_of(p->pnl));
    SUM(PERP_REALIZED_PNL, p->pnl[ON_PERP]);
    SUM(SPOT_REALIZED_PNL, p->pnl[ON_SPOT]);
    SUM(OTHER_REALIZED_PNL, p->pnl[ON_OTHER]);
    SUM(FEES_PAID, p->fees);
    SUM(BUILDER_FEES_PAID, p->builder_fees);
    INT(FEE_UNPRICED_FILLS, p->fee_unpriced_fills);
    SUM(NET_PNL, total_of(p->net_pnl));
    SUM(PERP_NET_PNL, p->net_pnl[ON_PERP]);
    SUM(SPOT_NET_PNL, p->net_pnl[ON_SPOT]);
    SUM(OTHER_NET_PNL, p->net_pnl[ON_OTHER]);
    SUM(GROSS_PROFIT, p->gross_profit);
    SUM(GROSS_LOSS, p->gross_loss);
    INT(WINNING_FILLS, p->winning_fills);
    INT(LOSING_FILLS, p->losing_fills);
    NUMBER(PNL_PER_TRADE, ratio(vg_dec20_double(p->gross_profit - p->gross_loss), decided));
    NUMBER(WIN_RATE, ratio((double)p->winning_fills, decided));
    NUMBER(PROFIT_FACTOR, ratio20(p->gross_profit, p->gross_loss));
    NUMBER(EDGE_BPS, 1e4 * ratio20(p->net_pnl[ON_PERP], p->volume[ON_PERP]));
    NUMBER(EDGE_GROSS_BPS, 1e4 * ratio20(p->pnl[ON_PERP], p->volume[ON_PERP]));
    NUMBER(FEE_BPS, 1e4 * ratio20(p->fees, total_of(p->volume)));
}

#define MS_PER_MINUTE 60000.0

static void print_episodes(const struct profile *p, int64_t open_positions, struct feature_value *out)
{
    double winner = ratio((double)p->held_winner_ms, (double)p->held_winner_count) / MS_PER_MINUTE;
    double loser = ratio((double)p->held_loser_ms, (double)p->held_loser_count) / MS_PER_MINUTE;
    double win = ratio(vg_dec20_double(p->episode_profit), (double)p->episode_wins);
    double loss = ratio(vg_dec20_double(p->episode_loss), (double)p->episode_losses);
    INT(EPISODE_COUNT, p->episode_count);
    INT(EPISODE_HELD_COUNT, p->held_count);
    INT(EPISODE_BROKEN_COUNT, p->episode_broken_count);
    INT(OPEN_POSITION_COUNT, open_positions);
    NUMBER(EPISODE_WIN_RATE, count_ratio(p->episode_wins, p->episode_count));
    SUM(EPISODE_GROSS_PROFIT, p->episode_profit);
    SUM(EPISODE_GROSS_LOSS, p->episode_loss);
    NUMBER(EPISODE_PROFIT_FACTOR, ratio20(p->episode_profit, p->episode_loss));
    NUMBER(PAYOFF_RATIO, win / loss);
    NUMBER(PNL_CONCENTRATION, ratio20(p->largest_episode, p->episode_profit));
    NUMBER(AVG_HOLD_TIME_MINUTES, ratio((double)p->held_ms, (double)p->held_count) / MS_PER_MINUTE);
    NUMBER(WINNER_HOLD_TIME, winner);
    NUMBER(LOSS_CUT_SPEED, loser);
    NUMBER(HOLD_TIME_WEIGHTED_MINUTES, ratio(p->hold_weighted, p->hold_weight) / MS_PER_MINUTE);
    NUMBER(TURNOVER_HOLD_MINUTES, ratio(p->holding_time, vg_dec20_double(p->closed_notional)) / MS_PER_MINUTE);
    NUMBER(DISPOSITION, log_ratio(loser, winner));
    NUMBER(LOSS_CHASING, log_ratio(ratio(vg_dec20_double(p->opened_after_loss), (double)p->count_after_loss),
                                   ratio(vg_dec20_double(p->opened_after_win), (double)p->count_after_win)));
}

static void print_behaviour(const struct profile *p, double coin_hhi, struct feature_value *out)
{
    struct profile ended = *p; /* the last sweep is over when nothing follows */
    end_sweep(&ended);
    SUM(LONG_OPEN_NOTIONAL, p->long_open);
    SUM(SHORT_OPEN_NOTIONAL, p->short_open);
    NUMBER(LONG_SHORT_RATIO, ratio20(p->long_open, p->short_open));
    SUM(TAKER_BUY_VOLUME, p->taker_buy_volume);
    SUM(TAKER_SELL_VOLUME, p->taker_sell_volume);
    NUMBER(AVG_DOWN_SHARE, ratio20(p->added_losing, p->added_notional));
    NUMBER(MOMENTUM_ENTRY_BPS, ratio(p->entry_momentum, (double)p->entry_momentum_count));
    NUMBER(MAKER_PCT, count_ratio(p->fill_count - p->taker_fills, p->fill_count));
    NUMBER(MAKER_SHARE, ratio20(p->plain_maker_volume, p->plain_volume));
    NUMBER(SLIPPAGE_BPS, ratio(ended.slippage, (double)ended.sweep_count));
    NUMBER(SIZE_ENTROPY, entropy(p->size_bins, SIZE_BINS));
    NUMBER(ROUND_SIZE_SHARE, count_ratio(p->round_orders, p->order_count));
    NUMBER(INTERORDER_MEDIAN_S, gap_median(&p->gaps) / 1000);
    NUMBER(BURSTINESS, burstiness(&p->gaps));
    NUMBER(HOUR_ENTROPY, entropy(p->hours, 24));
    int64_t sleep = sleep_gap(p->hours);
    out[TRADER_SLEEP_GAP_H] = sleep < 0 ? feature_null() : feature_int(sleep);
    NUMBER(COIN_HHI, coin_hhi);
}

static void print_days(const struct profile *p, struct feature_value *out)
{
    double daily = series_sharpe(&p->series) / YEAR;
    SUM(MAX_DRAWDOWN, p->series.drawdown);
    NUMBER(SHARPE_RATIO, series_sharpe(&p->series));
    NUMBER(SHARPE_SE, sqrt((1 + daily * daily / 2) / (double)p->series.days) * YEAR);
    NUMBER(SHARPE_ACTIVE, series_sharpe(&p->active_series));
    NUMBER(SORTINO_RATIO, series_sortino(&p->series));
    NUMBER(CONSISTENCY, series_sd(&p->series));
    NUMBER(PCT_DAYS_UP, ratio((double)p->series.days_up, (double)p->series.days));
    SUM(NET_PNL_MTM, p->mtm_series.total);
    NUMBER(SHARPE_MTM, series_sharpe(&p->mtm_series));
    SUM(MDD_MTM, p->mtm_series.drawdown);
}

static void print_risk(const struct profile *p, double half_life, struct feature_value *out)
{
    SUM(MAX_POSITION_USD, p->largest_position);
    SUM(PEAK_GROSS_USD, p->peak_gross);
    NUMBER(TURNOVER, vg_dec20_double(p->volume[ON_PERP]) / ratio(p->gross_time, p->position_time));
    NUMBER(INVENTORY_HALF_LIFE_MIN, half_life);
    INT(LIQUIDATION_COUNT, p->liquidation_count);
    INT(LIQUIDATION_FILL_COUNT, p->liquidation_fill_count);
    SUM(LIQUIDATED_NOTIONAL, p->liquidated_notional);
    SUM(LIQ_TAKER_NOTIONAL, p->liq_taker_notional);
    INT(VICTIM_UNKNOWN_COUNT, p->victim_unknown_count);
    INT(ADL_COUNT, p->adl_count);
    INT(GAP_COUNT, p->gap_count);
    INT(DIRECTION_MISMATCHES, p->direction_mismatches);
    INT(UNKNOWN_DIRECTIONS, p->unknown_directions);
}

static void print_shares(const struct profile *p, struct feature_value *out)
{
    vg_dec20 volume = total_of(p->volume);
    NUMBER(TWO_SIDED, 2 * ratio20(p->two_sided_volume, p->trade_volume));
    NUMBER(SELF_TRADE_SHARE, ratio20(p->self_trade_volume, volume));
    NUMBER(TWAP_SHARE, ratio20(p->twap_volume, volume));
    NUMBER(SPOT_SHARE, ratio20(p->volume[ON_SPOT], volume));
    NUMBER(HIP3_SHARE, ratio20(p->hip3_volume, volume));
    NUMBER(BUILDER_FILL_SHARE, ratio20(p->builder_volume, volume));
    NUMBER(BUILDER_FEE_SHARE, ratio20(p->builder_of_positive_fees, p->positive_fees));
    NUMBER(WEEKEND_SHARE, ratio20(p->weekend_volume, volume));
}

static void print_markouts(const struct markout *markouts, struct feature_value *bps, struct feature_value *stale)
{
    for (int h = 0; h < HORIZONS; h++) {
        bps[h] = feature_number(1e4 * ratio20(markouts[h].gain, markouts[h].volume));
        stale[h] = feature_number(ratio20(markouts[h].stale, markouts[h].volume));
    }
}

void profile_print_day(const struct profile *p, struct feature_value out[TRADER_DAILY_COLUMN_COUNT])
{
    const struct profile_day *d = &p->today;
    out[TRADER_DAILY_DATE] = feature_int(d->day);
    out[TRADER_DAILY_USER_ADDRESS] = feature_text(p->address);
    out[TRADER_DAILY_FILL_COUNT] = feature_int(d->fill_count);
    out[TRADER_DAILY_ORDER_COUNT] = feature_int(d->order_count);
    out[TRADER_DAILY_EPISODE_COUNT] = feature_int(d->episode_count);
    out[TRADER_DAILY_UNIQUE_COINS] = feature_int(d->unique_coins);
    out[TRADER_DAILY_VOLUME] = feature_decimal(total_of(d->volume));
    out[TRADER_DAILY_PERP_VOLUME] = feature_decimal(d->volume[ON_PERP]);
    out[TRADER_DAILY_SPOT_VOLUME] = feature_decimal(d->volume[ON_SPOT]);
    out[TRADER_DAILY_TAKER_VOLUME] = feature_decimal(d->taker_volume);
    out[TRADER_DAILY_REALIZED_PNL] = feature_decimal(d->pnl);
    out[TRADER_DAILY_FEES_PAID] = feature_decimal(d->fees);
    out[TRADER_DAILY_NET_PNL] = feature_decimal(d->net_pnl);
    out[TRADER_DAILY_CUMULATIVE_NET_PNL] = feature_decimal(p->series.total);
    out[TRADER_DAILY_NET_PNL_MTM] = feature_decimal(d->mtm);
    out[TRADER_DAILY_NET_PNL_MTM_IDLE] = feature_decimal(d->mtm_idle);
    out[TRADER_DAILY_WINNING_FILLS] = feature_int(d->winning_fills);
    out[TRADER_DAILY_LOSING_FILLS] = feature_int(d->losing_fills);
    out[TRADER_DAILY_LIQUIDATED_NOTIONAL] = feature_decimal(d->liquidated_notional);
}

void profile_print(const struct profile *p, const struct profile_of_holdings *holdings,
                   struct feature_value out[TRADER_COLUMN_COUNT])
{
    print_activity(p, out);
    print_profit(p, out);
    print_episodes(p, holdings->open_positions, out);
    print_behaviour(p, holdings->coin_hhi, out);
    print_days(p, out);
    print_risk(p, holdings->half_life, out);
    print_shares(p, out);
    print_markouts(p->markouts[1], out + TRADER_TAKER_MARKOUT_BPS_1S, out + TRADER_TAKER_MARKOUT_STALE_SHARE_1S);
    print_markouts(p->markouts[0], out + TRADER_MAKER_MARKOUT_BPS_1S, out + TRADER_MAKER_MARKOUT_STALE_SHARE_1S);
}

void profile_release(struct profile *p)
{
    free(p->gaps.values);
    free(p->gaps.bins);
}

#define DAY_LIMIT 110000 /* 64 bits of nanoseconds */

static bool gaps_are_sound(const struct gaps *g)
{
    uint64_t binned = 0;
    for (size_t i = 0; g->bins && i < GAP_BINS; i++)
        binned += g->bins[i];
    return state_is_ms(g->last_order_ms) && (!g->bins || binned == g->count);
}

static bool series_is_sound(const struct daily_series *s)
{
    return s->days >= 0 && s->days <= UINT32_MAX && s->days_up >= 0 && s->days_up <= s->days && s->days_down >= 0 &&
           s->days_down <= s->days && state_is_sum(s->total) && state_is_sum(s->peak);
}

bool profile_is_sound(const struct profile *p)
{
    const struct profile_day *d = &p->today;
    bool ok = state_is_bool(&p->left_censored) && state_is_bool(&p->sweep.open) && state_is_bool(&p->sweep.is_buy);
    ok = ok && p->fill_count > 0 && p->active_days > 0;
    ok = ok && d->day >= -DAY_LIMIT && d->day <= DAY_LIMIT;
    ok = ok && state_is_ms(p->first_ms) && state_is_ms(p->last_ms) && state_is_ms(p->last_perp_ms);
    ok = ok && state_is_ms(p->held_ms / 1000) && state_is_ms(p->held_winner_ms / 1000) &&
         state_is_ms(p->held_loser_ms / 1000);
    for (int i = 0; i < MARKETS; i++)
        ok = ok && state_is_sum(p->volume[i]) && state_is_sum(p->pnl[i]) && state_is_sum(p->net_pnl[i]) &&
             state_is_sum(d->volume[i]);
    ok = ok && state_is_sum(p->gross_profit) && state_is_sum(p->gross_loss);
    ok = ok && state_is_sum(d->value_before) && state_is_sum(d->paid) && state_is_sum(d->perp_fees);
    return ok && series_is_sound(&p->series) && series_is_sound(&p->active_series) && series_is_sound(&p->mtm_series) &&
           gaps_are_sound(&p->gaps);
}
