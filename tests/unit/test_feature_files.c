#include "lake/feature_files.h"

#include <unistd.h>

#include "support.h"

/* A row of a table that is all zeros, "x" and no nulls. */
static void zeros(enum feature_table table, struct feature_value *row)
{
    for (size_t i = 0; i < feature_tables[table].column_count; i++) {
        bool is_text = feature_tables[table].columns[i].type == COLUMN_TEXT;
        row[i] = is_text ? feature_text(VG_SLICE("x")) : (struct feature_value){0};
    }
}

static void commit_traders(struct lake_world *w, uint64_t generation, struct feature_files *files)
{
    struct feature_value row[TRADER_COLUMN_COUNT];
    zeros(TABLE_TRADERS, row);
    *files = (struct feature_files){.generation = generation, .from = VG_NO_DATE, .to = 20000, .shards = 1, .fills = 7};
    struct feature_writer *writer = feature_writer_new(&w->lake, generation);
    assert_int_equal(feature_writer_row(writer, TABLE_TRADERS, row, &w->err), VG_OK);
    assert_int_equal(feature_writer_finish(writer, VG_NO_DATE, files, &w->err), VG_OK);
    feature_writer_free(writer);
    assert_int_equal(feature_files_commit(&w->lake, files, &w->err), VG_OK);
}

static bool is_there(struct lake_world *w, const char *relative)
{
    char *path = lake_path(&w->lake, relative);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static void loads_what_was_committed(void **state)
{
    struct lake_world *w = *state;
    struct feature_files files, loaded;
    assert_int_equal(feature_files_load(&w->lake, &loaded, &w->err), VG_OK);
    assert_true(loaded.generation == 0 && loaded.n == 0 && loaded.from == VG_NO_DATE && loaded.shards == 1);
    commit_traders(w, 3, &files);
    assert_int_equal(feature_files_load(&w->lake, &loaded, &w->err), VG_OK);
    vg_buf a = {0}, b = {0};
    feature_files_print(&files, &a);
    feature_files_print(&loaded, &b);
    assert_slice(vg_buf_view(&b), vg_buf_view(&a));
    assert_true(loaded.generation == 3 && loaded.to == 20000 && loaded.n == 1 && loaded.files[0].rows == 1);
    assert_string_equal(loaded.files[0].path, "features/traders/part-3.parquet");
    vg_buf_release(&a);
    vg_buf_release(&b);
    feature_files_release(&files);
    feature_files_release(&loaded);
}

static void removes_the_files_of_earlier_generations(void **state)
{
    struct lake_world *w = *state;
    struct feature_files first, second;
    commit_traders(w, 1, &first);
    commit_traders(w, 2, &second);
    assert_false(is_there(w, "features/traders/part-1.parquet"));
    assert_true(is_there(w, "features/traders/part-2.parquet"));
    feature_files_release(&first);
    feature_files_release(&second);
}

static void refuses_numbers_that_their_column_cannot_hold(void **state)
{
    struct lake_world *w = *state;
    const __int128 power19 = (__int128)10000000000000000000u, sum = power19 * power19, size = power19 * 100000000000;
    static const struct {
        size_t column;
        bool is_sum;
    } columns[] = {{COIN_DAILY_VOLUME, true}, {COIN_DAILY_HIGH, false}};
    for (size_t i = 0; i < COUNT(columns); i++) {
        __int128 limit = columns[i].is_sum ? sum : size;
        const __int128 values[] = {limit - 1, -(limit - 1), limit, -limit};
        for (size_t k = 0; k < COUNT(values); k++) {
            struct feature_value row[COIN_DAILY_COLUMN_COUNT];
            zeros(TABLE_COIN_DAILY, row);
            row[columns[i].column].decimal = values[k];
            struct feature_writer *writer = feature_writer_new(&w->lake, 1);
            vg_code rc = feature_writer_row(writer, TABLE_COIN_DAILY, row, &w->err);
            assert_int_equal(rc, k < 2 ? VG_OK : VG_ELIMIT);
            if (rc) assert_non_null(strstr(w->err.msg, columns[i].is_sum ? "38 digits" : "30 digits"));
            feature_writer_free(writer);
        }
    }
}

static void gives_an_empty_relation_for_a_table_without_files(void **state)
{
    struct lake_world *w = *state;
    struct feature_files none = {0};
    vg_buf sql = {0};
    feature_files_sql(&w->lake, &none, TABLE_CLASSES, &sql);
    assert_non_null(strstr(sql.data, "WHERE false"));
    assert_non_null(strstr(sql.data, "AS \"rule_version\""));
    vg_buf_release(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loads_what_was_committed, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(removes_the_files_of_earlier_generations, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(refuses_numbers_that_their_column_cannot_hold, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(gives_an_empty_relation_for_a_table_without_files, lake_set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
