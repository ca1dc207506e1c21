/* Parquet's encodings against plain decoders, written after Encodings.md bit by bit. */
#include "lake/encode.h"

#include "support.h"

struct bytes {
    const uint8_t *p, *end;
};

static uint64_t varint(struct bytes *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert_true(in->p < in->end && shift < 70);
        value |= (uint64_t)(*in->p & 127) << shift;
        if (*in->p++ < 128) return value;
    }
}

static int64_t zigzag_back(uint64_t z) { return (int64_t)(z >> 1) ^ -(int64_t)(z & 1); }

/* Bit `i` of the packed bytes, low bits first. */
static uint64_t packed(const struct bytes *in, size_t index, unsigned width)
{
    uint64_t value = 0;
    for (unsigned bit = 0; bit < width; bit++) {
        size_t at = index * width + bit;
        assert_true(in->p + at / 8 < in->end);
        value |= (uint64_t)(in->p[at / 8] >> (at % 8) & 1) << bit;
    }
    return value;
}

static void check_hybrid(const uint32_t *values, size_t n, unsigned width)
{
    vg_buf out = {0};
    encode_hybrid(values, n, width, &out);
    struct bytes in = {(const uint8_t *)out.data, (const uint8_t *)out.data + out.len};
    size_t i = 0;
    while (i < n) {
        uint64_t head = varint(&in);
        if (head & 1) {
            size_t count = (head >> 1) * 8;
            for (size_t k = 0; k < count; k++) {
                uint64_t value = packed(&in, k, width);
                assert_int_equal(value, i + k < n ? values[i + k] : 0);
            }
            in.p += count * width / 8;
            i += count;
        } else {
            uint64_t value = 0;
            for (unsigned k = 0; k < (width + 7) / 8; k++)
                value |= (uint64_t)*in.p++ << (8 * k);
            assert_true(head > 0 && i + (head >> 1) <= n);
            for (uint64_t k = head >> 1; k > 0; k--)
                assert_int_equal(values[i++], value);
        }
    }
    assert_true(i < n + 8);
    assert_ptr_equal(in.p, in.end);
    vg_buf_release(&out);
}

static void runs_and_packed_groups_come_back(void **state)
{
    (void)state;
    uint32_t values[400];
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (unsigned width = 0; width <= 32; width++)
        for (int round = 0; round < 60; round++) {
            size_t n = vg_rng_below(&rng, COUNT(values) + 1), i = 0;
            while (i < n) { /* runs about the length at which a run is worth it, and longer ones */
                uint32_t value = width ? (uint32_t)(vg_rng_next(&rng) >> (64 - width)) : 0;
                for (uint64_t k = 1 + vg_rng_below(&rng, round % 3 ? 12 : 150); k > 0 && i < n; k--)
                    values[i++] = value;
            }
            check_hybrid(values, n, width);
        }
}

static void check_delta(const int64_t *values, size_t n)
{
    vg_buf out = {0};
    encode_delta(values, n, &out);
    struct bytes in = {(const uint8_t *)out.data, (const uint8_t *)out.data + out.len};
    uint64_t block = varint(&in), miniblocks = varint(&in);
    assert_int_equal(varint(&in), n);
    int64_t value = zigzag_back(varint(&in));
    assert_true(block % 128 == 0 && block % miniblocks == 0 && block / miniblocks % 32 == 0);
    size_t i = 0, per = block / miniblocks;
    if (n > 0) assert_true(values[i++] == value);
    while (i < n) {
        uint64_t least = (uint64_t)zigzag_back(varint(&in));
        const uint8_t *widths = in.p;
        in.p += miniblocks;
        for (size_t m = 0; m < miniblocks && i < n; m++) {
            for (size_t k = 0; k < per && i < n; k++, i++) {
                value = (int64_t)((uint64_t)value + least + packed(&in, k, widths[m]));
                assert_true(values[i] == value);
            }
            in.p += per * widths[m] / 8;
        }
    }
    assert_true(in.p == in.end);
    vg_buf_release(&out);
}

static void deltas_of_any_size_come_back(void **state)
{
    (void)state;
    int64_t values[600];
    struct vg_rng rng;
    vg_rng_init(&rng, 2);
    for (unsigned bits = 0; bits <= 64; bits++)
        for (size_t n = 0; n < COUNT(values); n += 1 + vg_rng_below(&rng, 90)) {
            int64_t last = (int64_t)vg_rng_next(&rng);
            for (size_t i = 0; i < n; i++) {
                uint64_t step = bits ? vg_rng_next(&rng) >> (64 - bits) : 0;
                last = (int64_t)((uint64_t)last + step - (i % 2 ? 0 : step / 2));
                values[i] = last;
            }
            check_delta(values, n);
        }
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = i % 2 ? INT64_MIN : INT64_MAX; /* differences wrap around */
    check_delta(values, COUNT(values));
}

static void flags_are_bits_low_first(void **state)
{
    (void)state;
    static const uint8_t flags[] = {1, 0, 0, 1, 0, 0, 0, 0, 1, 1};
    vg_buf out = {0};
    encode_bits(flags, COUNT(flags), &out);
    assert_slice(vg_buf_view(&out), VG_SLICE("\x09\x03"));
    encode_bits(flags, 0, &out);
    assert_int_equal(out.len, 2);
    vg_buf_release(&out);
}

static void widths_hold_the_largest_number(void **state)
{
    (void)state;
    assert_int_equal(encode_bit_width(0), 0);
    for (unsigned bit = 0; bit < 64; bit++) {
        assert_int_equal(encode_bit_width(UINT64_C(1) << bit), bit + 1);
        assert_int_equal(encode_bit_width((UINT64_C(1) << bit) - 1), bit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_and_packed_groups_come_back),
        cmocka_unit_test(deltas_of_any_size_come_back),
        cmocka_unit_test(flags_are_bits_low_first),
        cmocka_unit_test(widths_hold_the_largest_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
