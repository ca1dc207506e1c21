#include <errno.h>

#include "base/buf.h"
#include "support.h"

static void is_always_terminated(void **state)
{
    (void)state;
    vg_buf buf = {0};
    assert_string_equal(vg_buf_str(&buf), "");
    assert_int_equal(vg_buf_view(&buf).n, 0);
    for (unsigned i = 0; i < 3000; i++) {
        vg_buf_addc(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.len, i + 1);
        assert_int_equal(buf.data[buf.len], '\0');
    }
    for (unsigned i = 0; i < 3000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    vg_buf_clear(&buf);
    assert_string_equal(buf.data, "");
    vg_buf_release(&buf);
    assert_null(buf.data);
    vg_buf_clear(&buf);
}

static void formats_texts_of_any_length(void **state)
{
    (void)state;
    vg_buf buf = {0};
    char *longer = malloc(10001);
    memset(longer, 'x', 10000);
    longer[10000] = '\0';
    vg_buf_addf(&buf, "%d-%s-%d", 1, longer, 2);
    assert_int_equal(buf.len, 10004);
    assert_memory_equal(buf.data, "1-xxx", 5);
    assert_string_equal(buf.data + 10002, "-2");
    vg_buf_addf(&buf, "%s", "");
    assert_int_equal(buf.len, 10004);
    free(longer);
    vg_buf_release(&buf);
}

static void takes_zero_bytes_and_bytes_of_zero(void **state)
{
    (void)state;
    vg_buf buf = {0};
    vg_buf_add(&buf, NULL, 0);
    vg_buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
    vg_buf_adds(&buf, "cd");
    assert_slice(vg_buf_view(&buf), VG_SLICE("a\0bcd"));
    vg_buf_release(&buf);
}

static void slices_compare_by_bytes(void **state)
{
    (void)state;
    assert_true(vg_slice_eq((vg_slice){NULL, 0}, VG_SLICE("")));
    assert_true(vg_slice_is(VG_SLICE("px"), "px"));
    assert_false(vg_slice_is(VG_SLICE("px"), "pxx"));
    assert_false(vg_slice_is(VG_SLICE("pxx"), "px"));
    assert_false(vg_slice_is(VG_SLICE("pX"), "px"));
}

static void joins_paths_with_one_slash(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a//", "b/c", "a/b/c"}, {"/a", "b", "/a/b"}, {"", "b", "/b"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *path = vg_path_join(cases[i][0], cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
}

static void errors_carry_a_sentence(void **state)
{
    (void)state;
    vg_err err;
    assert_int_equal(vg_fail(&err, VG_EPARSE, "line %d: bad", 3), VG_EPARSE);
    assert_string_equal(err.msg, "line 3: bad");
    assert_int_equal(vg_fail(NULL, VG_ELIMIT, "nobody listens"), VG_ELIMIT);
    errno = ENOENT;
    assert_int_equal(vg_fail_errno(&err, "opening %s", "y"), VG_EIO);
    assert_int_equal(err.sys, ENOENT);
    assert_string_equal(err.msg, "opening y: No such file or directory");
    char longer[3000];
    memset(longer, 'z', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    vg_fail(&err, VG_EIO, "%s", longer); /* cut, but terminated */
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_always_terminated),
        cmocka_unit_test(formats_texts_of_any_length),
        cmocka_unit_test(takes_zero_bytes_and_bytes_of_zero),
        cmocka_unit_test(slices_compare_by_bytes),
        cmocka_unit_test(joins_paths_with_one_slash),
        cmocka_unit_test(errors_carry_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
