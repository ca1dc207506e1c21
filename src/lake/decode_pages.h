/* decode_pages.h: Parquet's encodings back into arrays: what encode.h writes, as pure functions.
 *
 * Input is not trusted: every function stays between in->p and in->end, save that it may look at
 * DECODE_SLACK bytes behind the end, which the caller provides. It fails (false) when the bytes do not
 * hold exactly what was asked for, and leaves in->p behind what it used.
 * Format: https://github.com/apache/parquet-format/blob/master/Encodings.md
 */
#ifndef VIGIL_LAKE_DECODE_PAGES_H
#define VIGIL_LAKE_DECODE_PAGES_H

#include "base/dec.h"

#define DECODE_SLACK 16

struct page_bytes {
    const uint8_t *p, *end;
};

static inline size_t page_left(const struct page_bytes *in) { return (size_t)(in->end - in->p); }

/* Words of a mask of n bits; one more is written to. */
static inline size_t mask_words(size_t n) { return n / 64 + 2; }

/* Definition levels 0 and 1 of n rows: `mask` gets a bit per row, *present tells how many are set. */
VG_MUST_USE bool decode_levels(struct page_bytes *in, size_t n, uint64_t *mask, size_t *present);

/* RLE / bit-packing hybrid of n numbers of `width` bits, each below `limit`. `out` has room for n + 8. */
VG_MUST_USE bool decode_hybrid(struct page_bytes *in, size_t n, unsigned width, uint32_t limit, uint32_t *out);

/* DELTA_BINARY_PACKED of n integers. `out` has room for n + 32. */
VG_MUST_USE bool decode_delta(struct page_bytes *in, size_t n, int64_t *out);

/* PLAIN booleans. `out` has room for n + 8. */
VG_MUST_USE bool decode_bits(struct page_bytes *in, size_t n, uint8_t *out);

/* PLAIN decimals of 13 bytes, big-endian. */
VG_MUST_USE bool decode_decimals(struct page_bytes *in, size_t n, vg_dec *out);

/* Texts of the given lengths, one behind the other; slices point into the page. */
VG_MUST_USE bool decode_texts(struct page_bytes *in, size_t n, const int64_t *lengths, vg_slice *out);

/* PLAIN texts: each behind its length in 4 bytes. */
VG_MUST_USE bool decode_plain_texts(struct page_bytes *in, size_t n, vg_slice *out);

/* The last `present` of n values of `size` bytes (1, 4, 8 or 16) move to the rows whose bit is set, in order; the
 * others become zero. */
void spread_values(void *values, size_t size, size_t n, size_t present, const uint64_t *mask);

#endif
