#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

static locale_t plain;
static void make_plain(void) { plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

double number_parse(vg_slice text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char digits[64], *end;
    if (!text.p || text.n == 0 || text.n >= sizeof digits) return (double)NAN;
    pthread_once(&once, make_plain);
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    if (strspn(digits, "0123456789+-.eE") != text.n) return (double)NAN; /* no blanks, hex, words */
    double value = strtod_l(digits, &end, plain);
    return *end == '\0' ? value : (double)NAN;
}

static size_t print_slowly(double value, char out[NUMBER_TEXT])
{
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, NUMBER_TEXT, "%.*g", digits, value);
        if (number_parse((vg_slice){out, (size_t)n}) == value) break;
    }
    return (size_t)n;
}

/* Ordinary sizes go a quicker way, which gives the same text or gives up: `size` times a power of ten in 64 bits of
 * mantissa, rounded to so many digits. Whether these read back as `size` is seen by their distance from it, compared
 * with half a step of doubles. All that is too close to call is left to print_slowly. */

#define POWER_MOST 20     /* powers of ten that are needed; up to 27 they are exact */
#define TOO_CLOSE 0x1p-5L /* to a half, of a digit or of a step */

static const long double powers[POWER_MOST + 1] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                                   1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                                   1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L};

enum rounding { READS_BACK, READS_AS_ANOTHER, UNCLEAR };

/* `size` as an integer of `digits` digits times 10^-scale. */
static enum rounding round_to(double size, int digits, int scale, uint64_t *integer)
{
    long double scaled = (long double)size * powers[scale];
    *integer = (uint64_t)scaled;
    long double rest = scaled - (long double)*integer;
    if (fabsl(rest - 0.5L) < TOO_CLOSE) return UNCLEAR;
    *integer += rest > 0.5L;
    if ((long double)*integer >= powers[digits]) return UNCLEAR;
    long double off = fabsl((long double)*integer / powers[scale] - (long double)size);
    long double half = ((long double)nextafter(size, INFINITY) - (long double)size) / 2;
    if (fabsl(off - half) < half * TOO_CLOSE || fabsl(off - half / 2) < half * TOO_CLOSE) return UNCLEAR;
    return off < half ? READS_BACK : READS_AS_ANOTHER;
}

static size_t place_point(uint64_t integer, int scale, char *out)
{
    char digits[NUMBER_TEXT];
    int n = 0, at = 0;
    for (; scale > 0 && integer % 10 == 0; scale--)
        integer /= 10;
    do {
        digits[n++] = (char)('0' + integer % 10);
        integer /= 10;
    } while (integer || n <= scale);
    while (n > 0) {
        if (n == scale) out[at++] = '.';
        out[at++] = digits[--n];
    }
    out[at] = '\0';
    return (size_t)at;
}

static size_t print_quickly(double size, char *out)
{
    int before = (int)floor(log10(size)) + 1; /* digits before the point; of 0.01: -1 */
    uint64_t integer;
    if (before > 15) return 0; /* just below 1e15: the logarithm is rounded up */
    for (int digits = 15; digits <= 17; digits++) {
        enum rounding how = round_to(size, digits, digits - before, &integer);
        if (how == UNCLEAR || (long double)integer < powers[digits - 1]) return 0;
        if (how == READS_BACK || digits == 17) return place_point(integer, digits - before, out);
    }
    return 0;
}

size_t number_print(double value, char out[NUMBER_TEXT])
{
    if (fabs(value) < 1e15 && value == (double)(int64_t)value && !(value == 0 && signbit(value)))
        return (size_t)snprintf(out, NUMBER_TEXT, "%lld", (long long)value);
    bool ordinary = fabs(value) >= 1e-3 && fabs(value) < 1e15 && LDBL_MANT_DIG >= 64;
    if (!ordinary) return print_slowly(value, out);
    size_t sign = value < 0, n = print_quickly(fabs(value), out + sign);
    if (n == 0) return print_slowly(value, out);
    if (sign) *out = '-';
    return n + sign;
}

bool number_count(vg_slice text, uint64_t *value)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned char)text.p[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(count, 10u, &count) || __builtin_add_overflow(count, digit, &count))
            return false;
    }
    *value = count;
    return text.n > 0;
}
