#include "serve/query_string.h"

#include "support.h"

static void reads_pairs(void **state)
{
    (void)state;
    struct query_string q = {0};
    assert_int_equal(query_string_parse(&q, VG_SLICE("a=1&&b=x+y%2B&c&=d&e=f=g&")), QUERY_FINE);
    static const char *const wanted[][2] = {{"a", "1"}, {"b", "x y+"}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    assert_int_equal(q.n, COUNT(wanted));
    for (size_t i = 0; i < q.n; i++) {
        assert_slice_is(q.pairs[i].name, wanted[i][0]);
        assert_slice_is(q.pairs[i].value, wanted[i][1]);
    }
    query_string_release(&q);
    assert_int_equal(query_string_parse(&q, VG_SLICE("")), QUERY_FINE);
    assert_int_equal(q.n, 0);
    query_string_release(&q);
}

static enum query_fault fault(const char *raw, size_t n)
{
    struct query_string q = {0};
    enum query_fault fault = query_string_parse(&q, (vg_slice){raw, n});
    query_string_release(&q);
    return fault;
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const char *const bad[] = {"a=%",    "%zz=1",  "a=%00",         "a=%0a",    "a=%ff",
                                      "a=\x01", "\xff=1", "a=\xcf&\x8f=1", "\xcf=\x8f"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(fault(bad[i], strlen(bad[i])), QUERY_MISENCODED);
    vg_buf many = {0};
    for (size_t i = 0; i < QUERY_PAIRS; i++)
        vg_buf_adds(&many, "a=1&");
    assert_int_equal(fault(many.data, many.len), QUERY_FINE);
    vg_buf_adds(&many, "b");
    assert_int_equal(fault(many.data, many.len), QUERY_TOO_MANY);
    vg_buf_clear(&many);
    while (many.len < QUERY_LIMIT)
        vg_buf_addc(&many, 'a');
    assert_int_equal(fault(many.data, many.len), QUERY_FINE);
    vg_buf_addc(&many, 'a');
    assert_int_equal(fault(many.data, many.len), QUERY_TOO_LONG);
    vg_buf_release(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_pairs), cmocka_unit_test(says_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
