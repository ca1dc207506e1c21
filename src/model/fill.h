/* fill.h: one fill, and one block, as every part of Vigil sees them.
 *
 * A fill is one row of one trader: who, what, at which price, with which profit. Names and meaning
 * of the source's keys: docs/formats.md. Text is borrowed: the header of whoever hands out a fill
 * says how long it lives.
 */
#ifndef VIGIL_MODEL_FILL_H
#define VIGIL_MODEL_FILL_H

#include "base/buf.h"
#include "base/day.h"
#include "base/dec.h"

#define ADDRESS_BYTES 20
#define ADDRESS_TEXT 42 /* "0x" and 40 hex digits, no NUL counted */
#define HASH_BYTES 32
#define CLOID_BYTES 16

/* Which of the keys that may be absent are there. The others are in every fill. */
enum fill_has {
    FILL_HAS_CLOSED_PNL = 1 << 0,
    FILL_HAS_FEE = 1 << 1,
    FILL_HAS_FEE_TOKEN = 1 << 2,
    FILL_HAS_TRADE_ID = 1 << 3,
    FILL_HAS_DIRECTION = 1 << 4,
    FILL_HAS_BUILDER = 1 << 5,
    FILL_HAS_BUILDER_FEE = 1 << 6,
    FILL_HAS_DEPLOYER_FEE = 1 << 7,
    FILL_HAS_CLOID = 1 << 8,
    FILL_HAS_TWAP_ID = 1 << 9,
    FILL_HAS_LIQUIDATED_USER = 1 << 10, /* members of the liquidation object, each of which may be missing */
    FILL_HAS_LIQUIDATION_MARK = 1 << 11,
    FILL_HAS_LIQUIDATION_METHOD = 1 << 12,
    FILL_HAS_EXTRA = 1 << 13,
    FILL_IS_BUY = 1 << 14,   /* side "B" */
    FILL_IS_TAKER = 1 << 15, /* crossed */
    FILL_HAS_LIQUIDATION = FILL_HAS_LIQUIDATED_USER | FILL_HAS_LIQUIDATION_MARK | FILL_HAS_LIQUIDATION_METHOD,
};

struct fill {
    int64_t block_number; /* negative: surrogate, see surrogate_block() */
    int64_t block_time_ns;
    int64_t time_ms;
    uint32_t event_index; /* position in the block, in execution order */
    uint32_t has;         /* enum fill_has */
    uint8_t user[ADDRESS_BYTES];
    uint8_t builder[ADDRESS_BYTES];
    uint8_t liquidated_user[ADDRESS_BYTES];
    uint8_t cloid[CLOID_BYTES];
    uint8_t hash[HASH_BYTES];
    int64_t order_id, trade_id, twap_id;
    vg_dec price, size, start_position, closed_pnl;
    vg_dec fee, builder_fee, deployer_fee, liquidation_mark;
    vg_slice coin, direction, fee_token, liquidation_method;
    vg_slice extra; /* JSON object: unknown keys, and known ones whose text the columns cannot give back */
};

/* One block of the exchange, as the source's lines carried it. Blocks without fills exist. */
struct block {
    int64_t number, time_ns;
    int64_t local_time_ns; /* the node's clock */
    uint32_t first_event;  /* index of the first event on these lines; 0 unless local_time changed within */
    uint32_t events;
    uint32_t lines;  /* 1, or one per event in the streaming form */
    uint64_t digest; /* of the texts of all events of the block up to here, in order */
};

/* Sources without block numbers get a number below every real one that still sorts by time: the
 * millisecond of the fill minus 1e13. Together with the line number as event_index it is unique. */
#define SURROGATE_BLOCK_OFFSET INT64_C(10000000000000)
static inline int64_t surrogate_block(int64_t time_ms) { return time_ms - SURROGATE_BLOCK_OFFSET; }
static inline bool is_surrogate_block(int64_t block_number) { return block_number < 0; }

#endif
