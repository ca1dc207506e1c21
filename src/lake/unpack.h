/* unpack.h: the counterpart of encode.h: Parquet's encodings back into numbers.
 *
 * The bytes must be followed by UNPACK_PADDING more that may be read. All functions return false when the
 * bytes end too early or are not what the format says.
 */
#ifndef VIGIL_LAKE_UNPACK_H
#define VIGIL_LAKE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNPACK_PADDING 16

/* Exactly n numbers of an RLE / bit-packing hybrid of `width` bits, 1 to 32. */
bool unpack_hybrid(const uint8_t *bytes, size_t size, unsigned width, uint32_t *out, size_t n);

/* Exactly n numbers of DELTA_BINARY_PACKED; *used: the bytes they take. */
bool unpack_delta(const uint8_t *bytes, size_t size, int64_t *out, size_t n, size_t *used);

#endif
