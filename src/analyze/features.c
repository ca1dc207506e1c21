#include "analyze/features_core.h"

#define LOOK_BACK_MS 300000 /* momentum_entry */

struct features *features_new(unsigned shard, unsigned shards)
{
    struct features *f = vg_calloc(1, sizeof *f);
    f->shard = shard;
    f->shards = shards;
    f->prints = prints_new();
    f->known_until_ms = INT64_MIN;
    f->linked_from_ms = INT64_MAX;
    f->day = INT32_MIN;
    f->profiles.awake_most = PROFILES_AWAKE;
    return f;
}

void features_free(struct features *f)
{
    if (!f) return;
    profiles_release(&f->profiles);
    coin_table_release(&f->coins);
    prints_free(f->prints);
    intern_release(&f->users);
    map64_release(&f->pairs);
    orders_release(&f->orders);
    free(f->holdings);
    free(f->pending);
    free(f->activity);
    free(f->episodes.items);
    free(f->active);
    free(f);
}

/* Prices. */

uint64_t features_print_columns(void)
{
    static const enum fill_column columns[] = {FILL_TIME,      FILL_COIN,         FILL_PRICE,      FILL_CROSSED,
                                               FILL_DIRECTION, FILL_BLOCK_NUMBER, FILL_EVENT_INDEX};
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        bits |= UINT64_C(1) << columns[i];
    return bits;
}

uint64_t features_columns(void) { return fill_row_columns(); }

void features_add_prints(struct features *f, const struct fill_batch *b)
{
    for (size_t row = 0; row < b->n; row++) {
        int64_t time_ms = vg_floor_div(batch_int64(b, FILL_TIME, row), 1000);
        if (time_ms > f->known_until_ms) f->known_until_ms = time_ms;
        if (!batch_bool(b, FILL_CROSSED, row)) continue;
        if (batch_has(b, FILL_DIRECTION, row) &&
            direction_makes_no_trade(direction_of(batch_text(b, FILL_DIRECTION, row))))
            continue;
        prints_add(f->prints, coin_table_id(&f->coins, batch_text(b, FILL_COIN, row)), time_ms,
                   batch_int64(b, FILL_BLOCK_NUMBER, row), (uint32_t)batch_int32(b, FILL_EVENT_INDEX, row),
                   batch_decimal(b, FILL_PRICE, row));
    }
}

void features_settle_prints(struct features *f, int32_t day) { prints_settle(f->prints, day); }

/* One horizon of one fill: the price is `later` by then; stale: there was no print since. */
static bool add_markout(struct markout *m, vg_dec later, bool stale, vg_dec price, vg_dec signed_size, vg_dec20 volume)
{
    vg_dec20 gain;
    bool ok = vg_dec_mul(later - price, signed_size, &gain);
    ok &= vg_dec_add(m->gain, gain, &m->gain);
    ok &= vg_dec_add(m->volume, volume, &m->volume);
    if (stale) ok &= vg_dec_add(m->stale, volume, &m->stale);
    return ok;
}

static void wait_for_prices(struct features *f, const struct fill_row *r, uint32_t user, uint8_t horizons)
{
    if (f->pending_count == f->pending_capacity) {
        f->pending_capacity = f->pending_capacity ? f->pending_capacity * 2 : 1024;
        f->pending = vg_realloc(f->pending, f->pending_capacity * sizeof *f->pending);
    }
    f->pending[f->pending_count++] = (struct pending){.trader = user,
                                                      .coin = r->coin,
                                                      .time_ms = r->time_ms,
                                                      .price = r->price,
                                                      .signed_size = r->is_buy ? r->size : -r->size,
                                                      .volume = r->notional,
                                                      .horizons = horizons,
                                                      .is_taker = r->is_taker};
}

/* A fill at whose millisecond the coin has no point: one side of a trade whose other side is missing. */
static bool add_markouts_apart(struct features *f, const struct fill_row *r, const struct price_series *s, size_t at,
                               struct markout *markouts, uint8_t *unknown)
{
    bool ok = true;
    for (int h = 0; h < HORIZONS; h++) {
        int64_t then = r->time_ms + horizon_ms[h];
        size_t later = then > f->known_until_ms ? 0 : prints_until(s, then);
        if (then > f->known_until_ms)
            *unknown |= (uint8_t)(1 << h);
        else if (later > 0)
            ok &= add_markout(&markouts[h], s->points[later - 1].price, later == at, r->price,
                              r->is_buy ? r->size : -r->size, r->notional);
    }
    return ok;
}

static bool add_markouts(struct features *f, const struct waiting_row *w, struct profile *p)
{
    const struct fill_row *r = &w->row;
    const struct price_series *s = prints_of(f->prints, r->coin);
    struct markout *markouts = p->markouts[r->is_taker];
    size_t at = w->at;
    uint8_t unknown = 0;
    bool ok = true;
    if (at && s->times[at - 1] == r->time_ms && r->time_ms >= f->linked_from_ms) {
        const struct price_point *point = &s->points[at - 1];
        vg_dec signed_size = r->is_buy ? r->size : -r->size;
        unknown = point->unknown;
        for (int h = 0; h < HORIZONS; h++)
            if (!(unknown >> h & 1))
                ok &= add_markout(&markouts[h], point->later[h], point->stale >> h & 1, r->price, signed_size,
                                  r->notional);
    } else {
        ok = add_markouts_apart(f, r, s, at, markouts, &unknown);
    }
    if (unknown) wait_for_prices(f, r, w->user, unknown);
    return ok;
}

/* Fills that waited, now that more is known. */
static bool settle_pending(struct features *f)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < f->pending_count; i++) {
        struct pending p = f->pending[i];
        const struct price_series *s = prints_of(f->prints, p.coin);
        size_t at = prints_until(s, p.time_ms);
        for (int h = 0; h < HORIZONS; h++) {
            int64_t then = p.time_ms + horizon_ms[h];
            if (!(p.horizons >> h & 1) || then > f->known_until_ms) continue;
            p.horizons &= (uint8_t)(UINT8_MAX - (1u << h));
            size_t later = prints_until(s, then);
            struct markout *m = &profiles_of(&f->profiles, p.trader)->markouts[p.is_taker][h];
            if (later > 0)
                ok &= add_markout(m, s->points[later - 1].price, later == at, p.price, p.signed_size, p.volume);
        }
        if (p.horizons) f->pending[kept++] = p;
    }
    f->pending_count = kept;
    return ok;
}

static void add_momentum(const struct features *f, const struct fill_row *r, struct profile *p)
{
    bool opposed = r->is_buy ? r->start < 0 : r->start > 0;
    if (opposed && r->size <= vg_dec_abs(r->start)) return;
    const struct price_series *s = prints_of(f->prints, r->coin);
    size_t then = prints_until(s, r->time_ms - LOOK_BACK_MS);
    if (then == 0) return;
    double before = vg_dec_double(s->points[then - 1].price), move = (vg_dec_double(r->price) - before) / before * 1e4;
    p->entry_momentum += r->is_buy ? move : -move;
    p->entry_momentum_count++;
}

/* Marks positions to market. */

vg_dec features_mark(const struct features *f, const struct holding *h, int32_t day)
{
    vg_dec price = h->last_price;
    prints_close(prints_of(f->prints, h->coin), day, &price);
    return price;
}

/* Of a position that the trader brings along: the last price of the day before; without one the coin's
 * first price, if it had any by now; else that of the row. */
static vg_dec base_price(const struct features *f, const struct fill_row *r)
{
    const struct price_series *s = prints_of(f->prints, r->coin);
    vg_dec price = r->price;
    if (!prints_close(s, r->day - 1, &price) && prints_until(s, r->time_ms) > 0) price = s->days[0].open;
    return price;
}

vg_dec20 features_value_at(const struct features *f, const struct profile *p, int32_t day, bool *ok)
{
    vg_dec20 sum = 0;
    for (uint32_t i = p->holdings; i; i = f->holdings[i - 1].next) {
        const struct holding *h = &f->holdings[i - 1];
        vg_dec20 value = 0;
        if (h->quantity == 0) continue;
        *ok &= vg_dec_mul(h->quantity, features_mark(f, h, day), &value) && vg_dec_add(sum, value, &sum);
    }
    return sum;
}

/* Rows. */

uint32_t features_user_of(struct features *f, vg_slice address)
{
    uint32_t before = f->users.count, id = intern_id(&f->users, address.p, address.n);
    if (id < before) return id;
    profiles_add(&f->profiles, f->users.keys[id]);
    return id;
}

void features_list_holding(struct profile *p, struct holding *h, size_t index)
{
    h->next = p->holdings;
    p->holdings = (uint32_t)index + 1;
    p->unique_coins++;
}

static struct holding *holding_of(struct features *f, struct profile *p, uint32_t user, uint32_t coin)
{
    bool added;
    uint64_t *index = map64_insert(&f->pairs, (uint64_t)user << 32 | coin, &added);
    if (!added) return &f->holdings[*index];
    if (f->holding_count == f->holding_capacity) {
        f->holding_capacity = f->holding_capacity ? f->holding_capacity * 2 : 256;
        f->holdings = vg_realloc(f->holdings, f->holding_capacity * sizeof *f->holdings);
    }
    *index = f->holding_count;
    struct holding *h = &f->holdings[f->holding_count++];
    memset(h, 0, sizeof *h);
    h->trader = user;
    h->coin = coin;
    h->last_day = INT32_MIN;
    features_list_holding(p, h, *index);
    return h;
}

static bool begin_day(struct features *f, struct profile *p, uint32_t user, int32_t day)
{
    bool ok = true;
    for (int32_t idle = p->active_days ? p->today.day + 1 : day; idle < day; idle++)
        ok &= profile_pass_idle_day(p, features_value_at(f, p, idle, &ok));
    profile_open_day(p, day);
    if (f->active_count == f->active_capacity) {
        f->active_capacity = f->active_capacity ? f->active_capacity * 2 : 256;
        f->active = vg_realloc(f->active, f->active_capacity * sizeof *f->active);
    }
    f->active[f->active_count++] = user;
    return ok;
}

static struct coin_activity *activity_of(struct features *f, uint32_t coin)
{
    if (coin >= f->activity_count) {
        f->activity = vg_realloc(f->activity, (coin + 1) * sizeof *f->activity);
        memset(f->activity + f->activity_count, 0, (coin + 1 - f->activity_count) * sizeof *f->activity);
        f->activity_count = coin + 1;
    }
    return &f->activity[coin];
}

static bool add_activity(struct features *f, const struct fill_row *r, bool first_of_trader)
{
    struct coin_activity *a = activity_of(f, r->coin);
    vg_dec20 size;
    bool ok = vg_dec_widen(r->size, &size);
    a->fill_count++;
    a->unique_traders += first_of_trader;
    if (r->direction == DIRECTION_OPEN_LONG || r->direction == DIRECTION_CLOSE_SHORT)
        ok = ok && vg_dec_add(a->seed_buy, size, &a->seed_buy);
    if (r->direction == DIRECTION_OPEN_SHORT || r->direction == DIRECTION_CLOSE_LONG)
        ok = ok && vg_dec_add(a->seed_sell, size, &a->seed_sell);
    if (r->own_liquidation) ok = ok && vg_dec_add(a->liquidated, r->notional, &a->liquidated);
    if (r->is_twap) ok = ok && vg_dec_add(a->twap, r->notional, &a->twap);
    if (!r->is_taker || r->is_system) return ok;
    vg_dec20 *side = r->is_buy ? &a->taker_buy : &a->taker_sell;
    a->trade_count++;
    return ok && vg_dec_add(a->size, r->size, &a->size) && vg_dec_add(a->volume, r->notional, &a->volume) &&
           vg_dec_add(*side, r->notional, side);
}

static bool take_row(struct features *f, const struct waiting_row *w)
{
    const struct fill_row *r = &w->row;
    uint32_t user = w->user;
    bool ok = true, order_is_new = false;
    if (f->day != r->day) {
        f->day = r->day;
        orders_begin_day(&f->orders, r->day);
    }
    struct profile *p = profiles_of(&f->profiles, user);
    if (p->active_days == 0 || p->today.day != r->day) ok &= begin_day(f, p, user, r->day);
    struct holding *h = holding_of(f, p, user, r->coin);
    struct order *order = r->is_system ? NULL : orders_of(&f->orders, user, r->order_id, &order_is_new);
    ok &= add_activity(f, r, h->last_day != r->day);
    ok &= profile_add(p, r, order, order_is_new);
    struct holding_context context = {.profile = p, .order = order, .episodes = &f->episodes};
    if (!h->seen && r->start != 0) context.base_price = base_price(f, r);
    ok &= holding_add(h, r, &context);
    if (r->is_system) return ok;
    if (r->is_taker && coin_is_perp(r->kind) && !r->stays) add_momentum(f, r, p);
    return ok && add_markouts(f, w, p);
}

static vg_code fail_sum(const struct fill_row *r, vg_err *err)
{
    return vg_fail(err, VG_ELIMIT, "block %lld, event %u: a sum of this trader leaves 38 digits", (long long)r->block,
                   r->event);
}

vg_code features_begin_group(struct features *f, int64_t time_ms, vg_err *err)
{
    int64_t before = time_ms - LOOK_BACK_MS;
    for (size_t i = 0; i < f->pending_count; i++)
        if (f->pending[i].time_ms < before) before = f->pending[i].time_ms;
    prints_forget(f->prints, before);
    prints_link(f->prints, time_ms, f->known_until_ms);
    f->linked_from_ms = time_ms;
    return settle_pending(f) ? VG_OK : vg_fail(err, VG_ELIMIT, "a markout leaves 38 digits");
}

/* A row that has just come: where its trader's position, its order and its price are looked up is on its
 * way from memory from now on. */
static void look_up_soon(const struct features *f, const struct waiting_row *w)
{
    const uint64_t *holding = map64_find(&f->pairs, (uint64_t)w->user << 32 | w->row.coin);
    if (holding) prefetch(&f->holdings[*holding], sizeof *f->holdings);
    orders_prefetch(&f->orders, w->user, w->row.order_id);
    prints_prefetch(prints_of(f->prints, w->row.coin), w->row.time_ms);
}

/* Some rows later: the look-ups are near, what they find is fetched. */
static void look_up(const struct features *f, struct waiting_row *w)
{
    const struct price_series *s = prints_of(f->prints, w->row.coin);
    w->at = prints_until(s, w->row.time_ms);
    if (w->at) prefetch(&s->points[w->at - 1], sizeof *s->points);
    orders_prefetch_item(&f->orders, w->user, w->row.order_id);
}

/* Takes rows until so many are left. */
static vg_code take_waiting(struct features *f, size_t leave, vg_err *err)
{
    for (; f->waiting_to - f->waiting_from > leave; f->waiting_from++) {
        if (f->looked_up == f->waiting_from) look_up(f, &f->waiting[f->looked_up++ % WAITING]);
        const struct waiting_row *w = &f->waiting[f->waiting_from % WAITING];
        if (!take_row(f, w)) return fail_sum(&w->row, err);
    }
    for (; f->waiting_to - f->looked_up > FETCHING; f->looked_up++)
        look_up(f, &f->waiting[f->looked_up % WAITING]);
    return VG_OK;
}

vg_code features_end_group(struct features *f, vg_err *err) { return take_waiting(f, 0, err); }

static bool is_mine(const struct features *f, vg_slice address)
{
    if (f->shards == 1) return true;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < address.n; i++)
        hash = (hash ^ (unsigned char)address.p[i]) * UINT64_C(0x100000001b3);
    return hash_mix64(hash) % f->shards == f->shard;
}

vg_code features_add(struct features *f, const struct fill_batch *b, vg_err *err)
{
    vg_slice last = {NULL, 0};
    uint32_t user = 0;
    bool mine = false;
    struct seen_texts seen = {0};
    for (size_t row = 0; row < b->n; row++) {
        vg_slice address = batch_text(b, FILL_USER_ADDRESS, row);
        if (!last.p || (address.p != last.p && !vg_slice_eq(address, last))) {
            mine = is_mine(f, address);
            if (mine) {
                user = features_user_of(f, address);
                profiles_prefetch(&f->profiles, user);
            }
        }
        last = address;
        if (!mine) continue;
        struct waiting_row *now = &f->waiting[f->waiting_to % WAITING];
        struct waiting_row *last_row = &f->waiting[(f->waiting_to - 1) % WAITING];
        now->user = user;
        if (!fill_row_read(b, row, address, &f->coins, &seen, &now->row)) return fail_sum(&now->row, err);
        look_up_soon(f, now);
        if (f->waiting_to > f->waiting_from && last_row->user == user)
            fill_row_mark_self_trade(&last_row->row, &now->row);
        f->waiting_to++;
        VG_TRY(take_waiting(f, WAITING - 1, err));
    }
    return VG_OK;
}
