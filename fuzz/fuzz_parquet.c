/* The own reader of parts: whole files (first byte 0), and the encodings inside pages, which compression
 * would hide from the fuzzer. What is read must lie inside what was given. */
#include <sys/mman.h>
#include <unistd.h>

#include "lake/encode.h"
#include "lake/parquet_read.h"
#include "lake/unpack.h"
#include "oracle.h"

#define MOST 4096

static uint64_t touch_texts(const struct fill_batch *batch, enum fill_column column)
{
    uint64_t sum = 0;
    for (size_t row = 0; row < batch->n; row++) {
        vg_slice text = batch_text(batch, column, row);
        for (size_t i = 0; i < text.n; i++)
            sum += (unsigned char)text.p[i];
    }
    return sum;
}

static volatile uint64_t touched;

static void read_file(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("part", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct parquet_reader *reader = parquet_reader_new((UINT64_C(1) << FILL_COLUMNS) - 1);
    struct fill_batch batch = {.n = 1};
    vg_err err = {0};
    vg_code rc = parquet_reader_open(reader, path, &err);
    while (!rc && batch.n) {
        rc = parquet_reader_next(reader, &batch, &err);
        for (enum fill_column column = 0; !rc && batch.n && column < FILL_COLUMNS; column++)
            if (fill_columns[column].type == COLUMN_TEXT) touched += touch_texts(&batch, column);
    }
    CHECK(!rc || err.msg[0]);
    parquet_reader_free(reader);
    close(fd);
}

/* Bytes with the padding that the unpackers may read. */
static uint8_t *padded(const uint8_t *data, size_t size)
{
    uint8_t *bytes = vg_calloc(1, size + UNPACK_PADDING);
    memcpy(bytes, data, size);
    return bytes;
}

static void unpack_hybrid_and_back(const uint8_t *data, size_t size, unsigned width, size_t n)
{
    uint32_t values[MOST], again[MOST];
    uint8_t *bytes = padded(data, size);
    if (unpack_hybrid(bytes, size, width, values, n)) {
        vg_buf packed = {0};
        if (width < 32)
            for (size_t i = 0; i < n; i++)
                values[i] &= (1u << width) - 1;
        encode_hybrid(values, n, width, &packed);
        uint8_t *back = padded((const uint8_t *)vg_buf_str(&packed), packed.len);
        CHECK(unpack_hybrid(back, packed.len, width, again, n) && memcmp(values, again, n * sizeof *values) == 0);
        free(back);
        vg_buf_release(&packed);
    }
    free(bytes);
}

static void unpack_delta_and_back(const uint8_t *data, size_t size, size_t n)
{
    int64_t values[MOST], again[MOST];
    size_t used;
    uint8_t *bytes = padded(data, size);
    if (unpack_delta(bytes, size, values, n, &used)) {
        vg_buf packed = {0};
        CHECK(used <= size);
        encode_delta(values, n, &packed);
        uint8_t *back = padded((const uint8_t *)vg_buf_str(&packed), packed.len);
        CHECK(unpack_delta(back, packed.len, again, n, &used) && memcmp(values, again, n * sizeof *values) == 0);
        CHECK(used == packed.len);
        free(back);
        vg_buf_release(&packed);
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4) return 0;
    size_t n = (size_t)(data[1] | data[2] << 8) % MOST;
    if (data[0] == 0)
        read_file(data + 1, size - 1);
    else if (data[0] & 1)
        unpack_hybrid_and_back(data + 4, size - 4, data[3] % 33, n);
    else
        unpack_delta_and_back(data + 4, size - 4, n);
    return 0;
}
