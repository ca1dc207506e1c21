/* encode.h: Parquet's encodings of numbers, as pure functions that append to a buffer.
 *
 * Format: https://github.com/apache/parquet-format/blob/master/Encodings.md
 */
#ifndef VIGIL_LAKE_ENCODE_H
#define VIGIL_LAKE_ENCODE_H

#include "base/buf.h"

/* Bits that hold every number up to `largest`. */
unsigned encode_bit_width(uint64_t largest);

/* RLE / bit-packing hybrid of n numbers below 2^width, width 0 to 32, without a length in front. */
void encode_hybrid(const uint32_t *values, size_t n, unsigned width, vg_buf *out);

/* DELTA_BINARY_PACKED of n 64-bit integers (32-bit ones are encoded alike). */
void encode_delta(const int64_t *values, size_t n, vg_buf *out);

/* n flags, one bit each, low bit first: PLAIN booleans. */
void encode_bits(const uint8_t *flags, size_t n, vg_buf *out);

#endif
