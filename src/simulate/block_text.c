#include "simulate/block_text.h"

#include <string.h>

#include "base/day.h"
#include "base/hex.h"

#define ROW_ROOM 1400 /* more than the longest row */

#define PUT(p, literal) (memcpy((p), "" literal, sizeof literal - 1), (p) + sizeof literal - 1)

static const char *const direction_names[DIRECTIONS] = {
    [OPEN_LONG] = "Open Long",
    [CLOSE_LONG] = "Close Long",
    [OPEN_SHORT] = "Open Short",
    [CLOSE_SHORT] = "Close Short",
    [LONG_TO_SHORT] = "Long > Short",
    [SHORT_TO_LONG] = "Short > Long",
    [BUY] = "Buy",
    [SELL] = "Sell",
    [DUST_CONVERSION] = "Spot Dust Conversion",
    [LIQUIDATED_CROSS_LONG] = "Liquidated Cross Long",
    [LIQUIDATED_CROSS_SHORT] = "Liquidated Cross Short",
    [LIQUIDATED_ISOLATED_LONG] = "Liquidated Isolated Long",
    [LIQUIDATED_ISOLATED_SHORT] = "Liquidated Isolated Short",
    [AUTO_DELEVERAGING] = "Auto-Deleveraging",
};

static char *put_bytes(char *p, const char *bytes, size_t n)
{
    memcpy(p, bytes, n);
    return p + n;
}

static char *put_text(char *p, const char *text) { return put_bytes(p, text, strlen(text)); }

static char *put_integer(char *p, uint64_t value)
{
    char digits[20], *start = digits + sizeof digits;
    do {
        *--start = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put_bytes(p, start, (size_t)(digits + sizeof digits - start));
}

/* "50.0", "-0.25": at least one fractional digit, no further trailing zeros. */
static char *put_decimal(char *p, int64_t value, unsigned decimals)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    if (value < 0) *p++ = '-';
    uint64_t unit = (uint64_t)market_power10(decimals), fraction = magnitude % unit;
    p = put_integer(p, magnitude / unit);
    *p++ = '.';
    if (fraction == 0) {
        *p++ = '0';
        return p;
    }
    while (fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    for (unsigned i = decimals; i-- > 0; fraction /= 10)
        p[i] = (char)('0' + fraction % 10);
    return p + decimals;
}

static char *put_address(char *p, const uint8_t address[20])
{
    p = PUT(p, "0x");
    vg_hex_encode(address, 20, p);
    return p + 40;
}

static char *put_money(char *p, const struct market_coin *coin, int64_t amount)
{
    return put_decimal(p, amount, coin_money_decimals(coin));
}

/* Exactly `width` digits. */
static char *put_digits(char *p, uint64_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        p[i] = (char)('0' + value % 10);
    return p + width;
}

/* "2026-03-15T00:00:00.196239755" */
static char *put_time(char *p, int64_t time_ns)
{
    int32_t day = vg_day_of_ns(time_ns);
    int year;
    unsigned month, day_of_month;
    vg_day_to_civil(day, &year, &month, &day_of_month);
    uint64_t rest = (uint64_t)(time_ns - day * VG_NS_PER_DAY), second = rest / (uint64_t)VG_NS_PER_S;
    p = put_digits(p, (uint64_t)year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day_of_month, 2);
    *p++ = 'T';
    p = put_digits(p, second / 3600, 2);
    *p++ = ':';
    p = put_digits(p, second / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, second % 60, 2);
    *p++ = '.';
    return put_digits(p, rest % (uint64_t)VG_NS_PER_S, 9);
}

void block_text_begin(struct block_text *text, vg_buf *out, int64_t block_ns, int64_t local_ns, uint64_t number)
{
    *text = (struct block_text){.out = out, .time_ms = vg_floor_div(block_ns, VG_NS_PER_MS)};
    vg_buf_reserve(out, ROW_ROOM);
    char *p = out->data + out->len;
    p = PUT(p, "{\"local_time\":\"");
    p = put_time(p, local_ns);
    p = PUT(p, "\",\"block_time\":\"");
    p = put_time(p, block_ns);
    p = PUT(p, "\",\"block_number\":");
    p = put_integer(p, number);
    p = PUT(p, ",\"events\":[");
    out->len = (size_t)(p - out->data);
    *p = '\0';
}

void block_text_end(struct block_text *text) { vg_buf_adds(text->out, "]}\n"); }

static char *put_liquidation(char *p, const struct block_row *row)
{
    const struct liquidation_note *note = row->liquidation;
    p = PUT(p, ",\"liquidation\":{");
    if (note->victim) {
        p = PUT(p, "\"liquidatedUser\":\"");
        p = put_address(p, note->victim);
        p = PUT(p, "\",");
    }
    p = PUT(p, "\"markPx\":\"");
    p = put_decimal(p, note->mark, coin_price_decimals(row->coin));
    p = PUT(p, "\",\"method\":\"");
    p = put_text(p, note->method);
    return PUT(p, "\"}");
}

/* From coin to closedPnl. */
static char *put_trade(char *p, const struct block_row *row, int64_t time_ms)
{
    const struct market_coin *coin = row->coin;
    p = PUT(p, "\",{\"coin\":\"");
    p = put_text(p, coin->name);
    p = PUT(p, "\",\"px\":\"");
    p = put_decimal(p, row->price, coin_price_decimals(coin));
    p = PUT(p, "\",\"sz\":\"");
    p = put_decimal(p, row->size, row->size_decimals);
    p = row->buys ? PUT(p, "\",\"side\":\"B\",\"time\":") : PUT(p, "\",\"side\":\"A\",\"time\":");
    p = put_integer(p, (uint64_t)time_ms);
    p = PUT(p, ",\"startPosition\":\"");
    p = put_decimal(p, row->booking.start, coin_is_spot(coin) ? BALANCE_DECIMALS : coin->sz_decimals);
    p = PUT(p, "\",\"dir\":\"");
    p = put_text(p, direction_names[row->booking.direction]);
    p = PUT(p, "\",\"closedPnl\":\"");
    return put_money(p, coin, row->booking.closed_pnl);
}

/* From feeToken to the end. */
static char *put_tail(char *p, const struct block_row *row)
{
    p = PUT(p, ",\"feeToken\":\"");
    p = put_text(p, market_token_names[row->fee.token]);
    if (row->builder) {
        p = PUT(p, "\",\"builder\":\"");
        p = put_address(p, row->builder);
    }
    p = PUT(p, "\",\"twapId\":");
    p = row->twap_id ? put_integer(p, row->twap_id) : PUT(p, "null");
    if (row->fee.deployer) {
        p = PUT(p, ",\"deployerFee\":\"");
        p = put_money(p, row->coin, row->fee.deployer);
        *p++ = '"';
    }
    if (row->priority_gas_e6) {
        p = PUT(p, ",\"priorityGas\":\"");
        p = put_decimal(p, row->priority_gas_e6, 6);
        *p++ = '"';
    }
    return PUT(p, "}]");
}

void block_text_row(struct block_text *text, const struct block_row *row)
{
    vg_buf_reserve(text->out, ROW_ROOM);
    char *p = text->out->data + text->out->len;
    if (text->rows++) *p++ = ',';
    p = PUT(p, "[\"");
    p = put_address(p, row->trader);
    p = put_trade(p, row, text->time_ms);
    p = PUT(p, "\",\"hash\":\"");
    p = put_bytes(p, row->hash, HASH_TEXT);
    p = PUT(p, "\",\"oid\":");
    p = put_integer(p, row->order_id);
    p = row->crossed ? PUT(p, ",\"crossed\":true,\"fee\":\"") : PUT(p, ",\"crossed\":false,\"fee\":\"");
    p = put_money(p, row->coin, row->fee.amount);
    if (row->fee.builder) {
        p = PUT(p, "\",\"builderFee\":\"");
        p = put_money(p, row->coin, row->fee.builder);
    }
    p = PUT(p, "\",\"tid\":");
    p = put_integer(p, row->trade_id);
    if (row->cloid) {
        p = PUT(p, ",\"cloid\":\"");
        p = put_bytes(p, row->cloid, CLOID_TEXT);
        *p++ = '"';
    }
    if (row->liquidation) p = put_liquidation(p, row);
    p = put_tail(p, row);
    text->out->len = (size_t)(p - text->out->data);
    *p = '\0';
}

void block_text_hash(char out[HASH_TEXT], struct vg_rng *rng, uint64_t block_number, uint16_t action)
{
    uint8_t bytes[32];
    for (size_t i = 0; i < sizeof bytes; i += 8) {
        uint64_t r = vg_rng_next(rng);
        memcpy(bytes + i, &r, 8);
    }
    bytes[10] = 4;
    for (unsigned i = 0; i < 4; i++)
        bytes[11 + i] = (uint8_t)(block_number >> (24 - 8 * i));
    size_t at = 15;
    if (action > 0xff) {
        bytes[at++] = 2;
        bytes[at++] = (uint8_t)(action >> 8);
        bytes[at++] = (uint8_t)action;
    } else {
        bytes[at++] = 1;
        bytes[at++] = (uint8_t)action;
    }
    bytes[at] = 0;
    memcpy(out, "0x", 2);
    vg_hex_encode(bytes, sizeof bytes, out + 2);
}

void block_text_zero_hash(char out[HASH_TEXT])
{
    memset(out, '0', HASH_TEXT);
    out[1] = 'x';
}

void block_text_cloid(char out[CLOID_TEXT], uint64_t high, uint64_t low)
{
    uint64_t words[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
    uint8_t bytes[16];
    memcpy(bytes, words, sizeof bytes);
    memcpy(out, "0x", 2);
    vg_hex_encode(bytes, sizeof bytes, out + 2);
}
