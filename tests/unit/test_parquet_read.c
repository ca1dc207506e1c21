/* Our own reader against DuckDB, value by value, and against files that are cut, damaged, or not ours. */
#include "lake/parquet_read.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "lake/duck.h"
#include "lake/part_read.h"
#include "lake/part_write.h"
#include "support.h"

#define ALL_COLUMNS (COLUMN_BIT(FILL_COLUMNS) - 1)

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

/* Writes the fills of one day to root/name. */
static void write_part(struct world *w, const char *name, const struct fill *fills, size_t n)
{
    struct fill_sorter *sorter = fill_sorter_new(w->lake.tmp, 256 << 20);
    char *path = lake_path(&w->lake, name);
    uint64_t rows;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fill_sorter_add(sorter, &fills[i], &w->err), VG_OK);
    assert_int_equal(fill_sorter_finish(sorter, &w->err), VG_OK);
    if (part_write_fills(w->writer, sorter, path, &rows, &w->err)) fail_msg("%s", w->err.msg);
    assert_int_equal(rows, n);
    fill_sorter_free(sorter);
    free(path);
}

/* Fills of some traders; each key that may be absent is so in a part of the rows, in stretches and by turns. */
static struct fill *make(struct arena *arena, size_t n)
{
    struct fill *fills = calloc(n + 1, sizeof *fills);
    struct vg_rng rng;
    vg_rng_init(&rng, n);
    for (size_t i = 0; i < n; i++) {
        fills[i] = random_fill(&rng, arena);
        memset(fills[i].user, (int)(i * 20 / n), ADDRESS_BYTES);
        if (i / 3000 % 3 == 1) fills[i].has |= 0x3fff;
        if (i / 3000 % 3 == 2) fills[i].has &= 0xc000;
        fills[i].block_number = (int64_t)(i / 5) - (i % 7 == 0 ? SURROGATE_BLOCK_OFFSET : 0);
        fills[i].event_index = (uint32_t)i;
        fills[i].block_time_ns = 20527 * VG_NS_PER_DAY + (int64_t)i * 1000003;
        fills[i].time_ms = fills[i].block_time_ns / VG_NS_PER_MS;
    }
    return fills;
}

/* Rows of one road, one after the other. */
struct rows {
    struct part_reader *reader;
    struct fill_batch batch;
    size_t row;
};

static void start(struct world *w, struct rows *r, const struct part_list *parts, uint64_t columns, bool duckdb)
{
    struct read_options options = {
        .parts = parts, .columns = columns, .order = READ_AS_STORED, .condition = duckdb ? "true" : NULL, .threads = 1};
    *r = (struct rows){0};
    if (part_reader_new(&r->reader, &w->lake, &options, &w->err)) fail_msg("%s", w->err.msg);
}

static bool next(struct world *w, struct rows *r)
{
    if (r->row + 1 < r->batch.n) {
        r->row++;
        return true;
    }
    if (part_reader_next(r->reader, &r->batch, &w->err)) fail_msg("%s", w->err.msg);
    r->row = 0;
    return r->batch.n > 0;
}

static bool same_value(const struct rows *a, const struct rows *b, enum fill_column column)
{
    const struct fill_batch *x = &a->batch, *y = &b->batch;
    bool has = batch_has(x, column, a->row);
    if (has != batch_has(y, column, b->row)) return false;
    if (x->ids[column]) {
        uint32_t id = x->ids[column][a->row];
        if (id >= x->dictionary_count[column] && (has || id > 0)) return false;
        if (has && !vg_slice_eq(x->dictionary[column][id], batch_text(x, column, a->row))) return false;
    }
    if (!has) return true;
    switch (fill_columns[column].type) {
    case COLUMN_TEXT: return vg_slice_eq(batch_text(x, column, a->row), batch_text(y, column, b->row));
    case COLUMN_DECIMAL: return batch_decimal(x, column, a->row) == batch_decimal(y, column, b->row);
    case COLUMN_BOOL: return batch_bool(x, column, a->row) == batch_bool(y, column, b->row);
    case COLUMN_INT32: return batch_int32(x, column, a->row) == batch_int32(y, column, b->row);
    default: return batch_int64(x, column, a->row) == batch_int64(y, column, b->row);
    }
}

/* Our road and DuckDB's give the same; returns the number of rows. */
static size_t check_same(struct world *w, const struct part_list *parts, uint64_t columns)
{
    struct rows own, duck;
    size_t n = 0;
    start(w, &own, parts, columns, false);
    start(w, &duck, parts, columns, true);
    for (; next(w, &own); n++) {
        assert_true(next(w, &duck));
        for (enum fill_column column = 0; column < FILL_COLUMNS; column++) {
            bool asked = columns >> column & 1;
            assert_int_equal(own.batch.column[column] != NULL, asked);
            if (asked && !same_value(&own, &duck, column))
                fail_msg("row %zu of %zu, column %s differs", n, own.batch.n, fill_columns[column].name);
        }
    }
    assert_false(next(w, &duck));
    part_reader_free(own.reader);
    part_reader_free(duck.reader);
    return n;
}

static bool is_ours(struct world *w, const char *name)
{
    struct parquet_reader *reader = parquet_reader_new(ALL_COLUMNS);
    char *path = lake_path(&w->lake, name);
    vg_code rc = parquet_reader_open(reader, path, &w->err);
    assert_true(rc == VG_OK || (rc == VG_ESTATE && strstr(w->err.msg, path)));
    parquet_reader_free(reader);
    free(path);
    return rc == VG_OK;
}

static size_t check_file(struct world *w, const char *name, uint64_t columns)
{
    struct part part = {.table = TABLE_FILLS, .path = (char *)name};
    struct part_list parts = {&part, 1};
    assert_true(is_ours(w, name));
    return check_same(w, &parts, columns);
}

static void every_column_is_read_as_duckdb_reads_it(void **state)
{
    struct world *w = *state;
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 2049, 8191, 8192, 8193, 9000, 40000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct arena arena = {0};
        struct fill *fills = make(&arena, sizes[i]);
        write_part(w, "part", fills, sizes[i]);
        assert_int_equal(check_file(w, "part", ALL_COLUMNS), sizes[i]);
        free(fills);
        arena_release(&arena);
    }
}

static void each_column_can_be_asked_for_alone(void **state)
{
    struct world *w = *state;
    struct arena arena = {0};
    struct fill *fills = make(&arena, 5000);
    write_part(w, "part", fills, 5000);
    for (enum fill_column column = 0; column < FILL_COLUMNS; column++)
        assert_int_equal(check_file(w, "part", COLUMN_BIT(column)), 5000);
    free(fills);
    arena_release(&arena);
}

static void extreme_values_come_back(void **state)
{
    struct world *w = *state;
    vg_dec widest = 1;
    for (int i = 0; i < VG_DEC_WIDTH; i++)
        widest *= 10;
    const vg_dec values[] = {0, 1, -1, widest - 1, 1 - widest, widest / 10, -widest / 10, INT64_MAX, INT64_MIN};
    enum { N = 3000 };
    struct fill *fills = calloc(N, sizeof *fills);
    struct vg_rng rng;
    vg_rng_init(&rng, 7);
    for (size_t i = 0; i < N; i++) {
        vg_dec a = values[vg_rng_below(&rng, COUNT(values))], b = values[vg_rng_below(&rng, COUNT(values))];
        unsigned shift = (unsigned)vg_rng_below(&rng, 64); /* deltas of every width */
        fills[i] = (struct fill){.has = (uint32_t)vg_rng_below(&rng, 1 << 13),
                                 .coin = i % 2 ? VG_SLICE("BTC") : VG_SLICE(""),
                                 .direction = VG_SLICE(""),
                                 .fee_token = VG_SLICE("USDC"),
                                 .liquidation_method = VG_SLICE("market"),
                                 .event_index = (uint32_t)i,
                                 .block_time_ns = (int64_t)vg_rng_below(&rng, VG_NS_PER_DAY),
                                 .order_id = (int64_t)(vg_rng_next(&rng) >> shift),
                                 .trade_id = (int64_t)(vg_rng_next(&rng) >> shift),
                                 .twap_id = i % 2 ? INT64_MAX : INT64_MIN,
                                 .price = vg_dec_abs(a),
                                 .size = vg_dec_abs(b),
                                 .start_position = b,
                                 .closed_pnl = a,
                                 .fee = -a,
                                 .builder_fee = b,
                                 .deployer_fee = a,
                                 .liquidation_mark = b};
    }
    write_part(w, "part", fills, N);
    assert_int_equal(check_file(w, "part", ALL_COLUMNS), N);
    free(fills);
}

/* Groups that end early because of their texts, and texts that fill one alone. */
static void long_texts_come_back(void **state)
{
    struct world *w = *state;
    enum { N = 12 };
    struct fill fills[N];
    size_t n = 40 << 20;
    char *text = malloc(n);
    memset(text, 'x', n);
    for (uint32_t i = 0; i < N; i++) {
        fills[i] = (struct fill){.has = i % 4 ? FILL_HAS_EXTRA : 0, .coin = VG_SLICE("BTC"), .event_index = i};
        fills[i].extra = (vg_slice){text, i == 7 ? n : (size_t)i << 20};
    }
    write_part(w, "part", fills, N);
    assert_int_equal(check_file(w, "part", ALL_COLUMNS), N);
    free(text);
}

static void put(const char *path, const char *bytes, size_t n)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0 && write(file, bytes, n) == (ssize_t)n);
    close(file);
}

/* A file that holds the same rows, but is DuckDB's. */
static void copy_by_duckdb(struct world *w, const char *from, const char *to)
{
    struct duck duck;
    struct duck_options options = {.threads = 1};
    vg_buf sql = {0};
    char *source = lake_path(&w->lake, from), *target = lake_path(&w->lake, to);
    vg_buf_addf(&sql, "COPY (SELECT * FROM '%s') TO '%s' (FORMAT parquet, COMPRESSION zstd)", source, target);
    if (duck_open(&duck, &options, &w->err)) fail_msg("%s", w->err.msg);
    if (duck_query(&duck, sql.data, NULL, &w->err)) fail_msg("%s", w->err.msg);
    duck_close(&duck);
    vg_buf_release(&sql);
    free(source);
    free(target);
}

static void files_of_others_are_left_to_duckdb(void **state)
{
    struct world *w = *state;
    struct arena arena = {0};
    struct fill *fills = make(&arena, 3000);
    write_part(w, "a.parquet", fills, 1000);
    write_part(w, "b.parquet", fills + 1000, 500);
    write_part(w, "d.parquet", fills + 1500, 1500);
    copy_by_duckdb(w, "b.parquet", "c.parquet");
    assert_true(is_ours(w, "b.parquet"));
    assert_false(is_ours(w, "c.parquet"));
    struct part items[] = {{.path = (char *)"a.parquet"},
                           {.path = (char *)"c.parquet"},
                           {.path = (char *)"c.parquet"},
                           {.path = (char *)"d.parquet"}};
    assert_int_equal(check_same(w, &(struct part_list){items, 4}, ALL_COLUMNS), 3500);
    assert_int_equal(check_same(w, &(struct part_list){items + 1, 1}, COLUMN_BIT(FILL_COIN)), 500);

    struct block block = {.number = 1};
    char *path = lake_path(&w->lake, "blocks.parquet");
    assert_int_equal(part_write_blocks(w->writer, &block, 1, path, &w->err), VG_OK);
    assert_false(is_ours(w, "blocks.parquet"));
    put(path, "PAR1\0\0\0\0PAR1", 12);
    assert_false(is_ours(w, "blocks.parquet"));
    put(path, "", 0);
    assert_false(is_ours(w, "blocks.parquet"));
    assert_false(is_ours(w, "")); /* a folder */
    free(path);
    free(fills);
    arena_release(&arena);
}

static void digest_bytes(uint64_t *digest, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *digest = (*digest ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void digest_value(uint64_t *digest, const struct fill_batch *b, enum fill_column column, size_t row)
{
    enum column_type type = fill_columns[column].type;
    size_t size = type == COLUMN_DECIMAL ? 16 : type == COLUMN_BOOL ? 1 : type == COLUMN_INT32 ? 4 : 8;
    if (type == COLUMN_TEXT)
        digest_bytes(digest, batch_text(b, column, row).p, batch_text(b, column, row).n);
    else
        digest_bytes(digest, (const char *)b->column[column] + row * size, size);
}

/* Reads the file, as far as it goes, and every value: the only error is that it is damaged. */
static bool read_file(struct world *w, struct parquet_reader *reader, const char *path, uint64_t *digest)
{
    struct fill_batch batch = {.n = 1};
    *digest = 0;
    vg_code rc = parquet_reader_open(reader, path, &w->err);
    while (!rc && batch.n) {
        rc = parquet_reader_next(reader, &batch, &w->err);
        for (size_t row = 0; row < batch.n && !rc; row++)
            for (enum fill_column column = 0; column < FILL_COLUMNS; column++)
                if (batch_has(&batch, column, row)) digest_value(digest, &batch, column, row);
    }
    assert_true(rc == VG_OK || rc == VG_ESTATE);
    return rc == VG_OK;
}

struct damage {
    struct arena arena;
    struct fill *fills;
    struct parquet_reader *reader;
    vg_buf bytes;
    char *path;
    uint64_t digest; /* of the sound file */
};

static void begin_damage(struct world *w, struct damage *d)
{
    *d = (struct damage){.reader = parquet_reader_new(ALL_COLUMNS), .path = lake_path(&w->lake, "part")};
    d->fills = make(&d->arena, 300);
    write_part(w, "part", d->fills, 300);
    assert_int_equal(file_read_all(d->path, 1 << 24, &d->bytes, &w->err), VG_OK);
    assert_true(read_file(w, d->reader, d->path, &d->digest));
}

static void end_damage(struct damage *d)
{
    parquet_reader_free(d->reader);
    vg_buf_release(&d->bytes);
    arena_release(&d->arena);
    free(d->path);
    free(d->fills);
}

static void cut_files_are_refused(void **state)
{
    struct world *w = *state;
    struct damage d;
    uint64_t digest;
    begin_damage(w, &d);
    for (size_t n = 0; n < d.bytes.len; n += n < d.bytes.len - 40 ? 97 : 1) {
        put(d.path, d.bytes.data, n);
        assert_false(read_file(w, d.reader, d.path, &digest));
    }
    end_damage(&d);
}

/* Pages have no checksum, so a changed byte of a value may go unseen here; `verify` compares whole files. */
static void a_changed_bit_is_refused_or_changes_no_more_than_values(void **state)
{
    struct world *w = *state;
    struct damage d;
    struct vg_rng rng;
    uint64_t digest;
    uint32_t footer_bytes;
    size_t refused = 0, rounds = 4000;
    begin_damage(w, &d);
    memcpy(&footer_bytes, d.bytes.data + d.bytes.len - 8, sizeof footer_bytes);
    size_t footer = d.bytes.len - 8 - footer_bytes;
    vg_rng_init(&rng, 5);
    for (size_t i = 0; i < rounds; i++) {
        size_t at = i % 2 ? vg_rng_below(&rng, footer) : footer + vg_rng_below(&rng, d.bytes.len - footer);
        char was = d.bytes.data[at];
        d.bytes.data[at] = (char)(was ^ 1 << vg_rng_below(&rng, 8));
        put(d.path, d.bytes.data, d.bytes.len);
        bool taken = read_file(w, d.reader, d.path, &digest);
        assert_true(!taken || at < footer || digest == d.digest); /* the footer's bounds are not used */
        refused += !taken;
        d.bytes.data[at] = was;
    }
    assert_true(refused > rounds / 4);
    put(d.path, d.bytes.data, d.bytes.len);
    assert_true(read_file(w, d.reader, d.path, &digest) && digest == d.digest);
    end_damage(&d);
}

/* Rows that were handed out cannot be taken back, so what comes later is an error and no end. */
static void a_part_that_is_damaged_behind_its_footer_is_an_error(void **state)
{
    struct world *w = *state;
    struct damage d;
    struct part part = {.table = TABLE_FILLS, .path = (char *)"part"};
    struct part_list parts = {&part, 1};
    struct rows rows;
    struct fill_batch batch;
    begin_damage(w, &d);
    memset(d.bytes.data + 4, 0xff, 100);
    put(d.path, d.bytes.data, d.bytes.len);
    start(w, &rows, &parts, 0, false);
    assert_int_equal(part_reader_next(rows.reader, &batch, &w->err), VG_ESTATE);
    assert_non_null(strstr(w->err.msg, d.path));
    assert_non_null(strstr(w->err.msg, "column time"));
    part_reader_free(rows.reader);
    end_damage(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_is_read_as_duckdb_reads_it),
        cmocka_unit_test(each_column_can_be_asked_for_alone),
        cmocka_unit_test(extreme_values_come_back),
        cmocka_unit_test(long_texts_come_back),
        cmocka_unit_test(files_of_others_are_left_to_duckdb),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(a_changed_bit_is_refused_or_changes_no_more_than_values),
        cmocka_unit_test(a_part_that_is_damaged_behind_its_footer_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
