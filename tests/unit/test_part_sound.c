#include "lake/part_sound.h"

#include <unistd.h>

#include "support.h"

static const struct part *first_part(const struct lake_world *w, enum lake_table table)
{
    const struct part_list *parts = &w->lake.manifest.records[0].parts;
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i].table == table) return &parts->items[i];
    fail_msg("no part");
    return NULL;
}

static int set_up(void **state)
{
    lake_set_up(state);
    const struct fill fills[2] = {plain_fill(7, 0, 1, true, true, 5), plain_fill(7, 1, 2, false, false, 5)};
    commit_object(*state, "one", fills, 2);
    return 0;
}

static void assert_says(const struct lake_world *w, const char *text)
{
    if (!strstr(w->err.msg, text)) fail_msg("'%s' does not say '%s'", w->err.msg, text);
}

static void a_changed_or_missing_part_is_named_with_what_mends_it(void **state)
{
    struct lake_world *w = *state;
    for (enum lake_table table = 0; table < LAKE_TABLES; table++) {
        const struct part *part = first_part(w, table);
        assert_int_equal(part_sound(&w->lake, part, &w->err), VG_OK);
        damage(w, part->path);
        assert_int_equal(part_sound(&w->lake, part, &w->err), VG_ESTATE);
        assert_says(w, part->path);
        assert_says(w, "is not the file that was committed");
        assert_says(w, "remove it, then fetch its object again: `vigil fetch /source/one --lake ");
        char *path = lake_path(&w->lake, part->path);
        assert_int_equal(unlink(path), 0);
        free(path);
        assert_int_equal(part_sound(&w->lake, part, &w->err), VG_ESTATE);
        assert_says(w, "No such file or directory: fetch its object again");
    }
}

static void a_merged_part_must_go_with_its_record(void **state)
{
    struct lake_world *w = *state;
    struct compaction compaction = {.day = 20527, .part = *first_part(w, TABLE_FILLS)};
    compaction.part.path = lake_part_path(TABLE_FILLS, 20527, "0000");
    char *old = lake_path(&w->lake, first_part(w, TABLE_FILLS)->path), *new = lake_path(&w->lake, compaction.part.path);
    assert_int_equal(rename(old, new), 0);
    free(old);
    free(new);
    part_list_add(&compaction.replaced, first_part(w, TABLE_FILLS));
    assert_int_equal(lake_commit_compaction(&w->lake, &compaction, &w->err), VG_OK);
    const struct part *part = &manifest_compaction(&w->lake.manifest, 20527)->part;
    assert_int_equal(part_sound(&w->lake, part, &w->err), VG_OK);
    damage(w, part->path);
    assert_int_equal(part_sound(&w->lake, part, &w->err), VG_ESTATE);
    assert_says(w, "remove it and ");
    assert_says(w, "manifest/compacted-2026-03-15.json, then fetch all objects of that day again");
}

static void rows_are_those_of_the_record(void **state)
{
    struct lake_world *w = *state;
    struct part_list *parts = &w->lake.manifest.records[0].parts;
    assert_int_equal(parts_have_their_rows(&w->lake, parts, &w->err), VG_OK);
    parts->items[0].rows++;
    assert_int_equal(parts_have_their_rows(&w->lake, parts, &w->err), VG_ESTATE);
    assert_says(w, parts->items[0].path);
    assert_says(w, "has 2 rows, its record says 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_or_missing_part_is_named_with_what_mends_it, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(a_merged_part_must_go_with_its_record, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(rows_are_those_of_the_record, set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
