#include "model/fill_batch.h"

#include "base/hex.h"

static bool hex_column(const struct fill_batch *batch, enum fill_column column, size_t row, uint8_t *bytes, size_t n)
{
    vg_slice text = batch_text(batch, column, row);
    return text.n == 2 * n + 2 && memcmp(text.p, "0x", 2) == 0 && vg_hex_decode(text.p + 2, bytes, n);
}

vg_code batch_fill(const struct fill_batch *b, size_t row, struct fill *f, vg_err *err)
{
    *f = (struct fill){0};
    f->time_ms = vg_floor_div(batch_int64(b, FILL_TIME, row), 1000);
    f->coin = batch_text(b, FILL_COIN, row);
    f->price = batch_decimal(b, FILL_PRICE, row);
    f->size = batch_decimal(b, FILL_SIZE, row);
    f->start_position = batch_decimal(b, FILL_START_POSITION, row);
    f->order_id = batch_int64(b, FILL_ORDER_ID, row);
    f->block_time_ns = batch_int64(b, FILL_BLOCK_TIME, row);
    f->block_number = batch_int64(b, FILL_BLOCK_NUMBER, row);
    f->event_index = (uint32_t)batch_int32(b, FILL_EVENT_INDEX, row);
    if (vg_slice_is(batch_text(b, FILL_SIDE, row), "B")) f->has |= FILL_IS_BUY;
    if (batch_bool(b, FILL_CROSSED, row)) f->has |= FILL_IS_TAKER;
    bool ok = hex_column(b, FILL_USER_ADDRESS, row, f->user, ADDRESS_BYTES) &&
              hex_column(b, FILL_TX_HASH, row, f->hash, HASH_BYTES);

#define OPTIONAL(column, flag, read) \
    if (batch_has(b, column, row)) { \
        f->has |= (flag);            \
        read;                        \
    }
    OPTIONAL(FILL_DIRECTION, FILL_HAS_DIRECTION, f->direction = batch_text(b, FILL_DIRECTION, row))
    OPTIONAL(FILL_CLOSED_PNL, FILL_HAS_CLOSED_PNL, f->closed_pnl = batch_decimal(b, FILL_CLOSED_PNL, row))
    OPTIONAL(FILL_FEE, FILL_HAS_FEE, f->fee = batch_decimal(b, FILL_FEE, row))
    OPTIONAL(FILL_FEE_TOKEN, FILL_HAS_FEE_TOKEN, f->fee_token = batch_text(b, FILL_FEE_TOKEN, row))
    OPTIONAL(FILL_TRADE_ID, FILL_HAS_TRADE_ID, f->trade_id = batch_int64(b, FILL_TRADE_ID, row))
    OPTIONAL(FILL_BUILDER, FILL_HAS_BUILDER, ok = ok && hex_column(b, FILL_BUILDER, row, f->builder, ADDRESS_BYTES))
    OPTIONAL(FILL_BUILDER_FEE, FILL_HAS_BUILDER_FEE, f->builder_fee = batch_decimal(b, FILL_BUILDER_FEE, row))
    OPTIONAL(FILL_DEPLOYER_FEE, FILL_HAS_DEPLOYER_FEE, f->deployer_fee = batch_decimal(b, FILL_DEPLOYER_FEE, row))
    OPTIONAL(FILL_CLOID, FILL_HAS_CLOID, ok = ok && hex_column(b, FILL_CLOID, row, f->cloid, CLOID_BYTES))
    OPTIONAL(FILL_TWAP_ID, FILL_HAS_TWAP_ID, f->twap_id = batch_int64(b, FILL_TWAP_ID, row))
    OPTIONAL(FILL_LIQUIDATED_USER, FILL_HAS_LIQUIDATED_USER,
             ok = ok && hex_column(b, FILL_LIQUIDATED_USER, row, f->liquidated_user, ADDRESS_BYTES))
    OPTIONAL(FILL_LIQUIDATION_MARK_PRICE, FILL_HAS_LIQUIDATION_MARK,
             f->liquidation_mark = batch_decimal(b, FILL_LIQUIDATION_MARK_PRICE, row))
    OPTIONAL(FILL_LIQUIDATION_METHOD, FILL_HAS_LIQUIDATION_METHOD,
             f->liquidation_method = batch_text(b, FILL_LIQUIDATION_METHOD, row))
    OPTIONAL(FILL_EXTRA, FILL_HAS_EXTRA, f->extra = batch_text(b, FILL_EXTRA, row))
#undef OPTIONAL
    if (ok) return VG_OK;
    return vg_fail(err, VG_EPARSE, "block %lld, event %u: an address or hash is not 0x and hex digits",
                   (long long)f->block_number, f->event_index);
}
