/* One trader's rows out of a part: against the fills that were committed, both ways, and when files change. */
#include "lake/trader_rows.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

#define FILLS 40000 /* several row groups */
#define TRADERS 97

/* What a visit gave. */
struct visit {
    int64_t places[FILLS];
    size_t n, enough;
    uint8_t user;
};

static bool see(void *ctx, const struct fill_batch *batch, size_t row)
{
    struct visit *v = ctx;
    vg_err err;
    struct fill fill;
    assert_int_equal(batch_fill(batch, row, &fill, &err), VG_OK);
    assert_int_equal(fill.user[0], v->user);
    v->places[v->n++] = fill.block_number * 1000 + fill.event_index;
    return v->n < v->enough;
}

/* The number of the trader whose fill this is: some have many, some few, and 96 of 97 row by row. */
static int trader_of(size_t i) { return i % 3 ? (int)(i % TRADERS) + 1 : 50; }

static struct fill *commit_fills(struct lake_world *w)
{
    struct fill *fills = calloc(FILLS, sizeof *fills);
    for (size_t i = 0; i < FILLS; i++)
        fills[i] = plain_fill(1000 + (int64_t)i / 5, (uint32_t)(i % 5), trader_of(i), i % 2, i % 3 == 0, (int64_t)i);
    commit_object(w, "20260315-00", fills, FILLS);
    return fills;
}

static const struct part *only_part(struct lake_world *w)
{
    const struct part_list *parts = &w->lake.manifest.records[0].parts;
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i].table == TABLE_FILLS) return &parts->items[i];
    fail_msg("there is no part of fills");
    return NULL;
}

static vg_code visit(struct trader_rows *rows, struct lake_world *w, int user, bool backwards, size_t enough,
                     struct visit *v)
{
    char address[43] = "0x";
    for (int i = 0; i < 20; i++)
        snprintf(address + 2 + 2 * i, 3, "%02x", (unsigned)user);
    *v = (struct visit){.enough = enough, .user = (uint8_t)user};
    return trader_rows_visit(rows, &w->lake, only_part(w), vg_slice_of(address), backwards, see, v, &w->err);
}

static void gives_a_traders_rows_in_order_and_backwards(void **state)
{
    struct lake_world *w = *state;
    struct fill *fills = commit_fills(w);
    struct trader_rows *rows = trader_rows_new();
    struct visit *v = calloc(1, sizeof *v);
    for (int user = 0; user <= TRADERS + 1; user++) {
        int64_t wanted[FILLS];
        size_t n = 0;
        for (size_t i = 0; i < FILLS; i++)
            if (fills[i].user[0] == user) wanted[n++] = fills[i].block_number * 1000 + fills[i].event_index;
        assert_int_equal(visit(rows, w, user, false, SIZE_MAX, v), VG_OK);
        assert_int_equal(v->n, n);
        assert_memory_equal(v->places, wanted, n * sizeof *wanted);
        assert_int_equal(visit(rows, w, user, true, 3, v), VG_OK);
        assert_int_equal(v->n, n < 3 ? n : 3);
        for (size_t i = 0; i < v->n; i++)
            assert_int_equal(v->places[i], wanted[n - 1 - i]);
    }
    free(v);
    free(fills);
    trader_rows_free(rows);
}

static void a_file_that_changed_is_noticed_and_read_anew(void **state)
{
    struct lake_world *w = *state;
    free(commit_fills(w));
    struct trader_rows *rows = trader_rows_new();
    struct visit *v = calloc(1, sizeof *v);
    char *path = lake_path(&w->lake, only_part(w)->path), other[600];
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_OK);
    size_t n = v->n;

    /* The same bytes in another file: once a failure, then known again. */
    vg_buf bytes = {0};
    assert_int_equal(file_read_all(path, 1 << 30, &bytes, &w->err), VG_OK);
    snprintf(other, sizeof other, "%s.other", path);
    FILE *file = fopen(other, "wb");
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    fclose(file);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_ESTATE);
    assert_int_equal(v->n, 0);
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_OK);
    assert_int_equal(v->n, n);

    /* Another size than the record's, also when nothing was known. */
    assert_int_equal(truncate(path, (off_t)bytes.len - 1), 0);
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_ESTATE);
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_ESTATE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(visit(rows, w, 50, false, SIZE_MAX, v), VG_EIO);
    vg_buf_release(&bytes);
    free(path);
    free(v);
    trader_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_a_traders_rows_in_order_and_backwards, lake_set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_changed_is_noticed_and_read_anew, lake_set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
