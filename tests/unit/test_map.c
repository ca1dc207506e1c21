#include "base/map.h"
#include "support.h"

static void finds_what_was_put_in_and_nothing_else(void **state)
{
    (void)state;
    struct map64 map = {0};
    bool added;
    assert_null(map64_find(&map, 0));
    assert_null(map64_find(&map, 1));
    for (uint64_t key = 0; key < 20000; key++) {
        *map64_insert(&map, key * 3, &added) = key + 1;
        assert_true(added);
    }
    for (uint64_t key = 0; key < 60000; key++) {
        uint64_t *value = map64_find(&map, key);
        if (key % 3)
            assert_null(value);
        else
            assert_true(value && *value == key / 3 + 1);
    }
    map64_release(&map);
}

static void an_insert_again_keeps_the_value(void **state)
{
    (void)state;
    struct map64 map = {0};
    static const uint64_t keys[] = {0, 1, UINT64_MAX, UINT64_C(1) << 63};
    for (size_t i = 0; i < COUNT(keys); i++) {
        bool added;
        uint64_t *value = map64_insert(&map, keys[i], &added);
        assert_true(added && *value == 0);
        *value = i + 10;
        assert_int_equal(*map64_insert(&map, keys[i], &added), i + 10);
        assert_false(added);
    }
    map64_release(&map);
}

static void clear_forgets_everything_small_or_large(void **state)
{
    (void)state;
    struct map64 map = {0};
    for (unsigned n = 10; n <= 100000; n *= 100) {
        bool added;
        for (uint64_t key = 0; key < n; key++)
            *map64_insert(&map, key, &added) = 5;
        map64_clear(&map);
        assert_int_equal(map.count, 0);
        for (uint64_t key = 0; key < n; key++)
            assert_null(map64_find(&map, key));
        assert_int_equal(*map64_insert(&map, 0, &added), 0);
        assert_true(added);
        assert_int_equal(*map64_insert(&map, 3, &added), 0);
        assert_true(added);
        map64_clear(&map);
    }
    map64_release(&map);
    assert_null(map64_find(&map, 3));
}

static void stays_at_most_three_quarters_full(void **state)
{
    (void)state;
    struct map64 map = {0};
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 5000; i++) {
        bool added;
        map64_insert(&map, vg_rng_next(&rng), &added);
        assert_true(map.count * 4 <= map.capacity * 3);
    }
    map64_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put_in_and_nothing_else),
        cmocka_unit_test(an_insert_again_keeps_the_value),
        cmocka_unit_test(clear_forgets_everything_small_or_large),
        cmocka_unit_test(stays_at_most_three_quarters_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
