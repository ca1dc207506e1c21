#include "lake/query.h"

#include "support.h"

static int set_up(void **state)
{
    lake_set_up(state);
    struct fill fills[3];
    for (uint32_t i = 0; i < COUNT(fills); i++)
        fills[i] = plain_fill(7, i, 1 + (int)i, i % 2, i % 2, i);
    fills[2].has &= ~(uint32_t)FILL_HAS_TRADE_ID;
    commit_object(*state, "one", fills, COUNT(fills));
    return 0;
}

/* The values of all rows, joined: "a|b;c|d;". */
static vg_code ask(struct lake_world *w, const char *sql, vg_buf *out)
{
    struct query *query;
    bool more;
    vg_buf_clear(out);
    vg_code rc = query_new(&query, &w->lake, sql, 1, &w->err);
    while (!rc) {
        rc = query_next(query, &more, &w->err);
        if (rc || !more) break;
        for (size_t i = 0; i < query_columns(query); i++) {
            vg_slice value = query_value(query, i);
            if (i) vg_buf_addc(out, '|');
            vg_buf_add(out, value.p ? value.p : "NULL", value.p ? value.n : 4);
        }
        vg_buf_addc(out, ';');
    }
    query_free(query);
    return rc;
}

static void answers_as_text_with_names_and_types(void **state)
{
    struct lake_world *w = *state;
    vg_buf out = {0};
    assert_int_equal(ask(w, "SELECT price, trade_id FROM fills ORDER BY event_index", &out), VG_OK);
    assert_slice_is(vg_buf_view(&out), "10.0000000000|0;10.0000000000|1;10.0000000000|NULL;");
    assert_int_equal(ask(w, "SELECT block_number, events FROM blocks", &out), VG_OK);
    assert_slice_is(vg_buf_view(&out), "7|3;");
    assert_int_equal(ask(w, "SELECT * FROM fills WHERE false", &out), VG_OK);
    assert_int_equal(out.len, 0);
    vg_buf_release(&out);
    struct query *query;
    assert_int_equal(
        query_new(&query, &w->lake, "SELECT price, coin, crossed, order_id AS o, 1e0 FROM fills", 1, &w->err), VG_OK);
    static const enum query_type types[] = {QUERY_DECIMAL, QUERY_TEXT, QUERY_BOOL, QUERY_INTEGER, QUERY_FLOAT};
    assert_int_equal(query_columns(query), COUNT(types));
    for (size_t i = 0; i < COUNT(types); i++)
        assert_int_equal(query_column_type(query, i), types[i]);
    assert_string_equal(query_column_name(query, 3), "o");
    query_free(query);
}

static void what_stands_behind_the_statement_does_not_matter(void **state)
{
    static const char *const statements[] = {"SELECT ';' AS a", "SELECT ';' AS a;", "SELECT ';' AS a; -- done",
                                             "SELECT ';' AS a -- a;b", "SELECT ';' AS a; /* ; */ -- ;;\n ; "};
    vg_buf out = {0};
    struct lake_world *w = *state;
    for (size_t i = 0; i < COUNT(statements); i++) {
        if (ask(w, statements[i], &out)) fail_msg("%s: %s", statements[i], w->err.msg);
        assert_slice_is(vg_buf_view(&out), ";;");
    }
    vg_buf_release(&out);
}

static void only_reading_the_lake_is_allowed(void **state)
{
    static const struct {
        const char *sql;
        vg_code code;
        const char *says;
    } cases[] = {
        {"SELEC 1", VG_EUSAGE, "SELEC"},
        {"", VG_EUSAGE, "no SQL statement"},
        {"SELECT nothing FROM fills", VG_EUSAGE, "nothing"},
        {"SELECT 1; SELECT 2", VG_EUSAGE, "one statement"},
        {"CREATE TABLE t AS SELECT 1", VG_EUSAGE, "only statements that read"},
        {"SET threads = 3", VG_EUSAGE, "only statements that read"},
        {"EXPLAIN ANALYZE SELECT 1", VG_EUSAGE, "only statements that read"},
        {"PRAGMA table_info('fills')", VG_EUSAGE, "DESCRIBE"},
        {"SELECT * FROM read_csv('/etc/passwd')", VG_EUSAGE, "disabled"},
        {"SELECT coin::INT FROM fills", VG_ESTATE, "Could not convert"},
        {"SELECT error('later') FROM fills", VG_ESTATE, "later"},
    };
    struct lake_world *w = *state;
    vg_buf out = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (ask(w, cases[i].sql, &out) != cases[i].code) fail_msg("%s: %s", cases[i].sql, w->err.msg);
        if (!strstr(w->err.msg, cases[i].says)) fail_msg("%s: %s", cases[i].sql, w->err.msg);
    }
    vg_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_as_text_with_names_and_types, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(what_stands_behind_the_statement_does_not_matter, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(only_reading_the_lake_is_allowed, set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
