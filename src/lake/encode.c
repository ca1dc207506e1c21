#include "lake/encode.h"

#include "lake/thrift.h"

unsigned encode_bit_width(uint64_t largest) { return largest == 0 ? 0 : 64 - (unsigned)__builtin_clzll(largest); }

/* Bits in, bytes out, low bit first. */
struct packer {
    vg_buf *out;
    uint64_t bits;
    unsigned used;
};

static void pack(struct packer *p, uint64_t value, unsigned width)
{
    if (width == 0) return;
    p->bits |= value << p->used;
    if (p->used + width < 64) {
        p->used += width;
        return;
    }
    memcpy(p->out->data + p->out->len, &p->bits, 8); /* the caller reserved the room */
    p->out->len += 8;
    p->bits = p->used ? value >> (64 - p->used) : 0;
    p->used = p->used + width - 64;
}

static void pack_end(struct packer *p)
{
    for (; p->used > 0; p->used = p->used > 8 ? p->used - 8 : 0) {
        p->out->data[p->out->len++] = (char)p->bits;
        p->bits >>= 8;
    }
    p->out->data[p->out->len] = '\0';
}

/* Groups of eight that are no run of their own, from `from` to `to` (a multiple of 8, or the end). */
static void add_literals(const uint32_t *values, size_t from, size_t to, unsigned width, vg_buf *out)
{
    if (from == to) return;
    size_t groups = (to - from + 7) / 8;
    varint_add(out, groups << 1 | 1);
    vg_buf_reserve(out, groups * width + 16);
    struct packer packer = {.out = out};
    for (size_t i = 0; i < groups * 8; i++)
        pack(&packer, from + i < to ? values[from + i] : 0, width);
    pack_end(&packer);
}

void encode_hybrid(const uint32_t *values, size_t n, unsigned width, vg_buf *out)
{
    size_t literals = 0, i = 0; /* values[literals .. i) wait to be packed; i - literals is a multiple of 8 */
    while (i < n) {
        size_t run = 1;
        while (i + run < n && values[i + run] == values[i])
            run++;
        if (run < 8 && i + 8 <= n) {
            i += 8;
            continue;
        }
        if (run < 8) {
            i = n; /* the last, short group */
            break;
        }
        add_literals(values, literals, i, width, out);
        varint_add(out, run << 1);
        uint32_t value = values[i];
        vg_buf_add(out, &value, (width + 7) / 8);
        i += run;
        literals = i;
    }
    add_literals(values, literals, i, width, out);
}

#define DELTA_BLOCK 128
#define DELTA_MINIBLOCKS 4
#define DELTA_MINIBLOCK (DELTA_BLOCK / DELTA_MINIBLOCKS)

static void add_delta_block(const uint64_t *deltas, size_t n, vg_buf *out)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if ((int64_t)deltas[i] < least) least = (int64_t)deltas[i];
    varint_add(out, zigzag(least));
    uint8_t widths[DELTA_MINIBLOCKS] = {0};
    for (size_t m = 0; m < DELTA_MINIBLOCKS; m++) {
        uint64_t all = 0;
        for (size_t i = m * DELTA_MINIBLOCK; i < (m + 1) * DELTA_MINIBLOCK && i < n; i++)
            all |= deltas[i] - (uint64_t)least;
        widths[m] = (uint8_t)encode_bit_width(all);
    }
    vg_buf_add(out, widths, sizeof widths);
    vg_buf_reserve(out, DELTA_BLOCK * 8 + 16);
    for (size_t m = 0; m < DELTA_MINIBLOCKS && m * DELTA_MINIBLOCK < n; m++) {
        struct packer packer = {.out = out};
        for (size_t i = m * DELTA_MINIBLOCK; i < (m + 1) * DELTA_MINIBLOCK; i++)
            pack(&packer, i < n ? deltas[i] - (uint64_t)least : 0, widths[m]);
        pack_end(&packer);
    }
}

/* Differences wrap around in 64 bits, as the format says. */
void encode_delta(const int64_t *values, size_t n, vg_buf *out)
{
    varint_add(out, DELTA_BLOCK);
    varint_add(out, DELTA_MINIBLOCKS);
    varint_add(out, n);
    varint_add(out, zigzag(n ? values[0] : 0));
    uint64_t deltas[DELTA_BLOCK];
    for (size_t i = 1; i < n;) {
        size_t k = 0;
        for (; k < DELTA_BLOCK && i < n; k++, i++)
            deltas[k] = (uint64_t)values[i] - (uint64_t)values[i - 1];
        add_delta_block(deltas, k, out);
    }
}

void encode_bits(const uint8_t *flags, size_t n, vg_buf *out)
{
    vg_buf_reserve(out, n / 8 + 1);
    for (size_t i = 0; i < n; i += 8) {
        unsigned byte = 0;
        for (size_t k = 0; k < 8 && i + k < n; k++)
            byte |= (unsigned)(flags[i + k] != 0) << k;
        out->data[out->len++] = (char)byte;
    }
    out->data[out->len] = '\0';
}
