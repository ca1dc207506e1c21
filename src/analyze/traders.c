#include "analyze/traders.h"

#include <math.h>

#include "base/intern.h"
#include "base/map.h"

struct traders {
    struct intern users, coins;
    struct trader *items; /* by user id */
    size_t capacity;
    enum coin_kind *kinds; /* by coin id */
    uint32_t kind_count;
    struct map64 trader_coins, trader_days; /* sets of (trader, coin) and (trader, day) */
};

uint64_t traders_columns(void)
{
    static const enum fill_column columns[] = {
        FILL_TIME,
        FILL_USER_ADDRESS,
        FILL_COIN,
        FILL_PRICE,
        FILL_SIZE,
        FILL_SIDE,
        FILL_CLOSED_PNL,
        FILL_FEE,
        FILL_FEE_TOKEN,
        FILL_CROSSED,
        FILL_BLOCK_TIME,
        FILL_BLOCK_NUMBER,
        FILL_EVENT_INDEX,
        FILL_TWAP_ID,
        FILL_LIQUIDATED_USER,
        FILL_LIQUIDATION_METHOD,
        FILL_LIQUIDATION_MARK_PRICE,
    };
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        bits |= UINT64_C(1) << columns[i];
    return bits;
}

struct traders *traders_new(void) { return vg_calloc(1, sizeof(struct traders)); }

void traders_free(struct traders *traders)
{
    if (!traders) return;
    intern_release(&traders->users);
    intern_release(&traders->coins);
    map64_release(&traders->trader_coins);
    map64_release(&traders->trader_days);
    free(traders->items);
    free(traders->kinds);
    free(traders);
}

const struct trader *traders_view(const struct traders *traders, size_t *n)
{
    *n = traders->users.count;
    return traders->items;
}

static struct trader *trader_of(struct traders *traders, vg_slice address, uint32_t *id)
{
    uint32_t before = traders->users.count;
    *id = intern_id(&traders->users, address.p, address.n);
    if (*id == before) {
        if (before == traders->capacity) {
            traders->capacity = traders->capacity ? traders->capacity * 2 : 256;
            traders->items = vg_realloc(traders->items, traders->capacity * sizeof *traders->items);
        }
        traders->items[*id] =
            (struct trader){.address = traders->users.keys[*id], .first_time_us = INT64_MAX, .last_time_us = INT64_MIN};
    }
    return &traders->items[*id];
}

static enum coin_kind see_coin(struct traders *traders, uint32_t trader, vg_slice coin, bool *new_for_trader)
{
    uint32_t id = intern_id(&traders->coins, coin.p, coin.n);
    if (id == traders->kind_count) {
        traders->kinds = vg_realloc(traders->kinds, (id + 1) * sizeof *traders->kinds);
        traders->kinds[traders->kind_count++] = coin_kind(coin);
    }
    map64_insert(&traders->trader_coins, (uint64_t)trader << 32 | id, new_for_trader);
    return traders->kinds[id];
}

/* What one row adds to the sums. */
struct amounts {
    enum coin_kind kind;
    bool is_buy, is_maker;
    vg_dec20 volume, pnl, fee_usd;
    bool fee_in_base, fee_unpriced;
};

/* False when price x fee does not fit. */
static bool price_fee(const struct fill_batch *b, size_t row, struct amounts *a)
{
    vg_dec fee = batch_has(b, FILL_FEE, row) ? batch_decimal(b, FILL_FEE, row) : 0;
    if (fee == 0) return true;
    bool named = batch_has(b, FILL_FEE_TOKEN, row);
    a->fee_in_base = fee_in_base(a->kind, a->is_buy, fee);
    if (named ? token_is_dollar(batch_text(b, FILL_FEE_TOKEN, row)) : !a->fee_in_base)
        return vg_dec_widen(fee, &a->fee_usd);
    if (a->fee_in_base) return vg_dec_mul(fee, batch_decimal(b, FILL_PRICE, row), &a->fee_usd);
    a->fee_unpriced = true;
    return true;
}

static bool add(vg_dec20 *sum, vg_dec20 value) { return vg_dec_add(*sum, value, sum); }
static bool subtract(vg_dec20 *sum, vg_dec20 value) { return !__builtin_sub_overflow(*sum, value, sum); }

static bool add_amounts(struct trader *t, const struct amounts *a, bool plain)
{
    bool perp = coin_is_perp(a->kind), spot = a->kind == COIN_SPOT;
    bool ok = add(perp ? &t->perp_volume : spot ? &t->spot_volume : &t->other_volume, a->volume);
    ok = ok && add(perp ? &t->perp_pnl : spot ? &t->spot_pnl : &t->other_pnl, a->pnl);
    ok = ok && add(&t->fees_paid, a->fee_usd) && add(&t->net_pnl, a->pnl);
    if (!(spot && a->is_buy && a->fee_in_base)) ok = ok && subtract(&t->net_pnl, a->fee_usd);
    if (plain) ok = ok && add(&t->plain_volume, a->volume);
    if (plain && a->is_maker) ok = ok && add(&t->plain_maker_volume, a->volume);
    vg_dec20 total; /* of trader_volume() and trader_pnl() */
    ok = ok && vg_dec_add(t->perp_volume, t->spot_volume, &total) && vg_dec_add(total, t->other_volume, &total);
    return ok && vg_dec_add(t->perp_pnl, t->spot_pnl, &total) && vg_dec_add(total, t->other_pnl, &total);
}

static vg_code add_row(struct traders *traders, const struct fill_batch *b, size_t row, struct trader *t, uint32_t id,
                       vg_err *err)
{
    bool new_coin, new_day;
    struct amounts a = {.is_buy = vg_slice_is(batch_text(b, FILL_SIDE, row), "B"),
                        .is_maker = !batch_bool(b, FILL_CROSSED, row)};
    a.kind = see_coin(traders, id, batch_text(b, FILL_COIN, row), &new_coin);
    uint32_t day = (uint32_t)vg_day_of_ns(batch_int64(b, FILL_BLOCK_TIME, row));
    map64_insert(&traders->trader_days, (uint64_t)id << 32 | day, &new_day);
    t->unique_coins += new_coin;
    t->active_days += new_day;

    int64_t time = batch_int64(b, FILL_TIME, row);
    if (time < t->first_time_us) t->first_time_us = time;
    if (time > t->last_time_us) t->last_time_us = time;
    t->fill_count++;
    t->taker_fills += !a.is_maker;

    vg_dec pnl = batch_has(b, FILL_CLOSED_PNL, row) ? batch_decimal(b, FILL_CLOSED_PNL, row) : 0;
    t->winning_fills += pnl > 0;
    t->losing_fills += pnl < 0;

    bool liquidation = batch_has(b, FILL_LIQUIDATED_USER, row) || batch_has(b, FILL_LIQUIDATION_METHOD, row) ||
                       batch_has(b, FILL_LIQUIDATION_MARK_PRICE, row);
    if (batch_has(b, FILL_LIQUIDATED_USER, row))
        t->liquidated_fills += vg_slice_eq(batch_text(b, FILL_LIQUIDATED_USER, row), t->address);
    bool ok = vg_dec_widen(pnl, &a.pnl);
    ok = ok && vg_dec_mul(batch_decimal(b, FILL_PRICE, row), batch_decimal(b, FILL_SIZE, row), &a.volume);
    ok = ok && price_fee(b, row, &a);
    ok = ok && add_amounts(t, &a, !liquidation && !batch_has(b, FILL_TWAP_ID, row));
    t->fee_unpriced_fills += a.fee_unpriced;
    if (ok) return VG_OK;
    return vg_fail(err, VG_ELIMIT, "block %lld, event %d: a sum of this trader leaves 38 digits",
                   (long long)batch_int64(b, FILL_BLOCK_NUMBER, row), (int)batch_int32(b, FILL_EVENT_INDEX, row));
}

vg_code traders_add(struct traders *traders, const struct fill_batch *b, vg_err *err)
{
    vg_slice last = {NULL, 0};
    struct trader *trader = NULL;
    uint32_t id = 0;
    for (size_t row = 0; row < b->n; row++) {
        vg_slice address = batch_text(b, FILL_USER_ADDRESS, row);
        if (!trader || !vg_slice_eq(address, last)) trader = trader_of(traders, address, &id);
        last = address;
        VG_TRY(add_row(traders, b, row, trader, id, err));
    }
    return VG_OK;
}

static double ratio(double part, double whole) { return whole > 0 ? part / whole : NAN; }

double trader_win_rate(const struct trader *t)
{
    return ratio((double)t->winning_fills, (double)(t->winning_fills + t->losing_fills));
}

double trader_maker_pct(const struct trader *t)
{
    return ratio((double)(t->fill_count - t->taker_fills), (double)t->fill_count);
}

double trader_maker_share(const struct trader *t)
{
    return ratio(vg_dec20_double(t->plain_maker_volume), vg_dec20_double(t->plain_volume));
}
