/* What thrift.c writes is read back, and nothing else is. */
#include "lake/thrift_read.h"

#include "support.h"

static vg_buf sample(void)
{
    vg_buf out = {0};
    struct thrift t;
    thrift_begin(&t, &out);
    thrift_i32(&t, 1, -7);
    thrift_i64(&t, 3, INT64_MIN);
    thrift_bool(&t, 4, true);
    thrift_bool(&t, 5, false);
    thrift_struct(&t, 8);
    thrift_text(&t, 1, "inner");
    thrift_end(&t);
    thrift_list(&t, 9, THRIFT_I32, 20);
    for (int32_t i = 0; i < 20; i++)
        thrift_element_i32(&t, i - 10);
    thrift_list(&t, 10, THRIFT_STRUCT, 1);
    thrift_element(&t);
    thrift_i32(&t, 15, INT32_MAX);
    thrift_end(&t);
    thrift_list(&t, 11, THRIFT_BINARY, 1);
    thrift_element_text(&t, "last");
    thrift_end(&t);
    return out;
}

static bool reads_as_sample(const char *bytes, size_t n)
{
    struct thrift_reader t;
    bool same = true;
    thrift_read_begin(&t, bytes, n);
    same &= thrift_read_int(&t, 1, THRIFT_I32) == -7;
    same &= !thrift_is_next(&t, 2, THRIFT_I64);
    same &= thrift_read_int(&t, 3, THRIFT_I64) == INT64_MIN;
    thrift_read_flag(&t, 4);
    thrift_read_flag(&t, 5);
    thrift_enter(&t, 8);
    same &= vg_slice_is(thrift_read_binary(&t, 1), "inner");
    thrift_leave(&t);
    same &= thrift_read_list(&t, 9, THRIFT_I32) == 20;
    for (int32_t i = 0; i < 20; i++)
        same &= thrift_read_element_int(&t) == i - 10;
    same &= thrift_read_list(&t, 10, THRIFT_STRUCT) == 1;
    thrift_enter_element(&t);
    same &= thrift_read_int(&t, 15, THRIFT_I32) == INT32_MAX;
    thrift_leave(&t);
    same &= thrift_read_list(&t, 11, THRIFT_BINARY) == 1;
    same &= vg_slice_is(thrift_read_element_binary(&t), "last");
    thrift_leave(&t);
    if (t.failed) assert_ptr_equal(t.p, t.end);
    return same && !t.failed && t.p == t.end;
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    vg_buf out = sample();
    assert_true(reads_as_sample(out.data, out.len));
    vg_buf_release(&out);
}

static void cut_bytes_are_refused(void **state)
{
    (void)state;
    vg_buf out = sample();
    for (size_t n = 0; n < out.len; n++) {
        char *exact = malloc(n + 1);
        memcpy(exact, out.data, n);
        assert_false(reads_as_sample(exact, n));
        free(exact);
    }
    vg_buf_release(&out);
}

static void other_fields_and_types_are_refused(void **state)
{
    (void)state;
    vg_buf out = sample();
    struct thrift_reader t;
    thrift_read_begin(&t, out.data, out.len);
    assert_int_equal(thrift_read_int(&t, 1, THRIFT_I64), 0);
    assert_true(t.failed);
    thrift_read_begin(&t, out.data, out.len);
    assert_int_equal(thrift_read_int(&t, 2, THRIFT_I32), 0);
    assert_true(t.failed);
    assert_int_equal(thrift_read_list(&t, 9, THRIFT_I32), 0);
    assert_int_equal(thrift_read_binary(&t, 1).n, 0);
    thrift_read_begin(&t, out.data, out.len);
    thrift_leave(&t); /* there are fields left */
    assert_true(t.failed);
    vg_buf_release(&out);
}

static void numbers_end_within_ten_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"\x00", 1, true, 0},
        {"\x80\x01", 2, true, 128},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true, UINT64_MAX},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false, 0},
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, false, 0},
        {"\x80", 1, false, 0},
        {"", 0, false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const uint8_t *p = (const uint8_t *)cases[i].bytes, *end = p + cases[i].n;
        uint64_t value;
        assert_int_equal(varint_read(&p, end, &value), cases[i].ok);
        if (cases[i].ok) assert_true(value == cases[i].value && p == end);
    }
    for (int64_t i = -3; i < 4; i++)
        assert_true(zigzag_back(zigzag(i)) == i);
    assert_true(zigzag_back(zigzag(INT64_MIN)) == INT64_MIN && zigzag_back(zigzag(INT64_MAX)) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(cut_bytes_are_refused),
        cmocka_unit_test(other_fields_and_types_are_refused),
        cmocka_unit_test(numbers_end_within_ten_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
