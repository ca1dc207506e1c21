/* Whole objects of arbitrary text. What the sink is told must fit together, and a line that jansson does
 * not take for JSON must be refused. The first byte: which blocks the lake is said to have. */
#include "base/map.h"
#include "ingest/decode.h"
#include "oracle.h"

struct memory {
    const char *p;
    size_t n;
};

static vg_code memory_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct memory *m = state;
    (void)err;
    *n = m->n < room ? m->n : room;
    if (*n) memcpy(bytes, m->p, *n);
    m->p += *n;
    m->n -= *n;
    return VG_OK;
}

struct told {
    uint64_t fills, block_fills, refused, refused_events, events, bytes, progress_fills, last_line;
    int64_t last_block;
    uint32_t last_index;
    struct map64 refused_lines, blocks;
    int64_t known; /* blocks with this remainder are known, with digest 0: none when negative */
};

static vg_code on_fill(void *ctx, const struct fill *f, vg_err *err)
{
    struct told *t = ctx;
    (void)err;
    bool added;
    CHECK(f->coin.n > 0 && f->price >= 0 && f->size >= 0);
    if (t->fills && f->block_number == t->last_block) CHECK(f->event_index > t->last_index);
    if (!is_surrogate_block(f->block_number)) {
        /* a block's events come in order even when other rows stand between */
        uint64_t *next = map64_insert(&t->blocks, (uint64_t)f->block_number, &added);
        CHECK(f->event_index >= *next);
        *next = f->event_index + UINT64_C(1);
        t->block_fills++;
    }
    t->last_block = f->block_number;
    t->last_index = f->event_index;
    t->fills++;
    return VG_OK;
}

static vg_code on_block(void *ctx, const struct block *b, vg_err *err)
{
    struct told *t = ctx;
    (void)err;
    CHECK(b->number >= 0 && b->lines >= 1);
    uint64_t *next = map64_find(&t->blocks, (uint64_t)b->number);
    CHECK(!next || *next <= (uint64_t)b->first_event + b->events);
    CHECK(t->known < 0 || b->number % 3 != t->known);
    t->events += b->events;
    return VG_OK;
}

static vg_code on_refusal(void *ctx, const struct refusal *r, vg_err *err)
{
    struct told *t = ctx;
    (void)err;
    bool added;
    CHECK(r->reason && r->reason[0] && r->bytes.n <= r->length);
    if (r->event >= 0) t->refused_events++;
    if (r->event < 0) map64_insert(&t->refused_lines, r->line, &added);
    t->refused++;
    return VG_OK;
}

static vg_code on_known(void *ctx, int64_t number, bool *found, uint64_t *digest, vg_err *err)
{
    struct told *t = ctx;
    (void)err;
    CHECK(number >= 0);
    *found = t->known >= 0 && number % 3 == t->known;
    *digest = 0;
    return VG_OK;
}

static vg_code on_progress(void *ctx, uint64_t bytes, uint64_t fills, vg_err *err)
{
    struct told *t = ctx;
    (void)err;
    t->bytes += bytes;
    t->progress_fills += fills;
    return VG_OK;
}

static void check_lines(const struct told *t, const char *p, size_t n)
{
    for (uint64_t number = 1; n > 0; number++) {
        const char *newline = memchr(p, '\n', n);
        size_t length = newline ? (size_t)(newline - p) : n;
        if (length > 0 && jansson_says(p, length) == 0) CHECK(map64_find(&t->refused_lines, number));
        size_t step = length + (newline != NULL);
        p += step;
        n -= step;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    const char *text = (const char *)data + 1;
    struct told t = {.known = (data[0] & 3) == 3 ? 1 : -1};
    struct memory memory = {text, size - 1};
    struct stream stream = {&memory, memory_read, NULL};
    struct decode_sink sink = {&t, on_fill, on_block, on_refusal, on_known, on_progress};
    struct decode_stats stats;
    vg_err err = {0};
    vg_code rc = decode_object(&stream, "x", &sink, &stats, &err);
    if (rc) { /* only what looks like LZ4 can fail */
        uint32_t magic = 0;
        if (size > 4) memcpy(&magic, text, 4);
        CHECK(magic == 0x184d2204u || (magic & 0xfffffff0u) == 0x184d2a50u);
    } else {
        CHECK(stats.fills == t.fills && stats.refused == t.refused && t.progress_fills == t.fills);
        CHECK(t.bytes == size - 1 && stats.bytes_in == size - 1);
        CHECK(t.events == t.block_fills + t.refused_events);
        CHECK(stats.lines == stats.lines_fast + stats.lines_strict + stats.lines_empty);
        CHECK(!t.block_fills || stats.has_blocks);
        if (stats.bytes_out == size - 1) check_lines(&t, text, size - 1);
    }
    map64_release(&t.refused_lines);
    map64_release(&t.blocks);
    return 0;
}
