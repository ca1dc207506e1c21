#include "lake/block_gaps.h"

#include "support.h"

static void finds_numbers_that_no_object_has(void **state)
{
    struct lake_world *w = *state;
    struct fill first[10], second[3];
    static const int64_t numbers[] = {100, 101, 101, 102, 105, 106, 107, 109, 109, 110}; /* without 103, 104, 108 */
    for (size_t i = 0; i < COUNT(first); i++)
        first[i] = plain_fill(numbers[i], (uint32_t)i, 1, true, true, (int64_t)i);
    for (size_t i = 0; i < COUNT(second); i++)
        second[i] = plain_fill(112 + (int64_t)i, 0, 1, true, true, 1);
    commit_object(w, "a", first, COUNT(first));
    commit_object(w, "b", second, COUNT(second));
    struct part_list parts;
    manifest_live_parts(&w->lake.manifest, TABLE_BLOCKS, INT32_MIN, INT32_MAX, &parts);
    static const struct {
        int64_t from, to;
        struct block_gaps gaps;
    } cases[] = {
        {100, 110, {3, 103, 104}}, {105, 110, {1, 108, 108}}, {109, 114, {1, 111, 111}},
        {100, 102, {0, 0, 0}},     {1, 99, {0, 0, 0}},        {1, 1000, {4, 103, 104}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct block_gaps gaps;
        assert_int_equal(block_gaps_find(&w->lake, &parts, cases[i].from, cases[i].to, &gaps, &w->err), VG_OK);
        assert_int_equal(gaps.missing, cases[i].gaps.missing);
        if (gaps.missing) assert_true(gaps.first == cases[i].gaps.first && gaps.last == cases[i].gaps.last);
    }
    part_list_release(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_numbers_that_no_object_has, lake_set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
