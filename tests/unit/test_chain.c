#include "analyze/chain.h"

#include "support.h"

/* One fill as a line of a table; times and ids do not matter unless said. */
static struct fill row(uint8_t user, const char *coin, const char *side, const char *position, const char *size,
                       const char *direction)
{
    struct fill f = {.has = FILL_HAS_DIRECTION | FILL_HAS_FEE | FILL_HAS_FEE_TOKEN | FILL_HAS_CLOSED_PNL,
                     .coin = vg_slice_of(coin),
                     .direction = vg_slice_of(direction),
                     .fee_token = VG_SLICE("USDC"),
                     .time_ms = 1773532799991,
                     .block_time_ns = 1773532799991006841};
    if (*side == 'B') f.has |= FILL_IS_BUY;
    memset(f.user, user, sizeof f.user);
    vg_dec_status status = vg_dec_parse(position, strlen(position), &f.start_position);
    assert_true(status == VG_DEC_OK || status == VG_DEC_OTHER);
    status = vg_dec_parse(size, strlen(size), &f.size);
    assert_true(status == VG_DEC_OK || status == VG_DEC_OTHER);
    return f;
}

static struct fill with_fee(struct fill f, const char *fee)
{
    assert_int_equal(vg_dec_parse(fee, strlen(fee), &f.fee), VG_DEC_OK);
    return f;
}

static struct chain_report check(const struct fill *fills, size_t n)
{
    struct chain_report whole = {0};
    for (size_t split = 1; split <= n; split++) { /* however the rows come in batches */
        struct chain *chain = chain_new();
        for (size_t at = 0; at < n; at += split) {
            struct made_batch made;
            make_batch(&made, fills + at, n - at < split ? n - at : split);
            for (size_t c = 0; c < FILL_COLUMNS; c++) /* nothing else may be looked at */
                if (!(chain_columns() >> c & 1)) made.batch.column[c] = NULL;
            chain_add(chain, &made.batch);
            arena_release(&made.arena);
        }
        struct chain_report report = *chain_report(chain);
        if (split > 1) assert_memory_equal(&report, &whole, sizeof whole);
        whole = report;
        chain_free(chain);
    }
    return whole;
}

#define CHECK(fills) check(fills, COUNT(fills))

static uint64_t all_breaks(const struct chain_report *report)
{
    uint64_t n = 0;
    for (size_t kind = 0; kind < COIN_KINDS; kind++)
        for (size_t cause = 0; cause < CHAIN_BREAKS; cause++)
            n += report->kinds[kind].breaks[cause];
    return n;
}

static void positions_that_follow_are_links(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(1, "BTC", "B", "0.0", "1.5", "Open Long"),    row(2, "BTC", "A", "0.0", "1.5", "Open Short"),
        row(1, "BTC", "A", "1.5", "0.5", "Close Long"),   row(1, "ETH", "B", "-3.0", "1.0", "Close Short"),
        row(1, "BTC", "A", "1.0", "3.0", "Long > Short"), row(1, "BTC", "B", "-2.0", "2.0", "Close Short"),
        row(1, "BTC", "A", "0.0", "0.1", "Open Short"),   row(1, "BTC", "B", "-0.1", "0.2", "Short > Long"),
        row(1, "BTC", "B", "0.1", "0.2", "Open Long"),    row(2, "BTC", "B", "-1.5", "1.5", "Close Short"),
    };
    struct chain_report r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_PERP].rows, 10);
    assert_int_equal(r.kinds[COIN_PERP].links, 7);
    assert_int_equal(r.pairs, 3);
    assert_int_equal(all_breaks(&r), 0);
    assert_int_equal(r.kinds[COIN_PERP].direction_mismatches, 0);
    assert_false(r.example.found);
}

static void one_unit_too_much_is_a_gap_on_perps(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(1, "BTC", "B", "1000000.0", "1.5", "Open Long"),
        row(1, "BTC", "A", "1000001.5000000001", "0.5", "Close Long"),
        row(1, "xyz:NVDA", "B", "0.0", "1.0", "Open Long"),
        row(1, "xyz:NVDA", "B", "0.9", "1.0", "Open Long"),
        row(1, "xyz:NVDA", "B", "1.9", "1.0", "Open Long"), /* the gap restarts the position */
    };
    fills[1].block_number = 77;
    fills[1].event_index = 5;
    struct chain_report r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_PERP].breaks[BREAK_GAP], 1);
    assert_int_equal(r.kinds[COIN_HIP3].breaks[BREAK_GAP], 1);
    assert_int_equal(r.kinds[COIN_HIP3].links, 2);
    assert_int_equal(all_breaks(&r), 2);
    assert_true(r.example.found && r.example.block_number == 77 && r.example.event_index == 5);
    assert_string_equal(r.example.coin, "BTC");
    assert_string_equal(r.example.user, "0x0101010101010101010101010101010101010101");
    assert_true(r.example.expected == 10000015 * (vg_dec)1000000000 &&
                r.example.found_position == r.example.expected + 1);
}

static void a_fee_in_the_base_token_counts_on_spot(void **state)
{
    (void)state;
    struct fill fills[] = {
        with_fee(row(1, "@107", "B", "10.0", "1.0", "Buy"), "0.0007"),    /* received 0.9993 */
        with_fee(row(1, "@107", "A", "10.9993", "2.0", "Sell"), "0.05"),  /* fee in quote */
        with_fee(row(1, "@107", "A", "8.9993", "1.0", "Sell"), "-0.001"), /* a rebate in base comes on top */
        with_fee(row(1, "@107", "B", "8.0003", "1.0", "Buy"), "-0.002"),  /* a rebate in quote does not */
        with_fee(row(1, "@107", "B", "9.0003", "1.0", "Buy"), "0.0"),
        with_fee(row(1, "BTC", "B", "0.0", "1.0", "Open Long"), "0.5"), /* nor a fee on perps */
        with_fee(row(1, "BTC", "B", "1.0", "1.0", "Open Long"), "0.5"),
    };
    struct chain_report r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_SPOT].links, 4);
    assert_int_equal(r.kinds[COIN_PERP].links, 1);
    assert_int_equal(all_breaks(&r), 0);
    fills[0].fee = 0; /* and when it is not counted the chain breaks */
    r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_SPOT].breaks[BREAK_TRANSFER], 1);
}

static void spot_balances_carry_float_dust_within_a_millionth(void **state)
{
    (void)state;
    struct fill fine[] = {
        row(1, "@107", "B", "12817942.2417900003", "1.0", "Buy"),
        row(1, "@107", "B", "12817943.2417900001", "1.0", "Buy"),
        row(1, "@107", "A", "12817956.9", "1.0", "Sell"), /* 12.7 of 12.8 million */
        row(1, "PURR/USDC", "B", "0.0", "0.0000000001", "Buy"),
        row(1, "PURR/USDC", "A", "0.0", "0.0", "Sell"), /* one unit of the last digit */
    };
    struct chain_report r = CHECK(fine);
    assert_int_equal(all_breaks(&r), 0);
    struct fill coarse[] = {
        row(1, "@107", "B", "12817942.2417900003", "1.0", "Buy"),
        row(1, "@107", "A", "12817957.9", "1.0", "Sell"), /* 14.7: more than a millionth */
        row(1, "PURR/USDC", "B", "0.0", "0.0000000002", "Buy"),
        row(1, "PURR/USDC", "A", "0.0", "0.0", "Sell"),
    };
    r = CHECK(coarse);
    assert_int_equal(r.kinds[COIN_SPOT].breaks[BREAK_TRANSFER], 2);
    assert_int_equal(all_breaks(&r), 2);
    assert_false(r.example.found); /* an example is of a perp */
}

static void dust_and_system_rows_explain_a_break(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(0xee, "@107", "A", "5.0", "5.0", "Sell"), /* the account that sells dust */
        row(0xee, "@107", "A", "9.0", "9.0", "Sell"),
        row(1, "@107", "B", "5.0", "1.0", "Buy"),
        row(1, "@107", "A", "0.0000086141", "0.0000086141", "Spot Dust Conversion"), /* dust itself */
        row(1, "@107", "B", "3.0", "1.0", "Buy"),                                    /* behind dust */
        row(1, "BTC", "B", "0.0", "1.0", "Open Long"),
        row(1, "BTC", "A", "5.0", "1.0", "Net Child Vaults"),
        row(1, "BTC", "A", "9.0", "1.0", "Close Long"),
        row(1, "ETH", "B", "0.0", "1.0", "Open Long"),
        row(1, "ETH", "A", "7.0", "7.0", "Settlement"),
        row(1, "#5", "B", "0.0", "1.0", "Split Outcome"),
        row(1, "#5", "B", "5.0", "1.0", "Buy"),
    };
    struct chain_report r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_SPOT].breaks[BREAK_DUST], 3);
    assert_int_equal(r.kinds[COIN_PERP].breaks[BREAK_SYSTEM], 3);
    assert_int_equal(r.kinds[COIN_OUTCOME].breaks[BREAK_SYSTEM], 1);
    assert_int_equal(all_breaks(&r), 7);
    assert_false(r.example.found);
}

static void a_word_that_does_not_fit_is_a_mismatch_on_perps_only(void **state)
{
    (void)state;
    struct fill wrong[] = {
        row(1, "A", "B", "0.0", "1.0", "Close Short"),  row(1, "B", "B", "-1.0", "1.0", "Short > Long"),
        row(1, "C", "B", "-1.0", "1.1", "Close Short"), row(1, "D", "A", "1.0", "1.0", "Long > Short"),
        row(1, "E", "A", "1.0", "1.1", "Close Long"),   row(1, "F", "A", "0.0", "1.0", "Close Long"),
        row(1, "G", "A", "-1.0", "1.0", "Open Long"),   row(1, "x:H", "B", "1.0", "1.0", "Open Short"),
    };
    struct chain_report r = CHECK(wrong);
    assert_int_equal(r.kinds[COIN_PERP].direction_mismatches, 7);
    assert_int_equal(r.kinds[COIN_HIP3].direction_mismatches, 1);
    struct fill right[] = {
        row(1, "A", "B", "0.0", "1.0", "Open Long"),         row(1, "B", "B", "-1.0", "1.0", "Close Short"),
        row(1, "C", "B", "-1.0", "1.1", "Short > Long"),     row(1, "D", "A", "1.0", "1.0", "Close Long"),
        row(1, "E", "A", "1.0", "1.1", "Long > Short"),      row(1, "F", "A", "0.0", "1.0", "Open Short"),
        row(1, "G", "A", "-1.0", "1.0", "Open Short"),       row(1, "H", "B", "1.0", "1.0", "Open Long"),
        row(1, "I", "A", "1.0", "9.0", "Auto-Deleveraging"), row(1, "J", "A", "0.0", "9.0", "Liquidated Cross Long"),
        row(1, "@1", "A", "1.0", "1.0", "Open Long"),
    };
    r = CHECK(right);
    assert_int_equal(r.kinds[COIN_PERP].direction_mismatches, 0);
    assert_int_equal(r.kinds[COIN_SPOT].direction_mismatches, 0);
}

static void a_trade_with_oneself_moves_nothing(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(1, "BTC", "B", "1.0", "0.5", "Open Long"),  row(1, "BTC", "A", "1.0", "0.5", "Close Long"),
        row(1, "BTC", "B", "1.0", "2.0", "Open Long"), /* both rows showed the position before, and it stayed */
        row(1, "BTC", "A", "3.0", "1.0", "Close Long"), row(1, "ETH", "B", "1.0", "0.5", "Open Long"),
        row(1, "ETH", "A", "1.0", "0.4", "Close Long"), /* another size */
    };
    struct chain_report r = CHECK(fills);
    assert_int_equal(r.kinds[COIN_PERP].breaks[BREAK_SELF_TRADE], 1);
    assert_int_equal(r.kinds[COIN_PERP].breaks[BREAK_GAP], 1);
    assert_int_equal(all_breaks(&r), 2);
    fills[1].block_number = 1; /* another block: nothing explains it */
    assert_int_equal(CHECK(fills).kinds[COIN_PERP].breaks[BREAK_SELF_TRADE], 0);
}

static void time_must_be_block_time_cut_to_the_millisecond(void **state)
{
    (void)state;
    struct fill fills[] = {
        row(1, "A", "B", "0.0", "1.0", "Open Long"),
        row(1, "B", "B", "0.0", "1.0", "Open Long"),
        row(1, "C", "B", "0.0", "1.0", "Open Long"),
        row(1, "D", "B", "0.0", "1.0", "Open Long"),
    };
    fills[0].block_time_ns = fills[0].time_ms * VG_NS_PER_MS;
    fills[1].block_time_ns = fills[1].time_ms * VG_NS_PER_MS + 999999;
    fills[2].block_time_ns = fills[2].time_ms * VG_NS_PER_MS - 1;
    fills[3].block_time_ns = fills[3].time_ms * VG_NS_PER_MS + 1000000;
    assert_int_equal(CHECK(fills).time_mismatches, 2);
}

/* The table in tests/data/real/README.md was counted by another program. */
static void counts_breaks_of_real_wallets_as_the_samples_description_does(void **state)
{
    (void)state;
    /* links, gaps, self-trades: in 2023, 83 trades of the wallet with itself and one row whose partner is cut off */
    static const uint64_t wanted[COUNT(legacy_samples)][3] = {{485, 1, 83}, {45, 0, 0}, {19, 0, 0}, {11710, 6, 0}};
    for (size_t i = 0; i < COUNT(legacy_samples); i++) {
        vg_buf text = read_sample(legacy_samples[i]);
        struct recorder r = {0};
        struct made_batch made;
        assert_int_equal(record(&r, "x", vg_buf_view(&text), 0), VG_OK);
        make_batch(&made, r.fills, r.fill_count);
        struct chain *chain = chain_new();
        chain_add(chain, &made.batch);
        const struct chain_report *report = chain_report(chain);
        uint64_t links = report->kinds[COIN_PERP].links + report->kinds[COIN_HIP3].links;
        uint64_t breaks = report->kinds[COIN_PERP].breaks[BREAK_GAP] + report->kinds[COIN_HIP3].breaks[BREAK_GAP];
        assert_int_equal(links, wanted[i][0]);
        assert_int_equal(breaks, wanted[i][1]);
        assert_int_equal(report->kinds[COIN_PERP].breaks[BREAK_SELF_TRADE], wanted[i][2]);
        assert_int_equal(report->kinds[COIN_PERP].direction_mismatches, 0);
        assert_int_equal(report->kinds[COIN_HIP3].direction_mismatches, 0);
        chain_free(chain);
        arena_release(&made.arena);
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_that_follow_are_links),
        cmocka_unit_test(one_unit_too_much_is_a_gap_on_perps),
        cmocka_unit_test(a_fee_in_the_base_token_counts_on_spot),
        cmocka_unit_test(spot_balances_carry_float_dust_within_a_millionth),
        cmocka_unit_test(dust_and_system_rows_explain_a_break),
        cmocka_unit_test(a_word_that_does_not_fit_is_a_mismatch_on_perps_only),
        cmocka_unit_test(a_trade_with_oneself_moves_nothing),
        cmocka_unit_test(time_must_be_block_time_cut_to_the_millisecond),
        cmocka_unit_test(counts_breaks_of_real_wallets_as_the_samples_description_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
