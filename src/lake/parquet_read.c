#include "lake/parquet_read.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include "lake/decode_pages.h"
#include "lake/parquet_format.h"

#define CHUNK_MAX (PARQUET_READ_TEXTS * 5 / 4) /* compressed, at worst a little longer than its texts */
#define NUMBERS_MAX (2u << 20)                 /* a page of numbers: 65,536 rows of 16 bytes, and the levels */
#define ROOM (PARQUET_FILL_GROUP_MOST + 32)    /* decoders write a little further */

#define KEEP_MAX (8u << 20) /* a buffer of bytes that is longer does not outlive its row group */

/* A column of the row group at hand. */
struct decoded {
    void *values;
    uint64_t *mask; /* nullable columns */
    uint32_t *ids;  /* columns with a dictionary */
    vg_slice *dictionary;
    size_t dictionary_room;
    vg_buf page, dictionary_page; /* texts point into them */
};

struct parquet_reader {
    uint64_t columns;
    struct decoded decoded[FILL_COLUMNS];
    int file;
    char *path;
    struct parquet_map own;
    const struct parquet_footer *footer; /* the own one, or that of a map of the caller's; NULL: no file */
    size_t group;                        /* the next one */
    size_t text_bytes;                   /* of the group at hand */
    vg_buf bytes;                        /* of the file */
    vg_buf page;                         /* of numbers */
    int64_t *integers;
    ZSTD_DCtx *zstd;
};

static size_t value_size(enum column_type type)
{
    switch (type) {
    case COLUMN_TEXT: return sizeof(vg_slice);
    case COLUMN_DECIMAL: return sizeof(vg_dec);
    case COLUMN_BOOL: return sizeof(bool);
    case COLUMN_INT32: return sizeof(int32_t);
    case COLUMN_TIME:
    case COLUMN_TIME_NS:
    case COLUMN_INT64: return sizeof(int64_t);
    case COLUMN_SUM:
    case COLUMN_DOUBLE:
    case COLUMN_DATE: break;
    }
    VG_BUG("fills have no column of this type");
}

struct parquet_reader *parquet_reader_new(uint64_t columns)
{
    struct parquet_reader *r = vg_calloc(1, sizeof *r);
    r->columns = columns;
    r->file = -1;
    r->integers = vg_alloc(ROOM * sizeof *r->integers);
    r->zstd = ZSTD_createDCtx();
    VG_ASSERT(r->zstd);
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        if (!(columns >> i & 1)) continue;
        struct decoded *d = &r->decoded[i];
        d->values = vg_alloc(ROOM * value_size(fill_columns[i].type));
        if (fill_columns[i].nullable) d->mask = vg_alloc(mask_words(PARQUET_FILL_GROUP_MOST) * sizeof *d->mask);
        if (fill_columns[i].repeats) d->ids = vg_alloc(ROOM * sizeof *d->ids);
    }
    return r;
}

void parquet_reader_close(struct parquet_reader *r)
{
    if (r->file >= 0) close(r->file);
    r->file = -1;
    free(r->path);
    r->path = NULL;
    parquet_map_release(&r->own);
    r->footer = NULL;
    r->group = 0;
}

void parquet_reader_free(struct parquet_reader *r)
{
    if (!r) return;
    parquet_reader_close(r);
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        struct decoded *d = &r->decoded[i];
        free(d->values);
        free(d->mask);
        free(d->ids);
        free(d->dictionary);
        vg_buf_release(&d->page);
        vg_buf_release(&d->dictionary_page);
    }
    vg_buf_release(&r->bytes);
    vg_buf_release(&r->page);
    free(r->integers);
    ZSTD_freeDCtx(r->zstd);
    free(r);
}

vg_code parquet_reader_open_mapped(struct parquet_reader *r, const char *path, const struct parquet_map *map,
                                   vg_err *err)
{
    parquet_reader_close(r);
    r->path = vg_strdup(path);
    r->file = open(path, O_RDONLY | O_CLOEXEC);
    if (r->file < 0) return vg_fail_errno(err, "opening %s (`vigil verify` tells which files are missing)", path);
    vg_code rc = map ? parquet_map_check(map, r->file, path, err) : parquet_map_read(&r->own, r->file, path, err);
    r->footer = map ? &map->footer : &r->own.footer;
    if (rc) parquet_reader_close(r);
    return rc;
}

vg_code parquet_reader_open(struct parquet_reader *r, const char *path, vg_err *err)
{
    return parquet_reader_open_mapped(r, path, NULL, err);
}

/* Pages. All that follows fails with false where the bytes are not what they should be. */

/* Takes the next page from the chunk, and unpacks it into `out`. */
static bool take_page(struct parquet_reader *r, vg_slice *chunk, int kind, int32_t encoding, size_t limit, vg_buf *out,
                      size_t *values)
{
    struct parquet_page page;
    if (!parquet_page_read(chunk, kind, encoding, &page) || page.raw > limit) return false;
    vg_buf_clear(out);
    vg_buf_reserve(out, page.raw + DECODE_SLACK);
    size_t n = ZSTD_decompressDCtx(r->zstd, out->data, page.raw, page.bytes.p, page.bytes.n);
    if (ZSTD_isError(n) || n != page.raw) return false;
    memset(out->data + n, 0, DECODE_SLACK);
    out->len = n;
    *values = page.values;
    return true;
}

static bool take_text_page(struct parquet_reader *r, vg_slice *chunk, int kind, int32_t encoding, vg_buf *out,
                           size_t *values)
{
    if (!take_page(r, chunk, kind, encoding, PARQUET_READ_TEXTS - r->text_bytes, out, values)) return false;
    r->text_bytes += out->len;
    return true;
}

static struct page_bytes bytes_of(const vg_buf *page)
{
    const uint8_t *p = (const uint8_t *)page->data;
    return (struct page_bytes){p, p + page->len};
}

static bool take_dictionary(struct parquet_reader *r, vg_slice *chunk, struct decoded *d, size_t *count)
{
    if (!take_text_page(r, chunk, PAGE_DICTIONARY, PLAIN, &d->dictionary_page, count)) return false;
    if (*count > PARQUET_FILL_GROUP_MOST) return false;
    if (*count >= d->dictionary_room) {
        free(d->dictionary);
        d->dictionary_room = *count + *count / 4 + 1; /* one at least: the id of NULL is 0 */
        d->dictionary = vg_alloc(d->dictionary_room * sizeof *d->dictionary);
    }
    d->dictionary[0] = VG_SLICE("");
    struct page_bytes in = bytes_of(&d->dictionary_page);
    return decode_plain_texts(&in, *count, d->dictionary) && in.p == in.end;
}

static bool take_levels(struct page_bytes *in, size_t rows, size_t nulls, uint64_t *mask)
{
    uint32_t n;
    size_t present;
    if (page_left(in) < sizeof n) return false;
    memcpy(&n, in->p, sizeof n);
    in->p += sizeof n;
    if (page_left(in) < n) return false;
    struct page_bytes levels = {in->p, in->p + n};
    in->p += n;
    return decode_levels(&levels, rows, mask, &present) && present == rows - nulls;
}

/* n values to `first` on. */
static bool decode_numbers(struct parquet_reader *r, struct page_bytes *in, enum column_type type, size_t n,
                           void *values, size_t first)
{
    switch (type) {
    case COLUMN_DECIMAL: return decode_decimals(in, n, (vg_dec *)values + first);
    case COLUMN_BOOL: return decode_bits(in, n, (uint8_t *)values + first);
    case COLUMN_INT32: {
        if (!decode_delta(in, n, r->integers)) return false;
        for (size_t i = 0; i < n; i++)
            ((int32_t *)values)[first + i] = (int32_t)r->integers[i];
        return true;
    }
    default: return decode_delta(in, n, (int64_t *)values + first);
    }
}

static bool decode_repeating(struct page_bytes *in, size_t rows, size_t n, size_t count, struct decoded *d)
{
    if (page_left(in) == 0) return false;
    unsigned width = *in->p++;
    if (!decode_hybrid(in, n, width, (uint32_t)count, d->ids + rows - n)) return false;
    if (n < rows) spread_values(d->ids, sizeof *d->ids, rows, n, d->mask);
    vg_slice *texts = d->values;
    for (size_t i = 0; i < rows; i++)
        texts[i] = d->dictionary[d->ids[i]];
    return true;
}

/* `count`: texts in the dictionary. */
static bool decode_column(struct parquet_reader *r, const struct column *column, struct page_bytes *in, size_t rows,
                          size_t n, size_t count, struct decoded *d)
{
    if (column->repeats) return decode_repeating(in, rows, n, count, d);
    if (column->type == COLUMN_TEXT) {
        if (!decode_delta(in, n, r->integers) || !decode_texts(in, n, r->integers, (vg_slice *)d->values + rows - n))
            return false;
    } else if (!decode_numbers(r, in, column->type, n, d->values, rows - n)) {
        return false;
    }
    if (n < rows) spread_values(d->values, value_size(column->type), rows, n, d->mask);
    return true;
}

static bool take_column(struct parquet_reader *r, size_t i, size_t rows, size_t nulls, struct fill_batch *batch)
{
    const struct column *column = &fill_columns[i];
    struct decoded *d = &r->decoded[i];
    vg_slice chunk = vg_buf_view(&r->bytes);
    size_t count = 0, values;
    if (column->repeats && !take_dictionary(r, &chunk, d, &count)) return false;
    bool keep = column->type == COLUMN_TEXT && !column->repeats;
    vg_buf *page = keep ? &d->page : &r->page;
    int32_t encoding = parquet_encoding(column);
    if (keep ? !take_text_page(r, &chunk, PAGE_DATA, encoding, page, &values)
             : !take_page(r, &chunk, PAGE_DATA, encoding, NUMBERS_MAX, page, &values))
        return false;
    if (values != rows || chunk.n > 0) return false;
    struct page_bytes in = bytes_of(page);
    if (column->nullable && !take_levels(&in, rows, nulls, d->mask)) return false;
    if (!decode_column(r, column, &in, rows, rows - nulls, count, d) || in.p != in.end) return false;
    batch->column[i] = d->values;
    batch->valid[i] = nulls ? d->mask : NULL;
    if (column->repeats) {
        batch->ids[i] = d->ids;
        batch->dictionary[i] = d->dictionary;
        batch->dictionary_count[i] = (uint32_t)count;
    }
    return true;
}

static void drop_if_long(vg_buf *buf)
{
    if (buf->cap > KEEP_MAX) vg_buf_release(buf);
}

/* So that the texts of one group are held, not the longest of each column. */
static void drop_long_pages(struct parquet_reader *r)
{
    drop_if_long(&r->bytes);
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        drop_if_long(&r->decoded[i].page);
        drop_if_long(&r->decoded[i].dictionary_page);
    }
}

static vg_code damaged(const struct parquet_reader *r, size_t group, size_t column, vg_err *err)
{
    return vg_fail(err, VG_ESTATE,
                   "%s is damaged: row group %zu, column %s (`vigil verify` tells which files are damaged)", r->path,
                   group, fill_columns[column].name);
}

/* Reads these columns of a row group. */
static vg_code take_columns(struct parquet_reader *r, size_t group, uint64_t columns, struct fill_batch *batch,
                            vg_err *err)
{
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        if (!(columns >> i & 1)) continue;
        const struct parquet_chunk *chunk = &r->footer->chunks[group * FILL_COLUMNS + i];
        if (chunk->size > CHUNK_MAX) return damaged(r, group, i, err);
        VG_TRY(parquet_bytes_read(r->file, r->path, chunk->start, (size_t)chunk->size, &r->bytes, err));
        if (!take_column(r, i, r->footer->rows[group], (size_t)chunk->nulls, batch)) return damaged(r, group, i, err);
    }
    batch->n = r->footer->rows[group];
    return VG_OK;
}

static void begin_group(struct parquet_reader *r, struct fill_batch *batch)
{
    *batch = (struct fill_batch){0};
    r->text_bytes = 0;
    drop_long_pages(r);
}

vg_code parquet_reader_next(struct parquet_reader *r, struct fill_batch *batch, vg_err *err)
{
    begin_group(r, batch);
    if (!r->footer || r->group == r->footer->groups) return VG_OK;
    return take_columns(r, r->group++, r->columns, batch, err);
}

/* The rows of the group that have this text; they follow each other. */
static struct row_range rows_with(const struct fill_batch *batch, enum fill_column column, vg_slice text)
{
    const vg_slice *dictionary = batch->dictionary[column];
    const uint32_t *ids = batch->ids[column];
    uint32_t id = 0, count = batch->dictionary_count[column];
    struct row_range range = {0, batch->n};
    while (id < count && !vg_slice_eq(dictionary[id], text))
        id++;
    if (id == count) return (struct row_range){0, 0};
    while (range.begin < range.end && ids[range.begin] != id)
        range.begin++;
    while (range.end > range.begin && ids[range.end - 1] != id)
        range.end--;
    return range;
}

vg_code parquet_reader_trader(struct parquet_reader *r, size_t group, vg_slice user, struct fill_batch *batch,
                              struct row_range *rows, vg_err *err)
{
    const uint64_t key = UINT64_C(1) << FILL_USER_ADDRESS;
    VG_ASSERT(r->footer && group < r->footer->groups && (r->columns & key));
    begin_group(r, batch);
    *rows = (struct row_range){0, 0};
    if (!parquet_map_may_have(r->footer, group, user)) return VG_OK;
    VG_TRY(take_columns(r, group, key, batch, err));
    *rows = rows_with(batch, FILL_USER_ADDRESS, user);
    return rows->begin == rows->end ? VG_OK : take_columns(r, group, r->columns & ~key, batch, err);
}
