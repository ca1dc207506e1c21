/* One event or trade: the scanner against the strict reader, the reader against jansson, and
 * read → print → read must end where it began. */
#include "ingest/fill_print.h"
#include "ingest/fill_scan.h"
#include "oracle.h"

#define SAME_BYTES(field) (memcmp(a->field, b->field, sizeof a->field) == 0)
#define IF(flag, condition) CHECK(!(has & (flag)) || (condition))

/* Everything that `has` says is there; texts that were kept in extra may stand in another order. */
static void check_equal(const struct fill *a, const struct fill *b)
{
    uint32_t has = a->has;
    CHECK(a->has == b->has);
    CHECK(SAME_BYTES(user) && SAME_BYTES(hash) && vg_slice_eq(a->coin, b->coin));
    CHECK(a->price == b->price && a->size == b->size && a->start_position == b->start_position);
    CHECK(a->time_ms == b->time_ms && a->order_id == b->order_id);
    IF(FILL_HAS_DIRECTION, vg_slice_eq(a->direction, b->direction));
    IF(FILL_HAS_CLOSED_PNL, a->closed_pnl == b->closed_pnl);
    IF(FILL_HAS_FEE, a->fee == b->fee);
    IF(FILL_HAS_FEE_TOKEN, vg_slice_eq(a->fee_token, b->fee_token));
    IF(FILL_HAS_TRADE_ID, a->trade_id == b->trade_id);
    IF(FILL_HAS_BUILDER, SAME_BYTES(builder));
    IF(FILL_HAS_BUILDER_FEE, a->builder_fee == b->builder_fee);
    IF(FILL_HAS_DEPLOYER_FEE, a->deployer_fee == b->deployer_fee);
    IF(FILL_HAS_CLOID, SAME_BYTES(cloid));
    IF(FILL_HAS_TWAP_ID, a->twap_id == b->twap_id);
    IF(FILL_HAS_LIQUIDATED_USER, SAME_BYTES(liquidated_user));
    IF(FILL_HAS_LIQUIDATION_MARK, a->liquidation_mark == b->liquidation_mark);
    IF(FILL_HAS_LIQUIDATION_METHOD, vg_slice_eq(a->liquidation_method, b->liquidation_method));
    CHECK(!(has & FILL_HAS_EXTRA) || a->extra.n == b->extra.n);
}

static void check_ranges(const struct fill *f)
{
    CHECK(f->price >= 0 && f->size >= 0 && f->time_ms >= 0 && f->order_id >= 0);
    CHECK(vg_dec_product_fits(f->price, f->size));
    CHECK(f->coin.n >= 1 && f->coin.n <= 255);
    CHECK(f->time_ms <= INT64_MAX / VG_NS_PER_MS);
    CHECK(!(f->has & FILL_HAS_EXTRA) || jansson_says(f->extra.p, f->extra.n) != 0);
}

static void check_event(const char *text, size_t n, enum fill_form form, struct arena *arena)
{
    struct fill scanned, read, again;
    vg_err reason = {0};
    memset(&scanned, 0x5a, sizeof scanned);
    const char *behind = fill_scan(text, text + n, form, &scanned);
    bool ok = fill_read((vg_slice){text, n}, form, &read, arena, &reason);
    CHECK(ok || reason.msg[0]);
    if (behind) { /* may be the beginning of something longer */
        vg_slice event = {text, (size_t)(behind - text)};
        CHECK(behind > text && behind <= text + n);
        CHECK(fill_read(event, form, &again, arena, &reason));
        check_equal(&again, &scanned);
        check_ranges(&scanned);
        CHECK(ok == (jansson_says(text, n) == 1)); /* what follows can only be white space or wrong */
    }
    if (!ok) return;
    CHECK(jansson_says(text, n) != 0);
    check_ranges(&read);
    vg_buf printed = {0}, twice = {0};
    CHECK(fill_print(&read, form, &printed, &reason) == VG_OK);
    CHECK(fill_read(vg_buf_view(&printed), form, &again, arena, &reason));
    check_equal(&read, &again);
    CHECK(fill_print(&again, form, &twice, &reason) == VG_OK);
    CHECK(vg_slice_eq(vg_buf_view(&printed), vg_buf_view(&twice)));
    if (behind == text + n) CHECK(vg_slice_eq(vg_buf_view(&printed), (vg_slice){text, n}));
    vg_buf_release(&printed);
    vg_buf_release(&twice);
}

static void check_trade(const char *text, size_t n, struct arena *arena)
{
    struct fill fills[2], again[2];
    vg_err reason = {0};
    if (!trade_read((vg_slice){text, n}, fills, arena, &reason)) {
        CHECK(reason.msg[0]);
        return;
    }
    CHECK(jansson_says(text, n) != 0);
    vg_buf printed = {0}, twice = {0};
    CHECK(trade_print(fills, &printed, &reason) == VG_OK);
    CHECK(trade_read(vg_buf_view(&printed), again, arena, &reason));
    for (int i = 0; i < 2; i++) {
        check_ranges(&fills[i]);
        check_equal(&fills[i], &again[i]);
        CHECK(fills[i].block_time_ns == again[i].block_time_ns);
    }
    CHECK((fills[0].has ^ fills[1].has) & FILL_IS_BUY && (fills[0].has ^ fills[1].has) & FILL_IS_TAKER);
    CHECK(trade_print(again, &twice, &reason) == VG_OK);
    CHECK(vg_slice_eq(vg_buf_view(&printed), vg_buf_view(&twice)));
    vg_buf_release(&printed);
    vg_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    if (memchr(data, '\n', size)) return 0; /* never inside a line */
    char *text = malloc(size + 1 + FILL_SCAN_SLACK);
    CHECK(text);
    memcpy(text, data, size);
    memset(text + size, '\n', 1 + FILL_SCAN_SLACK);
    check_event(text, size, FORM_BLOCKS, &arena);
    check_event(text, size, FORM_LEGACY, &arena);
    check_trade(text, size, &arena);
    free(text);
    arena_release(&arena);
    return 0;
}
