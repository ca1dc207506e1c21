/* What encode.c packs is unpacked again; whatever else stands there is refused, or at least stays in bounds. */
#include "lake/decode_pages.h"

#include "lake/encode.h"
#include "support.h"

/* The bytes with their slack and nothing more, for the sanitizer's eyes; the caller frees. */
static uint8_t *exact(const char *bytes, size_t n, struct page_bytes *in)
{
    uint8_t *copy = malloc(n + DECODE_SLACK);
    assert_non_null(copy);
    if (n) memcpy(copy, bytes, n);
    memset(copy + n, 0xff, DECODE_SLACK);
    *in = (struct page_bytes){copy, copy + n};
    return copy;
}

static uint64_t bits(struct vg_rng *rng, unsigned width) { return width ? vg_rng_next(rng) >> (64 - width) : 0; }

static size_t fill_runs(struct vg_rng *rng, uint32_t *values, unsigned width, unsigned longest)
{
    size_t n = vg_rng_below(rng, 700), i = 0;
    while (i < n) {
        uint32_t value = (uint32_t)bits(rng, width);
        for (uint64_t k = 1 + vg_rng_below(rng, longest); k > 0 && i < n; k--)
            values[i++] = value;
    }
    return n;
}

static void hybrids_of_every_width_come_back(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    uint32_t values[700], got[708];
    for (unsigned width = 0; width <= 32; width++)
        for (unsigned round = 0; round < 40; round++) {
            size_t n = fill_runs(&rng, values, width, round % 3 ? 12 : 200);
            vg_buf out = {0};
            struct page_bytes in;
            uint32_t largest = 0;
            for (size_t i = 0; i < n; i++)
                largest = values[i] > largest ? values[i] : largest;
            encode_hybrid(values, n, width, &out);
            uint8_t *copy = exact(out.data, out.len, &in);
            uint32_t limit = largest < UINT32_MAX ? largest + 1 : UINT32_MAX;
            assert_int_equal(decode_hybrid(&in, n, width, limit, got), largest < limit || n == 0);
            assert_ptr_equal(in.p, in.end);
            if (n) assert_memory_equal(got, values, n * sizeof *got);
            if (n && limit > 1) { /* one number is now too large */
                in.p = copy;
                assert_false(decode_hybrid(&in, n, width, limit - 1, got));
            }
            if (out.len) { /* cut */
                in = (struct page_bytes){copy, copy + out.len - 1};
                assert_false(decode_hybrid(&in, n, width, UINT32_MAX, got) && width > 0 && n > 0);
            }
            free(copy);
            vg_buf_release(&out);
        }
}

static void levels_become_bits(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 2);
    uint32_t values[700];
    uint64_t mask[16];
    for (unsigned round = 0; round < 2000; round++) {
        size_t n = fill_runs(&rng, values, 1, round % 3 ? 20 : 200), present, set = 0;
        vg_buf out = {0};
        struct page_bytes in;
        encode_hybrid(values, n, 1, &out);
        uint8_t *copy = exact(out.data, out.len, &in);
        assert_true(mask_words(n) <= COUNT(mask));
        assert_true(decode_levels(&in, n, mask, &present));
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(mask[i / 64] >> (i % 64) & 1, values[i]);
            set += values[i];
        }
        assert_int_equal(present, set);
        free(copy);
        vg_buf_release(&out);
    }
    static const char *const bad[] = {"", "\x00", "\x01", "\x10\x02", "\x14\x01", "\x07\xff\xff\xff", "\x10\x01\x01"};
    for (size_t i = 0; i < COUNT(bad); i++) { /* for 8 rows: nothing, no rows, a level 2, too many, more behind */
        struct page_bytes in;
        size_t present;
        uint8_t *copy = exact(bad[i], i == 1 ? 1 : strlen(bad[i]), &in);
        assert_false(decode_levels(&in, 8, mask, &present));
        free(copy);
    }
}

static void deltas_of_every_width_come_back(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 3);
    int64_t values[400], got[432];
    for (unsigned width = 0; width <= 64; width++)
        for (unsigned round = 0; round < 40; round++) {
            size_t n = vg_rng_below(&rng, COUNT(values) + 1);
            uint64_t last = vg_rng_next(&rng);
            for (size_t i = 0; i < n; i++)
                values[i] = (int64_t)(last += bits(&rng, width) - (round % 2 ? bits(&rng, width) : 0));
            vg_buf out = {0};
            struct page_bytes in;
            encode_delta(values, n, &out);
            uint8_t *copy = exact(out.data, out.len, &in);
            assert_true(decode_delta(&in, n, got));
            assert_ptr_equal(in.p, in.end);
            if (n) assert_memory_equal(got, values, n * sizeof *got);
            in.p = copy;
            assert_false(decode_delta(&in, n + 1, got));
            in = (struct page_bytes){copy, copy + out.len - 1};
            assert_false(decode_delta(&in, n, got));
            free(copy);
            vg_buf_release(&out);
        }
}

static void flags_and_decimals_come_back(void **state)
{
    (void)state;
    const uint8_t packed[] = {0x05, 0x80, 0x01};
    uint8_t flags[25];
    struct page_bytes in;
    uint8_t *copy = exact((const char *)packed, 3, &in);
    assert_true(decode_bits(&in, 17, flags));
    for (size_t i = 0; i < 17; i++)
        assert_int_equal(flags[i], i == 0 || i == 2 || i == 15 || i == 16);
    in.p = copy;
    assert_false(decode_bits(&in, 25, flags));
    free(copy);

    const uint8_t decimals[] = {0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    1,
                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                0x7f, 0,    0,    0,    1,    0,    0,    0,    0,    0,    0,    0,    2};
    vg_dec got[3];
    copy = exact((const char *)decimals, sizeof decimals, &in);
    assert_true(decode_decimals(&in, 3, got));
    assert_true(got[0] == 1 && got[1] == -2);
    assert_true(got[2] == (((vg_dec)0x7f00000001 << 64) + 2));
    in = (struct page_bytes){copy, copy + sizeof decimals - 1};
    assert_false(decode_decimals(&in, 3, got));
    free(copy);
}

static void texts_stay_in_their_page(void **state)
{
    (void)state;
    struct page_bytes in;
    vg_slice got[3];
    uint8_t *copy = exact("abcdef", 6, &in);
    assert_true(decode_texts(&in, 3, (const int64_t[]){1, 0, 5}, got));
    assert_slice_is(got[0], "a");
    assert_slice_is(got[1], "");
    assert_slice_is(got[2], "bcdef");
    static const int64_t bad[][3] = {{1, 1, 5}, {-1, 1, 2}, {INT64_MAX, INT64_MAX, 8}, {0, 0, (int64_t)1 << 40}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        in.p = copy;
        assert_false(decode_texts(&in, 3, bad[i], got));
    }
    free(copy);
    copy = exact("\x01\0\0\0a\0\0\0\0\x02\0\0\0bc", 15, &in);
    assert_true(decode_plain_texts(&in, 3, got));
    assert_slice_is(got[0], "a");
    assert_slice_is(got[2], "bc");
    for (const uint8_t *end = copy; end < copy + 15; end++) {
        in = (struct page_bytes){copy, end};
        assert_false(decode_plain_texts(&in, 3, got));
    }
    free(copy);
}

static void values_go_to_the_rows_that_have_one(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 4);
    static const size_t sizes[] = {1, 4, 8, 16};
    for (unsigned round = 0; round < 400; round++) {
        size_t n = vg_rng_below(&rng, 300), size = sizes[round % 4], present = 0, k = 0;
        uint64_t mask[6] = {0};
        uint8_t *values = calloc(n + 1, size);
        for (size_t i = 0; i < n; i++) {
            bool set = round % 5 == 0 ? i < 150 : vg_rng_below(&rng, 100) < round % 5 * 33;
            mask[i / 64] |= (uint64_t)set << (i % 64);
            present += set;
        }
        for (size_t i = 0; i < present; i++)
            memset(values + (n - present + i) * size, (int)(i % 255 + 1), size);
        spread_values(values, size, n, present, mask);
        for (size_t i = 0; i < n; i++) {
            bool set = mask[i / 64] >> (i % 64) & 1;
            for (size_t b = 0; b < size; b++)
                assert_int_equal(values[i * size + b], set ? k % 255 + 1 : 0);
            k += set;
        }
        free(values);
    }
}

static void random_bytes_stay_in_bounds(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 5);
    int64_t integers[300 + 32];
    uint32_t ids[300 + 8];
    uint64_t mask[8];
    for (unsigned round = 0; round < 20000; round++) {
        char bytes[200];
        size_t n = vg_rng_below(&rng, sizeof bytes), rows = vg_rng_below(&rng, 300), present;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(vg_rng_next(&rng) >> vg_rng_below(&rng, 64));
        struct page_bytes in;
        uint8_t *copy = exact(bytes, n, &in);
        if (decode_levels(&in, rows, mask, &present)) assert_true(present <= rows);
        in.p = copy;
        if (decode_hybrid(&in, rows, (unsigned)vg_rng_below(&rng, 40), 7, ids))
            for (size_t i = 0; i < rows; i++)
                assert_true(ids[i] < 7);
        if (n > 4 && round % 2) memcpy(copy, "\x80\x01\x04\x64", 4); /* 128, 4, 100 */
        in.p = copy;
        if (decode_delta(&in, 100, integers)) assert_true(in.p <= in.end);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hybrids_of_every_width_come_back), cmocka_unit_test(levels_become_bits),
        cmocka_unit_test(deltas_of_every_width_come_back),  cmocka_unit_test(flags_and_decimals_come_back),
        cmocka_unit_test(texts_stay_in_their_page),         cmocka_unit_test(values_go_to_the_rows_that_have_one),
        cmocka_unit_test(random_bytes_stay_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
