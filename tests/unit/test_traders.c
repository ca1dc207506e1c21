/* Sums by hand, after the definitions in sections 1 and 3 of docs/metrics.md. */
#include "analyze/traders.h"

#include <math.h>

#include "support.h"

static vg_err err;

struct numbers {
    const char *price, *size, *pnl, *fee, *token;
};

static vg_dec decimal(const char *text)
{
    vg_dec value;
    if (vg_dec_parse(text, strlen(text), &value) > VG_DEC_OTHER) fail_msg("'%s' is no number", text);
    return value;
}

static struct fill row(uint8_t user, const char *coin, const char *side, bool taker, struct numbers n)
{
    struct fill f = {.has = FILL_HAS_DIRECTION | FILL_HAS_CLOSED_PNL | FILL_HAS_FEE,
                     .coin = vg_slice_of(coin),
                     .direction = VG_SLICE("Open Long"),
                     .price = decimal(n.price),
                     .size = decimal(n.size),
                     .closed_pnl = decimal(n.pnl),
                     .fee = decimal(n.fee),
                     .time_ms = 1773532799991,
                     .block_time_ns = 1773532799991006841};
    if (*side == 'B') f.has |= FILL_IS_BUY;
    if (taker) f.has |= FILL_IS_TAKER;
    if (n.token) {
        f.has |= FILL_HAS_FEE_TOKEN;
        f.fee_token = vg_slice_of(n.token);
    }
    memset(f.user, user, sizeof f.user);
    return f;
}

#define ROW(user, coin, side, taker, ...) row(user, coin, side, taker, (struct numbers){__VA_ARGS__})

static vg_code add(struct traders *traders, const struct fill *fills, size_t n)
{
    struct made_batch made;
    make_batch(&made, fills, n);
    for (size_t c = 0; c < FILL_COLUMNS; c++) /* nothing else may be looked at */
        if (!(traders_columns() >> c & 1)) made.batch.column[c] = NULL;
    vg_code rc = traders_add(traders, &made.batch, &err);
    arena_release(&made.arena);
    return rc;
}

static void is(vg_dec20 got, const char *wanted)
{
    char text[VG_DEC_TEXT];
    assert_slice((vg_slice){text, vg_dec20_print(got, text)}, vg_slice_of(wanted));
}

static const struct trader *only(const struct traders *traders)
{
    size_t n;
    const struct trader *t = traders_view(traders, &n);
    assert_int_equal(n, 1);
    return t;
}

static void sums_perps_exactly(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", true, "66432.5", "0.10001", "0.0", "2.989794", "USDC"),
        ROW(1, "BTC", "A", false, "66432.7", "0.10001", "0.020002", "-0.1", "USDC"),
        ROW(1, "xyz:NVDA", "A", true, "179.59", "0.278", "-0.03614", "0.002096", "USDT0"),
    };
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 3), VG_OK);
    const struct trader *t = only(traders);
    /* 66432.5 x 0.10001 = 6643.914325; 66432.7 x 0.10001 = 6643.934327; 179.59 x 0.278 = 49.92602 */
    is(t->perp_volume, "13337.774672");
    is(t->spot_volume, "0.0");
    is(t->other_volume, "0.0");
    is(t->perp_pnl, "-0.016138");
    is(t->fees_paid, "2.89189");
    is(t->net_pnl, "-2.908028");
    is(trader_volume(t), "13337.774672");
    is(trader_pnl(t), "-0.016138");
    assert_int_equal(t->fill_count, 3);
    assert_int_equal(t->taker_fills, 2);
    assert_int_equal(t->winning_fills, 1);
    assert_int_equal(t->losing_fills, 1);
    assert_int_equal(t->unique_coins, 2);
    assert_int_equal(t->fee_unpriced_fills, 0);
    assert_true(trader_win_rate(t) == 0.5);
    assert_true(fabs(trader_maker_pct(t) - 1.0 / 3) < 1e-15);
    traders_free(traders);
}

static void the_last_digit_counts(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "@1", "B", true, "0.0000000001", "0.0000000001", "-0.0000000001", "0.0000000003", "PURR"),
        ROW(1, "BTC", "B", true, "100000000.0", "1000000000.0", "0.0", "0.0", "USDC"),
    };
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 2), VG_OK);
    const struct trader *t = only(traders);
    is(trader_volume(t), "100000000000000000.00000000000000000001");
    is(t->fees_paid, "0.00000000000000000003");
    traders_free(traders);
}

static void spot_fees_are_priced_and_never_taken_twice(void **state)
{
    (void)state;
    struct fill fills[] = {
        /* a buy pays 0.0007 HYPE at 37.826: 0.0264782 USD, inside closed_pnl already */
        ROW(1, "@107", "B", true, "37.826", "1.0", "-0.0264782", "0.0007", "HYPE"),
        /* a sell pays quote */
        ROW(1, "@107", "A", true, "38.0", "1.0", "0.174", "0.0266", "USDC"),
        /* a buying maker's rebate is in quote: it adds to net_pnl */
        ROW(1, "@107", "B", false, "37.0", "2.0", "0.0", "-0.0037", "USDC"),
        /* a selling maker's rebate is in base: -0.001 at 40 = -0.04 */
        ROW(1, "@107", "A", false, "40.0", "0.5", "0.0", "-0.001", "HYPE"),
    };
    static const char *const fees[] = {"0.0264782", "0.0266", "-0.0037", "-0.04"};
    static const char *const nets[] = {"-0.0264782", "0.1474", "0.0037", "0.04"};
    for (size_t i = 0; i < 4; i++) {
        struct traders *traders = traders_new();
        assert_int_equal(add(traders, fills + i, 1), VG_OK);
        is(only(traders)->fees_paid, fees[i]);
        is(only(traders)->net_pnl, nets[i]);
        traders_free(traders);
    }
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 4), VG_OK);
    const struct trader *t = only(traders);
    is(t->spot_volume, "169.826");
    is(t->spot_pnl, "0.1475218");
    is(t->fees_paid, "0.0093782");
    is(t->net_pnl, "0.1646218");
    assert_int_equal(t->fee_unpriced_fills, 0);
    traders_free(traders);
}

/* @166 is USDT0/USDC: the base token is a dollar, so its fee counts as it is, not times the price. */
static void a_dollar_token_as_base_keeps_its_fee(void **state)
{
    (void)state;
    struct fill fill = ROW(1, "@166", "B", true, "0.9990", "100.0", "-0.01", "0.01", "USDT0");
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, &fill, 1), VG_OK);
    is(only(traders)->fees_paid, "0.01");
    is(only(traders)->net_pnl, "-0.01");
    traders_free(traders);
}

static void a_fee_in_a_token_without_a_price_is_counted_and_left_out(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", true, "100.0", "1.0", "5.0", "0.5", "HYPE"),  /* a perp has no base token */
        ROW(1, "@107", "A", true, "40.0", "1.0", "1.0", "0.25", "UBTC"), /* quoted in another token */
        ROW(1, "#5", "B", true, "0.5", "10.0", "0.0", "0.1", "+5"),
        ROW(1, "BTC", "B", true, "100.0", "1.0", "0.0", "0.0", "HYPE"), /* no fee: nothing to price */
    };
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 4), VG_OK);
    const struct trader *t = only(traders);
    assert_int_equal(t->fee_unpriced_fills, 3);
    is(t->fees_paid, "0.0");
    is(t->net_pnl, "6.0");
    is(t->other_volume, "5.0");
    traders_free(traders);
}

static void a_source_without_fee_tokens_follows_the_rule(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", true, "100.0", "1.0", "0.0", "0.5", NULL),
        ROW(1, "@107", "B", true, "40.0", "1.0", "0.0", "0.01", NULL), /* base: 0.4 USD */
        ROW(1, "@107", "A", true, "40.0", "1.0", "0.0", "0.02", NULL), /* quote */
    };
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 3), VG_OK);
    is(only(traders)->fees_paid, "0.92");
    is(only(traders)->net_pnl, "-0.52");
    traders_free(traders);
}

static void absent_profit_and_fee_count_as_nothing(void **state)
{
    (void)state;
    struct fill fill = ROW(1, "BTC", "B", true, "100.0", "1.0", "9.0", "9.0", "USDC");
    fill.has &= ~(uint32_t)(FILL_HAS_CLOSED_PNL | FILL_HAS_FEE);
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, &fill, 1), VG_OK);
    const struct trader *t = only(traders);
    is(t->net_pnl, "0.0");
    assert_int_equal(t->winning_fills, 0);
    assert_true(isnan(trader_win_rate(t)));
    traders_free(traders);
}

static void maker_share_leaves_twaps_and_liquidations_out(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", false, "100.0", "3.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "100.0", "1.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "100.0", "50.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", false, "100.0", "60.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", false, "100.0", "70.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "100.0", "80.0", "0.0", "0.0", "USDC"),
    };
    fills[2].has |= FILL_HAS_TWAP_ID;
    fills[3].has |= FILL_HAS_LIQUIDATED_USER;
    memset(fills[3].liquidated_user, 1, ADDRESS_BYTES); /* himself */
    fills[4].has |= FILL_HAS_LIQUIDATION_METHOD;        /* liquidated_user is missing in some rows */
    fills[4].liquidation_method = VG_SLICE("market");
    fills[5].has |= FILL_HAS_LIQUIDATED_USER | FILL_HAS_LIQUIDATION_MARK;
    memset(fills[5].liquidated_user, 2, ADDRESS_BYTES); /* somebody else */
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 6), VG_OK);
    const struct trader *t = only(traders);
    is(t->plain_volume, "400.0");
    is(t->plain_maker_volume, "300.0");
    assert_true(trader_maker_share(t) == 0.75);
    assert_true(trader_maker_pct(t) == 0.5); /* over all fills */
    is(t->perp_volume, "26400.0");
    assert_int_equal(t->liquidated_fills, 1);
    traders_free(traders);
}

static void no_plain_volume_is_no_share(void **state)
{
    (void)state;
    struct fill fill = ROW(1, "BTC", "B", false, "100.0", "3.0", "0.0", "0.0", "USDC");
    fill.has |= FILL_HAS_TWAP_ID;
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, &fill, 1), VG_OK);
    assert_true(isnan(trader_maker_share(only(traders))));
    traders_free(traders);
}

static void keeps_traders_coins_and_days_apart(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(2, "BTC", "B", true, "1.0", "1.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "1.0", "2.0", "0.0", "0.0", "USDC"),
        ROW(2, "ETH", "B", true, "1.0", "4.0", "0.0", "0.0", "USDC"),
        ROW(2, "BTC", "B", true, "1.0", "8.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "1.0", "16.0", "0.0", "0.0", "USDC"),
    };
    int64_t day = 86400000;
    fills[2].time_ms += day; /* 2026-03-15 */
    fills[2].block_time_ns += day * VG_NS_PER_MS;
    fills[3].time_ms -= 5 * day;
    fills[3].block_time_ns -= 5 * day * VG_NS_PER_MS;
    for (size_t split = 1; split <= COUNT(fills); split++) {
        struct traders *traders = traders_new();
        for (size_t at = 0; at < COUNT(fills); at += split)
            assert_int_equal(add(traders, fills + at, COUNT(fills) - at < split ? COUNT(fills) - at : split), VG_OK);
        size_t n;
        const struct trader *t = traders_view(traders, &n);
        assert_int_equal(n, 2);
        assert_slice_is(t[0].address, "0x0202020202020202020202020202020202020202"); /* in the order of first rows */
        is(trader_volume(&t[0]), "13.0");
        is(trader_volume(&t[1]), "18.0");
        assert_int_equal(t[0].unique_coins, 2);
        assert_int_equal(t[0].active_days, 3);
        assert_int_equal(t[1].unique_coins, 1);
        assert_int_equal(t[1].active_days, 1);
        assert_true(t[0].first_time_us == (1773532799991 - 5 * day) * 1000);
        assert_true(t[0].last_time_us == (1773532799991 + day) * 1000);
        traders_free(traders);
    }
}

static void a_day_is_of_block_time(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", true, "1.0", "1.0", "0.0", "0.0", "USDC"),
        ROW(1, "BTC", "B", true, "1.0", "1.0", "0.0", "0.0", "USDC"),
    };
    fills[0].block_time_ns = 20527 * VG_NS_PER_DAY - 1; /* the last nanosecond of one day, the first of the next */
    fills[1].block_time_ns = 20527 * VG_NS_PER_DAY;
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, fills, 2), VG_OK);
    assert_int_equal(only(traders)->active_days, 2);
    traders_free(traders);
}

static void a_sum_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    /* 2^127 units of 1e-20 are 1701411834604692317.3 USD */
    static const struct numbers too_large[] = {
        {"99999999999999999999.0", "99999999999999999999.0", "0.0", "0.0", "USDC"},
        {"1701411834604692318.0", "1.0", "0.0", "0.0", "USDC"},
        {"1.0", "1.0", "1701411834604692318.0", "0.0", "USDC"},
        {"1.0", "1.0", "-1701411834604692318.0", "0.0", "USDC"},
        {"1.0", "1.0", "0.0", "1701411834604692318.0", "USDC"},
    };
    for (size_t i = 0; i < COUNT(too_large); i++) {
        struct fill fill = row(1, "BTC", "B", true, too_large[i]);
        fill.block_number = 4711;
        struct traders *traders = traders_new();
        assert_int_equal(add(traders, &fill, 1), VG_ELIMIT);
        assert_non_null(strstr(err.msg, "block 4711, event 0"));
        traders_free(traders);
    }
    struct fill base_fee = ROW(1, "@107", "B", true, "1000000.0", "1.0", "0.0", "10000000000000.0", "HYPE");
    struct traders *traders = traders_new();
    assert_int_equal(add(traders, &base_fee, 1), VG_ELIMIT);
    traders_free(traders);
    /* -2^63 x 2^64 units: the one number whose opposite does not fit */
    struct fill rebate =
        ROW(1, "@107", "A", false, "1844674407.3709551616", "0.0", "0.0", "-922337203.6854775808", "HYPE");
    traders = traders_new();
    assert_int_equal(add(traders, &rebate, 1), VG_ELIMIT);
    traders_free(traders);
    /* each fits, the sum does not */
    struct fill half = ROW(1, "BTC", "B", true, "900000000000000000.0", "1.0", "0.0", "0.0", "USDC");
    traders = traders_new();
    assert_int_equal(add(traders, &half, 1), VG_OK);
    is(trader_volume(only(traders)), "900000000000000000.0");
    assert_int_equal(add(traders, &half, 1), VG_ELIMIT);
    traders_free(traders);
}

/* Every kind fits, their total does not: trader_volume() must never wrap around. */
static void a_total_over_kinds_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct fill fills[] = {
        ROW(1, "BTC", "B", true, "900000000000000000.0", "1.0", "0.0", "0.0", "USDC"),
        ROW(1, "@107", "B", true, "900000000000000000.0", "1.0", "0.0", "0.0", "USDC"),
    };
    for (int pnl = 0; pnl < 2; pnl++) {
        struct traders *traders = traders_new();
        for (int i = 0; i < 2; i++) {
            fills[i].closed_pnl = pnl ? -fills[i].price : 0;
            if (pnl) fills[i].size = 0;
            fills[i].has |= FILL_HAS_TWAP_ID; /* not in plain_volume, which would notice */
        }
        assert_int_equal(add(traders, fills, 2), VG_ELIMIT);
        traders_free(traders);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_perps_exactly),
        cmocka_unit_test(the_last_digit_counts),
        cmocka_unit_test(spot_fees_are_priced_and_never_taken_twice),
        cmocka_unit_test(a_dollar_token_as_base_keeps_its_fee),
        cmocka_unit_test(a_fee_in_a_token_without_a_price_is_counted_and_left_out),
        cmocka_unit_test(a_source_without_fee_tokens_follows_the_rule),
        cmocka_unit_test(absent_profit_and_fee_count_as_nothing),
        cmocka_unit_test(maker_share_leaves_twaps_and_liquidations_out),
        cmocka_unit_test(no_plain_volume_is_no_share),
        cmocka_unit_test(keeps_traders_coins_and_days_apart),
        cmocka_unit_test(a_day_is_of_block_time),
        cmocka_unit_test(a_sum_that_does_not_fit_is_refused),
        cmocka_unit_test(a_total_over_kinds_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
