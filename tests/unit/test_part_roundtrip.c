/* Fills and blocks into Parquet and back, with everything in between. */
#include "base/file.h"
#include "lake/part_read.h"
#include "lake/part_write.h"
#include "support.h"

struct world {
    struct lake lake;
    char *root;
    struct part_writer *writer;
    vg_err err;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->root = new_folder();
    assert_int_equal(lake_open(&w->lake, w->root, LAKE_CREATE, &w->err), VG_OK);
    w->writer = part_writer_new();
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    part_writer_free(w->writer);
    lake_close(&w->lake);
    remove_tree(w->root);
    free(w);
    return 0;
}

/* Sorts and writes the fills, a file per day, and lists the files. */
static struct part_list write_fills(struct world *w, const struct fill *fills, size_t n, size_t run_bytes)
{
    struct fill_sorter *sorter = fill_sorter_new(w->lake.tmp, run_bytes);
    struct part_list parts = {0};
    const struct fill *first;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fill_sorter_add(sorter, &fills[i], &w->err), VG_OK);
    assert_int_equal(fill_sorter_finish(sorter, &w->err), VG_OK);
    while (assert_int_equal(fill_sorter_peek(sorter, &first, &w->err), VG_OK), first) {
        struct part part = {.table = TABLE_FILLS, .day = vg_day_of_ns(first->block_time_ns)};
        part.path = lake_part_path(TABLE_FILLS, part.day, "it's one"); /* a name that needs quoting in SQL */
        char *temporary = vg_path_join(w->lake.tmp, "part");
        if (part_write_fills(w->writer, sorter, temporary, &part.rows, &w->err)) fail_msg("%s", w->err.msg);
        if (lake_publish_part(&w->lake, temporary, &part, &w->err)) fail_msg("%s", w->err.msg);
        part_list_add(&parts, &part);
        free(part.path);
        free(temporary);
    }
    fill_sorter_free(sorter);
    return parts;
}

static int compare(const void *a, const void *b)
{
    const struct fill *x = a, *y = b;
    int32_t day_x = vg_day_of_ns(x->block_time_ns), day_y = vg_day_of_ns(y->block_time_ns);
    if (day_x != day_y) return day_x < day_y ? -1 : 1;
    int order = memcmp(x->user, y->user, ADDRESS_BYTES);
    if (order) return order;
    if (x->block_number != y->block_number) return x->block_number < y->block_number ? -1 : 1;
    return x->event_index < y->event_index ? -1 : 1;
}

static int compare_blocks(const void *a, const void *b)
{
    const struct fill *x = a, *y = b;
    if (x->block_number != y->block_number) return x->block_number < y->block_number ? -1 : 1;
    return x->event_index < y->event_index ? -1 : 1;
}

static void check(struct world *w, const struct read_options *options, const struct fill *wanted, size_t n)
{
    struct part_reader *reader;
    struct fill_batch batch;
    size_t row = 0;
    if (part_reader_new(&reader, &w->lake, options, &w->err)) fail_msg("%s", w->err.msg);
    while (assert_int_equal(part_reader_next(reader, &batch, &w->err), VG_OK), batch.n)
        for (size_t i = 0; i < batch.n; i++, row++) {
            struct fill fill;
            if (batch_fill(&batch, i, &fill, &w->err)) fail_msg("%s", w->err.msg);
            assert_true(row < n);
            assert_fills_equal(&fill, &wanted[row], true);
        }
    assert_int_equal(row, n);
    part_reader_free(reader);
}

static struct fill *make(struct arena *arena, size_t n, unsigned days)
{
    struct fill *fills = calloc(n, sizeof *fills);
    struct vg_rng rng;
    vg_rng_init(&rng, n);
    for (size_t i = 0; i < n; i++) {
        fills[i] = random_fill(&rng, arena);
        memset(fills[i].user, (int)vg_rng_below(&rng, 40), ADDRESS_BYTES);
        fills[i].block_number = (int64_t)(i / 5) - (i % 7 == 0 ? SURROGATE_BLOCK_OFFSET : 0);
        fills[i].event_index = (uint32_t)i;
        fills[i].block_time_ns = (20527 + (int64_t)(i * days / n)) * VG_NS_PER_DAY + (int64_t)i * 1000003;
        fills[i].time_ms = fills[i].block_time_ns / VG_NS_PER_MS;
    }
    return fills;
}

static void fills_come_back_with_every_column(void **state)
{
    struct world *w = *state;
    static const size_t sizes[] = {1, 2047, 2048, 2049, 7000, 67000}; /* the last: more than a row group */
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct arena arena = {0};
        size_t n = sizes[i];
        struct fill *fills = make(&arena, n, n < 10000 ? 2 : 1);
        struct part_list parts = write_fills(w, fills, n, i % 2 && n < 10000 ? 100000 : 256 << 20);
        assert_int_equal(parts.n, n > 1 && n < 10000 ? 2 : 1);
        uint64_t rows = 0;
        for (size_t k = 0; k < parts.n; k++)
            rows += parts.items[k].rows;
        assert_int_equal(rows, n);
        qsort(fills, n, sizeof *fills, compare);
        check(w, &(struct read_options){.parts = &parts, .order = READ_AS_STORED, .threads = 1}, fills, n);
        qsort(fills, n, sizeof *fills, compare_blocks);
        check(w, &(struct read_options){.parts = &parts, .order = READ_BY_BLOCK, .threads = 2}, fills, n);
        part_list_release(&parts);
        free(fills);
        arena_release(&arena);
    }
}

static void all_absent_and_all_present_come_back(void **state)
{
    struct world *w = *state;
    for (int present = 0; present < 2; present++) {
        struct arena arena = {0};
        struct fill *fills = make(&arena, 3000, 1);
        for (size_t i = 0; i < 3000; i++)
            fills[i].has = present ? 0xffff : 0;
        struct part_list parts = write_fills(w, fills, 3000, 64 << 20);
        qsort(fills, 3000, sizeof *fills, compare);
        check(w, &(struct read_options){.parts = &parts}, fills, 3000);
        part_list_release(&parts);
        free(fills);
        arena_release(&arena);
    }
}

static void decimals_at_the_limits_come_back(void **state)
{
    struct world *w = *state;
    vg_dec widest = 1;
    for (int i = 0; i < VG_DEC_WIDTH; i++)
        widest *= 10;
    const vg_dec values[] = {0,          1,          -1,          VG_DEC_ONE, -VG_DEC_ONE,
                             widest - 1, 1 - widest, widest / 10, INT64_MAX,  INT64_MIN};
    struct fill fills[COUNT(values)];
    for (size_t i = 0; i < COUNT(values); i++) {
        fills[i] = (struct fill){.has = FILL_HAS_CLOSED_PNL | FILL_HAS_FEE | FILL_HAS_BUILDER_FEE |
                                        FILL_HAS_DEPLOYER_FEE | FILL_HAS_LIQUIDATION_MARK,
                                 .coin = VG_SLICE("BTC"),
                                 .event_index = (uint32_t)i};
        fills[i].price = vg_dec_abs(values[i]);
        fills[i].size = vg_dec_abs(values[i]);
        fills[i].start_position = fills[i].closed_pnl = fills[i].fee = values[i];
        fills[i].builder_fee = fills[i].deployer_fee = fills[i].liquidation_mark = -values[i];
        fills[i].order_id = INT64_MAX;
    }
    struct part_list parts = write_fills(w, fills, COUNT(values), 64 << 20);
    check(w, &(struct read_options){.parts = &parts}, fills, COUNT(values));
    part_list_release(&parts);
}

static void long_texts_come_back(void **state)
{
    struct world *w = *state;
    enum { N = 40 };
    struct arena arena = {0};
    struct fill fills[N];
    for (uint32_t i = 0; i < N; i++) { /* around DuckDB's 12 inlined bytes, and far beyond one chunk's room */
        size_t n = i < 20 ? i + 1 : i == 39 ? 3 << 20 : (size_t)i * 9000;
        size_t label = n < 255 ? n : 255;
        char *text = arena_alloc(&arena, n + 10);
        memset(text, (int)('a' + i % 26), n + 10);
        fills[i] =
            (struct fill){.has = FILL_HAS_DIRECTION | FILL_HAS_FEE_TOKEN | FILL_HAS_LIQUIDATION_METHOD | FILL_HAS_EXTRA,
                          .coin = {text, label},
                          .direction = {text, label},
                          .fee_token = {text, label},
                          .liquidation_method = {text, label},
                          .event_index = i};
        fills[i].extra = (vg_slice){text, n};
    }
    struct part_list parts = write_fills(w, fills, N, 64 << 20);
    check(w, &(struct read_options){.parts = &parts}, fills, N);
    part_list_release(&parts);
    arena_release(&arena);
}

static void one_trader_and_some_columns_can_be_asked_for(void **state)
{
    struct world *w = *state;
    struct arena arena = {0};
    struct fill *fills = make(&arena, 5000, 2), mine[5000];
    struct part_list parts = write_fills(w, fills, 5000, 64 << 20);
    qsort(fills, 5000, sizeof *fills, compare);
    size_t n = 0;
    for (size_t i = 0; i < 5000; i++)
        if (fills[i].user[0] == 0x1f) mine[n++] = fills[i];
    assert_true(n > 20);
    struct read_options options = {.parts = &parts, .user = "0x1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f"};
    check(w, &options, mine, n);
    options.user = "0xabababababababababababababababababababab";
    check(w, &options, mine, 0);

    options = (struct read_options){.parts = &parts, .columns = COLUMN_BIT(FILL_COIN) | COLUMN_BIT(FILL_EVENT_INDEX)};
    struct part_reader *reader;
    struct fill_batch batch;
    size_t row = 0;
    assert_int_equal(part_reader_new(&reader, &w->lake, &options, &w->err), VG_OK);
    while (assert_int_equal(part_reader_next(reader, &batch, &w->err), VG_OK), batch.n)
        for (size_t i = 0; i < batch.n; i++, row++) {
            assert_slice(batch_text(&batch, FILL_COIN, i), fills[row].coin);
            assert_int_equal(batch_int32(&batch, FILL_EVENT_INDEX, i), fills[row].event_index);
            assert_null(batch.column[FILL_PRICE]);
        }
    assert_int_equal(row, 5000);
    part_reader_free(reader);
    part_list_release(&parts);
    free(fills);
    arena_release(&arena);
}

/* The same rows give the same bytes, whoever wrote before with the same writer. */
static void the_same_fills_give_the_same_file(void **state)
{
    struct world *w = *state;
    struct arena arena = {0};
    struct fill *fills = make(&arena, 3000, 1), *others = make(&arena, 100, 1);
    struct part_list once = write_fills(w, fills, 3000, 64 << 20), between = write_fills(w, others, 100, 64 << 20),
                     again = write_fills(w, fills, 3000, 10000);
    assert_string_equal(once.items[0].sha256, again.items[0].sha256);
    assert_string_not_equal(once.items[0].sha256, between.items[0].sha256);
    part_list_release(&once);
    part_list_release(&between);
    part_list_release(&again);
    free(fills);
    free(others);
    arena_release(&arena);
}

static void a_part_that_cannot_be_written_is_an_error_and_the_writer_goes_on(void **state)
{
    struct world *w = *state;
    struct arena arena = {0};
    struct fill *fills = make(&arena, 50, 1);
    struct fill_sorter *sorter = fill_sorter_new(w->lake.tmp, 64 << 20);
    uint64_t rows;
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(fill_sorter_add(sorter, &fills[i], &w->err), VG_OK);
    assert_int_equal(fill_sorter_finish(sorter, &w->err), VG_OK);
    assert_int_equal(part_write_fills(w->writer, sorter, "/nonexistent/part", &rows, &w->err), VG_EIO);
    assert_int_equal(part_write_fills(w->writer, sorter, "/dev/full", &rows, &w->err), VG_EIO);
    fill_sorter_free(sorter);
    struct part_list parts = write_fills(w, fills, 50, 64 << 20);
    qsort(fills, 50, sizeof *fills, compare);
    check(w, &(struct read_options){.parts = &parts}, fills, 50);
    part_list_release(&parts);
    free(fills);
    arena_release(&arena);
}

static void an_address_that_is_none_is_refused(void **state)
{
    struct world *w = *state;
    struct part_list none = {0};
    static const char *const bad[] = {"",
                                      "0x",
                                      "0x1f1f' OR '1'='1",
                                      "0x1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F1F",
                                      "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f",
                                      "0x1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct read_options options = {.parts = &none, .user = bad[i]};
        struct part_reader *reader;
        assert_int_equal(part_reader_new(&reader, &w->lake, &options, &w->err), VG_EUSAGE);
    }
    check(w, &(struct read_options){.parts = &none}, NULL, 0); /* no parts: no rows, no error */
}

static void a_missing_part_is_an_error(void **state)
{
    struct world *w = *state;
    struct part part = {.table = TABLE_FILLS, .path = (char *)"fills/nothing.parquet"};
    struct part_list parts = {&part, 1};
    struct read_options options = {.parts = &parts};
    struct part_reader *reader;
    struct fill_batch batch;
    assert_int_equal(part_reader_new(&reader, &w->lake, &options, &w->err), VG_OK);
    assert_int_equal(part_reader_next(reader, &batch, &w->err), VG_EIO);
    assert_non_null(strstr(w->err.msg, "fills/nothing.parquet"));
    part_reader_free(reader);
    options.order = READ_BY_BLOCK; /* DuckDB's road */
    assert_int_equal(part_reader_new(&reader, &w->lake, &options, &w->err), VG_ESTATE);
}

struct seen {
    const struct block *wanted;
    size_t n;
};

static vg_code see_block(void *ctx, const struct block *block, vg_err *err)
{
    struct seen *seen = ctx;
    const struct block *wanted = &seen->wanted[seen->n++];
    (void)err;
    assert_true(block->number == wanted->number && block->time_ns == wanted->time_ns);
    assert_true(block->local_time_ns == wanted->local_time_ns && block->digest == wanted->digest);
    assert_int_equal(block->first_event, wanted->first_event);
    assert_int_equal(block->events, wanted->events);
    assert_int_equal(block->lines, wanted->lines);
    return VG_OK;
}

static void blocks_come_back_in_order(void **state)
{
    struct world *w = *state;
    enum { N = 5000 };
    struct block *blocks = calloc(N, sizeof *blocks);
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (size_t i = 0; i < N; i++)
        blocks[i] = (struct block){.number = (int64_t)(i / 2),
                                   .time_ns = INT64_C(1773532799991006841) + (int64_t)i,
                                   .local_time_ns = INT64_C(1773532800196239755) - (int64_t)i,
                                   .first_event = (uint32_t)(i % 2 * 7),
                                   .events = (uint32_t)vg_rng_below(&rng, 1u << 31),
                                   .lines = (uint32_t)i + 1,
                                   .digest = vg_rng_next(&rng)};
    struct part parts[2] = {{.table = TABLE_BLOCKS, .path = (char *)"a.parquet"},
                            {.table = TABLE_BLOCKS, .path = (char *)"b.parquet"}};
    for (size_t i = 0; i < 2; i++) {
        char *path = lake_path(&w->lake, parts[i].path);
        if (part_write_blocks(w->writer, blocks + (i ? 0 : N / 2), N / 2, path, &w->err)) fail_msg("%s", w->err.msg);
        free(path);
    }
    struct seen seen = {.wanted = blocks};
    struct part_list list = {parts, 2};
    if (part_read_blocks(&w->lake, &list, see_block, &seen, &w->err)) fail_msg("%s", w->err.msg);
    assert_int_equal(seen.n, N);
    free(blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_come_back_with_every_column),
        cmocka_unit_test(all_absent_and_all_present_come_back),
        cmocka_unit_test(decimals_at_the_limits_come_back),
        cmocka_unit_test(long_texts_come_back),
        cmocka_unit_test(one_trader_and_some_columns_can_be_asked_for),
        cmocka_unit_test(the_same_fills_give_the_same_file),
        cmocka_unit_test(a_part_that_cannot_be_written_is_an_error_and_the_writer_goes_on),
        cmocka_unit_test(an_address_that_is_none_is_refused),
        cmocka_unit_test(a_missing_part_is_an_error),
        cmocka_unit_test(blocks_come_back_in_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
