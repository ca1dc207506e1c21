#include "ingest/fill_scan.h"

#include "base/hex.h"

static inline uint64_t load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t load4(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Whether n bytes are equal, n at least 4. The length is a constant wherever this is used, so it
 * becomes a few loads and comparisons with constants; the last load overlaps the one before. */
static inline __attribute__((always_inline)) bool equal(const char *a, const char *b, size_t n)
{
    if (n < 8) return ((load4(a) ^ load4(b)) | (load4(a + (n - 4)) ^ load4(b + (n - 4)))) == 0;
    uint64_t difference = load8(a + (n - 8)) ^ load8(b + (n - 8));
    for (size_t i = 0; i + 8 < n; i += 8)
        difference |= load8(a + i) ^ load8(b + i);
    return difference == 0;
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

/* Texts and numbers are short: their end is looked for in sixteen bytes at once. Bit i of a mask
 * stands for byte i. */
struct sixteen {
    unsigned quotes, points, others; /* '"', '.', and what is neither a digit nor one of the two */
    unsigned plain;                  /* printable ASCII but the backslash */
};

#ifdef __SSE2__
#include <emmintrin.h>

static inline struct sixteen look(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    unsigned points = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
    __m128i above = _mm_subs_epu8(bytes, _mm_set1_epi8('9')); /* 0: '9' or below */
    __m128i below = _mm_subs_epu8(_mm_set1_epi8('0'), bytes); /* 0: '0' or above */
    __m128i digit = _mm_cmpeq_epi8(_mm_or_si128(above, below), _mm_setzero_si128());
    __m128i visible = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x1f)); /* signed: 0x80 and above are negative */
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return (struct sixteen){quotes, points, ~((unsigned)_mm_movemask_epi8(digit) | quotes | points) & 0xffff,
                            (unsigned)_mm_movemask_epi8(_mm_andnot_si128(backslash, visible))};
}
#else
static inline struct sixteen look(const char *p)
{
    struct sixteen found = {0};
    for (unsigned i = 0; i < 16; i++) {
        unsigned char c = (unsigned char)p[i];
        found.quotes |= (unsigned)(c == '"') << i;
        found.points |= (unsigned)(c == '.') << i;
        found.others |= (unsigned)(c != '"' && c != '.' && (c < '0' || c > '9')) << i;
        found.plain |= (unsigned)(c >= 0x20 && c < 0x80 && c != '\\') << i;
    }
    return found;
}
#endif

/* The value of n digits, 0 to 8, all at once: they are moved to the end of a word, then neighbours are
 * joined in three steps. */
static inline uint64_t digits_value(const char *p, unsigned n)
{
    uint64_t v;
    if (n == 0) return 0;
    memcpy(&v, p, 8);
    v <<= 64 - 8 * n;
    v = (v & 0x0f0f0f0f0f0f0f0full) * 2561 >> 8;
    v = (v & 0x00ff00ff00ff00ffull) * 6553601 >> 16;
    return (v & 0x0000ffff0000ffffull) * 42949672960001ull >> 32;
}

/* The value of n digits, 0 to 16. */
static inline uint64_t long_digits_value(const char *p, unsigned n)
{
    return n <= 8 ? digits_value(p, n) : digits_value(p, 8) * power10[n - 8] + digits_value(p + 8, n - 8);
}

/* A canonical decimal of at most 15 characters and its closing quote: nearly all of them. Longer ones
 * are for the reader. */
static inline const char *scan_decimal(const char *p, vg_dec *out)
{
    bool negative = *p == '-';
    p += negative;
    struct sixteen at = look(p);
    if (!at.quotes || !at.points) return NULL;
    unsigned end = (unsigned)__builtin_ctz(at.quotes), point = (unsigned)__builtin_ctz(at.points);
    unsigned inside = (1u << end) - 1;
    if ((at.others & inside) || (at.points & inside) != 1u << point) return NULL;
    unsigned integers = point, decimals = end - point - 1;
    if (integers == 0 || decimals == 0 || decimals > VG_DEC_SCALE) return NULL;
    if ((*p == '0' && integers > 1) || (p[end - 1] == '0' && decimals > 1)) return NULL;
    uint64_t integer = long_digits_value(p, integers), fraction = long_digits_value(p + point + 1, decimals);
    vg_dec value = (vg_dec)((unsigned __int128)integer * VG_DEC_ONE + fraction * power10[VG_DEC_SCALE - decimals]);
    if (negative && value == 0) return NULL;
    *out = negative ? -value : value;
    return p + end + 1;
}

/* Plain ASCII text of 1 to 255 bytes and its closing quote. */
static inline const char *scan_text(const char *p, const char *end, vg_slice *out)
{
    const char *start = p;
    struct sixteen at = look(p);
    while (!at.quotes) {
        if (at.plain != 0xffff || p >= end) return NULL;
        p += 16;
        at = look(p);
    }
    unsigned n = (unsigned)__builtin_ctz(at.quotes);
    if (~at.plain & ((1u << n) - 1)) return NULL;
    p += n;
    *out = (vg_slice){start, (size_t)(p - start)};
    return out->n == 0 || out->n > 255 ? NULL : p + 1;
}

/* An integer of at most 16 digits; what ends it is the caller's to check. */
static inline const char *scan_integer(const char *p, int64_t *out)
{
    struct sixteen at = look(p);
    unsigned stop = at.others | at.quotes | at.points;
    unsigned n = stop ? (unsigned)__builtin_ctz(stop) : 16;
    if (n == 0 || n > 16 || (*p == '0' && n > 1)) return NULL;
    if (n == 16 && (unsigned char)(p[16] - '0') < 10) return NULL;
    *out = (int64_t)long_digits_value(p, n);
    return p + n;
}

/* Hex digits of known length and the closing quote. */
static inline const char *scan_hex(const char *p, uint8_t *bytes, size_t n)
{
    return vg_hex_decode(p, bytes, n) && p[2 * n] == '"' ? p + 2 * n + 1 : NULL;
}

static const char *scan_liquidation(const char *p, const char *end, struct fill *fill)
{
    if (NEXT_IS("{\"liquidatedUser\":\"0x")) {
        STEP(scan_hex(p + 21, fill->liquidated_user, ADDRESS_BYTES));
        fill->has |= FILL_HAS_LIQUIDATED_USER;
        EXPECT(",\"markPx\":\"");
    } else {
        EXPECT("{\"markPx\":\"");
    }
    STEP(scan_decimal(p, &fill->liquidation_mark));
    EXPECT(",\"method\":\"");
    STEP(scan_text(p, end, &fill->liquidation_method));
    if (*p++ != '}') return NULL;
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
    return p[0] == '}' && p[1] == ']' ? p + 2 : NULL;
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
    if (fill->price < 0 || fill->size < 0 || !vg_dec_product_fits(fill->price, fill->size)) return NULL;
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
