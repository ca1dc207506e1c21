#include "lake/decode_pages.h"

#include "lake/parquet_format.h"
#include "lake/thrift_read.h"

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Number k of eight packed ones. Eight numbers of `width` bits fill `width` bytes, so where they lie within does not
 * change from eight to eight. Above 57 bits a number may reach into a ninth byte. */
static inline uint64_t unpack_one(const uint8_t *p, unsigned width, unsigned k, uint64_t mask)
{
    unsigned bit = k * width;
    uint64_t low = load64(p + bit / 8) >> (bit % 8);
    if (width > 57 && bit % 8) low |= (uint64_t)p[bit / 8 + 8] << (64 - bit % 8);
    return low & mask;
}

static inline uint64_t mask_of(unsigned width) { return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1; }

/* Runs. */

struct run {
    size_t n;     /* values */
    bool literal; /* packed, n a multiple of 8; otherwise the same value n times */
    uint32_t value;
};

static bool next_run(struct page_bytes *in, unsigned width, struct run *run)
{
    uint64_t head;
    if (!varint_read(&in->p, in->end, &head) || head < 2 || head >> 1 > UINT32_MAX) return false;
    run->literal = head & 1;
    run->n = run->literal ? (head >> 1) * 8 : head >> 1;
    size_t bytes = run->literal ? (head >> 1) * width : (width + 7) / 8;
    if (bytes > page_left(in)) return false;
    if (!run->literal) {
        run->value = (uint32_t)(load64(in->p) & mask_of(8 * (unsigned)bytes));
        in->p += bytes;
    }
    return run->literal || run->value <= mask_of(width); /* the bytes hold more than `width` bits */
}

/* Literals come in eights: what stands behind row n does not count. */
static size_t rows_of(const struct run *run, size_t left) { return run->n < left ? run->n : left; }

static bool is_last_eight(const struct run *run, size_t left)
{
    return run->n <= left || (run->literal && run->n - left < 8);
}

static void set_bits(uint64_t *mask, size_t from, size_t n)
{
    while (n > 0) {
        size_t room = 64 - from % 64, k = n < room ? n : room;
        mask[from / 64] |= mask_of((unsigned)k) << (from % 64);
        from += k;
        n -= k;
    }
}

bool decode_levels(struct page_bytes *in, size_t n, uint64_t *mask, size_t *present)
{
    memset(mask, 0, mask_words(n) * sizeof *mask);
    for (size_t at = 0; at < n;) {
        struct run run;
        if (!next_run(in, 1, &run) || !is_last_eight(&run, n - at)) return false;
        if (!run.literal && run.value) set_bits(mask, at, run.n);
        for (size_t i = 0; run.literal && i < run.n; i += 8) {
            uint64_t bits = *in->p++;
            unsigned shift = (at + i) % 64;
            mask[(at + i) / 64] |= bits << shift;
            if (shift > 56) mask[(at + i) / 64 + 1] |= bits >> (64 - shift);
        }
        at += run.n;
    }
    mask[n / 64] &= mask_of(n % 64);
    *present = 0;
    for (size_t i = 0; i <= n / 64; i++)
        *present += (size_t)__builtin_popcountll(mask[i]);
    return in->p == in->end;
}

bool decode_hybrid(struct page_bytes *in, size_t n, unsigned width, uint32_t limit, uint32_t *out)
{
    if (width > 32) return false;
    uint64_t mask = mask_of(width);
    for (size_t at = 0; at < n;) {
        struct run run;
        if (!next_run(in, width, &run) || !is_last_eight(&run, n - at)) return false;
        for (size_t i = 0; run.literal && i < run.n; i += 8, in->p += width)
            for (unsigned k = 0; k < 8; k++)
                out[at + i + k] = (uint32_t)unpack_one(in->p, width, k, mask);
        for (size_t i = 0; !run.literal && i < run.n; i++)
            out[at + i] = run.value;
        at += rows_of(&run, n - at);
    }
    uint32_t largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = out[i] > largest ? out[i] : largest;
    return n == 0 || largest < limit;
}

/* Deltas. */

#define BLOCK 128
#define MINIBLOCKS 4
#define MINIBLOCK (BLOCK / MINIBLOCKS)

/* Sums up as it goes, with wrap-around, as the format says. */
static inline uint64_t unpack_miniblock(const uint8_t *p, unsigned width, uint64_t least, uint64_t last, int64_t *out)
{
    uint64_t mask = mask_of(width);
    for (size_t i = 0; i < MINIBLOCK; i += 8, p += width)
        for (unsigned k = 0; k < 8; k++) {
            last += least + unpack_one(p, width, k, mask);
            out[i + k] = (int64_t)last;
        }
    return last;
}

/* The compiler makes one of these with the second look of unpack_one, and one without. */
static uint64_t take_miniblock(const uint8_t *p, unsigned width, uint64_t least, uint64_t last, int64_t *out)
{
    if (width > 57) return unpack_miniblock(p, width, least, last, out);
    if (width > 0) return unpack_miniblock(p, width < 58 ? width : 57, least, last, out);
    for (size_t i = 0; i < MINIBLOCK; i++)
        out[i] = (int64_t)(last += least);
    return last;
}

bool decode_delta(struct page_bytes *in, size_t n, int64_t *out)
{
    uint64_t block, miniblocks, count, first;
    if (!varint_read(&in->p, in->end, &block) || !varint_read(&in->p, in->end, &miniblocks) ||
        !varint_read(&in->p, in->end, &count) || !varint_read(&in->p, in->end, &first))
        return false;
    if (block != BLOCK || miniblocks != MINIBLOCKS || count != n) return false;
    uint64_t last = (uint64_t)zigzag_back(first), least;
    if (n > 0) out[0] = (int64_t)last;
    for (size_t at = 1; at < n;) {
        if (!varint_read(&in->p, in->end, &least) || page_left(in) < MINIBLOCKS) return false;
        least = (uint64_t)zigzag_back(least);
        const uint8_t *widths = in->p;
        in->p += MINIBLOCKS;
        for (size_t m = 0; m < MINIBLOCKS && at < n; m++, at += MINIBLOCK) {
            unsigned width = widths[m];
            size_t bytes = width * (MINIBLOCK / 8);
            if (width > 64 || bytes > page_left(in)) return false;
            last = take_miniblock(in->p, width, least, last, out + at);
            in->p += bytes;
        }
    }
    return true;
}

/* Plain. */

bool decode_bits(struct page_bytes *in, size_t n, uint8_t *out)
{
    if (page_left(in) < (n + 7) / 8) return false;
    for (size_t i = 0; i < n; i += 8) {
        unsigned byte = *in->p++;
        for (unsigned k = 0; k < 8; k++)
            out[i + k] = byte >> k & 1;
    }
    return true;
}

/* Two loads that overlap: the upper five bytes with their sign, and the lower eight. */
bool decode_decimals(struct page_bytes *in, size_t n, vg_dec *out)
{
    if (page_left(in) / DECIMAL_BYTES < n) return false;
    const uint8_t *p = in->p;
    for (size_t i = 0; i < n; i++, p += DECIMAL_BYTES) {
        int64_t high = (int64_t)__builtin_bswap64(load64(p)) >> 24;
        uint64_t low = __builtin_bswap64(load64(p + DECIMAL_BYTES - 8));
        out[i] = (vg_dec)((unsigned __int128)(uint64_t)high << 64 | low);
    }
    in->p = p;
    return true;
}

bool decode_texts(struct page_bytes *in, size_t n, const int64_t *lengths, vg_slice *out)
{
    uint64_t sum = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        all |= (uint64_t)lengths[i];
        sum += (uint64_t)lengths[i];
    }
    if (all > INT32_MAX || sum > page_left(in)) return false;
    const char *p = (const char *)in->p;
    for (size_t i = 0; i < n; i++) {
        out[i] = (vg_slice){p, (size_t)lengths[i]};
        p += lengths[i];
    }
    in->p += sum;
    return true;
}

bool decode_plain_texts(struct page_bytes *in, size_t n, vg_slice *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t length;
        if (page_left(in) < sizeof length) return false;
        memcpy(&length, in->p, sizeof length);
        in->p += sizeof length;
        if (page_left(in) < length) return false;
        out[i] = (vg_slice){(const char *)in->p, length};
        in->p += length;
    }
    return true;
}

/* NULLs. Values are read at or behind the place that is written, so they are never overwritten unread. */
static inline void spread(char *values, size_t size, size_t n, size_t present, const uint64_t *mask)
{
    const char *from = values + (n - present) * size;
    for (size_t row = 0; row < n; row += 64) {
        size_t rows = n - row < 64 ? n - row : 64;
        uint64_t bits = mask[row / 64];
        if (bits == 0) memset(values + row * size, 0, rows * size);
        for (size_t i = 0; bits != 0 && i < rows; i++) {
            char *to = values + (row + i) * size;
            if (bits >> i & 1) {
                memmove(to, from, size);
                from += size;
            } else {
                memset(to, 0, size);
            }
        }
    }
}

void spread_values(void *values, size_t size, size_t n, size_t present, const uint64_t *mask)
{
    switch (size) { /* each with its own loop */
    case 1: spread(values, 1, n, present, mask); return;
    case 4: spread(values, 4, n, present, mask); return;
    case 8: spread(values, 8, n, present, mask); return;
    case 16: spread(values, 16, n, present, mask); return;
    default: VG_BUG("no column has values of this size");
    }
}
