#include "lake/quarantine.h"

#include <jansson.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

static vg_err err;

static const char *text_of(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

static void keeps_place_reason_and_bytes(void **state)
{
    const char *folder = *state;
    struct quarantine q;
    quarantine_init(&q, vg_path_join(folder, "q"));
    char odd[] = "\xff\xfe{\"a\":1\x80";
    assert_int_equal(
        quarantine_add(&q, "k/\"7\"", 3, 1000, -1, "bad \"thing\"\n", VG_SLICE("{\"x\":\t\xc3\xa9"), 9, &err), VG_OK);
    assert_int_equal(quarantine_add(&q, "k", UINT64_MAX, 5, 17, "px: negative", (vg_slice){odd, 10}, 99999999999, &err),
                     VG_OK);
    assert_int_equal(quarantine_finish(&q, &err), VG_OK);
    assert_int_equal(q.count, 2);
    vg_buf text = {0};
    assert_int_equal(file_read_all(q.path, 10000, &text, &err), VG_OK);
    vg_slice rest = vg_buf_view(&text), line;
    assert_true(next_line(&rest, &line));
    json_t *first = json_loadb(line.p, line.n, 0, NULL);
    assert_non_null(first);
    assert_string_equal(text_of(first, "source"), "k/\"7\"");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 3);
    assert_int_equal(json_integer_value(json_object_get(first, "byte")), 1000);
    assert_true(json_is_null(json_object_get(first, "event")));
    assert_string_equal(text_of(first, "reason"), "bad \"thing\"\n");
    assert_int_equal(json_integer_value(json_object_get(first, "length")), 9);
    assert_string_equal(text_of(first, "text"), "{\"x\":\t\xc3\xa9");
    assert_null(json_object_get(first, "base64"));
    json_decref(first);
    assert_true(next_line(&rest, &line));
    assert_slice_is(line, "{\"source\":\"k\",\"line\":18446744073709551615,\"byte\":5,\"event\":17,"
                          "\"reason\":\"px: negative\",\"length\":99999999999,\"base64\":\"//57ImEiOjGAAA==\"}");
    assert_false(next_line(&rest, &line));
    vg_buf_release(&text);
    quarantine_release(&q);
}

/* Vectors of RFC 4648, section 10, each behind a byte that is no UTF-8 so that base64 is chosen. */
static void encodes_base64_of_every_length(void **state)
{
    const char *folder = *state;
    static const char *const wanted[] = {"/w==", "/2Y=", "/2Zv", "/2Zvbw==", "/2Zvb2I=", "/2Zvb2Jh", "/2Zvb2Jhcg=="};
    for (size_t n = 0; n < COUNT(wanted); n++) {
        struct quarantine q;
        vg_buf text = {0};
        quarantine_init(&q, vg_path_join(folder, "q"));
        assert_int_equal(quarantine_add(&q, "k", 1, 0, -1, "r",
                                        (vg_slice){"\xff"
                                                   "foobar",
                                                   n + 1},
                                        n + 1, &err),
                         VG_OK);
        assert_int_equal(quarantine_finish(&q, &err), VG_OK);
        assert_int_equal(file_read_all(q.path, 10000, &text, &err), VG_OK);
        json_t *line = json_loadb(text.data, text.len, 0, NULL);
        assert_string_equal(text_of(line, "base64"), wanted[n]);
        json_decref(line);
        vg_buf_release(&text);
        quarantine_release(&q);
    }
}

static void makes_no_file_without_a_refusal(void **state)
{
    const char *folder = *state;
    struct quarantine q;
    quarantine_init(&q, vg_path_join(folder, "none"));
    assert_int_equal(quarantine_finish(&q, &err), VG_OK);
    assert_int_equal(access(q.path, F_OK), -1);
    quarantine_release(&q);
}

static void removes_what_was_not_published(void **state)
{
    const char *folder = *state;
    char *path = vg_path_join(folder, "q");
    for (int finished = 0; finished < 2; finished++) {
        struct quarantine q;
        quarantine_init(&q, vg_strdup(path));
        assert_int_equal(quarantine_add(&q, "k", 1, 0, -1, "r", VG_SLICE("x"), 1, &err), VG_OK);
        if (finished) assert_int_equal(quarantine_finish(&q, &err), VG_OK);
        assert_int_equal(access(path, F_OK), 0);
        quarantine_release(&q);
        assert_int_equal(access(path, F_OK), -1);
    }
    free(path);
    struct quarantine q;
    quarantine_init(&q, vg_strdup("/nonexistent/q"));
    assert_int_equal(quarantine_add(&q, "k", 1, 0, -1, "r", VG_SLICE("x"), 1, &err), VG_EIO);
    quarantine_release(&q);
}

static int set_up(void **state)
{
    *state = new_folder();
    return 0;
}

static int tear_down(void **state)
{
    remove_tree(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_place_reason_and_bytes),
        cmocka_unit_test(encodes_base64_of_every_length),
        cmocka_unit_test(makes_no_file_without_a_refusal),
        cmocka_unit_test(removes_what_was_not_published),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
