/* chain.h: does every position follow from the fill before it?
 *
 * Per trader and coin the next startPosition must be the last one plus the signed size: exactly on
 * perps; on spot, minus a fee in the base token, within a millionth, because the source prints float
 * dust there. A break means a missing fill, a transfer, or a change that is no trade.
 * Rows must come in time order per trader and coin; memory grows with the number of such pairs.
 */
#ifndef VIGIL_ANALYZE_CHAIN_H
#define VIGIL_ANALYZE_CHAIN_H

#include "model/coin.h"
#include "model/fill_batch.h"

enum chain_break {
    BREAK_GAP,        /* perp: a fill is missing, or the position changed without one */
    BREAK_TRANSFER,   /* spot: tokens came or went without a fill */
    BREAK_DUST,       /* the account that sells dust, or a dust conversion before or after */
    BREAK_SELF_TRADE, /* both rows of a trade with oneself show the same position, and it does not move */
    BREAK_SYSTEM,     /* next to a vault netting, settlement or outcome leg */
    CHAIN_BREAKS
};

struct chain_kind_report {
    uint64_t rows, links, breaks[CHAIN_BREAKS];
    uint64_t direction_mismatches; /* the text disagrees with side, size and position (perps) */
};

struct chain_report {
    struct chain_kind_report kinds[COIN_KINDS];
    uint64_t pairs;           /* of trader and coin */
    uint64_t time_mismatches; /* time is not block_time cut to the millisecond */
    struct chain_example {    /* the first perp break, to look at */
        bool found;
        char user[ADDRESS_TEXT + 1], coin[64];
        int64_t block_number;
        uint32_t event_index;
        vg_dec expected, found_position;
    } example;
};

struct chain;

/* The columns that chain_add reads. */
uint64_t chain_columns(void);
struct chain *chain_new(void);
void chain_add(struct chain *chain, const struct fill_batch *batch);
const struct chain_report *chain_report(const struct chain *chain);
void chain_free(struct chain *chain);
const char *chain_break_name(enum chain_break cause);

#endif
