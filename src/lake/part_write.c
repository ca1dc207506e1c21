#include "lake/part_write.h"

#include "base/hex.h"
#include "lake/parquet.h"
#include "lake/parquet_format.h"

#define BLOCK_GROUP_ROWS 65536

static const uint8_t fill_order[] = {FILL_USER_ADDRESS, FILL_BLOCK_NUMBER, FILL_EVENT_INDEX};
static const uint8_t block_order[] = {BLOCK_NUMBER, BLOCK_FIRST_EVENT};

struct part_writer {
    struct parquet *fills, *blocks;
    uint8_t last_user[ADDRESS_BYTES]; /* rows of a trader follow each other: his text is made once */
    char user_text[ADDRESS_TEXT];
};

struct part_writer *part_writer_new(void)
{
    struct part_writer *w = vg_calloc(1, sizeof *w);
    w->fills = parquet_new(fill_columns, FILL_COLUMNS, "fills", fill_order, sizeof fill_order, PARQUET_FILL_GROUP_ROWS);
    w->blocks = parquet_new(block_columns, BLOCK_COLUMNS, "blocks", block_order, sizeof block_order, BLOCK_GROUP_ROWS);
    memcpy(w->user_text, "0x0000000000000000000000000000000000000000", ADDRESS_TEXT);
    return w;
}

void part_writer_free(struct part_writer *w)
{
    if (!w) return;
    parquet_free(w->fills);
    parquet_free(w->blocks);
    free(w);
}

static void add_hex(struct parquet *p, enum fill_column column, const uint8_t *bytes, size_t n)
{
    char text[2 + 2 * HASH_BYTES] = "0x";
    vg_hex_encode(bytes, n, text + 2);
    parquet_text(p, column, text, 2 + 2 * n);
}

static void add_slice(struct parquet *p, enum fill_column column, vg_slice text)
{
    parquet_text(p, column, text.p, text.n);
}

static void add_user(struct part_writer *w, const struct fill *f)
{
    if (memcmp(w->last_user, f->user, ADDRESS_BYTES) != 0) {
        memcpy(w->last_user, f->user, ADDRESS_BYTES);
        vg_hex_encode(f->user, ADDRESS_BYTES, w->user_text + 2);
    }
    parquet_text(w->fills, FILL_USER_ADDRESS, w->user_text, ADDRESS_TEXT);
}

/* A value where the fill has it, NULL where not. */
#define ADD_OPTIONAL(flag, column, add) \
    do {                                \
        if (f->has & (flag)) {          \
            add;                        \
        } else {                        \
            parquet_null(p, column);    \
        }                               \
    } while (0)

static void add_optional(struct parquet *p, const struct fill *f)
{
    ADD_OPTIONAL(FILL_HAS_DIRECTION, FILL_DIRECTION, add_slice(p, FILL_DIRECTION, f->direction));
    ADD_OPTIONAL(FILL_HAS_CLOSED_PNL, FILL_CLOSED_PNL, parquet_decimal(p, FILL_CLOSED_PNL, f->closed_pnl));
    ADD_OPTIONAL(FILL_HAS_FEE, FILL_FEE, parquet_decimal(p, FILL_FEE, f->fee));
    ADD_OPTIONAL(FILL_HAS_FEE_TOKEN, FILL_FEE_TOKEN, add_slice(p, FILL_FEE_TOKEN, f->fee_token));
    ADD_OPTIONAL(FILL_HAS_TRADE_ID, FILL_TRADE_ID, parquet_int(p, FILL_TRADE_ID, f->trade_id));
    ADD_OPTIONAL(FILL_HAS_BUILDER, FILL_BUILDER, add_hex(p, FILL_BUILDER, f->builder, ADDRESS_BYTES));
    ADD_OPTIONAL(FILL_HAS_BUILDER_FEE, FILL_BUILDER_FEE, parquet_decimal(p, FILL_BUILDER_FEE, f->builder_fee));
    ADD_OPTIONAL(FILL_HAS_DEPLOYER_FEE, FILL_DEPLOYER_FEE, parquet_decimal(p, FILL_DEPLOYER_FEE, f->deployer_fee));
    ADD_OPTIONAL(FILL_HAS_CLOID, FILL_CLOID, add_hex(p, FILL_CLOID, f->cloid, CLOID_BYTES));
    ADD_OPTIONAL(FILL_HAS_TWAP_ID, FILL_TWAP_ID, parquet_int(p, FILL_TWAP_ID, f->twap_id));
    ADD_OPTIONAL(FILL_HAS_LIQUIDATED_USER, FILL_LIQUIDATED_USER,
                 add_hex(p, FILL_LIQUIDATED_USER, f->liquidated_user, ADDRESS_BYTES));
    ADD_OPTIONAL(FILL_HAS_LIQUIDATION_MARK, FILL_LIQUIDATION_MARK_PRICE,
                 parquet_decimal(p, FILL_LIQUIDATION_MARK_PRICE, f->liquidation_mark));
    ADD_OPTIONAL(FILL_HAS_LIQUIDATION_METHOD, FILL_LIQUIDATION_METHOD,
                 add_slice(p, FILL_LIQUIDATION_METHOD, f->liquidation_method));
    ADD_OPTIONAL(FILL_HAS_EXTRA, FILL_EXTRA, add_slice(p, FILL_EXTRA, f->extra));
}

static vg_code add_fill(struct part_writer *w, const struct fill *f, vg_err *err)
{
    struct parquet *p = w->fills;
    parquet_int(p, FILL_TIME, f->time_ms * 1000);
    add_user(w, f);
    add_slice(p, FILL_COIN, f->coin);
    parquet_decimal(p, FILL_PRICE, f->price);
    parquet_decimal(p, FILL_SIZE, f->size);
    add_slice(p, FILL_SIDE, f->has & FILL_IS_BUY ? VG_SLICE("B") : VG_SLICE("A"));
    parquet_decimal(p, FILL_START_POSITION, f->start_position);
    parquet_int(p, FILL_CROSSED, (f->has & FILL_IS_TAKER) != 0);
    add_hex(p, FILL_TX_HASH, f->hash, HASH_BYTES);
    parquet_int(p, FILL_ORDER_ID, f->order_id);
    parquet_int(p, FILL_BLOCK_TIME, f->block_time_ns);
    parquet_int(p, FILL_BLOCK_NUMBER, f->block_number);
    parquet_int(p, FILL_EVENT_INDEX, f->event_index);
    add_optional(p, f);
    return parquet_end_row(p, err);
}

static vg_code add_day(struct part_writer *w, struct fill_sorter *sorter, vg_err *err)
{
    const struct fill *fill;
    VG_TRY(fill_sorter_peek(sorter, &fill, err));
    int32_t day = fill ? vg_day_of_ns(fill->block_time_ns) : 0;
    while (fill && vg_day_of_ns(fill->block_time_ns) == day) {
        VG_TRY(add_fill(w, fill, err));
        fill_sorter_pop(sorter);
        VG_TRY(fill_sorter_peek(sorter, &fill, err));
    }
    return VG_OK;
}

vg_code part_write_fills(struct part_writer *w, struct fill_sorter *sorter, const char *path, uint64_t *rows,
                         vg_err *err)
{
    vg_code rc = parquet_open(w->fills, path, err);
    if (!rc) rc = add_day(w, sorter, err);
    if (!rc) rc = parquet_close(w->fills, rows, err);
    if (rc) parquet_abandon(w->fills);
    return rc;
}

static vg_code add_block(struct parquet *p, const struct block *block, vg_err *err)
{
    parquet_int(p, BLOCK_NUMBER, block->number);
    parquet_int(p, BLOCK_TIME, block->time_ns);
    parquet_int(p, BLOCK_LOCAL_TIME, block->local_time_ns);
    parquet_int(p, BLOCK_FIRST_EVENT, block->first_event);
    parquet_int(p, BLOCK_EVENTS, block->events);
    parquet_int(p, BLOCK_LINES, block->lines);
    parquet_int(p, BLOCK_DIGEST, (int64_t)block->digest);
    return parquet_end_row(p, err);
}

vg_code part_write_blocks(struct part_writer *w, const struct block *blocks, size_t n, const char *path, vg_err *err)
{
    uint64_t rows;
    vg_code rc = parquet_open(w->blocks, path, err);
    for (size_t i = 0; i < n && !rc; i++)
        rc = add_block(w->blocks, &blocks[i], err);
    if (!rc) rc = parquet_close(w->blocks, &rows, err);
    if (rc) parquet_abandon(w->blocks);
    return rc;
}
