#include "lake/fill_pack.h"

/* Decimals: zigzag, then seven bits a byte, low first. Typical prices and sizes take five to seven. */
static uint8_t *put_decimal(uint8_t *p, vg_dec value)
{
    unsigned __int128 z = ((unsigned __int128)value << 1) ^ (unsigned __int128)(value >> 127);
    uint64_t low = (uint64_t)z;
    if (z >> 64) {
        while (z >= 128) {
            *p++ = (uint8_t)(z | 128);
            z >>= 7;
        }
        low = (uint64_t)z;
    }
    while (low >= 128) {
        *p++ = (uint8_t)(low | 128);
        low >>= 7;
    }
    *p++ = (uint8_t)low;
    return p;
}

static const uint8_t *get_decimal(const uint8_t *p, vg_dec *value)
{
    uint64_t low = 0;
    unsigned shift = 0;
    while (*p >= 128 && shift < 56) {
        low |= (uint64_t)(*p++ & 127) << shift;
        shift += 7;
    }
    unsigned __int128 z = low;
    while (*p >= 128) {
        z |= (unsigned __int128)(*p++ & 127) << shift;
        shift += 7;
    }
    z |= (unsigned __int128)*p++ << shift;
    *value = (vg_dec)(z >> 1) ^ -(vg_dec)(z & 1);
    return p;
}

static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t n)
{
    memcpy(p, bytes, n);
    return p + n;
}

static uint8_t *put_label(uint8_t *p, vg_slice text)
{
    VG_ASSERT(text.n <= 255);
    *p++ = (uint8_t)text.n;
    return put_bytes(p, text.p, text.n);
}

static const uint8_t *get_label(const uint8_t *p, vg_slice *text)
{
    *text = (vg_slice){(const char *)p + 1, *p};
    return p + 1 + *p;
}

/* The exchange's usual words are one byte; others follow a 255 with their length. */
static const char *const words[] = {"Open Long", "Close Long",   "Open Short",   "Close Short", "Buy",
                                    "Sell",      "Long > Short", "Short > Long", "USDC",        "USDH",
                                    "USDT0",     "USDE",         "HYPE"};
#define OTHER_WORD 255

static uint8_t *put_word(uint8_t *p, vg_slice text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.p[0] == words[i][0] && vg_slice_is(text, words[i])) {
            *p++ = (uint8_t)i;
            return p;
        }
    *p++ = OTHER_WORD;
    return put_label(p, text);
}

static const uint8_t *get_word(const uint8_t *p, vg_slice *text)
{
    uint8_t i = *p++;
    if (i == OTHER_WORD) return get_label(p, text);
    *text = vg_slice_of(words[i]);
    return p;
}

#define PUT(field) p = put_bytes(p, &(field), sizeof(field))
#define GET(field) (memcpy(&(field), p, sizeof(field)), p += sizeof(field))

/* time is block_time cut to the millisecond, as the exchange writes it, unless this bit is set. */
#define TIME_DIFFERS (1u << 31)

size_t fill_pack(const struct fill *fill, uint8_t *out)
{
    uint8_t *p = out;
    uint32_t has = fill->has;
    if (fill->time_ms != vg_floor_div(fill->block_time_ns, VG_NS_PER_MS)) has |= TIME_DIFFERS;
    PUT(has);
    PUT(fill->event_index);
    PUT(fill->block_number);
    PUT(fill->block_time_ns);
    if (has & TIME_DIFFERS) PUT(fill->time_ms);
    PUT(fill->order_id);
    PUT(fill->user);
    PUT(fill->hash);
    p = put_decimal(p, fill->price);
    p = put_decimal(p, fill->size);
    p = put_decimal(p, fill->start_position);
    p = put_label(p, fill->coin);
    if (has & FILL_HAS_DIRECTION) p = put_word(p, fill->direction);
    if (has & FILL_HAS_CLOSED_PNL) p = put_decimal(p, fill->closed_pnl);
    if (has & FILL_HAS_FEE) p = put_decimal(p, fill->fee);
    if (has & FILL_HAS_FEE_TOKEN) p = put_word(p, fill->fee_token);
    if (has & FILL_HAS_TRADE_ID) PUT(fill->trade_id);
    if (has & FILL_HAS_CLOID) PUT(fill->cloid);
    if (has & FILL_HAS_TWAP_ID) PUT(fill->twap_id);
    if (has & FILL_HAS_BUILDER) PUT(fill->builder);
    if (has & FILL_HAS_BUILDER_FEE) p = put_decimal(p, fill->builder_fee);
    if (has & FILL_HAS_DEPLOYER_FEE) p = put_decimal(p, fill->deployer_fee);
    if (has & FILL_HAS_LIQUIDATED_USER) PUT(fill->liquidated_user);
    if (has & FILL_HAS_LIQUIDATION_MARK) p = put_decimal(p, fill->liquidation_mark);
    if (has & FILL_HAS_LIQUIDATION_METHOD) p = put_label(p, fill->liquidation_method);
    if (has & FILL_HAS_EXTRA) {
        uint32_t n = (uint32_t)fill->extra.n;
        PUT(n);
        p = put_bytes(p, fill->extra.p, n);
    }
    return (size_t)(p - out);
}

size_t fill_unpack(const uint8_t *in, struct fill *fill)
{
    const uint8_t *p = in;
    uint32_t has;
    GET(has);
    fill->has = has & ~TIME_DIFFERS;
    GET(fill->event_index);
    GET(fill->block_number);
    GET(fill->block_time_ns);
    fill->time_ms = vg_floor_div(fill->block_time_ns, VG_NS_PER_MS);
    if (has & TIME_DIFFERS) GET(fill->time_ms);
    GET(fill->order_id);
    GET(fill->user);
    GET(fill->hash);
    p = get_decimal(p, &fill->price);
    p = get_decimal(p, &fill->size);
    p = get_decimal(p, &fill->start_position);
    p = get_label(p, &fill->coin);
    if (has & FILL_HAS_DIRECTION) p = get_word(p, &fill->direction);
    if (has & FILL_HAS_CLOSED_PNL) p = get_decimal(p, &fill->closed_pnl);
    if (has & FILL_HAS_FEE) p = get_decimal(p, &fill->fee);
    if (has & FILL_HAS_FEE_TOKEN) p = get_word(p, &fill->fee_token);
    if (has & FILL_HAS_TRADE_ID) GET(fill->trade_id);
    if (has & FILL_HAS_CLOID) GET(fill->cloid);
    if (has & FILL_HAS_TWAP_ID) GET(fill->twap_id);
    if (has & FILL_HAS_BUILDER) GET(fill->builder);
    if (has & FILL_HAS_BUILDER_FEE) p = get_decimal(p, &fill->builder_fee);
    if (has & FILL_HAS_DEPLOYER_FEE) p = get_decimal(p, &fill->deployer_fee);
    if (has & FILL_HAS_LIQUIDATED_USER) GET(fill->liquidated_user);
    if (has & FILL_HAS_LIQUIDATION_MARK) p = get_decimal(p, &fill->liquidation_mark);
    if (has & FILL_HAS_LIQUIDATION_METHOD) p = get_label(p, &fill->liquidation_method);
    if (has & FILL_HAS_EXTRA) {
        uint32_t n;
        GET(n);
        fill->extra = (vg_slice){(const char *)p, n};
        p += n;
    }
    return (size_t)(p - in);
}
