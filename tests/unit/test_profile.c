#include "analyze/profile.h"

#include <math.h>

#include "support.h"

#define HOUR INT64_C(3600000)
#define NULL_VALUE (double)NAN

static vg_dec20 usd(const char *text) { return (vg_dec20)dec(text) * VG_DEC_ONE; }

static struct fill_row row(int64_t ms, const char *side, const char *price, const char *size)
{
    struct fill_row r = {.time_ms = ms,
                         .kind = COIN_PERP,
                         .is_taker = true,
                         .is_buy = *side == 'B',
                         .price = dec(price),
                         .size = dec(size)};
    assert_true(vg_dec_mul(r.price, r.size, &r.notional));
    return r;
}

/* A trader whose fills come one by one; each is of a new order unless `order_id` stays. */
struct world {
    struct profile profile;
    struct orders orders;
    struct feature_value out[TRADER_COLUMN_COUNT];
};

static void add(struct world *w, struct fill_row r)
{
    bool is_new = false;
    struct order *order = r.is_system ? NULL : orders_of(&w->orders, 0, r.order_id, &is_new);
    assert_true(fill_row_set_net_pnl(&r));
    assert_true(profile_add(&w->profile, &r, order, is_new));
}

static void print(struct world *w)
{
    struct profile_of_holdings none = {.coin_hhi = NAN, .half_life = NAN};
    profile_print(&w->profile, &none, w->out);
}

static double number(const struct world *w, enum trader_column column)
{
    return w->out[column].null ? NULL_VALUE : w->out[column].number;
}

static void release(struct world *w)
{
    profile_release(&w->profile);
    orders_release(&w->orders);
    *w = (struct world){0};
}

/* Days. */

/* A day with this net profit; "" is a day without fills. The position's value does not change. */
static void days(struct world *w, const char *const *results, size_t n)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (!results[i][0]) {
            ok &= profile_pass_idle_day(&w->profile, 0);
            continue;
        }
        profile_open_day(&w->profile, 100 + (int32_t)i);
        struct fill_row r = row(0, "B", "1.0", "1.0");
        r.pnl = dec(results[i]);
        r.order_id = (int64_t)i;
        r.has_pnl = true;
        add(w, r);
        ok &= profile_close_day(&w->profile, 0);
    }
    assert_true(ok);
    print(w);
}

static void takes_every_calendar_day_into_the_sharpe_ratio(void **state)
{
    (void)state;
    struct world w = {0};
    static const char *const results[] = {"100.0", "-50.0", "", "", "250.0", "-100.0"};
    days(&w, results, COUNT(results));
    /* 100, -50, 0, 0, 250, -100: mean 100/3; squared deviations sum to 85000 - 6 (100/3)^2 */
    double mean = 100.0 / 3, squares = 85000 - 6 * mean * mean, sd = sqrt(squares / 5), year = sqrt(365);
    assert_near(number(&w, TRADER_SHARPE_RATIO), mean / sd * year);
    assert_near(number(&w, TRADER_CONSISTENCY), sd);
    assert_near(number(&w, TRADER_SHARPE_SE), sqrt((1 + mean * mean / sd / sd / 2) / 6) * year);
    assert_near(number(&w, TRADER_SORTINO_RATIO), mean / sqrt((2500 + 10000) / 6.0) * year);
    assert_near(number(&w, TRADER_PCT_DAYS_UP), 2.0 / 6);
    assert_near(number(&w, TRADER_SHARPE_ACTIVE), 50 / sqrt((85000 - 4 * 2500) / 3.0) * year);
    assert_true(w.out[TRADER_CALENDAR_DAYS].integer == 6 && w.out[TRADER_ACTIVE_DAYS].integer == 4);
    assert_true(w.out[TRADER_NET_PNL].decimal == usd("200.0"));
    assert_true(w.out[TRADER_MAX_DRAWDOWN].decimal == usd("100.0")); /* 50 at first, 100 at last */
    release(&w);
}

static void leaves_ratios_of_days_empty_where_they_mean_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *results[4];
        size_t n;
        bool sharpe, sortino;
    } cases[] = {
        {{"5.0"}, 1, false, false}, /* one day has no spread */
        {{"-5.0"}, 1, false, false},
        {{"0.0", "0.0", "0.0"}, 3, false, false}, /* no spread at all */
        {{"5.0", "5.0", "5.0"}, 3, false, false},
        {{"5.0", "6.0"}, 2, true, false}, /* no losing day */
        {{"5.0", "-6.0"}, 2, true, true},
        {{"-5.0", "-5.0"}, 2, false, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world w = {0};
        days(&w, cases[i].results, cases[i].n);
        assert_int_equal(!w.out[TRADER_SHARPE_RATIO].null, cases[i].sharpe);
        assert_int_equal(!w.out[TRADER_SHARPE_SE].null, cases[i].sharpe);
        assert_int_equal(!w.out[TRADER_SORTINO_RATIO].null, cases[i].sortino);
        assert_int_equal(!w.out[TRADER_CONSISTENCY].null, cases[i].n > 1);
        release(&w);
    }
}

static void falls_from_zero_at_the_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *results[6];
        size_t n;
        const char *drawdown;
    } cases[] = {
        {{"-30.0", "10.0", "5.0"}, 3, "30.0"}, /* the curve starts at 0, not at its first day */
        {{"30.0", "10.0", "5.0"}, 3, "0.0"},
        {{"30.0", "-10.0", "5.0", "-20.0", "100.0", "-24.0"}, 6, "25.0"},
        {{"30.0", "-10.0", "", "-20.0"}, 4, "30.0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world w = {0};
        days(&w, cases[i].results, cases[i].n);
        assert_true(w.out[TRADER_MAX_DRAWDOWN].decimal == usd(cases[i].drawdown));
        release(&w);
    }
}

static void agrees_with_two_passes_over_the_days(void **state)
{
    (void)state;
    struct vg_rng rng;
    for (uint64_t seed = 0; seed < 20; seed++) {
        vg_rng_init(&rng, seed);
        struct world w = {0};
        char texts[60][32];
        const char *results[60];
        double values[60], sum = 0, squares = 0, down = 0, curve = 0, peak = 0, fall = 0;
        size_t n = 2 + vg_rng_below(&rng, 58), up = 0;
        for (size_t i = 0; i < n; i++) {
            bool idle = i && i + 1 < n && vg_rng_below(&rng, 3) == 0;
            int64_t cents = (int64_t)vg_rng_below(&rng, 2000000) - 1000000;
            values[i] = idle ? 0 : (double)cents / 100;
            snprintf(texts[i], sizeof texts[i], "%s%lld.%02lld", cents < 0 ? "-" : "", llabs(cents) / 100,
                     llabs(cents) % 100);
            results[i] = idle ? "" : texts[i];
            sum += values[i];
            down += values[i] < 0 ? values[i] * values[i] : 0;
            up += values[i] > 0;
            curve += values[i];
            peak = fmax(peak, curve);
            fall = fmax(fall, peak - curve);
        }
        double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (values[i] - mean) * (values[i] - mean);
        days(&w, results, n);
        double sd = sqrt(squares / (double)(n - 1));
        assert_true(fabs(number(&w, TRADER_SHARPE_RATIO) - mean / sd * sqrt(365)) < 1e-9);
        if (down > 0)
            assert_true(fabs(number(&w, TRADER_SORTINO_RATIO) - mean / sqrt(down / (double)n) * sqrt(365)) < 1e-9);
        assert_near(number(&w, TRADER_PCT_DAYS_UP), (double)up / (double)n);
        assert_true(fabs(vg_dec20_double(w.out[TRADER_MAX_DRAWDOWN].decimal) - fall) < 1e-6);
        release(&w);
    }
}

static void marks_days_to_the_value_of_positions(void **state)
{
    (void)state;
    struct world w = {0};
    struct profile *p = &w.profile;
    struct feature_value day[TRADER_DAILY_COLUMN_COUNT];
    profile_open_day(p, 100);
    p->today.value_before = usd("50.0"); /* brought along */
    p->today.paid = usd("30.0");         /* bought for 30 */
    p->today.perp_fees = usd("1.0");
    assert_true(profile_close_day(p, usd("90.0"))); /* 90 - 50 - 30 - 1 */
    profile_print_day(p, day);
    assert_true(day[TRADER_DAILY_NET_PNL_MTM].decimal == usd("9.0"));
    p->today.value_before = usd("90.0"), p->today.mtm_idle = 0;
    assert_true(profile_pass_idle_day(p, usd("85.0")) && profile_pass_idle_day(p, usd("70.0")));
    profile_open_day(p, 103);
    assert_true(p->today.value_before == usd("70.0") && p->today.paid == 0);
    assert_true(profile_close_day(p, usd("71.0")));
    profile_print_day(p, day);
    assert_true(day[TRADER_DAILY_DATE].integer == 103 && day[TRADER_DAILY_NET_PNL_MTM].decimal == usd("1.0"));
    assert_true(day[TRADER_DAILY_NET_PNL_MTM_IDLE].decimal == usd("-20.0"));
    print(&w);
    assert_true(w.out[TRADER_NET_PNL_MTM].decimal == usd("-10.0") && w.out[TRADER_MDD_MTM].decimal == usd("20.0"));
    /* 9, -5, -15, 1 */
    assert_near(number(&w, TRADER_SHARPE_MTM), -2.5 / sqrt((332 - 4 * 6.25) / 3) * sqrt(365));
    release(&w);
}

/* How orders are made. */

static double entropy_of(const uint32_t *bins, size_t n)
{
    double total = 0, sum = 0, used = 0;
    for (size_t i = 0; i < n; i++)
        total += bins[i], used += bins[i] > 0;
    for (size_t i = 0; i < n; i++)
        if (bins[i]) sum -= bins[i] / total * log(bins[i] / total) / log(2);
    return sum + (used - 1) / (2 * total * log(2));
}

static void measures_the_entropy_of_order_sizes_and_hours(void **state)
{
    (void)state;
    struct world w = {0};
    print(&w);
    assert_true(isnan(number(&w, TRADER_SIZE_ENTROPY)) && isnan(number(&w, TRADER_HOUR_ENTROPY)));
    /* orders of 1, 1.42, 1.99, 2, 4 dollars in half powers of two: 1 | 1.42, 1.99 | 2 | 4 */
    static const char *const sizes[] = {"1.0", "1.42", "1.99", "2.0", "4.0"};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct fill_row r = row((int64_t)i * HOUR, "B", "1.0", sizes[i]);
        r.order_id = (int64_t)i;
        add(&w, r);
    }
    print(&w);
    assert_near(number(&w, TRADER_SIZE_ENTROPY), entropy_of((uint32_t[]){1, 2, 1, 1}, 4));
    assert_near(number(&w, TRADER_HOUR_ENTROPY), entropy_of((uint32_t[]){1, 1, 1, 1, 1}, 5));
    /* one more fill of the first order moves it to where 4 is; the hour has two now */
    struct fill_row more = row(24 * HOUR + 1, "B", "1.0", "3.0");
    add(&w, more);
    print(&w);
    assert_near(number(&w, TRADER_SIZE_ENTROPY), entropy_of((uint32_t[]){2, 1, 2}, 3));
    assert_near(number(&w, TRADER_HOUR_ENTROPY), entropy_of((uint32_t[]){2, 1, 1, 1, 1}, 5));
    assert_true(w.out[TRADER_ORDER_MAX_TRADE_SIZE].decimal == usd("4.0"));
    assert_near(number(&w, TRADER_FILLS_PER_ORDER), 6.0 / 5);
    release(&w);
    for (int i = 0; i < 7; i++) { /* always the same: no bit at all */
        struct fill_row r = row(i, "B", "1.0", "5.0");
        r.order_id = i;
        add(&w, r);
    }
    print(&w);
    assert_true(number(&w, TRADER_SIZE_ENTROPY) == 0 && number(&w, TRADER_HOUR_ENTROPY) == 0);
    release(&w);
}

static void puts_absurd_sizes_into_the_outermost_bins(void **state)
{
    (void)state;
    struct world w = {0};
    static const char *const sizes[] = {"0.0000000001", "0.0000000002", "9999999999.0", "99999999999.0", "0.0"};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct fill_row r = row(0, "B", i < 2 ? "0.0000000001" : "1000000.0", sizes[i]);
        r.order_id = (int64_t)i;
        add(&w, r);
    }
    print(&w);
    assert_true(w.profile.size_bins[0] == 2); /* an order of nothing is in no bin */
    uint32_t all = 0;
    for (size_t i = 0; i < SIZE_BINS; i++)
        all += w.profile.size_bins[i];
    assert_int_equal(all, 4);
    release(&w);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void finds_the_median_gap_between_orders(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 8);
    struct world w = {0};
    double gaps[2000];
    int64_t ms = 0;
    for (size_t n = 0; n < COUNT(gaps); n++) {
        struct fill_row r = row(ms, "B", "1.0", "1.0");
        r.order_id = (int64_t)n;
        add(&w, r);
        r.time_ms += 3; /* a later fill of the order is no gap */
        add(&w, r);
        print(&w);
        double sorted[COUNT(gaps)], got = number(&w, TRADER_INTERORDER_MEDIAN_S) * 1000;
        memcpy(sorted, gaps, n * sizeof *gaps);
        qsort(sorted, n, sizeof *sorted, by_size);
        double median = n ? (sorted[(n - 1) / 2] + sorted[n / 2]) / 2 : NULL_VALUE;
        if (n <= GAPS_EXACT)
            assert_near(got, median);
        else /* within the bin of the middle gap, 9 % wide */
            assert_true(fabs(log2(got) - log2(sorted[(n - 1) / 2])) <= 0.5 / 8 + 1e-9);
        gaps[n] = floor(exp2(20 * vg_rng_unit(&rng)));
        ms += (int64_t)gaps[n];
    }
    release(&w);
    for (int i = 0; i < 1000; i++) { /* most at once */
        struct fill_row r = row(i / 600, "B", "1.0", "1.0");
        r.order_id = i;
        add(&w, r);
    }
    print(&w);
    assert_true(number(&w, TRADER_INTERORDER_MEDIAN_S) == 0);
    release(&w);
}

static double burstiness_of(const int64_t *gaps, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)gaps[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += ((double)gaps[i] - mean) * ((double)gaps[i] - mean);
    double r = sqrt(squares / (double)n) / mean, up = sqrt((double)n + 1), down = sqrt((double)n - 1);
    return (up * r - down) / ((up - 2) * r + down);
}

static double measured_burstiness(const int64_t *gaps, size_t n)
{
    struct world w = {0};
    int64_t ms = INT64_C(1760000000000);
    for (size_t i = 0; i <= n; i++) {
        struct fill_row r = row(ms, "B", "1.0", "1.0");
        r.order_id = (int64_t)i;
        add(&w, r);
        if (i < n) ms += gaps[i];
    }
    print(&w);
    double burstiness = number(&w, TRADER_BURSTINESS);
    release(&w);
    return burstiness;
}

static void tells_regular_orders_from_bursts(void **state)
{
    (void)state;
    int64_t gaps[1000];
    for (size_t i = 0; i < COUNT(gaps); i++)
        gaps[i] = 60000;
    assert_near(measured_burstiness(gaps, 1000), -1);
    assert_true(isnan(measured_burstiness(gaps, 2)));
    assert_near(measured_burstiness(gaps, 3), -1);
    for (size_t i = 0; i < COUNT(gaps); i++)
        gaps[i] = i == 7 ? INT64_C(3000000000) : 0;
    assert_near(measured_burstiness(gaps, 1000), 1);
    for (size_t i = 0; i < COUNT(gaps); i++)
        gaps[i] = 0;
    assert_true(isnan(measured_burstiness(gaps, 1000)));
    struct vg_rng rng;
    vg_rng_init(&rng, 2);
    for (size_t i = 0; i < COUNT(gaps); i++)
        gaps[i] = (int64_t)(-60000 * log(1 - vg_rng_unit(&rng)));
    assert_true(fabs(measured_burstiness(gaps, 1000)) < 0.05); /* Poisson */
    for (size_t n = 3; n < 1000; n += 83)
        assert_true(fabs(measured_burstiness(gaps, n) - burstiness_of(gaps, n)) < 1e-9);
}

static int64_t sleep_of(const int *hours, size_t n)
{
    struct world w = {0};
    for (size_t i = 0; i < n; i++)
        add(&w, row(20000 * VG_MS_PER_DAY + hours[i] * HOUR + HOUR - 1, "B", "1.0", "1.0"));
    print(&w);
    int64_t gap = w.out[TRADER_SLEEP_GAP_H].null ? -1 : w.out[TRADER_SLEEP_GAP_H].integer;
    release(&w);
    return gap;
}

static void finds_the_longest_sleep_also_around_midnight(void **state)
{
    (void)state;
    int all[24];
    for (int i = 0; i < 24; i++)
        all[i] = i;
    assert_int_equal(sleep_of(all, 0), -1);
    assert_int_equal(sleep_of(all, 24), 0);
    assert_int_equal(sleep_of(all, 1), 23);
    assert_int_equal(sleep_of((int[]){12}, 1), 23);
    assert_int_equal(sleep_of((int[]){23}, 1), 23);
    assert_int_equal(sleep_of((int[]){8, 20}, 2), 11);
    assert_int_equal(sleep_of((int[]){9, 20}, 2), 12); /* 21 to 8 */
    assert_int_equal(sleep_of((int[]){0, 9, 14, 22}, 4), 8);
    assert_int_equal(sleep_of(all + 1, 22), 2);        /* 23 and 0 */
    assert_int_equal(sleep_of((int[]){-1, 5}, 2), 17); /* an hour of the day before 1970 is an hour of a day */
}

static void knows_round_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *size;
        bool is_round;
    } cases[] = {{"1.0", true},       {"1000.0", true}, {"15.0", true},   {"0.25", true},        {"0.00037", true},
                 {"1200000.0", true}, {"1.25", false},  {"101.0", false}, {"1001.0", false},     {"0.123", false},
                 {"99.0", true},      {"99.1", false},  {"9900.0", true}, {"0.0000000001", true}};
    struct world w = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        add(&w, row(0, "B", "1.0", cases[i].size));
        print(&w);
        assert_near(number(&w, TRADER_ROUND_SIZE_SHARE), cases[i].is_round);
        release(&w);
    }
    /* the order counts, not its fills: 1.25 and 0.75 are 2 */
    add(&w, row(0, "B", "1.0", "1.25"));
    add(&w, row(1, "B", "1.0", "0.75"));
    print(&w);
    assert_true(w.out[TRADER_ORDER_COUNT].integer == 1 && number(&w, TRADER_ROUND_SIZE_SHARE) == 1);
    release(&w);
}

static void measures_what_sweeps_cost(void **state)
{
    (void)state;
    struct world w = {0};
    struct fill_row fills[] = {
        /* a sweep of two levels: 10 + 30.3 for 4, first at 10: 0.75 % */
        row(0, "B", "10.0", "1.0"), row(0, "B", "10.1", "3.0"),
        row(0, "A", "20.0", "1.0"),                             /* another order: one level, no slippage */
        row(1, "A", "20.0", "1.0"), row(1, "A", "19.0", "1.0"), /* a block later the same order: 2.5 % */
        row(1, "A", "18.0", "1.0"),                             /* a maker's row ends it */
        row(1, "A", "18.0", "1.0"),                             /* a sweep of its own */
        row(1, "A", "18.0", "1.0"),                             /* so is another coin */
    };
    static const int64_t orders[] = {1, 1, 2, 2, 2, 2, 2, 2};
    for (size_t i = 0; i < COUNT(fills); i++) {
        fills[i].order_id = orders[i];
        fills[i].block = fills[i].time_ms;
        fills[i].is_taker = i != 5;
        fills[i].coin = i == 7;
        add(&w, fills[i]);
        if (i == 4) { /* the last sweep is over when nothing follows */
            print(&w);
            assert_near(number(&w, TRADER_SLIPPAGE_BPS), (75 + 0 + 250) / 3.0);
        }
    }
    print(&w);
    assert_near(number(&w, TRADER_SLIPPAGE_BPS), (75 + 0 + 250 + 0 + 0) / 5.0);
    release(&w);
}

/* Sums. */

static void keeps_perps_spot_and_the_rest_apart(void **state)
{
    (void)state;
    static const struct {
        enum coin_kind kind;
        const char *side, *pnl, *fee;
        bool fee_is_base;
    } fills[] = {
        {COIN_PERP, "A", "7.0", "1.0", false},   {COIN_HIP3, "B", "-3.0", "-0.5", false},
        {COIN_SPOT, "B", "0.0", "2.0", true}, /* inside closedPnl already: not taken off again */
        {COIN_SPOT, "B", "0.0", "-0.25", false}, {COIN_SPOT, "A", "4.0", "0.5", false},
        {COIN_SPOT, "A", "1.0", "-0.5", true},   {COIN_OUTCOME, "A", "2.0", "0.125", false},
    };
    struct world w = {0};
    for (size_t i = 0; i < COUNT(fills); i++) {
        struct fill_row r = row(0, fills[i].side, "10.0", "1.0");
        r.kind = fills[i].kind;
        r.pnl = dec(fills[i].pnl);
        r.fee_usd = usd(fills[i].fee);
        r.fee_is_base = fills[i].fee_is_base;
        add(&w, r);
    }
    print(&w);
    const struct feature_value *out = w.out;
    assert_true(out[TRADER_VOLUME].decimal == usd("70.0") && out[TRADER_PERP_VOLUME].decimal == usd("20.0"));
    assert_true(out[TRADER_SPOT_VOLUME].decimal == usd("40.0") && out[TRADER_OTHER_VOLUME].decimal == usd("10.0"));
    assert_true(out[TRADER_REALIZED_PNL].decimal == usd("11.0") && out[TRADER_FEES_PAID].decimal == usd("2.375"));
    assert_true(out[TRADER_PERP_NET_PNL].decimal == usd("3.5"));
    assert_true(out[TRADER_SPOT_NET_PNL].decimal == usd("5.25"));
    assert_true(out[TRADER_OTHER_NET_PNL].decimal == usd("1.875"));
    assert_true(out[TRADER_NET_PNL].decimal == usd("10.625"));
    assert_near(number(&w, TRADER_EDGE_BPS), 1e4 * 3.5 / 20);
    assert_near(number(&w, TRADER_EDGE_GROSS_BPS), 1e4 * 4.0 / 20);
    assert_true(out[TRADER_GROSS_PROFIT].decimal == usd("14.0") && out[TRADER_GROSS_LOSS].decimal == usd("3.0"));
    assert_near(number(&w, TRADER_WIN_RATE), 4.0 / 5);
    assert_near(number(&w, TRADER_PNL_PER_TRADE), 11.0 / 5);
    assert_near(number(&w, TRADER_PROFIT_FACTOR), 14.0 / 3);
    assert_near(number(&w, TRADER_HIP3_SHARE), 1.0 / 7);
    assert_near(number(&w, TRADER_SPOT_SHARE), 4.0 / 7);
    release(&w);
}

static void counts_system_rows_but_not_as_trades(void **state)
{
    (void)state;
    struct world w = {0};
    add(&w, row(0, "B", "10.0", "1.0"));
    struct fill_row dust = row(2 * HOUR, "A", "1.0", "5.0");
    dust.is_system = true;
    dust.direction = DIRECTION_DUST;
    add(&w, dust);
    print(&w);
    assert_true(w.out[TRADER_FILL_COUNT].integer == 2 && w.out[TRADER_SYSTEM_FILL_COUNT].integer == 1);
    assert_true(w.out[TRADER_ORDER_COUNT].integer == 1 && number(&w, TRADER_FILLS_PER_ORDER) == 1);
    assert_true(w.out[TRADER_VOLUME].decimal == usd("15.0") && number(&w, TRADER_ORDER_AVG_TRADE_SIZE) == 10);
    assert_true(w.out[TRADER_TAKER_SELL_VOLUME].decimal == 0 && w.out[TRADER_SLEEP_GAP_H].integer == 23);
    assert_true(w.out[TRADER_LAST_TRADE].integer == 2 * HOUR * 1000);
    release(&w);
}

static void shares_volume_out(void **state)
{
    (void)state;
    struct world w = {0};
    int64_t friday = VG_MS_PER_DAY; /* 1970-01-02 */
    struct fill_row fills[8];
    for (size_t i = 0; i < COUNT(fills); i++)
        fills[i] = row(friday, "B", "1.0", "10.0");
    fills[0].is_twap = true;
    fills[1].is_taker = false;
    fills[1].has_builder = true;
    fills[1].fee_usd = usd("0.5"), fills[1].builder_fee_usd = usd("0.125");
    fills[2].fee_usd = usd("-0.5"), fills[2].builder_fee_usd = usd("0.125"); /* a rebate is no fee to share */
    fills[3].time_ms = friday + VG_MS_PER_DAY;                               /* Saturday, 00:00 */
    fills[4].time_ms = friday + 3 * VG_MS_PER_DAY - 1;                       /* Sunday's last millisecond */
    fills[5].time_ms = friday + 3 * VG_MS_PER_DAY;                           /* Monday */
    fills[5].self_trade = true;
    fills[6].is_liquidation = fills[6].own_liquidation = true;
    fills[6].is_taker = false;
    fills[7].is_liquidation = fills[7].others_liquidation = true;
    for (size_t i = 0; i < COUNT(fills); i++)
        add(&w, fills[i]);
    struct fill_row adl = fills[7], unknown = row(friday, "B", "1.0", "0.0");
    adl.direction = DIRECTION_AUTO_DELEVERAGING;
    unknown.is_liquidation = true;
    unknown.direction = DIRECTION_UNKNOWN;
    adl.size = 0, adl.notional = 0;
    add(&w, adl);
    add(&w, unknown);
    print(&w);
    assert_near(number(&w, TRADER_TWAP_SHARE), 1 / 8.0);
    assert_near(number(&w, TRADER_BUILDER_FILL_SHARE), 1 / 8.0);
    assert_near(number(&w, TRADER_BUILDER_FEE_SHARE), 0.25);
    assert_near(number(&w, TRADER_WEEKEND_SHARE), 2 / 8.0);
    assert_near(number(&w, TRADER_SELF_TRADE_SHARE), 1 / 8.0);
    assert_near(number(&w, TRADER_MAKER_SHARE), 1 / 5.0); /* without the slice and the liquidations */
    assert_near(number(&w, TRADER_MAKER_PCT), 2 / 10.0);
    assert_true(w.out[TRADER_LIQUIDATED_NOTIONAL].decimal == usd("10.0"));
    assert_true(w.out[TRADER_LIQ_TAKER_NOTIONAL].decimal == usd("10.0"));
    assert_true(w.out[TRADER_LIQUIDATION_FILL_COUNT].integer == 4 && w.out[TRADER_VICTIM_UNKNOWN_COUNT].integer == 1);
    assert_true(w.out[TRADER_ADL_COUNT].integer == 1 && w.out[TRADER_UNKNOWN_DIRECTIONS].integer == 1);
    release(&w);
}

static void never_prints_what_is_no_number(void **state)
{
    (void)state;
    struct world w = {0};
    print(&w); /* nothing at all */
    for (size_t i = 0; i < TRADER_COLUMN_COUNT; i++)
        if (trader_columns[i].type == COLUMN_DOUBLE && !w.out[i].null) assert_true(isfinite(w.out[i].number));
    struct fill_row nothing = row(0, "B", "0.0", "0.0");
    add(&w, nothing);
    print(&w);
    for (size_t i = 0; i < TRADER_COLUMN_COUNT; i++) {
        if (trader_columns[i].type == COLUMN_DOUBLE && !w.out[i].null) assert_true(isfinite(w.out[i].number));
    }
    release(&w);
}

static void says_when_a_sum_leaves_38_digits(void **state)
{
    (void)state;
    struct profile p = {0};
    struct order order = {0};
    struct fill_row r = row(0, "B", "99999999.0", "9999999999.0"); /* nearly 10^38 */
    assert_true(profile_add(&p, &r, &order, true));
    assert_false(profile_add(&p, &r, &order, false));
    profile_release(&p);
    /* each market alone is within bounds, but not all of them together */
    p = (struct profile){0};
    order = (struct order){0};
    assert_true(profile_add(&p, &r, &order, true));
    r.kind = COIN_SPOT;
    order = (struct order){0};
    assert_false(profile_add(&p, &r, &order, true));
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_calendar_day_into_the_sharpe_ratio),
        cmocka_unit_test(leaves_ratios_of_days_empty_where_they_mean_nothing),
        cmocka_unit_test(falls_from_zero_at_the_beginning),
        cmocka_unit_test(agrees_with_two_passes_over_the_days),
        cmocka_unit_test(marks_days_to_the_value_of_positions),
        cmocka_unit_test(measures_the_entropy_of_order_sizes_and_hours),
        cmocka_unit_test(puts_absurd_sizes_into_the_outermost_bins),
        cmocka_unit_test(finds_the_median_gap_between_orders),
        cmocka_unit_test(tells_regular_orders_from_bursts),
        cmocka_unit_test(finds_the_longest_sleep_also_around_midnight),
        cmocka_unit_test(knows_round_sizes),
        cmocka_unit_test(measures_what_sweeps_cost),
        cmocka_unit_test(keeps_perps_spot_and_the_rest_apart),
        cmocka_unit_test(counts_system_rows_but_not_as_trades),
        cmocka_unit_test(shares_volume_out),
        cmocka_unit_test(never_prints_what_is_no_number),
        cmocka_unit_test(says_when_a_sum_leaves_38_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
