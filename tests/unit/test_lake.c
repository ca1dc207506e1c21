#include "lake/lake.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

static void put(const char *root, const char *relative, const char *text)
{
    char *path = vg_path_join(root, relative), *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_directory(path, NULL), VG_OK);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static bool there(const char *root, const char *relative)
{
    char *path = vg_path_join(root, relative);
    bool found = access(path, F_OK) == 0;
    free(path);
    return found;
}

static void a_folder_with_other_files_is_refused_and_left_as_it_was(void **state)
{
    (void)state;
    static const enum lake_mode modes[] = {LAKE_READ, LAKE_WRITE, LAKE_CREATE};
    static const char *const files[] = {"fills/part-a.parquet", "tmp/x", "quarantine/a.jsonl"};
    char *root = new_folder();
    struct lake lake;
    vg_err err;
    for (size_t i = 0; i < COUNT(files); i++)
        put(root, files[i], "mine");
    for (size_t i = 0; i < COUNT(modes); i++) {
        assert_int_equal(lake_open(&lake, root, modes[i], &err), VG_ESTATE);
        assert_non_null(strstr(err.msg, root));
    }
    struct file_names names;
    assert_int_equal(file_list(root, &names, &err), VG_OK);
    assert_int_equal(names.n, 3);
    file_names_release(&names);
    for (size_t i = 0; i < COUNT(files); i++)
        assert_true(there(root, files[i]));
    remove_tree(root);
}

static void reading_makes_no_lake(void **state)
{
    (void)state;
    char *root = new_folder(), *deep = vg_path_join(root, "deep/lake");
    struct lake lake;
    vg_err err;
    assert_int_equal(lake_open(&lake, deep, LAKE_READ, &err), VG_ESTATE);
    assert_int_equal(lake_open(&lake, deep, LAKE_WRITE, &err), VG_ESTATE);
    assert_false(there(root, "deep"));
    assert_int_equal(lake_open(&lake, deep, LAKE_CREATE, &err), VG_OK);
    lake_close(&lake);
    assert_int_equal(lake_open(&lake, deep, LAKE_READ, &err), VG_OK);
    lake_close(&lake);
    free(deep);
    remove_tree(root);
}

static void only_what_a_killed_run_leaves_is_removed(void **state)
{
    struct lake_world *w = *state;
    static const char *const leftovers[] = {"fills/date=2026-03-15/part-dead.parquet", "blocks/part-dead.parquet",
                                            "quarantine/dead.jsonl", "tmp/anything", "tmp/deep/er"};
    static const char *const others[] = {"fills/date=2026-03-15/notes.txt",
                                         "fills/part-dead.csv",
                                         "blocks/x.parquet",
                                         "quarantine/README",
                                         "part-dead.parquet",
                                         "mine/part-dead.parquet"};
    const struct fill fill = plain_fill(7, 0, 1, true, true, 5);
    commit_object(w, "live", &fill, 1);
    for (size_t i = 0; i < COUNT(leftovers); i++)
        put(w->root, leftovers[i], "x");
    for (size_t i = 0; i < COUNT(others); i++)
        put(w->root, others[i], "x");
    lake_close(&w->lake);
    assert_int_equal(lake_open(&w->lake, w->root, LAKE_READ, &w->err), VG_OK);
    for (size_t i = 0; i < COUNT(leftovers); i++)
        assert_true(there(w->root, leftovers[i]));
    lake_close(&w->lake);
    assert_int_equal(lake_open(&w->lake, w->root, LAKE_WRITE, &w->err), VG_OK);
    for (size_t i = 0; i < COUNT(leftovers); i++)
        assert_false(there(w->root, leftovers[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_true(there(w->root, others[i]));
    assert_true(lake_has_parts(&w->lake, manifest_find(&w->lake.manifest, "live")));
}

static void one_writes_while_others_read(void **state)
{
    struct lake_world *w = *state;
    struct lake other;
    assert_int_equal(lake_open(&other, w->root, LAKE_WRITE, &w->err), VG_ESTATE);
    assert_non_null(strstr(w->err.msg, "another vigil"));
    assert_int_equal(lake_open(&other, w->root, LAKE_READ, &w->err), VG_OK);
    lake_close(&other);
}

static void a_part_or_quarantine_that_is_gone_is_missed(void **state)
{
    struct lake_world *w = *state;
    const struct fill fill = plain_fill(7, 0, 1, true, true, 5);
    commit_object(w, "one", &fill, 1);
    struct manifest_record *record = manifest_find(&w->lake.manifest, "one");
    assert_true(lake_has_parts(&w->lake, record));
    record->quarantine = vg_strdup("quarantine/one.jsonl");
    assert_true(lake_record_names(record, record->quarantine) &&
                lake_record_names(record, record->parts.items[0].path));
    assert_false(lake_record_names(record, "quarantine/two.jsonl"));
    assert_false(lake_has_parts(&w->lake, record));
    put(w->root, record->quarantine, "x");
    assert_true(lake_has_parts(&w->lake, record));
    put(w->root, record->parts.items[0].path, "shorter");
    assert_false(lake_has_parts(&w->lake, record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_with_other_files_is_refused_and_left_as_it_was),
        cmocka_unit_test(reading_makes_no_lake),
        cmocka_unit_test_setup_teardown(only_what_a_killed_run_leaves_is_removed, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(one_writes_while_others_read, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(a_part_or_quarantine_that_is_gone_is_missed, lake_set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
