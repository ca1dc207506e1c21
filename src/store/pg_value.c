#include "store/pg_value.h"

#include <endian.h>

#include "base/day.h"

#define EPOCH_DAYS 10957 /* 2000-01-01 in days since 1970 */
#define EPOCH_US (EPOCH_DAYS * INT64_C(86400000000))
#define BASE 10000
#define GROUPS 12 /* base 10,000 digits of 128 bits times 1000 */
#define NEGATIVE 0x4000

const char *pg_type_name(enum column_type type)
{
    switch (type) {
    case COLUMN_TIME: return "TIMESTAMPTZ";
    case COLUMN_TIME_NS: return "BIGINT";
    case COLUMN_TEXT: return "TEXT COLLATE \"C\"";
    case COLUMN_DECIMAL: return "NUMERIC(30,10)";
    case COLUMN_SUM: return "NUMERIC(38,20)";
    case COLUMN_DOUBLE: return "DOUBLE PRECISION";
    case COLUMN_DATE: return "DATE";
    case COLUMN_BOOL: return "BOOLEAN";
    case COLUMN_INT32: return "INTEGER";
    case COLUMN_INT64: return "BIGINT";
    }
    VG_BUG("unknown column type");
}

unsigned pg_type_oid(enum column_type type)
{
    switch (type) {
    case COLUMN_TIME: return 1184;
    case COLUMN_TEXT: return 25;
    case COLUMN_DECIMAL:
    case COLUMN_SUM: return 1700;
    case COLUMN_DOUBLE: return 701;
    case COLUMN_DATE: return 1082;
    case COLUMN_BOOL: return 16;
    case COLUMN_INT32: return 23;
    case COLUMN_TIME_NS:
    case COLUMN_INT64: return 20;
    }
    VG_BUG("unknown column type");
}

static void put16(unsigned char *out, unsigned value)
{
    out[0] = (unsigned char)(value >> 8);
    out[1] = (unsigned char)value;
}

/* Digits in base 10,000, the lowest first, `least` of them at least; returns their number. */
static unsigned split(unsigned __int128 value, unsigned least, uint16_t *groups)
{
    unsigned n = 0;
    for (; value >> 64; value /= BASE)
        groups[n++] = (uint16_t)(value % BASE);
    for (uint64_t low = (uint64_t)value; low || n < least; low /= BASE)
        groups[n++] = (uint16_t)(low % BASE);
    return n;
}

static unsigned __int128 power_of_ten(unsigned n)
{
    unsigned __int128 power = 1;
    while (n--)
        power *= 10;
    return power;
}

/* All digits, of which the lowest `fraction` groups are behind the point. */
static unsigned split_decimal(unsigned __int128 magnitude, unsigned scale, unsigned fraction, uint16_t groups[GROUPS])
{
    static const unsigned pad[] = {1, 1000, 100, 10}; /* to whole groups of four fractional digits */
    if (magnitude <= UINT64_MAX / 1000) return split((uint64_t)magnitude * pad[scale % 4], fraction, groups);
    unsigned __int128 one = power_of_ten(scale);
    split(magnitude % one * pad[scale % 4], fraction, groups);
    return fraction + split(magnitude / one, 0, groups + fraction);
}

size_t pg_put_numeric(unsigned char out[PG_NUMERIC_BYTES], __int128 value, unsigned scale)
{
    VG_ASSERT(scale <= 20);
    unsigned __int128 magnitude = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    uint16_t groups[GROUPS];
    unsigned fraction = (scale + 3) / 4, first = 0, end = split_decimal(magnitude, scale, fraction, groups);
    while (end > 0 && groups[end - 1] == 0)
        end--;
    while (first < end && groups[first] == 0)
        first++;
    put16(out, end - first);
    put16(out + 2, end ? end - 1 - fraction : 0); /* the weight may be negative: two's complement */
    put16(out + 4, value < 0 ? NEGATIVE : 0);
    put16(out + 6, scale);
    unsigned char *digit = out + 8;
    for (unsigned i = end; i > first; i--, digit += 2)
        put16(digit, groups[i - 1]);
    return (size_t)(digit - out);
}

static unsigned get16(const char *p) { return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1]; }

static uint64_t get_integer(const char *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

/* Adds the digit of weight `weight` (0: ones) to a number in units of 10^-scale. Places: decimal digits behind it. */
static bool add_digit(unsigned digit, int weight, unsigned scale, unsigned __int128 *magnitude)
{
    int places = 4 * weight + (int)scale;
    unsigned __int128 part = digit;
    for (; places < 0; places++) {
        if (part % 10) return false;
        part /= 10;
    }
    for (; places > 0 && part; places--)
        if (__builtin_mul_overflow(part, (unsigned __int128)10, &part)) return false;
    return !__builtin_add_overflow(*magnitude, part, magnitude);
}

bool pg_get_numeric(vg_slice bytes, unsigned scale, __int128 *value)
{
    const unsigned __int128 most = (unsigned __int128)1 << 127;
    if (bytes.n < 8) return false;
    unsigned n = get16(bytes.p), sign = get16(bytes.p + 4);
    int weight = (int16_t)get16(bytes.p + 2);
    unsigned __int128 magnitude = 0;
    if (bytes.n != 8 + 2 * (size_t)n || (sign != 0 && sign != NEGATIVE)) return false; /* NaN, infinity */
    for (unsigned i = 0; i < n; i++) {
        unsigned digit = get16(bytes.p + 8 + 2 * i);
        if (digit >= BASE || !add_digit(digit, weight - (int)i, scale, &magnitude)) return false;
    }
    if (magnitude > most - (sign == 0)) return false;
    *value = (__int128)(sign ? -magnitude : magnitude);
    return true;
}

static void add_field(vg_buf *out, const void *bytes, size_t n)
{
    uint32_t length = htobe32((uint32_t)n);
    vg_buf_reserve(out, sizeof length + n);
    memcpy(out->data + out->len, &length, sizeof length);
    memcpy(out->data + out->len + sizeof length, bytes, n);
    out->len += sizeof length + n;
}

static void add_int64(vg_buf *out, int64_t value)
{
    uint64_t big = htobe64((uint64_t)value);
    add_field(out, &big, sizeof big);
}

static void add_int32(vg_buf *out, int32_t value)
{
    uint32_t big = htobe32((uint32_t)value);
    add_field(out, &big, sizeof big);
}

static void add_double(vg_buf *out, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_int64(out, bits);
}

void pg_add_time_of_ns(vg_buf *out, int64_t ns) { add_int64(out, vg_floor_div(ns, 1000) - EPOCH_US); }

void pg_add_value(vg_buf *out, enum column_type type, const struct feature_value *value)
{
    unsigned char numeric[PG_NUMERIC_BYTES];
    if (value->null) {
        static const unsigned char no_value[4] = {0xff, 0xff, 0xff, 0xff};
        vg_buf_add(out, no_value, sizeof no_value);
        return;
    }
    switch (type) {
    case COLUMN_TEXT: add_field(out, value->text.p, value->text.n); return;
    case COLUMN_DECIMAL: add_field(out, numeric, pg_put_numeric(numeric, value->decimal, 10)); return;
    case COLUMN_SUM: add_field(out, numeric, pg_put_numeric(numeric, value->decimal, 20)); return;
    case COLUMN_DOUBLE: add_double(out, value->number); return;
    case COLUMN_BOOL: add_field(out, value->integer ? "\1" : "\0", 1); return;
    case COLUMN_DATE: add_int32(out, (int32_t)value->integer - EPOCH_DAYS); return;
    case COLUMN_INT32: add_int32(out, (int32_t)value->integer); return;
    case COLUMN_TIME: add_int64(out, value->integer - EPOCH_US); return;
    case COLUMN_TIME_NS:
    case COLUMN_INT64: add_int64(out, value->integer); return;
    }
}

static size_t width_of(enum column_type type)
{
    switch (type) {
    case COLUMN_BOOL: return 1;
    case COLUMN_DATE:
    case COLUMN_INT32: return 4;
    default: return 8;
    }
}

bool pg_get_value(enum column_type type, vg_slice bytes, struct feature_value *value)
{
    *value = (struct feature_value){.null = !bytes.p};
    if (!bytes.p) return true;
    if (type == COLUMN_TEXT) {
        value->text = bytes;
        return true;
    }
    if (type == COLUMN_DECIMAL) return pg_get_numeric(bytes, 10, &value->decimal);
    if (type == COLUMN_SUM) return pg_get_numeric(bytes, 20, &value->decimal);
    if (bytes.n != width_of(type)) return false;
    uint64_t bits = get_integer(bytes.p, bytes.n);
    if (type == COLUMN_DOUBLE) {
        double number;
        memcpy(&number, &bits, sizeof bits);
        *value = feature_number(number);
    } else if (bytes.n == 4)
        value->integer = (int32_t)(uint32_t)bits + (type == COLUMN_DATE ? EPOCH_DAYS : 0);
    else
        value->integer = (int64_t)bits;
    if (type == COLUMN_TIME) return !__builtin_add_overflow(value->integer, EPOCH_US, &value->integer);
    return true;
}
