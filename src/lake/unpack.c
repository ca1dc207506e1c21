#include "lake/unpack.h"

#include <string.h>

static bool take_varint(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
        uint8_t byte = *(*p)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return true;
    }
    return false;
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

/* n numbers of `width` bits, 1 to 32, from p on. */
static void unpack32(const uint8_t *p, unsigned width, uint32_t *out, size_t n)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (size_t i = 0, bit = 0; i < n; i++, bit += width)
        out[i] = (uint32_t)(load64(p + bit / 8) >> (bit % 8) & mask);
}

bool unpack_hybrid(const uint8_t *p, size_t size, unsigned width, uint32_t *out, size_t n)
{
    const uint8_t *end = p + size;
    if (width == 0 || width > 32) return false;
    for (size_t at = 0; at < n;) {
        uint64_t head, left = n - at;
        if (!take_varint(&p, end, &head)) return false;
        if (head & 1) { /* groups of eight */
            uint64_t groups = head >> 1;
            if (groups == 0 || groups > (uint64_t)(end - p) / width) return false;
            size_t count = groups * 8 < left ? groups * 8 : left;
            unpack32(p, width, out + at, count);
            p += groups * width;
            at += count;
        } else {
            uint64_t count = head >> 1;
            unsigned bytes = (width + 7) / 8;
            if (count == 0 || count > left || (size_t)(end - p) < bytes) return false;
            uint32_t value = (uint32_t)(load64(p) & ((UINT64_C(1) << (8 * bytes)) - 1));
            for (size_t i = 0; i < count; i++)
                out[at + i] = value;
            p += bytes;
            at += count;
        }
    }
    return true;
}

/* Adds n deltas of `width` bits to the running value. */
static int64_t add_deltas(const uint8_t *p, unsigned width, uint64_t least, uint64_t value, int64_t *out, size_t n)
{
    if (width == 0) {
        for (size_t i = 0; i < n; i++)
            out[i] = (int64_t)(value += least);
    } else if (width <= 56) {
        uint64_t mask = (UINT64_C(1) << width) - 1;
        for (size_t i = 0, bit = 0; i < n; i++, bit += width)
            out[i] = (int64_t)(value += least + (load64(p + bit / 8) >> (bit % 8) & mask));
    } else {
        uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
        for (size_t i = 0, bit = 0; i < n; i++, bit += width) {
            unsigned shift = bit % 8;
            uint64_t low = load64(p + bit / 8) >> shift, high = shift ? (uint64_t)p[bit / 8 + 8] << (64 - shift) : 0;
            out[i] = (int64_t)(value += least + ((low | high) & mask));
        }
    }
    return (int64_t)value;
}

bool unpack_delta(const uint8_t *bytes, size_t size, int64_t *out, size_t n, size_t *used)
{
    const uint8_t *p = bytes, *end = bytes + size;
    uint64_t block, miniblocks, count, first;
    if (!take_varint(&p, end, &block) || !take_varint(&p, end, &miniblocks) || !take_varint(&p, end, &count) ||
        !take_varint(&p, end, &first))
        return false;
    if (count != n || block == 0 || block > 65536 || miniblocks == 0 || miniblocks > 512 || block % (8 * miniblocks))
        return false;
    size_t size_of_miniblock = block / miniblocks, at = n ? 1 : 0;
    int64_t value = (int64_t)(first >> 1) ^ -(int64_t)(first & 1);
    if (n) out[0] = value;
    while (at < n) {
        uint64_t packed;
        if (!take_varint(&p, end, &packed) || (uint64_t)(end - p) < miniblocks) return false;
        uint64_t least = (packed >> 1) ^ -(packed & 1);
        const uint8_t *widths = p;
        p += miniblocks;
        for (size_t m = 0; m < miniblocks && at < n; m++) {
            size_t bytes_of_it = size_of_miniblock * widths[m] / 8, left = n - at;
            if (widths[m] > 64 || (size_t)(end - p) < bytes_of_it) return false;
            size_t here = left < size_of_miniblock ? left : size_of_miniblock;
            value = add_deltas(p, widths[m], least, (uint64_t)value, out + at, here);
            p += bytes_of_it;
            at += here;
        }
    }
    *used = (size_t)(p - bytes);
    return true;
}
