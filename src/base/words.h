/* words.h: structs of numbers in few bytes, and back.
 *
 * Exact sums need 128 bits and hardly ever use them. Each 64-bit word is kept as its bytes up to the
 * leading zeros, or the leading ones of a negative number; half a byte before tells how many. For the same
 * build on the same machine: byte order and layout are those of memory.
 */
#ifndef VIGIL_BASE_WORDS_H
#define VIGIL_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that words_pack may touch for n words. */
#define WORDS_ROOM(n) ((n)*8 + ((n) + 1) / 2 + 8)

/* Words that a byte of packed ones stands for, at most. */
#define WORDS_PER_BYTE 2

/* Packs n words from `words`, aligned to 8 bytes; returns the number of bytes. */
size_t words_pack(const void *words, size_t n, unsigned char *bytes);

/* False when the `size` bytes are not just what words_pack makes of n words. */
bool words_unpack(const unsigned char *bytes, size_t size, void *words, size_t n);

#endif
