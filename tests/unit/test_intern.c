#include "base/intern.h"
#include "support.h"

static void numbers_distinct_keys_in_order(void **state)
{
    (void)state;
    struct intern intern = {0};
    assert_int_equal(intern_find(&intern, "a", 1), UINT32_MAX);
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            char key[40];
            int n = snprintf(key, sizeof key, "%.*skey %u", (int)(i % 17), "long prefixes ...", i);
            assert_int_equal(intern_id(&intern, key, (size_t)n), i);
            assert_int_equal(intern_find(&intern, key, (size_t)n), i);
            assert_slice(intern.keys[i], (vg_slice){key, (size_t)n});
        }
    assert_int_equal(intern.count, 5000);
    assert_int_equal(intern_find(&intern, "key 5000", 8), UINT32_MAX);
    intern_release(&intern);
    assert_int_equal(intern_find(&intern, "key 1", 5), UINT32_MAX);
}

static void tells_keys_apart_by_every_byte_and_by_length(void **state)
{
    (void)state;
    struct intern intern = {0};
    static const char bytes[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for (uint32_t n = 0; n <= 17; n++)
        assert_int_equal(intern_id(&intern, bytes, n), n);
    for (uint32_t at = 0; at < 17; at++) {
        char key[17] = {0};
        key[at] = 1;
        assert_int_equal(intern_id(&intern, key, 17), 18 + at);
    }
    intern_release(&intern);
}

static void keys_are_copies_that_stay_put(void **state)
{
    (void)state;
    struct intern intern = {0};
    char key[] = "first";
    assert_int_equal(intern_id(&intern, key, 5), 0);
    const char *kept = intern.keys[0].p;
    key[0] = 'x';
    for (uint32_t i = 0; i < 100000; i++)
        intern_id(&intern, &i, sizeof i);
    assert_ptr_equal(intern.keys[0].p, kept);
    assert_memory_equal(kept, "first", 5);
    intern_release(&intern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_distinct_keys_in_order),
        cmocka_unit_test(tells_keys_apart_by_every_byte_and_by_length),
        cmocka_unit_test(keys_are_copies_that_stay_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
