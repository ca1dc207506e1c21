#include "base/percent.h"

#include "support.h"

static void encodes_all_but_unreserved_bytes(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c, wanted[8];
        bool kept = c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c);
        snprintf(wanted, sizeof wanted, kept ? "%c" : "%%%02X", c);
        vg_buf out = {0}, back = {0};
        percent_add(&out, (vg_slice){&byte, 1}, false);
        assert_string_equal(out.data, wanted);
        assert_true(percent_decode(&back, vg_buf_view(&out), true));
        assert_true(back.len == 1 && back.data[0] == byte);
        vg_buf_release(&out);
        vg_buf_release(&back);
    }
    vg_buf path = {0};
    percent_add(&path, VG_SLICE("a/b=c d"), true);
    assert_string_equal(path.data, "a/b%3Dc%20d");
    vg_buf_release(&path);
}

static void decodes_what_s3_writes(void **state)
{
    (void)state;
    vg_buf out = {0};
    assert_true(percent_decode(&out, VG_SLICE("a+b%2Bc%2fd/%C3%A9"), true));
    assert_string_equal(out.data, "a b+c/d/é");
    static const char *const bad[] = {"%", "%4", "%4g", "%g4", "a%", "%%41"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(percent_decode(&out, vg_slice_of(bad[i]), i % 2));
    vg_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_unreserved_bytes),
        cmocka_unit_test(decodes_what_s3_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
