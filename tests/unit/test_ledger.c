#include "analyze/ledger.h"

#include "support.h"

/* One fill; each comes in a block of its own, in the order of the table. */
static struct fill row(const char *coin, const char *side, const char *price, const char *size, const char *start,
                       const char *pnl)
{
    static int64_t block = 1;
    struct fill f = {.has = FILL_HAS_DIRECTION | FILL_HAS_CLOSED_PNL | FILL_HAS_FEE,
                     .coin = vg_slice_of(coin),
                     .direction = VG_SLICE("Open Long"),
                     .block_number = block++,
                     .price = dec(price),
                     .size = dec(size),
                     .start_position = dec(start),
                     .closed_pnl = dec(pnl)};
    if (*side == 'B') f.has |= FILL_IS_BUY;
    return f;
}

static struct fill with_fee(struct fill f, const char *fee)
{
    f.fee = dec(fee);
    return f;
}

static struct ledger_report book(const struct fill *fills, size_t n)
{
    struct made_batch made;
    make_batch(&made, fills, n);
    struct size_grid *grid = size_grid_new();
    size_grid_add(grid, &made.batch);
    struct ledger *ledger = ledger_new(grid);
    ledger_add(ledger, &made.batch);
    struct ledger_report report = *ledger_report(ledger);
    ledger_free(ledger);
    size_grid_free(grid);
    arena_release(&made.arena);
    return report;
}

#define BOOK(fills) book(fills, COUNT(fills))

static void books_average_cost_and_floors_the_entry(void **state)
{
    (void)state;
    /* two buys of 1 at 10.01 and 10.02: the average 10.015 lies below the grid of 2 decimals and is floored */
    const struct fill fills[] = {
        row("AAA", "B", "10.01", "1.0000", "0.0", "0.0"), row("AAA", "B", "10.02", "1.0", "1.0", "0.0"),
        row("AAA", "A", "11.0", "0.5", "2.0", "0.495"),   row("AAA", "A", "11.0", "1.5", "1.5", "1.485"),
        row("AAA", "B", "1.01", "0.0001", "0.0", "0.0"), /* the size that tells szDecimals = 4 */
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.kinds[COIN_PERP].closes, 2);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_EXACT], 2);
}

static void books_a_flip_as_a_close_and_an_opening(void **state)
{
    (void)state;
    const struct fill fills[] = {
        row("AAA", "B", "10.0", "1.0", "0.0", "0.0"),
        row("AAA", "A", "12.0", "3.0", "1.0", "2.0"),  /* closes 1, opens a short of 2 at 12 */
        row("AAA", "B", "11.5", "2.0", "-2.0", "1.0"), /* 2 x (12 - 11.5) */
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_EXACT], 2);
    assert_int_equal(report.gaps, 0);
}

static void takes_the_entry_of_an_unseen_opening_from_its_first_close(void **state)
{
    (void)state;
    const struct fill fills[] = {
        row("AAA", "A", "12.0", "1.0", "3.0", "2.0"), /* implies an entry of 10 */
        row("AAA", "A", "13.0", "1.0", "2.0", "3.0"),
        row("AAA", "A", "9.0", "1.0", "1.0", "-1.5"), /* not what the books say */
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_ANCHOR], 1);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_EXACT], 1);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_UNEXPLAINED], 1);
    assert_true(report.worst.found && report.worst.booked == dec("-1.5") && report.worst.expected == dec("-1.0"));
}

static void forgets_the_cost_after_a_gap(void **state)
{
    (void)state;
    const struct fill fills[] = {
        row("AAA", "B", "10.0", "1.0", "0.0", "0.0"),
        row("AAA", "A", "12.0", "1.0", "5.0", "7.0"), /* four came without a fill */
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.gaps, 1);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_ANCHOR], 1);
}

static void floors_the_sold_part_of_a_spot_cost(void **state)
{
    (void)state;
    /* cost 10 over 0.7 tokens after the fee: a third of it is 3.33…, printed with 6 or 8 decimals */
    const struct fill fills[] = {
        with_fee(row("@1", "B", "10.0", "1.0", "0.0", "0.0"), "0.1"),
        row("@1", "A", "20.0", "0.3", "0.9", "2.666667"),   /* 6 - 3.333333 */
        row("@1", "A", "20.0", "0.3", "0.6", "2.66666667"), /* 6 - 3.33333333 */
        row("@1", "A", "20.0", "0.3", "0.3", "2.7"),
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.kinds[COIN_SPOT].closes, 3);
    assert_int_equal(report.kinds[COIN_SPOT].verdicts[CLOSE_EXACT], 2);
    assert_int_equal(report.kinds[COIN_SPOT].verdicts[CLOSE_UNEXPLAINED], 1);
}

static void does_not_test_sales_of_tokens_that_came_by_transfer(void **state)
{
    (void)state;
    const struct fill fills[] = {row("@1", "A", "20.0", "0.3", "5.0", "6.0")};
    assert_int_equal(BOOK(fills).kinds[COIN_SPOT].verdicts[CLOSE_TRANSFER], 1);
}

static void takes_numbers_cut_at_ten_digits_as_they_are_printed(void **state)
{
    (void)state;
    const struct fill fills[] = {
        row("AAA", "B", "10000.0", "123.45", "0.0", "0.0"),
        row("AAA", "A", "10101.2345", "123.45", "123.45", "12497.39902"), /* 12497.399025 in full */
        row("BBB", "B", "10000.0", "123.45", "0.0", "0.0"),
        row("BBB", "A", "10101.2345", "123.45", "123.45", "12497.4"),
    };
    struct ledger_report report = BOOK(fills);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_EXACT], 1);
    assert_int_equal(report.kinds[COIN_PERP].verdicts[CLOSE_EXACT] + report.kinds[COIN_PERP].verdicts[CLOSE_ROUNDED] +
                         report.kinds[COIN_PERP].verdicts[CLOSE_UNEXPLAINED],
                     2);
}

static void survives_numbers_that_no_exchange_has(void **state)
{
    (void)state;
    const char *huge = "99999999999999999999.0", *tiny = "0.0000000001";
    const struct fill fills[] = {
        row("AAA", "B", huge, huge, "0.0", huge),    row("AAA", "A", tiny, huge, huge, huge),
        row("BBB", "B", huge, tiny, "0.0", "0.0"),   row("BBB", "A", huge, tiny, tiny, huge),
        row("@1", "B", huge, huge, "0.0", "0.0"),    row("@1", "A", huge, huge, huge, huge),
        row("@2", "B", tiny, tiny, "0.0", "0.0"),    row("@2", "A", huge, tiny, tiny, huge),
        row("CCC", "A", huge, "1.0", huge, huge),    row("CCC", "A", huge, "0.000001", huge, tiny),
        row("#1", "A", huge, "1.0", huge, huge),     row("DDD", "B", "0.0", "0.0", "0.0", "0.0"),
        row("DDD", "A", "0.0", "0.0", "1.0", "0.0"),
    };
    struct ledger_report report = BOOK(fills);
    assert_true(report.kinds[COIN_SPOT].closes == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_average_cost_and_floors_the_entry),
        cmocka_unit_test(books_a_flip_as_a_close_and_an_opening),
        cmocka_unit_test(takes_the_entry_of_an_unseen_opening_from_its_first_close),
        cmocka_unit_test(forgets_the_cost_after_a_gap),
        cmocka_unit_test(floors_the_sold_part_of_a_spot_cost),
        cmocka_unit_test(does_not_test_sales_of_tokens_that_came_by_transfer),
        cmocka_unit_test(takes_numbers_cut_at_ten_digits_as_they_are_printed),
        cmocka_unit_test(survives_numbers_that_no_exchange_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
