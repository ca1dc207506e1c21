#include "lake/parquet_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "lake/thrift_read.h"
#include "lake/unpack.h"

#define DECIMAL_BYTES 13
#define GROUP_ROWS_MAX (1u << 20)
#define PAGE_BYTES_MAX (256u << 20)
#define WRITTEN_BY "vigil"

/* Numbers of the format: parquet.thrift. */
enum { ENCODING_PLAIN = 0, ENCODING_DELTA = 5, ENCODING_DELTA_LENGTH = 6, ENCODING_DICTIONARY = 8 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };

struct chunk {
    int64_t data_at, dictionary_at; /* -1: none */
    int64_t rows;
};

struct group {
    int64_t rows;
    struct chunk chunks[FILL_COLUMNS];
};

/* What a column of the row group at hand became. */
struct values {
    uint8_t *page, *dictionary_page; /* decompressed; texts point into them */
    size_t page_room, dictionary_room;
    void *items;
    size_t item_room;
    uint64_t *valid;
    size_t valid_room;
    vg_slice *dictionary;
    size_t dictionary_count, slice_room;
};

struct parquet_reader {
    char *path;
    const uint8_t *bytes;
    size_t size;
    uint64_t columns;
    struct group *groups;
    size_t group_count, next;
    struct values values[FILL_COLUMNS];
    uint32_t *ids; /* scratch, by row */
    int64_t *numbers;
    size_t id_room, number_room;
    ZSTD_DCtx *zstd;
};

/* Room for n items; what was there is gone. */
static void *room_for(void *items, size_t *room, size_t n, size_t size)
{
    if (n <= *room) return items;
    free(items);
    *room = n + n / 4;
    return vg_alloc(*room * size);
}

/* Footer. */

static void read_meta(struct thrift_in *in, struct chunk *chunk)
{
    struct thrift_field field = {0};
    while (thrift_next(in, &field)) {
        if (field.number == 5 && field.type == THRIFT_I64)
            chunk->rows = thrift_take_int(in);
        else if (field.number == 9 && field.type == THRIFT_I64)
            chunk->data_at = thrift_take_int(in);
        else if (field.number == 11 && field.type == THRIFT_I64)
            chunk->dictionary_at = thrift_take_int(in);
        else
            thrift_skip(in, field.type);
    }
}

static void read_chunk(struct thrift_in *in, struct chunk *chunk)
{
    struct thrift_field field = {0};
    *chunk = (struct chunk){.data_at = -1, .dictionary_at = -1};
    while (thrift_next(in, &field)) {
        if (field.number == 3 && field.type == THRIFT_STRUCT)
            read_meta(in, chunk);
        else
            thrift_skip(in, field.type);
    }
}

static void read_group(struct thrift_in *in, struct group *group)
{
    struct thrift_field field = {0};
    size_t columns = 0;
    while (thrift_next(in, &field)) {
        enum thrift_type type;
        if (field.number == 1 && field.type == THRIFT_LIST) {
            columns = thrift_take_list(in, &type);
            if (columns != FILL_COLUMNS || type != THRIFT_STRUCT) in->bad = true;
            for (size_t i = 0; i < columns && !in->bad; i++)
                read_chunk(in, &group->chunks[i]);
        } else if (field.number == 3 && field.type == THRIFT_I64) {
            group->rows = thrift_take_int(in);
        } else {
            thrift_skip(in, field.type);
        }
    }
    if (columns == 0 || group->rows <= 0 || group->rows > GROUP_ROWS_MAX) in->bad = true;
}

static void read_groups(struct parquet_reader *r, struct thrift_in *in)
{
    enum thrift_type type;
    size_t n = thrift_take_list(in, &type);
    if (r->groups || (n && type != THRIFT_STRUCT)) in->bad = true;
    if (in->bad) return;
    r->groups = vg_calloc(n + 1, sizeof *r->groups);
    for (; r->group_count < n && !in->bad; r->group_count++)
        read_group(in, &r->groups[r->group_count]);
}

static bool is_schema_of_fills(struct thrift_in *in)
{
    enum thrift_type type;
    size_t n = thrift_take_list(in, &type);
    bool same = n == FILL_COLUMNS + 1 && type == THRIFT_STRUCT;
    for (size_t i = 0; same && i < n; i++) {
        struct thrift_field field = {0};
        while (thrift_next(in, &field)) {
            if (field.number == 4 && field.type == THRIFT_BINARY)
                same = same && vg_slice_is(thrift_take_binary(in), i ? fill_columns[i - 1].name : "fills");
            else if (field.number == 3 && field.type == THRIFT_I32)
                same = same && i > 0 && thrift_take_int(in) == fill_columns[i - 1].nullable;
            else
                thrift_skip(in, field.type);
        }
    }
    return same && !in->bad;
}

static bool read_footer(struct parquet_reader *r, const uint8_t *footer, size_t n)
{
    struct thrift_in in = thrift_in(footer, n);
    struct thrift_field field = {0};
    bool ours = false, fills = false;
    while (thrift_next(&in, &field)) {
        if (field.number == 2 && field.type == THRIFT_LIST)
            fills = is_schema_of_fills(&in);
        else if (field.number == 4 && field.type == THRIFT_LIST)
            read_groups(r, &in);
        else if (field.number == 6 && field.type == THRIFT_BINARY)
            ours = vg_slice_is(thrift_take_binary(&in), WRITTEN_BY);
        else
            thrift_skip(&in, field.type);
    }
    return !in.bad && ours && fills;
}

static vg_code map_file(struct parquet_reader *r, vg_err *err)
{
    struct stat info;
    int fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return vg_fail_errno(err, "opening %s (`vigil verify` tells which files are missing)", r->path);
    vg_code rc = fstat(fd, &info) == 0 ? VG_OK : vg_fail_errno(err, "%s", r->path);
    if (!rc && info.st_size > 0) {
        r->size = (size_t)info.st_size;
        void *bytes = mmap(NULL, r->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
            rc = vg_fail_errno(err, "mapping %s", r->path);
        else
            r->bytes = bytes;
    }
    close(fd);
    return rc;
}

static vg_code fail_damaged(const struct parquet_reader *r, const char *what, vg_err *err)
{
    return vg_fail(err, VG_EPARSE, "%s: %s (`vigil verify` tells which files are damaged)", r->path, what);
}

struct parquet_reader *parquet_reader_new(uint64_t columns)
{
    struct parquet_reader *r = vg_calloc(1, sizeof *r);
    r->columns = columns;
    r->zstd = ZSTD_createDCtx();
    VG_ASSERT(r->zstd);
    return r;
}

static void close_file(struct parquet_reader *r)
{
    if (r->bytes) munmap((void *)(uintptr_t)r->bytes, r->size);
    free(r->groups);
    free(r->path);
    r->bytes = NULL;
    r->groups = NULL;
    r->path = NULL;
    r->size = r->group_count = r->next = 0;
}

vg_code parquet_reader_open(struct parquet_reader *r, const char *path, vg_err *err)
{
    uint32_t footer = 0;
    close_file(r);
    r->path = vg_strdup(path);
    VG_TRY(map_file(r, err));
    if (r->size >= 12) memcpy(&footer, r->bytes + r->size - 8, sizeof footer);
    if (r->size < 12 || memcmp(r->bytes, "PAR1", 4) != 0 || memcmp(r->bytes + r->size - 4, "PAR1", 4) != 0 ||
        footer > r->size - 12 || !read_footer(r, r->bytes + r->size - 8 - footer, footer)) {
        r->group_count = 0;
        return fail_damaged(r, "not a part that vigil wrote", err);
    }
    return VG_OK;
}

void parquet_reader_free(struct parquet_reader *r)
{
    if (!r) return;
    close_file(r);
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        free(r->values[i].page);
        free(r->values[i].dictionary_page);
        free(r->values[i].items);
        free(r->values[i].valid);
        free(r->values[i].dictionary);
    }
    free(r->ids);
    free(r->numbers);
    ZSTD_freeDCtx(r->zstd);
    free(r);
}

/* Pages. */

struct page {
    int64_t kind, raw_size, size, values, encoding;
    const uint8_t *bytes;
};

static void read_data_head(struct thrift_in *in, struct page *page)
{
    struct thrift_field field = {0};
    while (thrift_next(in, &field)) {
        if (field.number == 1 && field.type == THRIFT_I32)
            page->values = thrift_take_int(in);
        else if (field.number == 2 && field.type == THRIFT_I32)
            page->encoding = thrift_take_int(in);
        else
            thrift_skip(in, field.type);
    }
}

static bool read_page_head(const struct parquet_reader *r, int64_t at, struct page *page)
{
    if (at < 4 || (uint64_t)at >= r->size) return false;
    struct thrift_in in = thrift_in(r->bytes + at, r->size - (size_t)at);
    struct thrift_field field = {0};
    *page = (struct page){.kind = -1, .values = -1, .encoding = -1};
    while (thrift_next(&in, &field)) {
        if (field.type == THRIFT_STRUCT && (field.number == 5 || field.number == 7))
            read_data_head(&in, page);
        else if (field.type == THRIFT_I32 && field.number <= 3)
            *(field.number == 1   ? &page->kind
              : field.number == 2 ? &page->raw_size
                                  : &page->size) = thrift_take_int(&in);
        else
            thrift_skip(&in, field.type);
    }
    page->bytes = in.p;
    return !in.bad && page->size >= 0 && page->size <= in.end - in.p && page->raw_size >= 0 &&
           page->raw_size <= PAGE_BYTES_MAX && page->values >= 0 && page->values <= GROUP_ROWS_MAX;
}

static bool decompress(struct parquet_reader *r, const struct page *page, uint8_t **out, size_t *room)
{
    *out = room_for(*out, room, (size_t)page->raw_size + UNPACK_PADDING, 1);
    size_t n = ZSTD_decompressDCtx(r->zstd, *out, (size_t)page->raw_size, page->bytes, (size_t)page->size);
    if (ZSTD_isError(n) || n != (size_t)page->raw_size) return false;
    memset(*out + n, 0, UNPACK_PADDING);
    return true;
}

static bool read_dictionary(struct parquet_reader *r, const struct chunk *chunk, struct values *v)
{
    struct page page;
    if (!read_page_head(r, chunk->dictionary_at, &page) || page.kind != PAGE_DICTIONARY) return false;
    if (!decompress(r, &page, &v->dictionary_page, &v->dictionary_room)) return false;
    const uint8_t *p = v->dictionary_page, *end = p + page.raw_size;
    v->dictionary_count = (size_t)page.values;
    v->dictionary = room_for(v->dictionary, &v->slice_room, v->dictionary_count + 1, sizeof *v->dictionary);
    for (size_t i = 0; i < v->dictionary_count; i++) {
        uint32_t n;
        if (end - p < 4) return false;
        memcpy(&n, p, sizeof n);
        p += 4;
        if (n > (size_t)(end - p)) return false;
        v->dictionary[i] = (vg_slice){(const char *)p, n};
        p += n;
    }
    return true;
}

/* Which rows have a value, from the front of the page; *present: how many. */
static bool read_presence(struct parquet_reader *r, const uint8_t **p, const uint8_t *end, size_t rows,
                          struct values *v, size_t *present)
{
    uint32_t n;
    if (end - *p < 4) return false;
    memcpy(&n, *p, sizeof n);
    *p += 4;
    if (n > (size_t)(end - *p) || !unpack_hybrid(*p, n, 1, r->ids, rows)) return false;
    *p += n;
    size_t words = (rows + 63) / 64;
    v->valid = room_for(v->valid, &v->valid_room, words, sizeof *v->valid);
    memset(v->valid, 0, words * sizeof *v->valid);
    *present = 0;
    for (size_t i = 0; i < rows; i++) {
        v->valid[i / 64] |= (uint64_t)(r->ids[i] & 1) << (i % 64);
        *present += r->ids[i] & 1;
    }
    return true;
}

/* Values stand side by side; this moves each to its row, from the last on. */
static void spread(void *items, size_t size, const uint64_t *valid, size_t rows, size_t present)
{
    char *bytes = items;
    for (size_t row = rows; row-- > 0 && present < row + 1;) {
        if (valid[row / 64] >> (row % 64) & 1) {
            present--;
            memcpy(bytes + row * size, bytes + present * size, size);
        } else {
            memset(bytes + row * size, 0, size);
        }
    }
}

static bool read_texts_by_id(struct parquet_reader *r, const uint8_t *p, const uint8_t *end, size_t n, struct values *v)
{
    vg_slice *out = v->items;
    if (n == 0) return true;
    if (p == end || !unpack_hybrid(p + 1, (size_t)(end - p - 1), *p, r->ids, n)) return false;
    for (size_t i = 0; i < n; i++)
        if (r->ids[i] >= v->dictionary_count) return false;
    for (size_t i = 0; i < n; i++)
        out[i] = v->dictionary[r->ids[i]];
    return true;
}

static bool read_texts(struct parquet_reader *r, const uint8_t *p, const uint8_t *end, size_t n, struct values *v)
{
    size_t used;
    vg_slice *out = v->items;
    if (!unpack_delta(p, (size_t)(end - p), r->numbers, n, &used)) return false;
    p += used;
    for (size_t i = 0; i < n; i++) {
        if (r->numbers[i] < 0 || r->numbers[i] > end - p) return false;
        out[i] = (vg_slice){(const char *)p, (size_t)r->numbers[i]};
        p += r->numbers[i];
    }
    return true;
}

/* 13 bytes, high byte first: eight and eight that overlap by three. */
static bool read_decimals(const uint8_t *p, const uint8_t *end, size_t n, struct values *v)
{
    vg_dec *out = v->items;
    if ((size_t)(end - p) < n * DECIMAL_BYTES) return false;
    for (size_t i = 0; i < n; i++, p += DECIMAL_BYTES) {
        uint64_t high, low;
        memcpy(&high, p, sizeof high);
        memcpy(&low, p + DECIMAL_BYTES - sizeof low, sizeof low);
        int64_t top = (int64_t)__builtin_bswap64(high) >> 24; /* the first five bytes, with the sign */
        out[i] = (vg_dec)((unsigned __int128)(__int128)top << 64 | __builtin_bswap64(low));
    }
    return true;
}

static bool read_flags(const uint8_t *p, const uint8_t *end, size_t n, struct values *v)
{
    bool *out = v->items;
    if ((size_t)(end - p) < (n + 7) / 8) return false;
    for (size_t i = 0; i < n; i++)
        out[i] = p[i / 8] >> (i % 8) & 1;
    return true;
}

static bool read_int32s(struct parquet_reader *r, const uint8_t *p, const uint8_t *end, size_t n, struct values *v)
{
    size_t used;
    int32_t *out = v->items;
    if (!unpack_delta(p, (size_t)(end - p), r->numbers, n, &used)) return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (int32_t)r->numbers[i];
    return true;
}

static size_t item_size(enum column_type type)
{
    switch (type) {
    case COLUMN_TEXT: return sizeof(vg_slice);
    case COLUMN_DECIMAL: return sizeof(vg_dec);
    case COLUMN_BOOL: return sizeof(bool);
    case COLUMN_INT32: return sizeof(int32_t);
    default: return sizeof(int64_t);
    }
}

static int64_t wanted_encoding(const struct column *column)
{
    switch (column->type) {
    case COLUMN_TEXT: return column->repeats ? ENCODING_DICTIONARY : ENCODING_DELTA_LENGTH;
    case COLUMN_DECIMAL:
    case COLUMN_BOOL: return ENCODING_PLAIN;
    default: return ENCODING_DELTA;
    }
}

static bool read_values(struct parquet_reader *r, const struct column *column, const uint8_t *p, const uint8_t *end,
                        size_t n, struct values *v)
{
    size_t used;
    switch (column->type) {
    case COLUMN_TEXT: return column->repeats ? read_texts_by_id(r, p, end, n, v) : read_texts(r, p, end, n, v);
    case COLUMN_DECIMAL: return read_decimals(p, end, n, v);
    case COLUMN_BOOL: return read_flags(p, end, n, v);
    case COLUMN_INT32: return read_int32s(r, p, end, n, v);
    default: return unpack_delta(p, (size_t)(end - p), v->items, n, &used);
    }
}

static bool read_column(struct parquet_reader *r, const struct group *group, size_t i, struct fill_batch *batch)
{
    const struct column *column = &fill_columns[i];
    const struct chunk *chunk = &group->chunks[i];
    struct values *v = &r->values[i];
    struct page page;
    size_t rows = (size_t)group->rows, present = rows, size = item_size(column->type);
    if (column->repeats && !read_dictionary(r, chunk, v)) return false;
    if (!read_page_head(r, chunk->data_at, &page) || page.kind != PAGE_DATA || page.values != group->rows ||
        page.encoding != wanted_encoding(column) || !decompress(r, &page, &v->page, &v->page_room))
        return false;
    const uint8_t *p = v->page, *end = p + page.raw_size;
    if (column->nullable && !read_presence(r, &p, end, rows, v, &present)) return false;
    v->items = room_for(v->items, &v->item_room, rows * size, 1);
    if (!read_values(r, column, p, end, present, v)) return false;
    if (present < rows) spread(v->items, size, v->valid, rows, present);
    batch->column[i] = v->items;
    batch->valid[i] = present < rows ? v->valid : NULL;
    return true;
}

vg_code parquet_reader_next(struct parquet_reader *r, struct fill_batch *batch, vg_err *err)
{
    *batch = (struct fill_batch){0};
    if (r->next == r->group_count) return VG_OK;
    const struct group *group = &r->groups[r->next++];
    r->ids = room_for(r->ids, &r->id_room, (size_t)group->rows, sizeof *r->ids);
    r->numbers = room_for(r->numbers, &r->number_room, (size_t)group->rows, sizeof *r->numbers);
    for (size_t i = 0; i < FILL_COLUMNS; i++)
        if (r->columns >> i & 1 && !read_column(r, group, i, batch)) {
            vg_buf what = {0};
            vg_buf_addf(&what, "row group %zu, column %s is damaged", r->next - 1, fill_columns[i].name);
            vg_code rc = fail_damaged(r, what.data, err);
            vg_buf_release(&what);
            return rc;
        }
    batch->n = (size_t)group->rows;
    return VG_OK;
}
