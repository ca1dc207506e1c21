#include "base/words.h"

#include <string.h>

/* Codes: 0: zero; 1 to 8: so many bytes, then zeros; 9 to 15: 1 to 7 bytes, then ones. */
#define ONES 8

static unsigned code_of(uint64_t word)
{
    if (word == 0) return 0;
    bool negative = word >> 63;
    uint64_t rest = negative ? ~word : word;
    unsigned bytes = (64 - (unsigned)__builtin_clzll(rest | 1) + 7) / 8;
    return negative && bytes < 8 ? bytes + ONES : bytes;
}

static unsigned bytes_of(unsigned code) { return code > ONES ? code - ONES : code; }

size_t words_pack(const void *words, size_t n, unsigned char *bytes)
{
    const unsigned char *from = words;
    unsigned char *to = bytes;
    for (size_t i = 0; i < n; i += 2) {
        uint64_t pair[2] = {0, 0};
        memcpy(pair, from + i * 8, i + 1 < n ? 16 : 8);
        unsigned first = code_of(pair[0]), second = code_of(pair[1]);
        *to++ = (unsigned char)(first | second << 4);
        memcpy(to, &pair[0], 8);
        to += bytes_of(first);
        memcpy(to, &pair[1], 8);
        to += bytes_of(second);
    }
    return (size_t)(to - bytes);
}

static uint64_t take(const unsigned char **at, const unsigned char *end, unsigned code)
{
    unsigned n = bytes_of(code);
    uint64_t word = 0;
    if (n == 0) return 0;
    if (end - *at >= 8) {
        memcpy(&word, *at, 8);
        word &= UINT64_MAX >> (64 - 8 * n);
    } else {
        memcpy(&word, *at, n);
    }
    *at += n;
    return code > ONES ? word | UINT64_MAX << (8 * n) : word;
}

bool words_unpack(const unsigned char *bytes, size_t size, void *words, size_t n)
{
    const unsigned char *at = bytes, *end = bytes + size;
    unsigned char *to = words;
    for (size_t i = 0; i < n; i += 2) {
        if (at == end) return false;
        unsigned first = *at & 15, second = *at >> 4;
        at++;
        if ((size_t)(end - at) < bytes_of(first) + bytes_of(second) || (i + 1 == n && second != 0)) return false;
        uint64_t pair[2];
        pair[0] = take(&at, end, first);
        pair[1] = take(&at, end, second);
        memcpy(to + i * 8, pair, i + 1 < n ? 16 : 8);
    }
    return at == end;
}
