/* fill_row.h: one fill as the feature engine needs it: numbers and flags, no text. */
#ifndef VIGIL_ANALYZE_FILL_ROW_H
#define VIGIL_ANALYZE_FILL_ROW_H

#include "base/intern.h"
#include "model/coin.h"
#include "model/direction.h"
#include "model/fill_batch.h"

struct fill_row {
    int64_t time_ms, block, order_id, trade_id;
    uint32_t event, coin;
    int32_t day; /* of block_time */
    enum coin_kind kind;
    enum direction direction;
    bool is_buy, is_taker, is_system;
    bool is_twap, has_builder, has_pnl, has_trade_id;
    bool is_liquidation, own_liquidation, others_liquidation; /* the last two: liquidated_user is there */
    bool self_trade;                                          /* both rows of the trade are this trader's */
    bool stays; /* of such a trade: both rows show the same position, and it does not move */
    bool fee_is_base, fee_unpriced;
    uint64_t liquidation_key; /* of own liquidations: tells events apart */
    vg_dec price, size, start, pnl;
    vg_dec20 notional, fee_usd, builder_fee_usd, net_pnl;
};

/* Coins as small numbers, with what their names say. Zeroed struct = none. */
struct coin_table {
    struct intern names;
    enum coin_kind *kinds;
    uint32_t last; /* neighbours are often alike */
};
uint32_t coin_table_id(struct coin_table *coins, vg_slice name);
void coin_table_release(struct coin_table *coins);

/* The columns that fill_row_read reads. */
uint64_t fill_row_columns(void);

/* What texts of the batch at hand mean: the same text stands at the same place many times. Zeroed for
 * each batch. */
#define SEEN_TEXTS 64
struct seen_texts {
    struct seen_text {
        const char *p; /* NULL: none yet */
        size_t n;
        uint32_t meaning;
    } coins[SEEN_TEXTS], directions[SEEN_TEXTS], tokens[SEEN_TEXTS];
};

/* Row `row` of the batch, whose trader is `user`. False when a product leaves 128 bits. */
bool fill_row_read(const struct fill_batch *batch, size_t row, vg_slice user, struct coin_table *coins,
                   struct seen_texts *seen, struct fill_row *out);

/* net_pnl from pnl and fees, which fill_row_read does, too: a fee of a spot buy in the coin itself is inside the
 * exchange's profit already. False when the difference leaves 128 bits. */
bool fill_row_set_net_pnl(struct fill_row *row);

/* Whether the two rows, one behind the other in a trader's order, are a trade with himself: marks both. */
void fill_row_mark_self_trade(struct fill_row *a, struct fill_row *b);

#endif
