#include "base/number.h"

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

size_t number_print(double value, char out[NUMBER_TEXT])
{
    int n = 0;
    if (fabs(value) < 1e15 && value == (double)(int64_t)value && !(value == 0 && signbit(value)))
        return (size_t)snprintf(out, NUMBER_TEXT, "%lld", (long long)value);
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, NUMBER_TEXT, "%.*g", digits, value);
        if (number_parse((vg_slice){out, (size_t)n}) == value) break;
    }
    return (size_t)n;
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
