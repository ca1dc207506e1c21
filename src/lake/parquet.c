#include "lake/parquet.h"

#include <stdio.h>
#include <zstd.h>

#include "base/intern.h"
#include "lake/encode.h"
#include "lake/parquet_format.h"
#include "lake/thrift.h"

#define ZSTD_LEVEL 1
#define STATISTICS_TEXT_MAX 128 /* longer texts are no use as bounds */

/* Values of one column in the row group at hand. */
struct buffer {
    uint8_t *present; /* per row, nullable columns only */
    size_t values;    /* that are not NULL */
    int64_t *ints;    /* integers, times, booleans; lengths of texts; ids in the dictionary */
    uint8_t *fixed;   /* decimals, big-endian; doubles */
    vg_buf bytes;     /* texts without a dictionary, one behind the other */
    struct intern dictionary;
    uint32_t last_id;      /* of the text before: neighbours are often alike */
    vg_dec least, largest; /* of numbers */
    double least_double, largest_double;
    vg_buf least_text, largest_text;
};

/* What the footer says about a column of a row group. */
struct chunk {
    int64_t start, dictionary_at, data_at, size, raw_size, nulls;
    size_t values;
    vg_buf least, largest; /* as the format stores them; empty: none */
};

struct group {
    struct chunk *chunks;
    int64_t start, raw_size, size;
    size_t rows;
};

struct parquet {
    const struct column *columns;
    size_t n;
    const char *table;
    const uint8_t *order;
    size_t sorted, group_rows;
    struct buffer *buffers;
    size_t rows; /* in the group at hand */
    size_t text_bytes;
    struct group *groups;
    size_t group_count;
    uint64_t total_rows;
    FILE *file;
    char *path;
    int64_t at; /* bytes written */
    vg_buf page, packed, head;
    uint32_t *ids;
    ZSTD_CCtx *zstd;
};

struct parquet *parquet_new(const struct column *columns, size_t n, const char *table, const uint8_t *order,
                            size_t sorted, size_t group_rows)
{
    struct parquet *p = vg_calloc(1, sizeof *p);
    p->columns = columns;
    p->n = n;
    p->table = table;
    p->order = order;
    p->sorted = sorted;
    p->group_rows = group_rows;
    p->buffers = vg_calloc(n, sizeof *p->buffers);
    p->ids = vg_alloc(group_rows * sizeof *p->ids);
    p->zstd = ZSTD_createCCtx();
    VG_ASSERT(p->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)));
    for (size_t i = 0; i < n; i++) {
        struct buffer *b = &p->buffers[i];
        if (columns[i].nullable) b->present = vg_alloc(group_rows);
        if (parquet_fixed_width(columns[i].type))
            b->fixed = vg_alloc(group_rows * parquet_fixed_width(columns[i].type) + 16);
        else
            b->ints = vg_alloc(group_rows * sizeof *b->ints);
    }
    return p;
}

static void release_groups(struct parquet *p)
{
    for (size_t i = 0; i < p->group_count; i++) {
        for (size_t k = 0; k < p->n; k++) {
            vg_buf_release(&p->groups[i].chunks[k].least);
            vg_buf_release(&p->groups[i].chunks[k].largest);
        }
        free(p->groups[i].chunks);
    }
    free(p->groups);
    p->groups = NULL;
    p->group_count = 0;
}

void parquet_abandon(struct parquet *p)
{
    if (p->file) fclose(p->file);
    p->file = NULL;
    free(p->path);
    p->path = NULL;
    release_groups(p);
}

void parquet_free(struct parquet *p)
{
    if (!p) return;
    parquet_abandon(p);
    for (size_t i = 0; i < p->n; i++) {
        struct buffer *b = &p->buffers[i];
        free(b->present);
        free(b->ints);
        free(b->fixed);
        vg_buf_release(&b->bytes);
        vg_buf_release(&b->least_text);
        vg_buf_release(&b->largest_text);
        intern_release(&b->dictionary);
    }
    free(p->buffers);
    free(p->ids);
    vg_buf_release(&p->page);
    vg_buf_release(&p->packed);
    vg_buf_release(&p->head);
    ZSTD_freeCCtx(p->zstd);
    free(p);
}

static vg_code put(struct parquet *p, const void *bytes, size_t n, vg_err *err)
{
    if (fwrite(bytes, 1, n, p->file) != n) return vg_fail_errno(err, "writing %s", p->path);
    p->at += (int64_t)n;
    return VG_OK;
}

static void clear_group(struct parquet *p)
{
    p->rows = 0;
    p->text_bytes = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct buffer *b = &p->buffers[i];
        b->values = 0;
        vg_buf_clear(&b->bytes);
        vg_buf_clear(&b->least_text);
        vg_buf_clear(&b->largest_text);
        intern_clear(&b->dictionary);
    }
}

vg_code parquet_open(struct parquet *p, const char *path, vg_err *err)
{
    parquet_abandon(p);
    clear_group(p);
    p->total_rows = 0;
    p->at = 0;
    p->path = vg_strdup(path);
    p->file = fopen(path, "we");
    if (!p->file) return vg_fail_errno(err, "creating %s", path);
    return put(p, PARQUET_MAGIC, 4, err);
}

/* Rows. */

static void see_number(struct buffer *b, vg_dec value)
{
    if (b->values == 0 || value < b->least) b->least = value;
    if (b->values == 0 || value > b->largest) b->largest = value;
}

static struct buffer *next_value(struct parquet *p, size_t column)
{
    struct buffer *b = &p->buffers[column];
    if (b->present) b->present[p->rows] = 1;
    return b;
}

void parquet_null(struct parquet *p, size_t column) { p->buffers[column].present[p->rows] = 0; }

void parquet_int(struct parquet *p, size_t column, int64_t value)
{
    struct buffer *b = next_value(p, column);
    see_number(b, value);
    b->ints[b->values++] = value;
}

void parquet_decimal(struct parquet *p, size_t column, vg_dec value)
{
    struct buffer *b = next_value(p, column);
    see_number(b, value);
    size_t width = parquet_fixed_width(p->columns[column].type);
    uint8_t *out = b->fixed + b->values++ * width;
    uint64_t high = __builtin_bswap64((uint64_t)((unsigned __int128)value >> 64));
    uint64_t low = __builtin_bswap64((uint64_t)value);
    memcpy(out, (uint8_t *)&high + SUM_BYTES - width, width - 8);
    memcpy(out + width - 8, &low, 8);
}

void parquet_double(struct parquet *p, size_t column, double value)
{
    struct buffer *b = next_value(p, column);
    if (b->values == 0 || value < b->least_double) b->least_double = value;
    if (b->values == 0 || value > b->largest_double) b->largest_double = value;
    memcpy(b->fixed + b->values++ * sizeof value, &value, sizeof value);
}

static int compare_text(const vg_buf *bound, const char *text, size_t n)
{
    size_t least = bound->len < n ? bound->len : n;
    int order = least ? memcmp(bound->data, text, least) : 0;
    return order ? order : (bound->len > n) - (bound->len < n);
}

static void see_text(struct buffer *b, const char *text, size_t n)
{
    if (b->values == 0 || compare_text(&b->least_text, text, n) > 0) {
        vg_buf_clear(&b->least_text);
        vg_buf_add(&b->least_text, text, n);
    }
    if (b->values == 0 || compare_text(&b->largest_text, text, n) < 0) {
        vg_buf_clear(&b->largest_text);
        vg_buf_add(&b->largest_text, text, n);
    }
}

static void add_repeating(struct parquet *p, struct buffer *b, const char *text, size_t n)
{
    vg_slice value = {text, n};
    uint32_t before = b->dictionary.count;
    if (before == 0 || b->values == 0 || !vg_slice_eq(b->dictionary.keys[b->last_id], value))
        b->last_id = intern_id(&b->dictionary, text, n);
    if (b->dictionary.count > before) {
        p->text_bytes += n;
        see_text(b, text, n);
    }
    b->ints[b->values++] = b->last_id;
}

void parquet_text(struct parquet *p, size_t column, const char *text, size_t n)
{
    struct buffer *b = next_value(p, column);
    if (p->columns[column].repeats) {
        add_repeating(p, b, text, n);
        return;
    }
    see_text(b, text, n < STATISTICS_TEXT_MAX ? n : STATISTICS_TEXT_MAX);
    b->ints[b->values++] = (int64_t)n;
    vg_buf_add(&b->bytes, text, n);
    p->text_bytes += n;
}

/* Pages. */

/* Compresses p->page and writes it behind a header of the given kind. */
static vg_code write_page(struct parquet *p, int kind, size_t values, int32_t encoding, struct chunk *chunk,
                          vg_err *err)
{
    size_t bound = ZSTD_compressBound(p->page.len);
    vg_buf_clear(&p->packed);
    vg_buf_reserve(&p->packed, bound);
    size_t size = ZSTD_compress2(p->zstd, p->packed.data, bound, vg_buf_str(&p->page), p->page.len);
    VG_ASSERT(!ZSTD_isError(size));
    if (p->page.len > INT32_MAX) return vg_fail(err, VG_ELIMIT, "%s: a page is larger than 2 GiB", p->path);

    struct thrift t;
    vg_buf_clear(&p->head);
    thrift_begin(&t, &p->head);
    thrift_i32(&t, 1, kind);
    thrift_i32(&t, 2, (int32_t)p->page.len);
    thrift_i32(&t, 3, (int32_t)size);
    thrift_struct(&t, kind == PAGE_DATA ? PAGE_HEADER_DATA : PAGE_HEADER_DICTIONARY);
    thrift_i32(&t, 1, (int32_t)values);
    thrift_i32(&t, 2, encoding);
    if (kind == PAGE_DATA) {
        thrift_i32(&t, 3, RLE);
        thrift_i32(&t, 4, RLE);
    }
    thrift_end(&t);
    thrift_end(&t);
    chunk->raw_size += (int64_t)(p->head.len + p->page.len);
    chunk->size += (int64_t)(p->head.len + size);
    VG_TRY(put(p, p->head.data, p->head.len, err));
    return put(p, p->packed.data, size, err);
}

/* Texts of the dictionary, in the order of their ids, each behind its length. */
static vg_code write_dictionary(struct parquet *p, const struct buffer *b, struct chunk *chunk, vg_err *err)
{
    vg_buf_clear(&p->page);
    for (uint32_t id = 0; id < b->dictionary.count; id++) {
        uint32_t n = (uint32_t)b->dictionary.keys[id].n;
        vg_buf_add(&p->page, &n, sizeof n);
        vg_buf_add(&p->page, b->dictionary.keys[id].p, n);
    }
    chunk->dictionary_at = p->at;
    return write_page(p, PAGE_DICTIONARY, b->dictionary.count, PLAIN, chunk, err);
}

static void add_presence(struct parquet *p, const struct buffer *b)
{
    for (size_t i = 0; i < p->rows; i++)
        p->ids[i] = b->present[i];
    size_t start = p->page.len;
    vg_buf_add(&p->page, "\0\0\0\0", 4);
    encode_hybrid(p->ids, p->rows, 1, &p->page);
    uint32_t n = (uint32_t)(p->page.len - start - 4);
    memcpy(p->page.data + start, &n, sizeof n);
}

static void add_values(struct parquet *p, const struct column *column, const struct buffer *b)
{
    switch (parquet_encoding(column)) {
    case RLE_DICTIONARY: {
        unsigned width = b->dictionary.count > 1 ? encode_bit_width(b->dictionary.count - 1) : 1;
        for (size_t i = 0; i < b->values; i++)
            p->ids[i] = (uint32_t)b->ints[i];
        vg_buf_addc(&p->page, (char)width);
        encode_hybrid(p->ids, b->values, width, &p->page);
        return;
    }
    case DELTA_LENGTH_BYTE_ARRAY:
        encode_delta(b->ints, b->values, &p->page);
        vg_buf_add(&p->page, vg_buf_str(&b->bytes), b->bytes.len);
        return;
    case DELTA_BINARY_PACKED: encode_delta(b->ints, b->values, &p->page); return;
    default: break;
    }
    if (parquet_fixed_width(column->type)) {
        vg_buf_add(&p->page, b->fixed, b->values * parquet_fixed_width(column->type));
        return;
    }
    uint8_t *flags = (uint8_t *)p->ids;
    for (size_t i = 0; i < b->values; i++)
        flags[i] = b->ints[i] != 0;
    encode_bits(flags, b->values, &p->page);
}

static void number_bound(enum column_type type, vg_dec value, vg_buf *out)
{
    if (parquet_is_decimal(type)) {
        for (int i = (int)parquet_fixed_width(type) - 1; i >= 0; i--)
            vg_buf_addc(out, (char)(value >> (8 * i)));
        return;
    }
    int64_t number = (int64_t)value;
    vg_buf_add(out, &number, type == COLUMN_BOOL ? 1 : parquet_physical(type) == PHYSICAL_INT32 ? 4 : 8);
}

/* A long text's bounds are cut: the lower one may be, the upper one would be wrong. */
static void note_bounds(const struct column *column, const struct buffer *b, struct chunk *chunk)
{
    if (b->values == 0) return;
    if (column->type == COLUMN_DOUBLE) {
        vg_buf_add(&chunk->least, &b->least_double, sizeof b->least_double);
        vg_buf_add(&chunk->largest, &b->largest_double, sizeof b->largest_double);
    } else if (column->type != COLUMN_TEXT) {
        number_bound(column->type, b->least, &chunk->least);
        number_bound(column->type, b->largest, &chunk->largest);
    } else if (b->least_text.len < STATISTICS_TEXT_MAX && b->largest_text.len < STATISTICS_TEXT_MAX) {
        vg_buf_add(&chunk->least, b->least_text.data, b->least_text.len);
        vg_buf_add(&chunk->largest, b->largest_text.data, b->largest_text.len);
    }
}

static vg_code write_chunk(struct parquet *p, size_t column, struct chunk *chunk, vg_err *err)
{
    const struct buffer *b = &p->buffers[column];
    chunk->start = p->at;
    chunk->values = p->rows;
    chunk->nulls = (int64_t)(p->rows - b->values);
    note_bounds(&p->columns[column], b, chunk);
    if (p->columns[column].repeats) VG_TRY(write_dictionary(p, b, chunk, err));
    vg_buf_clear(&p->page);
    if (b->present) add_presence(p, b);
    add_values(p, &p->columns[column], b);
    chunk->data_at = p->at;
    return write_page(p, PAGE_DATA, p->rows, parquet_encoding(&p->columns[column]), chunk, err);
}

static vg_code write_group(struct parquet *p, vg_err *err)
{
    p->groups = vg_realloc(p->groups, (p->group_count + 1) * sizeof *p->groups);
    struct group *group = &p->groups[p->group_count++];
    *group = (struct group){.chunks = vg_calloc(p->n, sizeof *group->chunks), .start = p->at, .rows = p->rows};
    for (size_t i = 0; i < p->n; i++) {
        VG_TRY(write_chunk(p, i, &group->chunks[i], err));
        group->raw_size += group->chunks[i].raw_size;
        group->size += group->chunks[i].size;
    }
    p->total_rows += p->rows;
    clear_group(p);
    return VG_OK;
}

vg_code parquet_end_row(struct parquet *p, vg_err *err)
{
    p->rows++;
    return p->rows == p->group_rows || p->text_bytes >= PARQUET_GROUP_BYTES ? write_group(p, err) : VG_OK;
}

vg_code parquet_end_group(struct parquet *p, vg_err *err) { return p->rows ? write_group(p, err) : VG_OK; }

/* Footer. */

static void add_statistics(struct thrift *t, const struct chunk *chunk)
{
    thrift_struct(t, 12);
    thrift_i64(t, 3, chunk->nulls);
    if (chunk->largest.data) {
        thrift_binary(t, 5, chunk->largest.data, chunk->largest.len);
        thrift_binary(t, 6, chunk->least.data, chunk->least.len);
    }
    thrift_end(t);
}

static void add_chunk(struct thrift *t, const struct column *column, const struct chunk *chunk)
{
    int32_t encoding = parquet_encoding(column);
    thrift_element(t);
    thrift_i64(t, 2, chunk->start);
    thrift_struct(t, 3);
    thrift_i32(t, 1, (int32_t)parquet_physical(column->type));
    thrift_list(t, 2, THRIFT_I32, encoding == PLAIN ? 2 : 3);
    thrift_element_i32(t, RLE); /* of definition levels */
    thrift_element_i32(t, PLAIN);
    if (encoding != PLAIN) thrift_element_i32(t, encoding);
    thrift_list(t, 3, THRIFT_BINARY, 1);
    thrift_element_text(t, column->name);
    thrift_i32(t, 4, CODEC_ZSTD);
    thrift_i64(t, 5, (int64_t)chunk->values);
    thrift_i64(t, 6, chunk->raw_size);
    thrift_i64(t, 7, chunk->size);
    thrift_i64(t, 9, chunk->data_at);
    if (column->repeats) thrift_i64(t, 11, chunk->dictionary_at);
    add_statistics(t, chunk);
    thrift_end(t);
    thrift_end(t);
}

static void add_group(struct thrift *t, const struct parquet *p, const struct group *group)
{
    thrift_element(t);
    thrift_list(t, 1, THRIFT_STRUCT, p->n);
    for (size_t i = 0; i < p->n; i++)
        add_chunk(t, &p->columns[i], &group->chunks[i]);
    thrift_i64(t, 2, group->raw_size);
    thrift_i64(t, 3, (int64_t)group->rows);
    thrift_list(t, 4, THRIFT_STRUCT, p->sorted);
    for (size_t i = 0; i < p->sorted; i++) {
        thrift_element(t);
        thrift_i32(t, 1, p->order[i]);
        thrift_bool(t, 2, false);
        thrift_bool(t, 3, false);
        thrift_end(t);
    }
    thrift_i64(t, 5, group->start);
    thrift_i64(t, 6, group->size);
    thrift_end(t);
}

/* Unit and definition of each column that has a unit, under its name: "USD: sum of v". */
static void add_definitions(struct thrift *t, const struct parquet *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->columns[i].unit != NULL;
    if (n == 0) return;
    vg_buf text = {0};
    thrift_list(t, 5, THRIFT_STRUCT, n);
    for (size_t i = 0; i < p->n; i++) {
        if (!p->columns[i].unit) continue;
        vg_buf_clear(&text);
        vg_buf_addf(&text, "%s: %s", p->columns[i].unit, p->columns[i].meaning);
        thrift_element(t);
        thrift_text(t, 1, p->columns[i].name);
        thrift_text(t, 2, text.data);
        thrift_end(t);
    }
    vg_buf_release(&text);
}

static void add_footer(const struct parquet *p, vg_buf *out)
{
    struct thrift t;
    parquet_add_schema(p->columns, p->n, p->table, out);
    thrift_begin(&t, out);
    t.last[0] = 2; /* the schema was field 2 */
    thrift_i64(&t, 3, (int64_t)p->total_rows);
    thrift_list(&t, 4, THRIFT_STRUCT, p->group_count);
    for (size_t i = 0; i < p->group_count; i++)
        add_group(&t, p, &p->groups[i]);
    add_definitions(&t, p);
    thrift_text(&t, 6, PARQUET_CREATOR);
    thrift_list(&t, 7, THRIFT_STRUCT, p->n); /* bounds are by the order of each type */
    for (size_t i = 0; i < p->n; i++) {
        thrift_element(&t);
        thrift_struct(&t, 1);
        thrift_end(&t);
        thrift_end(&t);
    }
    thrift_end(&t);
}

vg_code parquet_close(struct parquet *p, uint64_t *rows, vg_err *err)
{
    vg_code rc = parquet_end_group(p, err);
    if (!rc) {
        vg_buf_clear(&p->page);
        add_footer(p, &p->page);
        uint32_t n = (uint32_t)p->page.len;
        vg_buf_add(&p->page, &n, sizeof n);
        vg_buf_adds(&p->page, PARQUET_MAGIC);
        rc = put(p, p->page.data, p->page.len, err);
    }
    *rows = p->total_rows;
    FILE *file = p->file;
    p->file = NULL;
    if (fclose(file) != 0 && !rc) rc = vg_fail_errno(err, "writing %s", p->path);
    parquet_abandon(p);
    return rc;
}
