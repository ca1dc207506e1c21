#include "model/coin.h"
#include "model/schema.h"
#include "support.h"

static void tells_kinds_by_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *coin;
        enum coin_kind kind;
        bool perp;
    } cases[] = {
        {"BTC", COIN_PERP, true},        {"kPEPE", COIN_PERP, true},  {"xyz:NVDA", COIN_HIP3, true},
        {"cash:NVDA", COIN_HIP3, true},  {"@107", COIN_SPOT, false},  {"@1", COIN_SPOT, false},
        {"PURR/USDC", COIN_SPOT, false}, {"#1", COIN_OUTCOME, false}, {"#123", COIN_OUTCOME, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum coin_kind kind = coin_kind(vg_slice_of(cases[i].coin));
        assert_int_equal(kind, cases[i].kind);
        assert_int_equal(coin_is_perp(kind), cases[i].perp);
    }
    assert_string_equal(coin_kind_name(COIN_PERP), "perp");
    assert_string_equal(coin_kind_name(COIN_HIP3), "hip3");
    assert_string_equal(coin_kind_name(COIN_SPOT), "spot");
    assert_string_equal(coin_kind_name(COIN_OUTCOME), "outcome");
}

static void knows_dollar_tokens(void **state)
{
    (void)state;
    static const char *const dollars[] = {"USDC", "USDT0", "USDH", "USDE", "USDHL"};
    static const char *const others[] = {"HYPE", "UBTC", "usdc", "USD", "USDCC", "+1", "", "EURC"};
    for (size_t i = 0; i < COUNT(dollars); i++)
        assert_true(token_is_dollar(vg_slice_of(dollars[i])));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(token_is_dollar(vg_slice_of(others[i])));
}

/* Formats 2.6.4: fees in what is received; rebates in what the taker pays. */
static void spot_fees_are_in_base_for_buys_and_rebates_for_sells(void **state)
{
    (void)state;
    assert_true(fee_in_base(COIN_SPOT, true, 1));
    assert_false(fee_in_base(COIN_SPOT, false, 1));
    assert_false(fee_in_base(COIN_SPOT, true, -1));
    assert_true(fee_in_base(COIN_SPOT, false, -1));
    assert_false(fee_in_base(COIN_SPOT, true, 0));
    assert_false(fee_in_base(COIN_SPOT, false, 0));
    assert_false(fee_in_base(COIN_PERP, true, 1));
    assert_false(fee_in_base(COIN_HIP3, false, -1));
    assert_false(fee_in_base(COIN_OUTCOME, true, 1));
}

/* The fee token that the real fills name is where the rule says it is. */
static void the_rule_for_spot_fees_holds_on_real_fills(void **state)
{
    (void)state;
    vg_buf text = read_sample(block_samples[0]);
    struct recorder r = {0};
    unsigned seen[2] = {0};
    assert_int_equal(record(&r, "x", vg_buf_view(&text), 0), VG_OK);
    for (size_t i = 0; i < r.fill_count; i++) {
        const struct fill *f = &r.fills[i];
        if (coin_kind(f->coin) != COIN_SPOT || f->fee == 0 || !(f->has & FILL_HAS_FEE_TOKEN)) continue;
        bool base = fee_in_base(COIN_SPOT, f->has & FILL_IS_BUY, f->fee);
        /* a quote token is always a dollar in the sample, a base token never but for stable pairs */
        if (!base) assert_true(token_is_dollar(f->fee_token));
        if (!token_is_dollar(f->fee_token)) assert_true(base);
        seen[base]++;
    }
    assert_true(seen[0] > 5 && seen[1] > 5);
    recorder_release(&r);
    vg_buf_release(&text);
}

static void knows_rows_that_nobody_ordered(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool system, dust, one_sided;
    } cases[] = {
        {"Spot Dust Conversion", true, true, true},
        {"Net Child Vaults", true, false, false},
        {"Settlement", true, false, false},
        {"Split Outcome", true, false, true},
        {"Merge Outcome", true, false, true},
        {"Merge Question", true, false, true},
        {"Negate Outcome", true, false, true},
        {"Open Long", false, false, false},
        {"Buy", false, false, false},
        {"Auto-Deleveraging", false, false, false},
        {"Liquidated Cross Long", false, false, false},
        {"", false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        vg_slice direction = vg_slice_of(cases[i].text);
        assert_int_equal(direction_is_system(direction), cases[i].system);
        assert_int_equal(direction_is_dust(direction), cases[i].dust);
        assert_int_equal(direction_is_one_sided(direction), cases[i].one_sided);
    }
    assert_int_equal(strlen(DUST_ADDRESS), ADDRESS_TEXT);
    assert_int_equal(strspn(&DUST_ADDRESS[2], "e"), 40);
}

static void the_schema_names_every_column_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        assert_non_null(fill_columns[i].name);
        assert_non_null(column_sql_type(fill_columns[i].type));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(fill_columns[i].name, fill_columns[k].name);
    }
    for (size_t i = 0; i < BLOCK_COLUMNS; i++)
        assert_non_null(block_columns[i].name);
}

static void a_row_of_a_batch_is_the_fill_it_was_made_of(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct vg_rng rng;
    struct fill fills[130], again;
    struct made_batch made;
    vg_err err;
    vg_rng_init(&rng, 1);
    for (size_t i = 0; i < COUNT(fills); i++)
        fills[i] = random_fill(&rng, &arena);
    make_batch(&made, fills, COUNT(fills));
    for (size_t i = 0; i < COUNT(fills); i++) {
        assert_int_equal(batch_fill(&made.batch, i, &again, &err), VG_OK);
        assert_fills_equal(&again, &fills[i], true);
    }
    vg_slice *hashes = (vg_slice *)(uintptr_t)made.batch.column[FILL_TX_HASH];
    hashes[7] = VG_SLICE("0x12");
    assert_int_equal(batch_fill(&made.batch, 7, &again, &err), VG_EPARSE);
    arena_release(&arena);
    arena_release(&made.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_kinds_by_their_names),
        cmocka_unit_test(knows_dollar_tokens),
        cmocka_unit_test(spot_fees_are_in_base_for_buys_and_rebates_for_sells),
        cmocka_unit_test(the_rule_for_spot_fees_holds_on_real_fills),
        cmocka_unit_test(knows_rows_that_nobody_ordered),
        cmocka_unit_test(the_schema_names_every_column_once),
        cmocka_unit_test(a_row_of_a_batch_is_the_fill_it_was_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
