#include "model/direction.h"

enum direction direction_of(vg_slice word)
{
    static const char *const words[DIRECTION_UNKNOWN] = {
        [DIRECTION_NONE] = "",
        [DIRECTION_OPEN_LONG] = "Open Long",
        [DIRECTION_CLOSE_LONG] = "Close Long",
        [DIRECTION_OPEN_SHORT] = "Open Short",
        [DIRECTION_CLOSE_SHORT] = "Close Short",
        [DIRECTION_LONG_TO_SHORT] = "Long > Short",
        [DIRECTION_SHORT_TO_LONG] = "Short > Long",
        [DIRECTION_BUY] = "Buy",
        [DIRECTION_SELL] = "Sell",
        [DIRECTION_DUST] = "Spot Dust Conversion",
        [DIRECTION_NET_CHILD_VAULTS] = "Net Child Vaults",
        [DIRECTION_LIQUIDATED_CROSS_LONG] = "Liquidated Cross Long",
        [DIRECTION_LIQUIDATED_CROSS_SHORT] = "Liquidated Cross Short",
        [DIRECTION_LIQUIDATED_ISOLATED_LONG] = "Liquidated Isolated Long",
        [DIRECTION_LIQUIDATED_ISOLATED_SHORT] = "Liquidated Isolated Short",
        [DIRECTION_AUTO_DELEVERAGING] = "Auto-Deleveraging",
        [DIRECTION_SETTLEMENT] = "Settlement",
        [DIRECTION_SPLIT_OUTCOME] = "Split Outcome",
        [DIRECTION_MERGE_OUTCOME] = "Merge Outcome",
        [DIRECTION_MERGE_QUESTION] = "Merge Question",
        [DIRECTION_NEGATE_OUTCOME] = "Negate Outcome",
        [DIRECTION_PARTIAL_BORROW_LIQUIDATION] = "Partial Borrow Liquidation",
        [DIRECTION_BACKSTOP_BORROW_LIQUIDATION] = "Backstop Borrow Liquidation",
    };
    for (enum direction d = 0; d < DIRECTION_UNKNOWN; d++)
        if (vg_slice_is(word, words[d])) return d;
    return DIRECTION_UNKNOWN;
}
