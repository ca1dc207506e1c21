#include "base/dec.h"

static const uint64_t power10[] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
    100000000000000000ull,
    1000000000000000000ull,
    10000000000000000000ull,
};

/* Digits are gathered in 64 bits as long as they fit (19 always do); only longer numbers, which are
 * rare token balances, pay for 128-bit steps. */
vg_dec_status vg_dec_parse(const char *text, size_t n, vg_dec *out)
{
    const char *p = text, *end = text + n;
    bool negative = p < end && *p == '-';
    if (negative) p++;

    const char *start = p;
    unsigned __int128 wide = 0;
    uint64_t value = 0;
    while (p < end && (unsigned char)(*p - '0') < 10 && p - start < 19)
        value = value * 10 + (uint64_t)(*p++ - '0');
    wide = value;
    while (p < end && (unsigned char)(*p - '0') < 10) {
        if (p - start >= 64) return VG_DEC_TOO_LONG;
        if (wide < (unsigned __int128)1 << 120) wide = wide * 10 + (unsigned)(*p - '0');
        p++;
    }
    size_t integers = (size_t)(p - start);
    if (integers == 0) return VG_DEC_SYNTAX;
    bool canonical = integers == 1 || *start != '0';
    if (wide >= (unsigned __int128)10 * power10[19]) return VG_DEC_TOO_LONG;

    uint64_t fraction = 0;
    size_t decimals = 0;
    if (p < end) {
        if (*p++ != '.') return VG_DEC_SYNTAX;
        start = p;
        while (p < end && (unsigned char)(*p - '0') < 10 && p - start < VG_DEC_SCALE)
            fraction = fraction * 10 + (uint64_t)(*p++ - '0');
        decimals = (size_t)(p - start);
        bool too_long = false;
        for (; p < end && (unsigned char)(*p - '0') < 10; p++) {
            canonical = false;
            if (*p != '0') too_long = true;
        }
        if (p != end || p == start) return VG_DEC_SYNTAX;
        if (too_long) return VG_DEC_TOO_LONG;
        if (decimals > 1 && p[-1] == '0') canonical = false;
    } else {
        canonical = false;
    }
    wide = wide * VG_DEC_ONE + fraction * power10[VG_DEC_SCALE - decimals];
    if (negative && wide == 0) canonical = false;
    *out = negative ? -(vg_dec)wide : (vg_dec)wide;
    return canonical ? VG_DEC_OK : VG_DEC_OTHER;
}

/* Writes v without sign, right-aligned at `end`; returns the first byte. */
static char *digits_before(char *end, uint64_t v)
{
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return end;
}

static size_t print_scaled(__int128 value, unsigned scale, char *out)
{
    char text[VG_DEC_TEXT];
    char *end = text + sizeof text, *p = end;
    unsigned __int128 magnitude = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;

    unsigned decimals = 0; /* printed so far */
    bool seen = false;
    unsigned left = scale;
    while (left > 0) { /* at most ten digits a step, so that the inner division is 64-bit */
        uint64_t group = (uint64_t)(magnitude % VG_DEC_ONE);
        magnitude /= VG_DEC_ONE;
        for (unsigned i = 0; i < VG_DEC_SCALE; i++, left--) {
            char digit = (char)('0' + group % 10);
            group /= 10;
            if (digit == '0' && !seen && left > 1) continue;
            seen = true;
            *--p = digit;
            decimals++;
        }
    }
    if (decimals) *--p = '.';
    while (magnitude > UINT64_MAX) {
        *--p = (char)('0' + (unsigned)(magnitude % 10));
        magnitude /= 10;
    }
    p = digits_before(p, (uint64_t)magnitude);
    if (value < 0) *--p = '-';
    memcpy(out, p, (size_t)(end - p));
    return (size_t)(end - p);
}

size_t vg_dec_print(vg_dec value, char out[VG_DEC_TEXT]) { return print_scaled(value, VG_DEC_SCALE, out); }
size_t vg_dec20_print(vg_dec20 value, char out[VG_DEC_TEXT]) { return print_scaled(value, 2 * VG_DEC_SCALE, out); }

void vg_buf_add_dec(vg_buf *buf, vg_dec value)
{
    char text[VG_DEC_TEXT];
    vg_buf_add(buf, text, vg_dec_print(value, text));
}

void vg_buf_add_dec20(vg_buf *buf, vg_dec20 value)
{
    char text[VG_DEC_TEXT];
    vg_buf_add(buf, text, vg_dec20_print(value, text));
}
