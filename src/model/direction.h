/* direction.h: the exchange's word for what a fill does. All values: docs/formats.md. */
#ifndef VIGIL_MODEL_DIRECTION_H
#define VIGIL_MODEL_DIRECTION_H

#include "base/buf.h"

enum direction {
    DIRECTION_NONE, /* the record has none */
    DIRECTION_OPEN_LONG,
    DIRECTION_CLOSE_LONG,
    DIRECTION_OPEN_SHORT,
    DIRECTION_CLOSE_SHORT,
    DIRECTION_LONG_TO_SHORT,
    DIRECTION_SHORT_TO_LONG,
    DIRECTION_BUY,
    DIRECTION_SELL,
    DIRECTION_DUST,
    DIRECTION_NET_CHILD_VAULTS,
    DIRECTION_LIQUIDATED_CROSS_LONG,
    DIRECTION_LIQUIDATED_CROSS_SHORT,
    DIRECTION_LIQUIDATED_ISOLATED_LONG,
    DIRECTION_LIQUIDATED_ISOLATED_SHORT,
    DIRECTION_AUTO_DELEVERAGING,
    DIRECTION_SETTLEMENT,
    DIRECTION_SPLIT_OUTCOME,
    DIRECTION_MERGE_OUTCOME,
    DIRECTION_MERGE_QUESTION,
    DIRECTION_NEGATE_OUTCOME,
    DIRECTION_PARTIAL_BORROW_LIQUIDATION,
    DIRECTION_BACKSTOP_BORROW_LIQUIDATION,
    DIRECTION_UNKNOWN, /* a word that is not in this list */
    DIRECTIONS
};

enum direction direction_of(vg_slice word);

/* The six words of ordinary perp fills follow from side, position and size. */
static inline bool direction_is_ordinary(enum direction d)
{
    return d >= DIRECTION_OPEN_LONG && d <= DIRECTION_SHORT_TO_LONG;
}

/* Rows that no order of the trader made: dust conversions, vault nettings, settlements, legs of outcomes. */
static inline bool direction_makes_no_trade(enum direction d)
{
    return d == DIRECTION_DUST || d == DIRECTION_NET_CHILD_VAULTS ||
           (d >= DIRECTION_SETTLEMENT && d <= DIRECTION_NEGATE_OUTCOME);
}

#endif
