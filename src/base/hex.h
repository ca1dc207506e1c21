/* hex.h: lower-case hexadecimal, eight characters at a time in one 64-bit word.
 *
 * Addresses and hashes are half of a fill's bytes, so this is a hot path. Only [0-9a-f] is accepted:
 * the exchange writes nothing else, and anything else would not print back to the same text.
 */
#ifndef VIGIL_BASE_HEX_H
#define VIGIL_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Decodes 2·n characters into n bytes, n a multiple of 4. False when a character is not [0-9a-f]. */
static inline bool vg_hex_decode(const char *text, uint8_t *bytes, size_t n)
{
    uint64_t bad = 0;
    for (size_t i = 0; i < n; i += 4) {
        uint64_t v;
        memcpy(&v, text + 2 * i, 8);
        uint64_t nibbles = (v & 0x0f0f0f0f0f0f0f0full) + 9 * ((v & 0x4040404040404040ull) >> 6);
        uint64_t letters = ((nibbles + 0x0606060606060606ull) >> 4) & 0x0101010101010101ull;
        bad |= (nibbles & 0xf0f0f0f0f0f0f0f0ull) | (v ^ (nibbles + 0x3030303030303030ull + letters * 39));
        uint64_t pairs = ((nibbles << 4) | (nibbles >> 8)) & 0x00ff00ff00ff00ffull;
        pairs = (pairs | (pairs >> 8)) & 0x0000ffff0000ffffull;
        uint32_t word = (uint32_t)(pairs | (pairs >> 16));
        memcpy(bytes + i, &word, 4);
    }
    return bad == 0;
}

/* Encodes n bytes (a multiple of 4) into 2·n characters. */
static inline void vg_hex_encode(const uint8_t *bytes, size_t n, char *text)
{
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, 4);
        uint64_t v = ((uint64_t)word | ((uint64_t)word << 16)) & 0x0000ffff0000ffffull;
        v = (v | (v << 8)) & 0x00ff00ff00ff00ffull;
        uint64_t nibbles = ((v >> 4) & 0x000f000f000f000full) | ((v & 0x000f000f000f000full) << 8);
        uint64_t letters = ((nibbles + 0x0606060606060606ull) >> 4) & 0x0101010101010101ull;
        uint64_t out = nibbles + 0x3030303030303030ull + letters * 39;
        memcpy(text + 2 * i, &out, 8);
    }
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Vigil needs a little-endian machine"
#endif

#endif
