#include "lake/part_merge.h"

#include "lake/part_read.h"
#include "support.h"

#define OBJECTS 3
#define ROWS 40 /* of an object: two a block */

/* Objects a, b, c: real block numbers that interleave (a and b) or stand apart (c). */
static int set_up(void **state)
{
    lake_set_up(state);
    static const char *const stems[OBJECTS] = {"a", "b", "c"};
    static const int64_t first[OBJECTS] = {100, 101, 1000};
    for (size_t k = 0; k < OBJECTS; k++) {
        struct fill fills[ROWS];
        for (uint32_t i = 0; i < ROWS; i++)
            fills[i] = plain_fill(first[k] + i / 2 * 2, i % 2, (int)(1 + i % 5), i % 2, i % 2, (int64_t)k);
        commit_object(*state, stems[k], fills, ROWS);
    }
    return 0;
}

/* Merges everything without the object `without`; checks order, and returns a bit for each object that is left. */
static unsigned merge(struct lake_world *w, const char *without, uint64_t *rows)
{
    struct part_list parts, merged = {0};
    struct part part = {.table = TABLE_FILLS, .day = 20527};
    const struct manifest_record *record = without ? manifest_find(&w->lake.manifest, without) : NULL;
    char *temporary = vg_path_join(w->lake.tmp, "merged");
    part.path = lake_part_path(TABLE_FILLS, 20527, "0000");
    manifest_live_parts(&w->lake.manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    if (part_merge(&w->lake, &parts, record, temporary, rows, &w->err)) fail_msg("%s", w->err.msg);
    assert_int_equal(lake_publish_part(&w->lake, temporary, &part, &w->err), VG_OK);
    part_list_add(&merged, &part);

    struct part_reader *reader;
    struct fill_batch batch;
    struct fill last = {0};
    uint64_t read = 0;
    unsigned left = 0;
    struct read_options options = {.parts = &merged, .order = READ_AS_STORED, .threads = 1};
    assert_int_equal(part_reader_new(&reader, &w->lake, &options, &w->err), VG_OK);
    while (assert_int_equal(part_reader_next(reader, &batch, &w->err), VG_OK), batch.n)
        for (size_t i = 0; i < batch.n; i++, read++) {
            struct fill fill;
            assert_int_equal(batch_fill(&batch, i, &fill, &w->err), VG_OK);
            int order = memcmp(last.user, fill.user, ADDRESS_BYTES);
            assert_true(order < 0 || (order == 0 && (last.block_number < fill.block_number ||
                                                     (last.block_number == fill.block_number &&
                                                      last.event_index < fill.event_index))));
            left |= 1u << fill.trade_id;
            last = fill;
        }
    assert_int_equal(read, *rows);
    part_reader_free(reader);
    part_list_release(&merged);
    part_list_release(&parts);
    free(part.path);
    free(temporary);
    return left;
}

static void all_rows_in_the_order_of_a_part(void **state)
{
    uint64_t rows;
    assert_int_equal(merge(*state, NULL, &rows), 7);
    assert_int_equal(rows, OBJECTS * ROWS);
}

static void an_object_leaves_by_its_blocks(void **state)
{
    uint64_t rows;
    assert_int_equal(merge(*state, "a", &rows), 6);
    assert_int_equal(rows, 2 * ROWS); /* not those of b, whose blocks lie between */
}

static void an_object_without_its_blocks_leaves_by_its_range(void **state)
{
    struct lake_world *w = *state;
    uint64_t rows;
    char *blocks = lake_part_path(TABLE_BLOCKS, 20527, "c");
    damage(w, blocks);
    free(blocks);
    assert_int_equal(merge(w, "c", &rows), 3);
    assert_int_equal(rows, 2 * ROWS);
    blocks = lake_part_path(TABLE_BLOCKS, 20527, "a");
    damage(w, blocks);
    free(blocks);
    merge(w, "a", &rows);
    assert_true(rows != 2 * ROWS); /* b's rows went too: the caller sees it by the number */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_rows_in_the_order_of_a_part, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(an_object_leaves_by_its_blocks, set_up, lake_tear_down),
        cmocka_unit_test_setup_teardown(an_object_without_its_blocks_leaves_by_its_range, set_up, lake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
