/* Lines over arbitrary bytes, against liblz4 used plainly. The first byte chooses name and step. */
#include <lz4frame.h>

#include "ingest/fill_scan.h"
#include "ingest/lines.h"
#include "oracle.h"

struct memory {
    const char *p;
    size_t n, at, chunk;
};

static vg_code memory_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct memory *m = state;
    (void)err;
    *n = m->n - m->at;
    if (*n > room) *n = room;
    if (m->chunk && *n > m->chunk) *n = m->chunk;
    if (*n) memcpy(bytes, m->p + m->at, *n);
    m->at += *n;
    return VG_OK;
}

/* All frames of the input as one text; false when it is not whole frames from end to end. */
static bool decode_plainly(const char *p, size_t n, vg_buf *text)
{
    LZ4F_dctx *lz4;
    CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)));
    size_t at = 0, hint = 1, out = 1;
    while (at < n || (hint && out)) {
        size_t in = n - at;
        vg_buf_reserve(text, 1 << 16);
        out = 1 << 16;
        hint = LZ4F_decompress(lz4, text->data + text->len, &out, p + at, &in, NULL);
        if (LZ4F_isError(hint)) break;
        at += in;
        text->len += out;
    }
    LZ4F_freeDecompressionContext(lz4);
    return hint == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t chunks[] = {0, 1, 3, 64};
    if (size == 0) return 0;
    const char *bytes = (const char *)data + 1;
    size_t n = size - 1;
    bool called_lz4 = data[0] & 1;
    struct memory memory = {bytes, n, 0, chunks[data[0] >> 1 & 3]};
    struct stream stream = {&memory, memory_read, NULL};
    struct lines *lines = lines_new(&stream, called_lz4 ? "x.lz4" : "x");
    struct line line;
    vg_buf got = {0}, wanted = {0};
    vg_err err = {0};
    vg_code rc;
    bool more = true, ended = false;
    uint64_t number = 0;
    while (!(rc = lines_next(lines, &line, &more, &err)) && more) {
        CHECK(!ended && line.number == ++number && line.offset == got.len);
        CHECK(!line.too_long && line.length == line.text.n);
        CHECK(!memchr(line.text.p, '\n', line.text.n) && line.text.p[line.text.n] == '\n');
        vg_buf_add(&got, line.text.p, line.text.n);
        if (line.terminated) vg_buf_addc(&got, '\n');
        ended = !line.terminated;
    }
    CHECK(!rc || err.msg[0]);

    uint32_t magic = 0;
    if (n >= 4) memcpy(&magic, bytes, 4);
    if (magic == 0x184d2204u || (magic & 0xfffffff0u) == 0x184d2a50u) {
        CHECK((rc == VG_OK) == decode_plainly(bytes, n, &wanted));
    } else {
        CHECK((rc == VG_OK) == !called_lz4);
        vg_buf_add(&wanted, bytes, n);
    }
    if (!rc) {
        CHECK(vg_slice_eq(vg_buf_view(&got), vg_buf_view(&wanted)));
        CHECK(lines_bytes_in(lines) == n && lines_bytes_out(lines) == wanted.len);
    }
    lines_free(lines);
    vg_buf_release(&got);
    vg_buf_release(&wanted);
    return 0;
}
