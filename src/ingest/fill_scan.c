#include "ingest/fill_scan.h"

#include "base/hex.h"

/* Whether n bytes are equal. The length is a constant wherever this is used, so it becomes a few loads
 * and comparisons; a call of memcmp would cost more than the comparison. */
static inline __attribute__((always_inline)) bool equal(const char *a, const char *b, size_t n)
{
    uint64_t x, y, difference = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        difference |= x ^ y;
    }
    x = y = 0;
    memcpy(&x, a + i, n - i);
    memcpy(&y, b + i, n - i);
    return (difference | (x ^ y)) == 0;
}

#define NEXT_IS(literal) equal(p, literal, sizeof(literal) - 1)

/* Steps over a literal, or leaves the function with NULL. */
#define EXPECT(literal)                     \
    do {                                    \
        if (!NEXT_IS(literal)) return NULL; \
        p += sizeof(literal) - 1;           \
    } while (0)

#define STEP(call)           \
    do {                     \
        p = (call);          \
        if (!p) return NULL; \
    } while (0)

static const uint64_t power10[] = {1,       10,       100,       1000,       10000,      100000,
                                   1000000, 10000000, 100000000, 1000000000, 10000000000};

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* A canonical decimal and its closing quote. At most 18 integer digits: longer ones are for the
 * reader. No bounds check inside the loops: the line ends in '\n', which is no digit. */
static inline const char *scan_decimal(const char *p, vg_dec *out)
{
    bool negative = *p == '-';
    p += negative;
    const char *start = p;
    uint64_t integer = 0, fraction = 0;
    while (is_digit(*p))
        integer = integer * 10 + (uint64_t)(*p++ - '0');
    size_t n = (size_t)(p - start);
    if (n == 0 || n > 18 || (*start == '0' && n > 1) || *p != '.') return NULL;
    start = ++p;
    while (is_digit(*p))
        fraction = fraction * 10 + (uint64_t)(*p++ - '0');
    n = (size_t)(p - start);
    if (n == 0 || n > VG_DEC_SCALE || (n > 1 && p[-1] == '0') || *p != '"') return NULL;
    vg_dec value = (vg_dec)((unsigned __int128)integer * VG_DEC_ONE + fraction * power10[VG_DEC_SCALE - n]);
    if (negative && value == 0) return NULL;
    *out = negative ? -value : value;
    return p + 1;
}

/* Plain ASCII text of 1 to 255 bytes and its closing quote. */
static inline const char *scan_text(const char *p, const char *end, vg_slice *out)
{
    const char *start = p;
    while (*p != '"') {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c >= 0x80 || c == '\\' || p == end) return NULL;
        p++;
    }
    *out = (vg_slice){start, (size_t)(p - start)};
    return out->n == 0 || out->n > 255 ? NULL : p + 1;
}

static inline const char *scan_integer(const char *p, int64_t *out)
{
    const char *start = p;
    uint64_t value = 0;
    while (is_digit(*p))
        value = value * 10 + (uint64_t)(*p++ - '0');
    size_t n = (size_t)(p - start);
    if (n == 0 || n > 18 || (*start == '0' && n > 1)) return NULL;
    *out = (int64_t)value;
    return p;
}

/* Hex digits of known length and the closing quote. */
static inline const char *scan_hex(const char *p, uint8_t *bytes, size_t n)
{
    return vg_hex_decode(p, bytes, n) && p[2 * n] == '"' ? p + 2 * n + 1 : NULL;
}

static const char *scan_liquidation(const char *p, const char *end, struct fill *fill)
{
    EXPECT("{");
    if (NEXT_IS("\"liquidatedUser\":\"0x")) {
        STEP(scan_hex(p + 20, fill->liquidated_user, ADDRESS_BYTES));
        fill->has |= FILL_HAS_LIQUIDATED_USER;
        EXPECT(",");
    }
    EXPECT("\"markPx\":\"");
    STEP(scan_decimal(p, &fill->liquidation_mark));
    EXPECT(",\"method\":\"");
    STEP(scan_text(p, end, &fill->liquidation_method));
    EXPECT("}");
    fill->has |= FILL_HAS_LIQUIDATION_MARK | FILL_HAS_LIQUIDATION_METHOD;
    return p;
}

/* `,"fee":…` to the closing brace: the part where keys come and go. */
static const char *scan_tail(const char *p, const char *end, enum fill_form form, struct fill *fill)
{
    EXPECT(",\"fee\":\"");
    STEP(scan_decimal(p, &fill->fee));
    fill->has |= FILL_HAS_FEE;
    if (NEXT_IS(",\"builderFee\":\"")) {
        STEP(scan_decimal(p + 15, &fill->builder_fee));
        fill->has |= FILL_HAS_BUILDER_FEE;
    }
    EXPECT(",\"tid\":");
    STEP(scan_integer(p, &fill->trade_id));
    fill->has |= FILL_HAS_TRADE_ID;
    if (NEXT_IS(",\"cloid\":\"0x")) {
        STEP(scan_hex(p + 12, fill->cloid, CLOID_BYTES));
        fill->has |= FILL_HAS_CLOID;
    }
    if (NEXT_IS(",\"liquidation\":")) STEP(scan_liquidation(p + 15, end, fill));
    EXPECT(",\"feeToken\":\"");
    STEP(scan_text(p, end, &fill->fee_token));
    fill->has |= FILL_HAS_FEE_TOKEN;
    if (NEXT_IS(",\"builder\":\"0x")) {
        STEP(scan_hex(p + 14, fill->builder, ADDRESS_BYTES));
        fill->has |= FILL_HAS_BUILDER;
    }
    if (form == FORM_BLOCKS) {
        EXPECT(",\"twapId\":");
        if (NEXT_IS("null")) {
            p += 4;
        } else {
            STEP(scan_integer(p, &fill->twap_id));
            fill->has |= FILL_HAS_TWAP_ID;
        }
    }
    if (NEXT_IS(",\"deployerFee\":\"")) {
        STEP(scan_decimal(p + 16, &fill->deployer_fee));
        fill->has |= FILL_HAS_DEPLOYER_FEE;
    }
    EXPECT("}]");
    return p;
}

/* Only what is always set is cleared: everything else is guarded by `has`. */
const char *fill_scan(const char *p, const char *end, enum fill_form form, struct fill *fill)
{
    fill->has = FILL_HAS_DIRECTION | FILL_HAS_CLOSED_PNL;
    EXPECT("[\"0x");
    STEP(scan_hex(p, fill->user, ADDRESS_BYTES));
    EXPECT(",{\"coin\":\"");
    STEP(scan_text(p, end, &fill->coin));
    EXPECT(",\"px\":\"");
    STEP(scan_decimal(p, &fill->price));
    EXPECT(",\"sz\":\"");
    STEP(scan_decimal(p, &fill->size));
    if (fill->price < 0 || fill->size < 0) return NULL;
    EXPECT(",\"side\":\"");
    if (*p == 'B')
        fill->has |= FILL_IS_BUY;
    else if (*p != 'A')
        return NULL;
    p++;
    EXPECT("\",\"time\":");
    STEP(scan_integer(p, &fill->time_ms));
    if (fill->time_ms > INT64_MAX / VG_NS_PER_MS) return NULL;
    EXPECT(",\"startPosition\":\"");
    STEP(scan_decimal(p, &fill->start_position));
    EXPECT(",\"dir\":\"");
    STEP(scan_text(p, end, &fill->direction));
    EXPECT(",\"closedPnl\":\"");
    STEP(scan_decimal(p, &fill->closed_pnl));
    EXPECT(",\"hash\":\"0x");
    STEP(scan_hex(p, fill->hash, HASH_BYTES));
    EXPECT(",\"oid\":");
    STEP(scan_integer(p, &fill->order_id));
    if (NEXT_IS(",\"crossed\":true")) {
        p += 15;
        fill->has |= FILL_IS_TAKER;
    } else {
        EXPECT(",\"crossed\":false");
    }
    STEP(scan_tail(p, end, form, fill));
    return p <= end ? p : NULL;
}

/* The fixed 29 characters of "2026-03-15T00:00:00.196239755". */
static const char *scan_time(const char *p, int64_t *ns)
{
    return vg_time_parse(p, 29, ns) && p[29] == '"' ? p + 30 : NULL;
}

const char *block_scan(const char *p, const char *end, struct block_head *head)
{
    EXPECT("{\"local_time\":\"");
    STEP(scan_time(p, &head->local_time_ns));
    EXPECT(",\"block_time\":\"");
    STEP(scan_time(p, &head->time_ns));
    EXPECT(",\"block_number\":");
    STEP(scan_integer(p, &head->number));
    EXPECT(",\"events\":[");
    return p <= end ? p : NULL;
}
