/* Checkpoints of features: however a sound one is damaged, it is refused, or safe to go on with. The input
 * is a list of changes to one that is made here, so that the corpus holds when the layout changes. */
#include "analyze/features.h"
#include "oracle.h"

#define ROWS 600                                    /* of the state */
#define LATER 12                                    /* that come after it */
#define START_MS (20000 * VG_MS_PER_DAY + 79200000) /* 22:00: the last rows wait for the next day's prices */

/* Rows as a reader hands them out, by trader and time: the first has more orders than are kept exactly. */
static struct rows {
    int64_t time[ROWS], order[ROWS], trade[ROWS], block_time[ROWS], block[ROWS];
    int32_t event[ROWS];
    bool crossed[ROWS];
    vg_dec price[ROWS], size[ROWS], start[ROWS], pnl[ROWS];
    vg_slice user[ROWS], coin[ROWS], side[ROWS], direction[ROWS], text[ROWS];
    uint64_t none[ROWS / 64 + 1];
} rows;

static struct fill_batch fill_rows(size_t n, int64_t start_ms, int64_t step_ms)
{
    static char addresses[3][ADDRESS_TEXT + 1];
    static const char *const coins[] = {"BTC", "x:Y", "@7"};
    vg_dec held[3][3] = {{0}};
    struct fill_batch b = {.n = n};
    for (size_t i = 0; i < n; i++) {
        size_t trader = i * 10 / n < 8 ? 0 : i * 10 / n - 7, coin = i % 7 % 3;
        bool buys = i * 2654435761u >> 7 & 1;
        snprintf(addresses[trader], sizeof addresses[trader], "0x%040zu", trader);
        rows.time[i] = (start_ms + (int64_t)i * step_ms) * 1000;
        rows.block_time[i] = rows.time[i] * 1000;
        rows.block[i] = start_ms % 1000000 + (int64_t)i;
        rows.order[i] = rows.trade[i] = (int64_t)i / (trader ? 3 : 1);
        rows.event[i] = 0;
        rows.crossed[i] = i % 3 != 0;
        rows.price[i] = (vg_dec)(1000 + i % 37) * (VG_DEC_ONE / 10);
        rows.size[i] = (vg_dec)(1 + i % 5) * VG_DEC_ONE;
        rows.start[i] = held[trader][coin] + (i % 50 == 49 ? VG_DEC_ONE : 0); /* now and then a gap */
        held[trader][coin] = rows.start[i] + (buys ? rows.size[i] : -rows.size[i]);
        rows.pnl[i] = ((vg_dec)(i % 9) - 4) * VG_DEC_ONE;
        rows.user[i] = vg_slice_of(addresses[trader]);
        rows.coin[i] = vg_slice_of(coins[coin]);
        rows.side[i] = buys ? VG_SLICE("B") : VG_SLICE("A");
        rows.direction[i] = i % 40 == 39 ? VG_SLICE("Settlement") : VG_SLICE("Open Long");
        rows.text[i] = VG_SLICE("0x");
    }
    for (size_t c = 0; c < FILL_COLUMNS; c++) {
        b.column[c] = rows.text;
        b.valid[c] = rows.none;
    }
    const struct {
        enum fill_column column;
        const void *data;
    } there[] = {
        {FILL_TIME, rows.time},
        {FILL_USER_ADDRESS, rows.user},
        {FILL_COIN, rows.coin},
        {FILL_PRICE, rows.price},
        {FILL_SIZE, rows.size},
        {FILL_SIDE, rows.side},
        {FILL_DIRECTION, rows.direction},
        {FILL_START_POSITION, rows.start},
        {FILL_CLOSED_PNL, rows.pnl},
        {FILL_CROSSED, rows.crossed},
        {FILL_ORDER_ID, rows.order},
        {FILL_TRADE_ID, rows.trade},
        {FILL_BLOCK_TIME, rows.block_time},
        {FILL_BLOCK_NUMBER, rows.block},
        {FILL_EVENT_INDEX, rows.event},
        {FILL_TX_HASH, rows.text},
    };
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        b.column[there[i].column] = there[i].data;
        b.valid[there[i].column] = NULL;
    }
    return b;
}

static vg_code forget_row(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err)
{
    (void)ctx, (void)err;
    for (size_t i = 0; i < feature_tables[table].column_count; i++)
        CHECK(!values[i].null || feature_tables[table].columns[i].nullable);
    return VG_OK;
}

static const struct feature_sink forget = {NULL, forget_row};

static vg_code add_rows(struct features *f, size_t n, int64_t start_ms, int64_t step_ms, vg_err *err)
{
    struct fill_batch batch = fill_rows(n, start_ms, step_ms);
    features_add_prints(f, &batch);
    features_settle_prints(f, (int32_t)(start_ms / VG_MS_PER_DAY));
    VG_TRY(features_begin_group(f, start_ms, err));
    VG_TRY(features_add(f, &batch, err));
    return features_end_group(f, err);
}

static vg_code keep_bytes(void *ctx, const void *bytes, size_t n, vg_err *err)
{
    (void)err;
    vg_buf_add(ctx, bytes, n);
    return VG_OK;
}

static vg_code give_bytes(void *ctx, void *bytes, size_t n, vg_err *err)
{
    vg_slice *left = ctx;
    (void)err;
    CHECK(n <= left->n);
    memcpy(bytes, left->p, n);
    left->p += n;
    left->n -= n;
    return VG_OK;
}

static vg_buf sound;

static void release_sound(void) { vg_buf_release(&sound); }

static void make_sound(void)
{
    struct features *f = features_new(0, 1);
    struct state_writer out = {&sound, keep_bytes};
    CHECK(add_rows(f, ROWS, START_MS, 10000, NULL) == VG_OK);
    CHECK(features_flush_episodes(f, &forget, NULL) == VG_OK);
    CHECK(features_save(f, &out, NULL) == VG_OK);
    features_free(f);
    atexit(release_sound);
}

/* Changes of five bytes: where (24 bits), what, with what. */
static void change(vg_buf *state, const uint8_t *data, size_t size)
{
    static const int64_t numbers[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX};
    for (; size >= 5 && state->len > 8; data += 5, size -= 5) {
        size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % (state->len - 8);
        char *place = state->data + at;
        size_t n = 1 + data[4] % 64;
        switch (data[3] % 6) {
        case 0: *place ^= (char)(data[4] | (data[4] == 0)); break;
        case 1: memcpy(place, &numbers[data[4] % 8], 8); break;
        case 2: memcpy(place, &numbers[data[4] % 8], 4); break;
        case 3: /* fewer bytes */
            if (at + n > state->len) break;
            memmove(place, place + n, state->len - at - n);
            state->len -= n;
            break;
        case 4: /* bytes of elsewhere */ memmove(place, state->data + (at * 31 + n) % (state->len - 8), 8); break;
        default: state->len -= n < state->len ? n : 0; /* it ends early */
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sound.len) make_sound();
    vg_buf state = {0}, saved = {0};
    vg_buf_add(&state, sound.data, sound.len);
    change(&state, data, size < 100 ? size : 100);
    vg_slice left = vg_buf_view(&state);
    struct state_reader in = {&left, give_bytes, left.n};
    struct state_writer out = {&saved, keep_bytes};
    struct features *f = features_new(0, 1);
    vg_err err = {0};
    vg_code rc = features_load(f, &in, &err);
    CHECK(rc == VG_OK || (rc == VG_EPARSE && err.msg[0]));
    if (!rc) {
        int64_t next_day = START_MS / VG_MS_PER_DAY + 1;
        CHECK(features_save(f, &out, NULL) == VG_OK);
        /* sums may be too large by now, which is said */
        rc = features_close_day(f, (int32_t)next_day - 1, &forget, &err);
        if (!rc) rc = add_rows(f, LATER, next_day * VG_MS_PER_DAY + 1000, 500000, &err);
        if (!rc) rc = features_close_day(f, (int32_t)next_day, &forget, &err);
        if (!rc) rc = features_print(f, &forget, &err);
        CHECK(rc == VG_OK || rc == VG_ELIMIT);
        CHECK(size >= 5 || rc == VG_OK);
    }
    features_free(f);
    vg_buf_release(&state);
    vg_buf_release(&saved);
    return 0;
}
