#include "base/state_bytes.h"

#include "support.h"

struct pair {
    int32_t a;
    uint64_t b;
};

static struct state_memory written(const void *items, size_t count, size_t size)
{
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(state_put_array(&out, items, count, size, NULL), VG_OK);
    return memory;
}

static void gives_back_what_was_put(void **state)
{
    (void)state;
    struct pair pairs[3] = {0}, *back;
    for (size_t i = 0; i < COUNT(pairs); i++)
        pairs[i].a = (int32_t)i - 1, pairs[i].b = UINT64_MAX - i;
    int64_t number = -7, number_back = 0;
    size_t count;
    struct state_memory memory = written(pairs, COUNT(pairs), sizeof *pairs);
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(state_put(&out, &number, sizeof number, NULL), VG_OK);
    assert_int_equal(state_put_array(&out, NULL, 0, sizeof *pairs, NULL), VG_OK);
    struct state_reader in = state_memory_reader(&memory);
    assert_int_equal(state_take_array(&in, (void **)&back, &count, sizeof *back, NULL), VG_OK);
    assert_int_equal(count, COUNT(pairs));
    assert_memory_equal(back, pairs, sizeof pairs);
    free(back);
    assert_int_equal(state_take(&in, &number_back, sizeof number_back, NULL), VG_OK);
    assert_int_equal(number_back, number);
    assert_int_equal(state_take_array(&in, (void **)&back, &count, sizeof *back, NULL), VG_OK);
    assert_true(count == 0 && !back && in.left == 0);
    assert_int_equal(state_take(&in, &number_back, 0, NULL), VG_OK);
    vg_buf_release(&memory.bytes);
}

static void gives_back_structs_and_long_arrays(void **state)
{
    (void)state;
    enum { MANY = 10001 }; /* words of more than one chunk, the last of them odd */
    int64_t *items = vg_alloc(MANY * sizeof *items), *back;
    struct pair pair = {-3, 9}, pair_back;
    for (int64_t i = 0; i < MANY; i++)
        items[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? i : -i * i * i;
    size_t count;
    struct state_memory memory = written(items, MANY, sizeof *items);
    assert_true(memory.bytes.len < MANY * sizeof *items / 2);
    struct state_writer out = state_memory_writer(&memory);
    memset((char *)&pair + sizeof pair.a, 0, 4);
    assert_int_equal(state_put_struct(&out, &pair, sizeof pair, NULL), VG_OK);
    struct state_reader in = state_memory_reader(&memory);
    assert_int_equal(state_take_array(&in, (void **)&back, &count, sizeof *back, NULL), VG_OK);
    assert_int_equal(count, MANY);
    assert_memory_equal(back, items, MANY * sizeof *items);
    assert_int_equal(state_take_struct(&in, &pair_back, sizeof pair_back, NULL), VG_OK);
    assert_memory_equal(&pair_back, &pair, sizeof pair);
    assert_int_equal(in.left, 0);
    free(back);
    free(items);
    vg_buf_release(&memory.bytes);
}

static void refuses_bytes_that_end_too_early(void **state)
{
    (void)state;
    uint64_t numbers[4] = {1, 2, 0, 4};
    struct state_memory memory = written(numbers, COUNT(numbers), sizeof *numbers);
    size_t whole = memory.bytes.len;
    for (memory.bytes.len = 0; memory.bytes.len < whole; memory.bytes.len++) {
        struct state_reader in = state_memory_reader(&memory);
        void *back;
        size_t count;
        vg_err err = {0};
        assert_int_equal(state_take_array(&in, &back, &count, sizeof *numbers, &err), VG_EPARSE);
        assert_true(!back && count == 0 && err.msg[0]);
    }
    vg_buf_release(&memory.bytes);
}

static void asks_for_no_memory_that_the_bytes_cannot_fill(void **state)
{
    (void)state;
    const uint64_t absurd[] = {UINT64_MAX, UINT64_MAX / 8, UINT64_MAX / 8 + 2, UINT64_C(1) << 61, 33};
    for (size_t i = 0; i < COUNT(absurd); i++) {
        struct state_memory memory = {0};
        vg_buf_add(&memory.bytes, &absurd[i], sizeof absurd[i]);
        vg_buf_add(&memory.bytes, "0123456789abcdef", 16); /* 32 items of eight at most, if all are zero */
        struct state_reader in = state_memory_reader(&memory);
        void *back;
        size_t count;
        assert_int_equal(state_take_array(&in, &back, &count, 8, NULL), VG_EPARSE);
        assert_true(!back && count == 0);
        vg_buf_release(&memory.bytes);
    }
}

static void leaves_nothing_behind_when_reading_fails(void **state)
{
    (void)state;
    uint32_t numbers[4] = {1, 2, 3, 4};
    struct state_memory memory = written(numbers, COUNT(numbers), sizeof *numbers);
    for (memory.fails_after = 1; memory.fails_after < memory.bytes.len; memory.fails_after++) {
        struct state_reader in = state_memory_reader(&memory);
        void *back = numbers;
        size_t count = 9;
        assert_int_equal(state_take_array(&in, &back, &count, sizeof *numbers, NULL), VG_EPARSE);
        assert_true(!back && count == 0);
    }
    vg_buf_release(&memory.bytes);
}

static vg_code refuse(void *ctx, const void *bytes, size_t n, vg_err *err)
{
    (void)ctx, (void)bytes, (void)n;
    return vg_fail(err, VG_EIO, "the disk is full");
}

static void passes_on_that_writing_failed(void **state)
{
    (void)state;
    struct state_writer out = {NULL, refuse};
    assert_int_equal(state_put_array(&out, "a", 1, 1, NULL), VG_EIO);
    assert_int_equal(state_put(&out, "a", 1, NULL), VG_EIO);
    assert_int_equal(state_put(&out, NULL, 0, NULL), VG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put),
        cmocka_unit_test(gives_back_structs_and_long_arrays),
        cmocka_unit_test(refuses_bytes_that_end_too_early),
        cmocka_unit_test(asks_for_no_memory_that_the_bytes_cannot_fill),
        cmocka_unit_test(leaves_nothing_behind_when_reading_fails),
        cmocka_unit_test(passes_on_that_writing_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
