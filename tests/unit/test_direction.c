#include "model/direction.h"

#include "model/coin.h"
#include "support.h"

static const struct {
    const char *word;
    enum direction direction;
    bool is_ordinary, makes_no_trade;
} words[] = {
    {"", DIRECTION_NONE, false, false},
    {"Open Long", DIRECTION_OPEN_LONG, true, false},
    {"Close Long", DIRECTION_CLOSE_LONG, true, false},
    {"Open Short", DIRECTION_OPEN_SHORT, true, false},
    {"Close Short", DIRECTION_CLOSE_SHORT, true, false},
    {"Long > Short", DIRECTION_LONG_TO_SHORT, true, false},
    {"Short > Long", DIRECTION_SHORT_TO_LONG, true, false},
    {"Buy", DIRECTION_BUY, false, false},
    {"Sell", DIRECTION_SELL, false, false},
    {"Spot Dust Conversion", DIRECTION_DUST, false, true},
    {"Net Child Vaults", DIRECTION_NET_CHILD_VAULTS, false, true},
    {"Liquidated Cross Long", DIRECTION_LIQUIDATED_CROSS_LONG, false, false},
    {"Liquidated Cross Short", DIRECTION_LIQUIDATED_CROSS_SHORT, false, false},
    {"Liquidated Isolated Long", DIRECTION_LIQUIDATED_ISOLATED_LONG, false, false},
    {"Liquidated Isolated Short", DIRECTION_LIQUIDATED_ISOLATED_SHORT, false, false},
    {"Auto-Deleveraging", DIRECTION_AUTO_DELEVERAGING, false, false},
    {"Settlement", DIRECTION_SETTLEMENT, false, true},
    {"Split Outcome", DIRECTION_SPLIT_OUTCOME, false, true},
    {"Merge Outcome", DIRECTION_MERGE_OUTCOME, false, true},
    {"Merge Question", DIRECTION_MERGE_QUESTION, false, true},
    {"Negate Outcome", DIRECTION_NEGATE_OUTCOME, false, true},
    {"Partial Borrow Liquidation", DIRECTION_PARTIAL_BORROW_LIQUIDATION, false, false},
    {"Backstop Borrow Liquidation", DIRECTION_BACKSTOP_BORROW_LIQUIDATION, false, false},
};

static void knows_every_word_of_the_exchange(void **state)
{
    (void)state;
    assert_int_equal(COUNT(words), DIRECTION_UNKNOWN);
    for (size_t i = 0; i < COUNT(words); i++) {
        vg_slice word = vg_slice_of(words[i].word);
        assert_int_equal(direction_of(word), words[i].direction);
        assert_int_equal(direction_is_ordinary(words[i].direction), words[i].is_ordinary);
        assert_int_equal(direction_makes_no_trade(words[i].direction), words[i].makes_no_trade);
        assert_int_equal(direction_makes_no_trade(words[i].direction), direction_is_system(word));
    }
}

static void calls_other_words_unknown(void **state)
{
    (void)state;
    static const char *const others[] = {"open long", "Open Long ", "Open",  "OpenLong",          "Long>Short",
                                         "Buy\n",     "Unknown",    " Sell", "Auto Deleveraging", "None"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(direction_of(vg_slice_of(others[i])), DIRECTION_UNKNOWN);
    assert_false(direction_is_ordinary(DIRECTION_UNKNOWN) || direction_makes_no_trade(DIRECTION_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_word_of_the_exchange),
        cmocka_unit_test(calls_other_words_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
