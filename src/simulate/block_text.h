/* block_text.h: blocks and fills as the exchange writes them, byte for byte.
 *
 * Key order, number forms and compactness: hyperliquid-formats.md 2.1 and 2.3, checked against the real
 * first blocks of 2026-03-15. Rows are appended to the caller's buffer; nothing is allocated per row.
 */
#ifndef VIGIL_SIMULATE_BLOCK_TEXT_H
#define VIGIL_SIMULATE_BLOCK_TEXT_H

#include "base/buf.h"
#include "simulate/clearing.h"

#define HASH_TEXT 66  /* "0x" and 64 hex digits */
#define CLOID_TEXT 34 /* "0x" and 32 hex digits */

/* Rides on both rows of a liquidation. */
struct liquidation_note {
    const uint8_t *victim; /* address, or NULL: the exchange leaves it out in some 7 % */
    int64_t mark;          /* ticks */
    const char *method;    /* "market" or "backstop" */
};

/* One fill of one trader. Pointers are borrowed until block_text_row() returns. */
struct block_row {
    const struct market_coin *coin;
    const uint8_t *trader;
    int64_t price, size;
    uint8_t size_decimals;
    bool buys, crossed;
    struct booking booking;
    struct fee fee;
    const char *hash; /* HASH_TEXT characters */
    uint64_t order_id, trade_id;
    const char *cloid; /* CLOID_TEXT characters, or NULL */
    const struct liquidation_note *liquidation;
    const uint8_t *builder;
    uint64_t twap_id;         /* 0: null */
    uint32_t priority_gas_e6; /* 0: absent. Its unit is not documented; written as a decimal string */
};

struct block_text {
    vg_buf *out;
    int64_t time_ms; /* of the open block */
    uint32_t rows;
};

/* Writes one line: begin, any number of rows, end. Times in nanoseconds. */
void block_text_begin(struct block_text *text, vg_buf *out, int64_t block_ns, int64_t local_ns, uint64_t number);
void block_text_row(struct block_text *text, const struct block_row *row);
void block_text_end(struct block_text *text);

/* The hash of the block's `action`-th transaction: 10 random bytes, length and number of the block,
 * length and number of the action, zero, 13 or more random bytes (2.3, 7.5). */
void block_text_hash(char out[HASH_TEXT], struct vg_rng *rng, uint64_t block_number, uint16_t action);
void block_text_zero_hash(char out[HASH_TEXT]);
void block_text_cloid(char out[CLOID_TEXT], uint64_t high, uint64_t low);

#endif
