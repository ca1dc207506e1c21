#include "lake/part_check.h"

#include "support.h"

static struct trade_check check(struct lake_world *w, const struct fill *fills, size_t n)
{
    struct trade_check found = {0};
    struct part_list parts;
    commit_object(w, "one", fills, n);
    manifest_live_parts(&w->lake.manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    if (part_check_trades(&w->lake, &parts, &found, &w->err)) fail_msg("%s", w->err.msg);
    assert_int_equal(found.rows, n);
    part_list_release(&parts);
    return found;
}

static void buyer_and_seller_are_a_trade(void **state)
{
    const struct fill fills[] = {plain_fill(7, 0, 1, true, true, 5), plain_fill(7, 1, 2, false, false, 5),
                                 plain_fill(8, 0, 1, true, false, 5), plain_fill(8, 1, 1, false, true, 5)};
    struct trade_check found = check(*state, fills, COUNT(fills));
    assert_int_equal(found.trades, 2); /* the same id in two blocks */
    assert_int_equal(found.groups, 2);
    assert_int_equal(found.irregular + found.unequal + found.half_trades, 0);
    assert_string_equal(found.example, "");
}

static void anything_else_is_irregular(void **state)
{
    struct fill fills[] = {
        plain_fill(1, 0, 1, true, true, 5),                                       /* alone */
        plain_fill(2, 0, 1, true, true, 5), plain_fill(2, 1, 2, true, false, 5),  /* two buyers */
        plain_fill(3, 0, 1, true, true, 5), plain_fill(3, 1, 2, false, true, 5),  /* two takers */
        plain_fill(4, 0, 1, true, true, 5), plain_fill(4, 1, 2, false, false, 5), /* other sizes */
        plain_fill(5, 0, 1, true, true, 5), plain_fill(5, 1, 2, false, false, 6), /* other ids */
        plain_fill(6, 0, 1, true, true, 5), plain_fill(6, 1, 2, false, false, 5), /* sound */
    };
    fills[6].size++;
    struct trade_check found = check(*state, fills, COUNT(fills));
    assert_int_equal(found.trades, 1);
    assert_int_equal(found.irregular, 6);
    assert_int_equal(found.groups, 6);
    assert_int_equal(found.unequal, 3); /* blocks 1, 2 and 4 */
    assert_non_null(strstr(found.example, "BTC trade 5 in block 1: 1 rows, 1 buys, 1 takers"));
}

static void documented_exceptions_are_counted_apart(void **state)
{
    struct fill fills[] = {plain_fill(surrogate_block(20527 * VG_MS_PER_DAY), 0, 1, true, true, 5), /* a wallet's */
                           plain_fill(1, 0, 1, true, true, 0), plain_fill(1, 1, 1, true, true, 5),
                           plain_fill(1, 2, 1, true, true, 5)};
    fills[1].direction = VG_SLICE("Spot Dust Conversion");
    fills[2].direction = VG_SLICE("Split Outcome");
    fills[3].has &= ~(uint32_t)FILL_HAS_TRADE_ID;
    struct trade_check found = check(*state, fills, COUNT(fills));
    assert_int_equal(found.half_trades, 1);
    assert_int_equal(found.dust_rows, 1);
    assert_int_equal(found.one_sided_rows, 1);
    assert_int_equal(found.unkeyed_rows, 1);
    assert_int_equal(found.trades + found.irregular + found.unequal, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(buyer_and_seller_are_a_trade, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(anything_else_is_irregular, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(documented_exceptions_are_counted_apart, lake_set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
