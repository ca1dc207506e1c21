/* Parquet files, and the bytes of single pages. A file ("PAR1…") is read whole: it is refused or gives texts that can
 * be looked at and numbers of texts that exist. Other input goes to the decoders: the first byte tells to which, the
 * second how many values are wanted. */
#include <sys/mman.h>
#include <unistd.h>

#include "lake/decode_pages.h"
#include "lake/parquet_read.h"
#include "oracle.h"

#define MOST 1024 /* values of a page */

/* Looks at every byte. */
static void look(vg_slice text)
{
    volatile unsigned char sum = 0;
    for (size_t i = 0; i < text.n; i++)
        sum = (unsigned char)(sum + (unsigned char)text.p[i]);
}

static void check_batch(const struct fill_batch *b)
{
    for (enum fill_column column = 0; column < FILL_COLUMNS; column++) {
        CHECK(b->n == 0 || b->column[column]);
        CHECK(!b->valid[column] || fill_columns[column].nullable);
        for (size_t row = 0; row < b->n; row++) {
            bool has = batch_has(b, column, row);
            if (has && fill_columns[column].type == COLUMN_TEXT) look(batch_text(b, column, row));
            if (b->ids[column])
                CHECK(b->ids[column][row] < b->dictionary_count[column] || (!has && !b->ids[column][row]));
        }
    }
}

static void check_file(const uint8_t *data, size_t size)
{
    static struct parquet_reader *reader; /* kept: pages of other files must not show through */
    struct fill_batch batch = {.n = 1};
    vg_err err = {0};
    char path[64];
    int file = memfd_create("fuzz", 0);
    CHECK(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (!reader) reader = parquet_reader_new(UINT64_MAX);
    vg_code rc = parquet_reader_open(reader, path, &err);
    while (!rc && batch.n) {
        rc = parquet_reader_next(reader, &batch, &err);
        if (!rc) check_batch(&batch);
    }
    CHECK(rc == VG_OK || (rc == VG_ESTATE && err.msg[0]));
    close(file);
}

static void check_runs(struct page_bytes in, size_t n, unsigned width)
{
    uint32_t ids[MOST + 8];
    uint32_t limit = width % 2 ? 7 : UINT32_MAX;
    if (!decode_hybrid(&in, n, width, limit, ids)) return;
    for (size_t i = 0; i < n; i++)
        CHECK(ids[i] < limit && (width > 31 || ids[i] >> width == 0));
}

static void check_levels(struct page_bytes in, size_t n)
{
    uint64_t mask[MOST / 64 + 2], values[MOST];
    size_t present, k = 0;
    if (!decode_levels(&in, n, mask, &present)) return;
    CHECK(present <= n);
    for (size_t i = 0; i < present; i++)
        values[n - present + i] = i + 1;
    spread_values(values, sizeof *values, n, present, mask);
    for (size_t i = 0; i < n; i++)
        CHECK(values[i] == (mask[i / 64] >> (i % 64) & 1 ? ++k : 0));
    CHECK(k == present);
}

static void check_texts(struct page_bytes in, size_t n, bool plain)
{
    int64_t lengths[MOST + 32];
    vg_slice texts[MOST];
    bool ok = plain ? decode_plain_texts(&in, n, texts)
                    : decode_delta(&in, n, lengths) && decode_texts(&in, n, lengths, texts);
    for (size_t i = 0; i < n && ok; i++)
        look(texts[i]);
}

static void check_page(const uint8_t *data, size_t size)
{
    size_t n = data[1] * (MOST / 256u);
    uint8_t *copy = malloc(size - 2 + DECODE_SLACK); /* the sanitizer sees a byte too many */
    CHECK(copy);
    memcpy(copy, data + 2, size - 2);
    memset(copy + size - 2, 0xff, DECODE_SLACK);
    struct page_bytes in = {copy, copy + size - 2};
    static vg_dec decimals[MOST];
    uint8_t flags[MOST + 8];
    if (data[0] < 64) check_runs(in, n, data[0]);
    if (data[0] == 64) check_levels(in, n);
    if (data[0] == 65 || data[0] == 66) check_texts(in, n, data[0] == 65);
    if (data[0] == 67 && decode_decimals(&in, n, decimals)) CHECK(in.p <= in.end);
    if (data[0] == 68 && decode_bits(&in, n, flags)) CHECK(in.p <= in.end);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "PAR1", 4) == 0)
        check_file(data, size);
    else if (size >= 2)
        check_page(data, size);
    return 0;
}
