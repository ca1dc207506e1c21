#include "analyze/fill_row.h"

#include <math.h>

#include "support.h"

#define US "0xabababababababababababababababababababab"

static struct fill base(const char *coin, bool is_buy)
{
    struct fill f = plain_fill(5, 3, 0xab, is_buy, true, 77);
    f.coin = vg_slice_of(coin);
    f.price = dec("20.5");
    f.size = dec("2.0");
    f.order_id = 9;
    return f;
}

static struct fill_row read_one(const struct fill *fill)
{
    struct made_batch made;
    struct coin_table coins = {0};
    struct seen_texts seen = {0};
    struct fill_row row;
    make_batch(&made, fill, 1);
    assert_true(fill_row_read(&made.batch, 0, VG_SLICE(US), &coins, &seen, &row));
    coin_table_release(&coins);
    arena_release(&made.arena);
    return row;
}

static void reads_what_is_there(void **state)
{
    (void)state;
    struct fill f = base("BTC", true);
    f.start_position = dec("-1.25");
    f.closed_pnl = dec("-3.5");
    f.block_time_ns = 20527 * VG_NS_PER_DAY - 1; /* the day is the block's, not the fill's */
    f.time_ms = 20527 * VG_MS_PER_DAY;
    struct fill_row r = read_one(&f);
    assert_int_equal(r.time_ms, f.time_ms);
    assert_int_equal(r.day, 20526);
    assert_true(r.block == 5 && r.event == 3 && r.order_id == 9 && r.has_trade_id && r.trade_id == 77);
    assert_true(r.kind == COIN_PERP && r.direction == DIRECTION_OPEN_LONG);
    assert_true(r.is_buy && r.is_taker && r.has_pnl);
    assert_false(r.is_system || r.is_twap || r.has_builder || r.is_liquidation || r.self_trade || r.stays);
    assert_true(r.price == dec("20.5") && r.size == dec("2.0") && r.start == dec("-1.25") && r.pnl == dec("-3.5"));
    assert_true(r.notional == (vg_dec20)dec("41.0") * VG_DEC_ONE);
    assert_true(r.fee_usd == 0 && r.builder_fee_usd == 0 && !r.fee_unpriced && !r.fee_is_base);
}

static void takes_what_is_absent_as_none(void **state)
{
    (void)state;
    struct fill f = base("BTC", false);
    f.has = 0;
    f.closed_pnl = dec("99.0");
    f.fee = dec("99.0");
    f.trade_id = 4;
    struct fill_row r = read_one(&f);
    assert_false(r.is_buy || r.is_taker || r.has_pnl || r.has_trade_id || r.is_system);
    assert_true(r.direction == DIRECTION_NONE && r.pnl == 0 && r.fee_usd == 0 && r.trade_id == 0);
}

static void tells_kinds_of_coins_apart(void **state)
{
    (void)state;
    static const struct {
        const char *coin;
        enum coin_kind kind;
    } cases[] = {{"BTC", COIN_PERP},
                 {"xyz:TSLA", COIN_HIP3},
                 {"@107", COIN_SPOT},
                 {"PURR/USDC", COIN_SPOT},
                 {"#12", COIN_OUTCOME}};
    struct made_batch made;
    struct coin_table coins = {0};
    struct seen_texts seen = {0};
    struct fill fills[10];
    for (size_t i = 0; i < COUNT(fills); i++)
        fills[i] = base(cases[i % COUNT(cases)].coin, true);
    make_batch(&made, fills, COUNT(fills));
    for (size_t i = 0; i < COUNT(fills); i++) {
        struct fill_row r;
        assert_true(fill_row_read(&made.batch, i, VG_SLICE(US), &coins, &seen, &r));
        assert_int_equal(r.kind, cases[i % COUNT(cases)].kind);
        assert_int_equal(r.coin, i % COUNT(cases));
    }
    coin_table_release(&coins);
    arena_release(&made.arena);
}

struct fee_case {
    const char *coin;
    bool is_buy;
    const char *fee, *token; /* token NULL: the record does not say */
    const char *usd, *builder_usd;
    bool is_base, unpriced;
};

/* At a price of 20.5 dollars; the builder's part is 0.001 of the same token. */
static void prices_fees(void **state)
{
    (void)state;
    static const struct fee_case cases[] = {
        /* perps are charged in dollars, a rebate is negative */
        {"BTC", true, "0.5", "USDC", "0.5", "0.001", false, false},
        {"BTC", false, "-0.25", "USDC", "-0.25", "0.001", false, false},
        {"BTC", true, "0.5", NULL, "0.5", "0.001", false, false},
        {"xyz:TSLA", true, "0.5", "USDH", "0.5", "0.001", false, false},
        /* spot: a buyer pays in the base token */
        {"@107", true, "0.01", "HYPE", "0.205", "0.0205", true, false},
        {"@107", true, "0.01", NULL, "0.205", "0.0205", true, false},
        {"@107", false, "0.5", "USDC", "0.5", "0.001", false, false},
        {"@107", false, "0.5", NULL, "0.5", "0.001", false, false},
        /* rebates come in what the taker pays */
        {"@107", true, "-0.5", "USDC", "-0.5", "0.001", false, false},
        {"@107", false, "-0.01", "HYPE", "-0.205", "0.0205", true, false},
        /* a dollar token as the base keeps its fee as it is */
        {"@166", true, "0.01", "USDT0", "0.01", "0.001", true, false},
        /* tokens without a price here */
        {"BTC", true, "0.5", "HYPE", "0.0", "0.0", false, true},
        {"@107", false, "0.5", "UBTC", "0.0", "0.0", false, true},
        {"#12", true, "0.5", "XYZ", "0.0", "0.0", false, true},
        {"@107", false, "0.0", "UBTC", "0.0", "0.0", false, false}, /* no fee, nothing to price */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fee_case *c = &cases[i];
        struct fill f = base(c->coin, c->is_buy);
        f.has |= FILL_HAS_FEE | FILL_HAS_BUILDER_FEE | FILL_HAS_BUILDER | (c->token ? FILL_HAS_FEE_TOKEN : 0);
        f.fee = dec(c->fee);
        f.builder_fee = dec("0.001");
        if (c->token) f.fee_token = vg_slice_of(c->token);
        struct fill_row r = read_one(&f);
        if (r.fee_usd != (vg_dec20)dec(c->usd) * VG_DEC_ONE || r.fee_is_base != c->is_base ||
            r.fee_unpriced != c->unpriced || r.builder_fee_usd != (vg_dec20)dec(c->builder_usd) * VG_DEC_ONE)
            fail_msg("case %zu: %s %s", i, c->coin, c->fee);
        assert_true(r.has_builder);
    }
}

static void tells_whose_liquidation_it_is(void **state)
{
    (void)state;
    struct fill f = base("BTC", true);
    f.has |= FILL_HAS_LIQUIDATED_USER;
    memset(f.liquidated_user, 0xab, sizeof f.liquidated_user);
    struct fill_row own = read_one(&f);
    assert_true(own.is_liquidation && own.own_liquidation && !own.others_liquidation && own.liquidation_key != 0);
    f.liquidated_user[19] = 0xac;
    struct fill_row others = read_one(&f);
    assert_true(others.is_liquidation && !others.own_liquidation && others.others_liquidation);
    static const uint32_t partly[] = {FILL_HAS_LIQUIDATION_METHOD, FILL_HAS_LIQUIDATION_MARK};
    for (size_t i = 0; i < COUNT(partly); i++) {
        f = base("BTC", true);
        f.has |= partly[i];
        f.liquidation_method = VG_SLICE("market");
        struct fill_row unknown = read_one(&f);
        assert_true(unknown.is_liquidation && !unknown.own_liquidation && !unknown.others_liquidation);
    }
}

static uint64_t key_of(struct fill f, const char *hash, int64_t block)
{
    f.has |= FILL_HAS_LIQUIDATED_USER;
    memset(f.liquidated_user, 0xab, sizeof f.liquidated_user);
    memset(f.hash, 0, sizeof f.hash);
    for (size_t i = 0; hash[i]; i++)
        f.hash[i] = (uint8_t)hash[i];
    f.block_number = block;
    return read_one(&f).liquidation_key;
}

static void tells_liquidations_apart_by_transaction_or_else_by_block(void **state)
{
    (void)state;
    struct fill f = base("BTC", true), other = base("BTC", false);
    other.price = dec("21.0");
    assert_true(key_of(f, "tx 1", 5) == key_of(other, "tx 1", 5));
    assert_true(key_of(f, "tx 1", 5) == key_of(f, "tx 1", 6));
    assert_true(key_of(f, "tx 1", 5) != key_of(f, "tx 2", 5));
    assert_true(key_of(f, "", 5) == key_of(other, "", 5));
    assert_true(key_of(f, "", 5) != key_of(f, "", 6));
    assert_true(key_of(f, "", 5) != key_of(f, "tx 1", 5));
}

static void knows_rows_that_no_order_made_and_slices(void **state)
{
    (void)state;
    struct fill f = base("@107", false);
    f.direction = VG_SLICE("Spot Dust Conversion");
    f.has |= FILL_HAS_TWAP_ID;
    f.twap_id = 0; /* zero is an id too */
    struct fill_row r = read_one(&f);
    assert_true(r.is_system && r.direction == DIRECTION_DUST && r.is_twap);
    f.direction = VG_SLICE("Something New");
    r = read_one(&f);
    assert_true(!r.is_system && r.direction == DIRECTION_UNKNOWN);
}

static void refuses_products_beyond_128_bits(void **state)
{
    (void)state;
    struct made_batch made;
    struct coin_table coins = {0};
    struct seen_texts seen = {0};
    struct fill_row row;
    struct fill fills[3];
    for (size_t i = 0; i < COUNT(fills); i++)
        fills[i] = base("@107", true);
    fills[0].price = fills[0].size = dec("99999999999999999999.0");
    fills[1].has |= FILL_HAS_FEE; /* 10^40 of the smallest unit */
    fills[1].fee = dec("99999999999999999999.0");
    fills[2].has |= FILL_HAS_BUILDER_FEE;
    fills[2].builder_fee = dec("99999999999999999999.0");
    make_batch(&made, fills, COUNT(fills));
    for (size_t i = 0; i < COUNT(fills); i++)
        assert_false(fill_row_read(&made.batch, i, VG_SLICE(US), &coins, &seen, &row));
    coin_table_release(&coins);
    arena_release(&made.arena);
}

/* Two rows of one trade with oneself, but for a change of the second. */
static bool is_self_trade(bool has_trade_id, void (*change)(struct fill_row *b), bool stays)
{
    struct fill_row a = {.block = 5, .coin = 1, .has_trade_id = has_trade_id, .is_buy = true, .size = 3};
    struct fill_row b = a;
    b.is_buy = false;
    if (change) change(&b);
    fill_row_mark_self_trade(&a, &b);
    assert_true(a.self_trade == b.self_trade && a.stays == b.stays && a.stays == (b.self_trade && stays));
    return a.self_trade;
}

static void other_block(struct fill_row *b) { b->block++; }
static void other_coin(struct fill_row *b) { b->coin++; }
static void other_trade(struct fill_row *b) { b->trade_id++; }
static void other_knowledge(struct fill_row *b) { b->has_trade_id = !b->has_trade_id; }
static void other_size(struct fill_row *b) { b->size++; }
static void same_side(struct fill_row *b) { b->is_buy = true; }
static void moved_on(struct fill_row *b) { b->start = 3; }

static void marks_both_rows_of_a_trade_with_oneself(void **state)
{
    (void)state;
    for (int has_trade_id = 0; has_trade_id < 2; has_trade_id++) {
        assert_true(is_self_trade(has_trade_id, NULL, true));
        assert_false(is_self_trade(has_trade_id, other_block, false));
        assert_false(is_self_trade(has_trade_id, other_coin, false));
        assert_false(is_self_trade(has_trade_id, other_knowledge, false));
        assert_false(is_self_trade(has_trade_id, same_side, false));
    }
    assert_true(is_self_trade(true, moved_on, false)); /* the position moves there and back */
    assert_false(is_self_trade(true, other_trade, false));
    /* without trade ids only what looks the same is one trade */
    assert_false(is_self_trade(false, moved_on, false));
    assert_false(is_self_trade(false, other_size, false));
}

static void marks_no_row_twice(void **state)
{
    (void)state;
    struct fill_row a = {.is_buy = true}, b = {0}, c = {.is_buy = true};
    fill_row_mark_self_trade(&a, &b);
    fill_row_mark_self_trade(&b, &c);
    assert_true(a.self_trade && b.self_trade && !c.self_trade);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(takes_what_is_absent_as_none),
        cmocka_unit_test(tells_kinds_of_coins_apart),
        cmocka_unit_test(prices_fees),
        cmocka_unit_test(tells_whose_liquidation_it_is),
        cmocka_unit_test(tells_liquidations_apart_by_transaction_or_else_by_block),
        cmocka_unit_test(knows_rows_that_no_order_made_and_slices),
        cmocka_unit_test(refuses_products_beyond_128_bits),
        cmocka_unit_test(marks_both_rows_of_a_trade_with_oneself),
        cmocka_unit_test(marks_no_row_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
