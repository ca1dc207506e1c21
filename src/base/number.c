#include "base/number.h"

#include <locale.h>
#include <math.h>

double number_parse(vg_slice text)
{
    static locale_t plain;
    char digits[64], *end;
    if (!text.p || text.n == 0 || text.n >= sizeof digits) return (double)NAN;
    if (!plain) plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    if (strspn(digits, "0123456789+-.eE") != text.n) return (double)NAN; /* no blanks, hex, words */
    double value = strtod_l(digits, &end, plain);
    return *end == '\0' ? value : (double)NAN;
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
