#include "support.h"

#include <ftw.h>
#include <lz4frame.h>
#include <math.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/json.h"
#include "ingest/fill_scan.h"
#include "lake/part_write.h"

const char *const block_samples[3] = {
    "node_fills_by_block/hourly/20260315/0.lz4",
    "node_fills_by_block/hourly/20260430/20.lz4",
    "node_fills_streaming/hourly/20260430/20",
};
const char *const legacy_samples[4] = {
    "wallets/2023-05-05-0xb7b6f3ce.lz4",
    "wallets/2025-10-0x109a42c3.lz4",
    "wallets/2026-10-05.lz4",
    "wallets/primetrade-2-wallets.lz4",
};

void assert_slice(vg_slice got, vg_slice wanted)
{
    if (vg_slice_eq(got, wanted)) return;
    fail_msg("got    '%.*s'\nwanted '%.*s'", (int)got.n, got.p, (int)wanted.n, wanted.p);
}

void assert_fills_equal(const struct fill *a, const struct fill *b, bool place)
{
    assert_int_equal(a->has, b->has);
    uint32_t has = a->has;
    assert_memory_equal(a->user, b->user, ADDRESS_BYTES);
    assert_memory_equal(a->hash, b->hash, HASH_BYTES);
    assert_slice(a->coin, b->coin);
    assert_true(a->price == b->price && a->size == b->size && a->start_position == b->start_position);
    assert_true(a->time_ms == b->time_ms && a->order_id == b->order_id);
    if (place) {
        assert_true(a->block_number == b->block_number && a->block_time_ns == b->block_time_ns);
        assert_int_equal(a->event_index, b->event_index);
    }
    if (has & FILL_HAS_DIRECTION) assert_slice(a->direction, b->direction);
    if (has & FILL_HAS_CLOSED_PNL) assert_true(a->closed_pnl == b->closed_pnl);
    if (has & FILL_HAS_FEE) assert_true(a->fee == b->fee);
    if (has & FILL_HAS_FEE_TOKEN) assert_slice(a->fee_token, b->fee_token);
    if (has & FILL_HAS_TRADE_ID) assert_true(a->trade_id == b->trade_id);
    if (has & FILL_HAS_BUILDER) assert_memory_equal(a->builder, b->builder, ADDRESS_BYTES);
    if (has & FILL_HAS_BUILDER_FEE) assert_true(a->builder_fee == b->builder_fee);
    if (has & FILL_HAS_DEPLOYER_FEE) assert_true(a->deployer_fee == b->deployer_fee);
    if (has & FILL_HAS_CLOID) assert_memory_equal(a->cloid, b->cloid, CLOID_BYTES);
    if (has & FILL_HAS_TWAP_ID) assert_true(a->twap_id == b->twap_id);
    if (has & FILL_HAS_LIQUIDATED_USER) assert_memory_equal(a->liquidated_user, b->liquidated_user, ADDRESS_BYTES);
    if (has & FILL_HAS_LIQUIDATION_MARK) assert_true(a->liquidation_mark == b->liquidation_mark);
    if (has & FILL_HAS_LIQUIDATION_METHOD) assert_slice(a->liquidation_method, b->liquidation_method);
    if (has & FILL_HAS_EXTRA) assert_slice(a->extra, b->extra);
}

vg_dec dec(const char *text)
{
    vg_dec value;
    vg_dec_status status = vg_dec_parse(text, strlen(text), &value);
    assert_true(status == VG_DEC_OK || status == VG_DEC_OTHER);
    return value;
}

void assert_near(double got, double wanted)
{
    if (isnan(got) && isnan(wanted)) return;
    if (!(fabs(got - wanted) <= 1e-12 * fabs(wanted))) fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static vg_code keep_state(void *ctx, const void *bytes, size_t n, vg_err *err)
{
    struct state_memory *memory = ctx;
    (void)err;
    vg_buf_add(&memory->bytes, bytes, n);
    return VG_OK;
}

static vg_code give_state(void *ctx, void *bytes, size_t n, vg_err *err)
{
    struct state_memory *memory = ctx;
    size_t there = memory->bytes.len - memory->at;
    if (memory->fails_after) there = memory->fails_after > memory->at ? memory->fails_after - memory->at : 0;
    if (there > n) there = n;
    if (there) memcpy(bytes, memory->bytes.data + memory->at, there); /* as far as it goes, like a file */
    memory->at += there;
    return there == n ? VG_OK : vg_fail(err, VG_EPARSE, "the bytes end");
}

struct state_writer state_memory_writer(struct state_memory *memory)
{
    return (struct state_writer){memory, keep_state};
}

struct state_reader state_memory_reader(struct state_memory *memory)
{
    memory->at = 0;
    return (struct state_reader){memory, give_state, memory->bytes.len};
}

static vg_code memory_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct memory *memory = state;
    (void)err;
    *n = memory->bytes.n - memory->at;
    if (*n > room) *n = room;
    if (memory->chunk && *n > memory->chunk) *n = memory->chunk;
    if (*n) memcpy(bytes, memory->bytes.p + memory->at, *n);
    memory->at += *n;
    return VG_OK;
}

struct stream memory_stream(struct memory *memory) { return (struct stream){memory, memory_read, NULL}; }

void add_lz4_frame(vg_buf *out, vg_slice text)
{
    LZ4F_preferences_t preferences = {
        .frameInfo = {.blockSizeID = LZ4F_max4MB, .contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    vg_buf_reserve(out, LZ4F_compressFrameBound(text.n, &preferences));
    size_t n = LZ4F_compressFrame(out->data + out->len, out->cap - out->len, text.p, text.n, &preferences);
    assert_false(LZ4F_isError(n));
    out->len += n;
}

vg_buf read_sample(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    vg_buf raw = {0};
    for (size_t n = 1; n > 0;) {
        vg_buf_reserve(&raw, 1 << 16);
        n = fread(raw.data + raw.len, 1, 1 << 16, file);
        raw.len += n;
    }
    fclose(file);
    size_t length = strlen(name);
    if (strcmp(name + length - 4, ".lz4") != 0) return raw;
    LZ4F_dctx *lz4;
    assert_false(LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)));
    vg_buf text = {0};
    size_t at = 0, hint = 1;
    while (at < raw.len || hint) {
        vg_buf_reserve(&text, 1 << 20);
        size_t in = raw.len - at, out = 1 << 20;
        hint = LZ4F_decompress(lz4, text.data + text.len, &out, raw.data + at, &in, NULL);
        assert_false(LZ4F_isError(hint));
        at += in;
        text.len += out;
    }
    LZ4F_freeDecompressionContext(lz4);
    vg_buf_release(&raw);
    return text;
}

bool next_line(vg_slice *rest, vg_slice *line)
{
    if (rest->n == 0) return false;
    const char *newline = memchr(rest->p, '\n', rest->n);
    line->p = rest->p;
    line->n = newline ? (size_t)(newline - rest->p) : rest->n;
    size_t step = line->n + (newline != NULL);
    rest->p += step;
    rest->n -= step;
    return true;
}

vg_slice *line_events(vg_slice line, size_t *n)
{
    struct json_reader r = json_reader(line.p, line.n);
    vg_slice key, event, *events = NULL;
    *n = 0;
    assert_true(json_enter(&r, '{'));
    while (json_next_key(&r, &key)) {
        if (!vg_slice_is(key, "events")) {
            assert_true(json_skip(&r, &event));
            continue;
        }
        assert_true(json_enter(&r, '['));
        while (json_next_element(&r)) {
            assert_true(json_skip(&r, &event));
            events = vg_realloc(events, (*n + 1) * sizeof *events);
            events[(*n)++] = event;
        }
    }
    assert_true(json_finish(&r));
    return events;
}

vg_slice with_slack(vg_slice text)
{
    static char *copy;
    copy = realloc(copy, text.n + 1 + FILL_SCAN_SLACK);
    assert_non_null(copy);
    if (text.n) memcpy(copy, text.p, text.n);
    memset(copy + text.n, '\n', 1 + FILL_SCAN_SLACK);
    return (vg_slice){copy, text.n};
}

static vg_slice keep(struct arena *arena, vg_slice text)
{
    return (vg_slice){arena_copy(arena, text.p, text.n), text.n};
}

struct fill keep_fill(struct arena *arena, const struct fill *fill)
{
    struct fill kept = *fill;
    kept.coin = keep(arena, fill->coin);
    if (fill->has & FILL_HAS_DIRECTION) kept.direction = keep(arena, fill->direction);
    if (fill->has & FILL_HAS_FEE_TOKEN) kept.fee_token = keep(arena, fill->fee_token);
    if (fill->has & FILL_HAS_LIQUIDATION_METHOD) kept.liquidation_method = keep(arena, fill->liquidation_method);
    if (fill->has & FILL_HAS_EXTRA) kept.extra = keep(arena, fill->extra);
    return kept;
}

static void random_bytes(struct vg_rng *rng, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)vg_rng_below(rng, 256);
}

/* Up to 30 digits, short ones more often, both signs; now and then the limits. */
static vg_dec random_decimal(struct vg_rng *rng)
{
    __int128 limit = 1, value = 0;
    for (uint64_t digits = vg_rng_below(rng, 31); digits > 0; digits--) {
        limit *= 10;
        value = value * 10 + (__int128)vg_rng_below(rng, 10);
    }
    if (vg_rng_below(rng, 20) == 0) value = limit - 1;
    return vg_rng_below(rng, 3) == 0 ? -value : value;
}

static vg_slice random_label(struct vg_rng *rng, struct arena *arena)
{
    static const char *const pieces[] = {
        "a", "Z", "0", ":", "/", "@", " ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    size_t length = 1 + vg_rng_below(rng, vg_rng_below(rng, 8) == 0 ? 250 : 20), n = 0;
    char *text = arena_alloc(arena, 256);
    while (n < length) {
        const char *piece = pieces[vg_rng_below(rng, COUNT(pieces))];
        size_t m = strlen(piece);
        memcpy(text + n, piece, m);
        n += m;
    }
    return (vg_slice){text, n};
}

struct fill random_fill(struct vg_rng *rng, struct arena *arena)
{
    struct fill f = {.has = (uint32_t)vg_rng_below(rng, 1 << 16)};
    f.block_number = (int64_t)vg_rng_below(rng, 1 << 30) - (vg_rng_below(rng, 8) == 0 ? SURROGATE_BLOCK_OFFSET : 0);
    f.event_index = (uint32_t)vg_rng_below(rng, 1u << 31);
    f.time_ms = (int64_t)vg_rng_below(rng, UINT64_C(2000000000000));
    f.block_time_ns = f.time_ms * VG_NS_PER_MS + (int64_t)vg_rng_below(rng, 1000000);
    if (vg_rng_below(rng, 8) == 0) f.time_ms++; /* not always block time cut to the millisecond */
    f.order_id = (int64_t)(vg_rng_next(rng) >> (1 + vg_rng_below(rng, 62)));
    f.trade_id = (int64_t)(vg_rng_next(rng) >> (1 + vg_rng_below(rng, 62)));
    f.twap_id = (int64_t)(vg_rng_next(rng) >> (1 + vg_rng_below(rng, 62)));
    random_bytes(rng, f.user, sizeof f.user);
    random_bytes(rng, f.builder, sizeof f.builder);
    random_bytes(rng, f.liquidated_user, sizeof f.liquidated_user);
    random_bytes(rng, f.cloid, sizeof f.cloid);
    random_bytes(rng, f.hash, sizeof f.hash);
    vg_dec *const decimals[] = {&f.price, &f.size,        &f.start_position, &f.closed_pnl,
                                &f.fee,   &f.builder_fee, &f.deployer_fee,   &f.liquidation_mark};
    for (size_t i = 0; i < COUNT(decimals); i++)
        *decimals[i] = random_decimal(rng);
    f.price = vg_dec_abs(f.price);
    f.size = vg_dec_abs(f.size);
    while (!vg_dec_product_fits(f.price, f.size))
        f.size /= 1000;
    f.coin = random_label(rng, arena);
    f.direction = random_label(rng, arena);
    f.fee_token = random_label(rng, arena);
    f.liquidation_method = random_label(rng, arena);
    vg_buf extra = {0};
    vg_slice value = random_label(rng, arena);
    vg_buf_addf(&extra, "{\"some\":\"%.*s\"}", (int)value.n, value.p);
    f.extra = keep(arena, vg_buf_view(&extra));
    vg_buf_release(&extra);
    return f;
}

void add_event(vg_buf *out, uint64_t order_id)
{
    vg_buf_addf(out,
                "[\"0xc5ed45f2d5bd1b1a4ec9d3a9a4a8fb5a0a4c4e01\",{\"coin\":\"BTC\",\"px\":\"66432.5\",\"sz\":\"0.1\","
                "\"side\":\"B\",\"time\":1773532799991,\"startPosition\":\"-27.574\",\"dir\":\"Close Short\","
                "\"closedPnl\":\"0.03614\",\"hash\":"
                "\"0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636\",\"oid\":%llu,\"crossed\":true,"
                "\"fee\":\"0.002096\",\"tid\":1095300731576717,\"feeToken\":\"USDC\",\"twapId\":null}]",
                (unsigned long long)order_id);
}

void add_block_head(vg_buf *out, int64_t number)
{
    vg_buf_addf(out,
                "{\"local_time\":\"2026-03-15T00:00:00.196239755\",\"block_time\":\"2026-03-14T23:59:59.991006841\","
                "\"block_number\":%lld,\"events\":[",
                (long long)number);
}

void add_block_line(vg_buf *out, int64_t number, unsigned events, uint64_t first_id)
{
    add_block_head(out, number);
    for (unsigned i = 0; i < events; i++) {
        if (i) vg_buf_addc(out, ',');
        add_event(out, first_id + i);
    }
    vg_buf_adds(out, "]}\n");
}

static void *grown(void *items, size_t count, size_t size)
{
    return count & (count - 1) ? items : vg_realloc(items, (count ? 2 * count : 1) * size);
}

static vg_code record_fill(void *ctx, const struct fill *fill, vg_err *err)
{
    struct recorder *r = ctx;
    (void)err;
    r->fills = grown(r->fills, r->fill_count, sizeof *r->fills);
    r->fills[r->fill_count++] = keep_fill(&r->arena, fill);
    return VG_OK;
}

static vg_code record_block(void *ctx, const struct block *block, vg_err *err)
{
    struct recorder *r = ctx;
    (void)err;
    r->blocks = grown(r->blocks, r->block_count, sizeof *r->blocks);
    r->blocks[r->block_count++] = *block;
    return VG_OK;
}

static vg_code record_refusal(void *ctx, const struct refusal *refusal, vg_err *err)
{
    struct recorder *r = ctx;
    (void)err;
    r->refusals = grown(r->refusals, r->refusal_count, sizeof *r->refusals);
    r->refusals[r->refusal_count++] =
        (struct kept_refusal){refusal->line,
                              refusal->offset,
                              refusal->length,
                              refusal->event,
                              arena_copy(&r->arena, refusal->reason, strlen(refusal->reason) + 1),
                              keep(&r->arena, refusal->bytes)};
    return VG_OK;
}

static vg_code answer_known(void *ctx, int64_t number, bool *found, uint64_t *digest, vg_err *err)
{
    struct recorder *r = ctx;
    (void)err;
    *found = number >= r->known_from && number <= r->known_to;
    if (*found) *digest = r->known_digest;
    return VG_OK;
}

static vg_code record_progress(void *ctx, uint64_t bytes, uint64_t fills, vg_err *err)
{
    struct recorder *r = ctx;
    (void)err;
    r->progress_bytes += bytes;
    r->progress_fills += fills;
    return VG_OK;
}

vg_code record(struct recorder *r, const char *name, vg_slice bytes, size_t chunk)
{
    struct memory memory = {.bytes = bytes, .chunk = chunk};
    struct stream stream = memory_stream(&memory);
    struct decode_sink sink = {
        r, record_fill, record_block, record_refusal, r->known_to ? answer_known : NULL, record_progress};
    return decode_object(&stream, name, &sink, &r->stats, &r->err);
}

void recorder_release(struct recorder *r)
{
    arena_release(&r->arena);
    free(r->fills);
    free(r->blocks);
    free(r->refusals);
    *r = (struct recorder){0};
}

char *new_folder(void)
{
    char *path = vg_strdup("/tmp/vigil-unit-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

void remove_tree(char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

static void *made_column(struct made_batch *made, enum fill_column column, size_t n, size_t size)
{
    void *data = arena_alloc(&made->arena, n * size + 1);
    made->batch.column[column] = data;
    return data;
}

static void set_valid(struct made_batch *made, enum fill_column column, const struct fill *fills, size_t n,
                      uint32_t flag)
{
    uint64_t *bits = arena_alloc(&made->arena, (n / 64 + 1) * sizeof *bits);
    memset(bits, 0, (n / 64 + 1) * sizeof *bits);
    for (size_t i = 0; i < n; i++)
        if (fills[i].has & flag) bits[i / 64] |= UINT64_C(1) << (i % 64);
    made->batch.valid[column] = bits;
}

static vg_slice hex_text(struct arena *arena, const uint8_t *bytes, size_t n)
{
    char *text = arena_alloc(arena, 2 * n + 2);
    memcpy(text, "0x", 2);
    vg_hex_encode(bytes, n, text + 2);
    return (vg_slice){text, 2 * n + 2};
}

void make_batch(struct made_batch *made, const struct fill *fills, size_t n)
{
    *made = (struct made_batch){.batch.n = n};
#define COLUMN(column, type, flag, value)                         \
    do {                                                          \
        type *data_ = made_column(made, column, n, sizeof(type)); \
        for (size_t i = 0; i < n; i++) {                          \
            const struct fill *f = &fills[i];                     \
            data_[i] = (type)(value);                             \
        }                                                         \
        if (flag) set_valid(made, column, fills, n, flag);        \
    } while (0)
#define TEXT(column, flag, value)                                         \
    do {                                                                  \
        vg_slice *data_ = made_column(made, column, n, sizeof(vg_slice)); \
        for (size_t i = 0; i < n; i++) {                                  \
            const struct fill *f = &fills[i];                             \
            data_[i] = (value);                                           \
        }                                                                 \
        if (flag) set_valid(made, column, fills, n, flag);                \
    } while (0)
    COLUMN(FILL_TIME, int64_t, 0, f->time_ms * 1000);
    TEXT(FILL_USER_ADDRESS, 0, hex_text(&made->arena, f->user, ADDRESS_BYTES));
    TEXT(FILL_COIN, 0, f->coin);
    COLUMN(FILL_PRICE, vg_dec, 0, f->price);
    COLUMN(FILL_SIZE, vg_dec, 0, f->size);
    TEXT(FILL_SIDE, 0, f->has & FILL_IS_BUY ? VG_SLICE("B") : VG_SLICE("A"));
    TEXT(FILL_DIRECTION, FILL_HAS_DIRECTION, f->direction);
    COLUMN(FILL_START_POSITION, vg_dec, 0, f->start_position);
    COLUMN(FILL_CLOSED_PNL, vg_dec, FILL_HAS_CLOSED_PNL, f->closed_pnl);
    COLUMN(FILL_FEE, vg_dec, FILL_HAS_FEE, f->fee);
    TEXT(FILL_FEE_TOKEN, FILL_HAS_FEE_TOKEN, f->fee_token);
    COLUMN(FILL_CROSSED, bool, 0, (f->has & FILL_IS_TAKER) != 0);
    TEXT(FILL_TX_HASH, 0, hex_text(&made->arena, f->hash, HASH_BYTES));
    COLUMN(FILL_ORDER_ID, int64_t, 0, f->order_id);
    COLUMN(FILL_TRADE_ID, int64_t, FILL_HAS_TRADE_ID, f->trade_id);
    COLUMN(FILL_BLOCK_TIME, int64_t, 0, f->block_time_ns);
    COLUMN(FILL_BLOCK_NUMBER, int64_t, 0, f->block_number);
    COLUMN(FILL_EVENT_INDEX, int32_t, 0, f->event_index);
    TEXT(FILL_BUILDER, FILL_HAS_BUILDER, hex_text(&made->arena, f->builder, ADDRESS_BYTES));
    COLUMN(FILL_BUILDER_FEE, vg_dec, FILL_HAS_BUILDER_FEE, f->builder_fee);
    COLUMN(FILL_DEPLOYER_FEE, vg_dec, FILL_HAS_DEPLOYER_FEE, f->deployer_fee);
    TEXT(FILL_CLOID, FILL_HAS_CLOID, hex_text(&made->arena, f->cloid, CLOID_BYTES));
    COLUMN(FILL_TWAP_ID, int64_t, FILL_HAS_TWAP_ID, f->twap_id);
    TEXT(FILL_LIQUIDATED_USER, FILL_HAS_LIQUIDATED_USER, hex_text(&made->arena, f->liquidated_user, ADDRESS_BYTES));
    COLUMN(FILL_LIQUIDATION_MARK_PRICE, vg_dec, FILL_HAS_LIQUIDATION_MARK, f->liquidation_mark);
    TEXT(FILL_LIQUIDATION_METHOD, FILL_HAS_LIQUIDATION_METHOD, f->liquidation_method);
    TEXT(FILL_EXTRA, FILL_HAS_EXTRA, f->extra);
#undef COLUMN
#undef TEXT
}

int lake_set_up(void **state)
{
    struct lake_world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->root = new_folder();
    assert_int_equal(lake_open(&w->lake, w->root, LAKE_CREATE, &w->err), VG_OK);
    *state = w;
    return 0;
}

int lake_tear_down(void **state)
{
    struct lake_world *w = *state;
    lake_close(&w->lake);
    arena_release(&w->arena);
    remove_tree(w->root);
    free(w);
    return 0;
}

struct fill plain_fill(int64_t block, uint32_t event, int user, bool is_buy, bool is_taker, int64_t trade_id)
{
    struct fill f = {.block_number = block, .event_index = event, .trade_id = trade_id, .order_id = trade_id};
    f.block_time_ns = 20527 * VG_NS_PER_DAY + block * 70 * VG_NS_PER_MS;
    if (is_surrogate_block(block)) f.block_time_ns = (block + SURROGATE_BLOCK_OFFSET) * VG_NS_PER_MS;
    f.time_ms = f.block_time_ns / VG_NS_PER_MS;
    f.has = FILL_HAS_CLOSED_PNL | FILL_HAS_TRADE_ID | FILL_HAS_DIRECTION | (is_buy ? FILL_IS_BUY : 0) |
            (is_taker ? FILL_IS_TAKER : 0);
    memset(f.user, user, ADDRESS_BYTES);
    f.price = 10 * (vg_dec)VG_DEC_ONE;
    f.size = 2 * (vg_dec)VG_DEC_ONE;
    f.coin = VG_SLICE("BTC");
    f.direction = is_buy ? VG_SLICE("Open Long") : VG_SLICE("Open Short");
    return f;
}

static void publish(struct lake_world *w, enum lake_table table, const char *stem, const char *temporary, uint64_t rows,
                    struct manifest_record *record)
{
    struct part part = {.table = table, .day = 20527, .rows = rows};
    part.path = lake_part_path(table, part.day, stem);
    assert_int_equal(lake_publish_part(&w->lake, temporary, &part, &w->err), VG_OK);
    part_list_add(&record->parts, &part);
    free(part.path);
}

void commit_object(struct lake_world *w, const char *stem, const struct fill *fills, size_t n)
{
    struct manifest_record record = {.part = vg_strdup(stem), .key = vg_strdup(stem), .fills = n};
    record.location = vg_path_join("/source", stem);
    record.first_block = fills[0].block_number;
    record.last_block = fills[n - 1].block_number;
    record.first_time_ns = fills[0].block_time_ns;
    record.last_time_ns = fills[n - 1].block_time_ns;
    record.surrogate = is_surrogate_block(fills[0].block_number);
    struct part_writer *writer = part_writer_new();
    struct fill_sorter *sorter = fill_sorter_new(w->lake.tmp, 1 << 20);
    struct block *blocks = calloc(n, sizeof *blocks);
    char *temporary = vg_path_join(w->lake.tmp, "part");
    uint64_t rows;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(fill_sorter_add(sorter, &fills[i], &w->err), VG_OK);
        struct block *block = record.blocks ? &blocks[record.blocks - 1] : NULL;
        if (!block || block->number != fills[i].block_number) {
            block = &blocks[record.blocks++];
            *block = (struct block){.number = fills[i].block_number, .time_ns = fills[i].block_time_ns, .lines = 1};
        }
        block->events++;
    }
    assert_int_equal(fill_sorter_finish(sorter, &w->err), VG_OK);
    assert_int_equal(part_write_fills(writer, sorter, temporary, &rows, &w->err), VG_OK);
    publish(w, TABLE_FILLS, stem, temporary, rows, &record);
    if (!record.surrogate) {
        assert_int_equal(part_write_blocks(writer, blocks, record.blocks, temporary, &w->err), VG_OK);
        publish(w, TABLE_BLOCKS, stem, temporary, record.blocks, &record);
    }
    assert_int_equal(lake_commit(&w->lake, &record, &w->err), VG_OK);
    manifest_record_release(&record);
    free(temporary);
    free(blocks);
    fill_sorter_free(sorter);
    part_writer_free(writer);
}

void damage(struct lake_world *w, const char *relative)
{
    char *path = lake_path(&w->lake, relative);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
    assert_int_equal(fclose(file), 0);
    free(path);
}
