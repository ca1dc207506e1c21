#include "lake/parquet_footer.h"

#include "lake/parquet_format.h"
#include "lake/thrift_read.h"

static void require(struct thrift_reader *t, bool condition) { t->failed = t->failed || !condition; }

static uint64_t read_size(struct thrift_reader *t, int field)
{
    int64_t value = thrift_read_int(t, field, THRIFT_I64);
    require(t, value >= 0);
    return value < 0 ? 0 : (uint64_t)value;
}

static void read_statistics(struct thrift_reader *t, struct parquet_chunk *chunk, struct parquet_bounds *bounds)
{
    *bounds = (struct parquet_bounds){0};
    thrift_enter(t, 12);
    chunk->nulls = read_size(t, 3);
    if (thrift_is_next(t, 5, THRIFT_BINARY)) {
        bounds->largest = thrift_read_binary(t, 5);
        bounds->least = thrift_read_binary(t, 6);
    }
    thrift_leave(t);
}

/* `bounds` point into the bytes. */
static void read_chunk(struct thrift_reader *t, const struct column *column, struct parquet_chunk *chunk,
                       struct parquet_bounds *bounds)
{
    thrift_enter_element(t);
    chunk->start = read_size(t, 2);
    thrift_enter(t, 3);
    require(t, thrift_read_int(t, 1, THRIFT_I32) == (int64_t)parquet_physical(column->type));
    for (size_t encodings = thrift_read_list(t, 2, THRIFT_I32); encodings > 0 && !t->failed; encodings--)
        thrift_read_element_int(t);
    require(t, thrift_read_list(t, 3, THRIFT_BINARY) == 1);
    require(t, vg_slice_is(thrift_read_element_binary(t), column->name));
    require(t, thrift_read_int(t, 4, THRIFT_I32) == CODEC_ZSTD);
    chunk->values = read_size(t, 5);
    read_size(t, 6);
    chunk->size = read_size(t, 7);
    uint64_t first = read_size(t, 9);
    if (column->repeats) first = read_size(t, 11);
    require(t, first == chunk->start);
    read_statistics(t, chunk, bounds);
    require(t, chunk->nulls <= (column->nullable ? chunk->values : 0));
    thrift_leave(t);
    thrift_leave(t);
}

static void skip_order(struct thrift_reader *t)
{
    for (size_t n = thrift_read_list(t, 4, THRIFT_STRUCT); n > 0 && !t->failed; n--) {
        thrift_enter_element(t);
        thrift_read_int(t, 1, THRIFT_I32);
        thrift_read_flag(t, 2);
        thrift_read_flag(t, 3);
        thrift_leave(t);
    }
}

static vg_slice keep(struct arena *texts, vg_slice text)
{
    return text.p ? (vg_slice){arena_copy(texts, text.p, text.n), text.n} : text;
}

/* The number of rows stands behind the chunks, each of which has it as well. */
static size_t read_group(struct thrift_reader *t, const struct parquet_kind *kind, uint64_t end,
                         struct parquet_chunk *chunks, struct parquet_bounds *bounds)
{
    thrift_enter_element(t);
    require(t, thrift_read_list(t, 1, THRIFT_STRUCT) == kind->n);
    for (size_t i = 0; i < kind->n && !t->failed; i++) {
        struct parquet_bounds found;
        read_chunk(t, &kind->columns[i], &chunks[i], &found);
        require(t, chunks[i].start <= end && chunks[i].size <= end - chunks[i].start);
        require(t, chunks[i].values == chunks[0].values);
        if (i == kind->bounded) *bounds = found;
    }
    read_size(t, 2);
    uint64_t rows = read_size(t, 3);
    skip_order(t);
    read_size(t, 5);
    read_size(t, 6);
    thrift_leave(t);
    require(t, rows == chunks[0].values && rows > 0 && rows <= kind->group_rows);
    return t->failed ? 0 : (size_t)rows;
}

static void read_groups(struct thrift_reader *t, const struct parquet_kind *kind, uint64_t end,
                        struct parquet_footer *f)
{
    uint64_t rows = read_size(t, 3), sum = 0;
    size_t room = 0, n = kind->n;
    for (size_t groups = thrift_read_list(t, 4, THRIFT_STRUCT); groups > 0 && !t->failed; groups--) {
        if (f->groups == room) { /* the number of groups is not trusted: memory follows what was read */
            room = room ? 2 * room : 4;
            f->rows = vg_realloc(f->rows, room * sizeof *f->rows);
            f->chunks = vg_realloc(f->chunks, room * n * sizeof *f->chunks);
            f->bounds = vg_realloc(f->bounds, room * sizeof *f->bounds);
        }
        struct parquet_bounds bounds = {0};
        size_t got = read_group(t, kind, end, f->chunks + f->groups * n, &bounds);
        f->bounds[f->groups] = (struct parquet_bounds){keep(&f->texts, bounds.least), keep(&f->texts, bounds.largest)};
        f->rows[f->groups++] = got;
        sum += got;
    }
    require(t, sum == rows);
}

vg_code parquet_footer_read(struct parquet_footer *footer, vg_slice bytes, uint64_t at, const struct parquet_kind *kind,
                            vg_err *err)
{
    *footer = (struct parquet_footer){0};
    vg_buf schema = {0};
    struct thrift_reader t;
    parquet_add_schema(kind->columns, kind->n, kind->table, &schema);
    bool same = bytes.n >= schema.len && memcmp(bytes.p, schema.data, schema.len) == 0;
    thrift_read_begin(&t, bytes.p, bytes.n);
    t.p += same ? schema.len : 0;
    t.last[0] = 2;
    vg_buf_release(&schema);
    if (!same) return vg_fail(err, VG_ESTATE, "it does not have the columns of %s", kind->table);
    read_groups(&t, kind, at, footer);
    require(&t, vg_slice_is(thrift_read_binary(&t, 6), PARQUET_CREATOR));
    require(&t, thrift_read_list(&t, 7, THRIFT_STRUCT) == kind->n);
    for (size_t i = 0; i < kind->n && !t.failed; i++) {
        thrift_enter_element(&t);
        thrift_enter(&t, 1);
        thrift_leave(&t);
        thrift_leave(&t);
    }
    thrift_leave(&t);
    if (!t.failed && t.p == t.end) return VG_OK;
    parquet_footer_release(footer);
    return vg_fail(err, VG_ESTATE, "its footer is not as vigil writes it");
}

void parquet_footer_release(struct parquet_footer *footer)
{
    free(footer->rows);
    free(footer->chunks);
    free(footer->bounds);
    arena_release(&footer->texts);
    *footer = (struct parquet_footer){0};
}

bool parquet_page_read(vg_slice *chunk, int kind, int32_t encoding, struct parquet_page *page)
{
    struct thrift_reader t;
    thrift_read_begin(&t, chunk->p, chunk->n);
    require(&t, thrift_read_int(&t, 1, THRIFT_I32) == kind);
    int64_t raw = thrift_read_int(&t, 2, THRIFT_I32), packed = thrift_read_int(&t, 3, THRIFT_I32);
    thrift_enter(&t, kind == PAGE_DATA ? PAGE_HEADER_DATA : PAGE_HEADER_DICTIONARY);
    int64_t values = thrift_read_int(&t, 1, THRIFT_I32);
    require(&t, thrift_read_int(&t, 2, THRIFT_I32) == encoding);
    if (kind == PAGE_DATA) {
        require(&t, thrift_read_int(&t, 3, THRIFT_I32) == RLE);
        require(&t, thrift_read_int(&t, 4, THRIFT_I32) == RLE);
    }
    thrift_leave(&t);
    thrift_leave(&t);
    if (t.failed || raw < 0 || raw > INT32_MAX || values < 0 || values > INT32_MAX) return false;
    if (packed < 0 || packed > t.end - t.p) return false;
    *page = (struct parquet_page){(size_t)raw, (size_t)values, {(const char *)t.p, (size_t)packed}};
    *chunk = (vg_slice){(const char *)t.p + packed, (size_t)(t.end - t.p - packed)};
    return true;
}
