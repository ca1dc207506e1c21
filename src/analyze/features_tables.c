#include "analyze/features_core.h"

struct by_text {
    vg_slice text;
    size_t index;
};

static int in_text_order(const void *a, const void *b)
{
    const struct by_text *x = a, *y = b;
    size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
    int order = memcmp(x->text.p, y->text.p, n);
    if (order) return order;
    if (x->text.n != y->text.n) return x->text.n < y->text.n ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void sort_by_text(struct by_text *items, size_t n)
{
    if (n) qsort(items, n, sizeof *items, in_text_order);
}

static vg_code print_days(struct features *f, int32_t day, const struct feature_sink *sink, vg_err *err)
{
    struct feature_value values[TRADER_DAILY_COLUMN_COUNT];
    struct by_text *order = vg_alloc(f->active_count * sizeof *order);
    for (size_t i = 0; i < f->active_count; i++)
        order[i] = (struct by_text){f->users.keys[f->active[i]], f->active[i]};
    sort_by_text(order, f->active_count);
    vg_code rc = VG_OK;
    for (size_t i = 0; i < f->active_count && !rc; i++) {
        struct profile *p = profiles_of(&f->profiles, (uint32_t)order[i].index);
        bool ok = true;
        vg_dec20 value = features_value_at(f, p, day, &ok);
        ok &= profile_close_day(p, value);
        if (!ok) rc = vg_fail(err, VG_ELIMIT, "%.*s: a daily sum leaves 38 digits", ADDRESS_TEXT, p->address.p);
        profile_print_day(p, values);
        if (!rc) rc = sink->row(sink->ctx, TABLE_TRADER_DAILY, values, err);
        p->today.value_before = value;
        p->today.mtm_idle = 0;
    }
    free(order);
    f->active_count = 0;
    return rc;
}

static void coin_day_print(const struct features *f, uint32_t coin, int32_t day, struct feature_value *out)
{
    const struct coin_activity *a = &f->activity[coin];
    const struct coin_day *d = prints_day(prints_of(f->prints, coin), day);
    out[COIN_DAILY_DATE] = feature_int(day);
    out[COIN_DAILY_COIN] = feature_text(f->coins.names.keys[coin]);
    out[COIN_DAILY_KIND] = feature_text(vg_slice_of(coin_kind_name(f->coins.kinds[coin])));
    out[COIN_DAILY_FILL_COUNT] = feature_int((int64_t)a->fill_count);
    out[COIN_DAILY_TRADE_COUNT] = feature_int((int64_t)a->trade_count);
    out[COIN_DAILY_UNIQUE_TRADERS] = feature_int((int64_t)a->unique_traders);
    out[COIN_DAILY_VOLUME] = feature_decimal(a->volume);
    out[COIN_DAILY_TAKER_BUY_VOLUME] = feature_decimal(a->taker_buy);
    out[COIN_DAILY_TAKER_SELL_VOLUME] = feature_decimal(a->taker_sell);
    out[COIN_DAILY_SEED_BUY_VOLUME] = feature_decimal(a->seed_buy);
    out[COIN_DAILY_SEED_SELL_VOLUME] = feature_decimal(a->seed_sell);
    out[COIN_DAILY_OPEN] = d ? feature_decimal(d->open) : feature_null();
    out[COIN_DAILY_HIGH] = d ? feature_decimal(d->high) : feature_null();
    out[COIN_DAILY_LOW] = d ? feature_decimal(d->low) : feature_null();
    out[COIN_DAILY_CLOSE] = d ? feature_decimal(d->close) : feature_null();
    out[COIN_DAILY_VWAP] = feature_number(vg_dec20_double(a->volume) / vg_dec_double(a->size));
    out[COIN_DAILY_LIQUIDATED_NOTIONAL] = feature_decimal(a->liquidated);
    out[COIN_DAILY_TWAP_VOLUME] = feature_decimal(a->twap);
}

static vg_code print_coins(struct features *f, int32_t day, const struct feature_sink *sink, vg_err *err)
{
    struct feature_value values[COIN_DAILY_COLUMN_COUNT];
    struct by_text *order = vg_alloc(f->activity_count * sizeof *order);
    size_t n = 0;
    for (uint32_t coin = 0; coin < f->activity_count; coin++)
        if (f->activity[coin].fill_count) order[n++] = (struct by_text){f->coins.names.keys[coin], coin};
    sort_by_text(order, n);
    vg_code rc = VG_OK;
    for (size_t i = 0; i < n && !rc; i++) {
        coin_day_print(f, (uint32_t)order[i].index, day, values);
        rc = sink->row(sink->ctx, TABLE_COIN_DAILY, values, err);
    }
    free(order);
    if (f->activity_count) memset(f->activity, 0, f->activity_count * sizeof *f->activity);
    return rc;
}

/* Traders that have episodes, by address; counts[trader] is how many. */
static size_t traders_with_episodes(const struct features *f, uint32_t *counts, struct by_text **traders)
{
    size_t n = 0;
    for (size_t i = 0; i < f->episodes.n; i++)
        n += counts[f->episodes.items[i].trader]++ == 0;
    *traders = vg_alloc(n * sizeof **traders);
    n = 0;
    for (uint32_t trader = 0; trader < f->users.count; trader++)
        if (counts[trader]) (*traders)[n++] = (struct by_text){f->users.keys[trader], trader};
    sort_by_text(*traders, n);
    return n;
}

/* Episodes by the address of their trader, each trader's in the order in which they ended. */
static uint32_t *episodes_in_order(const struct features *f)
{
    uint32_t *order = vg_alloc(f->episodes.n * sizeof *order), *places = vg_calloc(f->users.count, sizeof *places);
    struct by_text *traders;
    size_t n = traders_with_episodes(f, places, &traders);
    uint32_t place = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t count = places[traders[i].index];
        places[traders[i].index] = place;
        place += count;
    }
    for (size_t i = 0; i < f->episodes.n; i++)
        order[places[f->episodes.items[i].trader]++] = (uint32_t)i;
    free(traders);
    free(places);
    return order;
}

static vg_code print_episodes(struct features *f, const struct feature_sink *sink, vg_err *err)
{
    struct feature_value values[EPISODE_COLUMN_COUNT];
    uint32_t *order = episodes_in_order(f);
    vg_code rc = VG_OK;
    for (size_t i = 0; i < f->episodes.n && !rc; i++) {
        const struct episode_row *e = &f->episodes.items[order[i]];
        if (i + 4 < f->episodes.n) prefetch(&f->episodes.items[order[i + 4]], sizeof *e);
        episode_print(e, f->users.keys[e->trader], f->coins.names.keys[e->coin], 0, values);
        rc = sink->row(sink->ctx, TABLE_EPISODES, values, err);
    }
    free(order);
    f->episodes.n = 0;
    return rc;
}

size_t features_episodes_waiting(const struct features *f) { return f->episodes.n; }

vg_code features_flush_episodes(struct features *f, const struct feature_sink *sink, vg_err *err)
{
    return print_episodes(f, sink, err);
}

vg_code features_close_day(struct features *f, int32_t day, const struct feature_sink *sink, vg_err *err)
{
    VG_TRY(print_days(f, day, sink, err));
    VG_TRY(print_coins(f, day, sink, err));
    VG_TRY(print_episodes(f, sink, err));
    return VG_OK;
}

/* What the trader's holdings add to his figures, in the order of coin names, so that sums of doubles do
 * not depend on the order in which coins were met. */
static size_t holdings_in_order(const struct features *f, const struct profile *p, struct by_text **order)
{
    size_t n = 0;
    *order = vg_alloc(p->unique_coins * sizeof **order);
    for (uint32_t i = p->holdings; i; i = f->holdings[i - 1].next)
        (*order)[n++] = (struct by_text){f->coins.names.keys[f->holdings[i - 1].coin], i - 1};
    sort_by_text(*order, n);
    return n;
}

static struct profile_of_holdings sum_holdings(const struct features *f, const struct profile *p,
                                               const struct by_text *order, size_t n)
{
    struct profile_of_holdings sum = {0};
    double volume = vg_dec20_double(p->volume[ON_PERP] + p->volume[ON_SPOT] + p->volume[ON_OTHER]);
    double weight = 0, half_life = 0;
    for (size_t i = 0; i < n; i++) {
        const struct holding *h = &f->holdings[order[i].index];
        double share = vg_dec20_double(h->volume) / volume, own = holding_half_life(h);
        sum.coin_hhi += share * share;
        sum.open_positions += h->quantity != 0;
        if (isnan(own)) continue;
        half_life += own * vg_dec20_double(h->volume);
        weight += vg_dec20_double(h->volume);
    }
    sum.half_life = half_life / weight;
    return sum;
}

static vg_code print_positions(const struct features *f, const struct profile *p, const struct by_text *order, size_t n,
                               const struct feature_sink *sink, vg_err *err)
{
    struct feature_value values[EPISODE_COLUMN_COUNT];
    for (size_t i = 0; i < n; i++) {
        const struct holding *h = &f->holdings[order[i].index];
        if (h->quantity == 0) continue;
        struct episode_row row = holding_open_episode(h);
        episode_print(&row, p->address, order[i].text, features_mark(f, h, INT32_MAX), values);
        VG_TRY(sink->row(sink->ctx, TABLE_POSITIONS, values, err));
    }
    return VG_OK;
}

static vg_code print_holdings(const struct features *f, const struct profile *p, const struct by_text *order, size_t n,
                              const struct feature_sink *sink, vg_err *err)
{
    struct feature_value values[TRADER_COIN_COLUMN_COUNT];
    for (size_t i = 0; i < n; i++) {
        const struct holding *h = &f->holdings[order[i].index];
        holding_print(h, p->address, order[i].text, f->coins.kinds[h->coin], values);
        VG_TRY(sink->row(sink->ctx, TABLE_TRADER_COINS, values, err));
    }
    return VG_OK;
}

static vg_code print_trader(const struct features *f, const struct profile *p, const struct feature_sink *sink,
                            vg_err *err)
{
    struct feature_value values[TRADER_COLUMN_COUNT];
    struct by_text *order;
    size_t n = holdings_in_order(f, p, &order);
    struct profile_of_holdings sum = sum_holdings(f, p, order, n);
    profile_print(p, &sum, values);
    vg_code rc = sink->row(sink->ctx, TABLE_TRADERS, values, err);
    if (!rc) rc = print_positions(f, p, order, n, sink, err);
    if (!rc) rc = print_holdings(f, p, order, n, sink, err);
    free(order);
    return rc;
}

vg_code features_print(const struct features *f, const struct feature_sink *sink, vg_err *err)
{
    struct by_text *order = vg_alloc(f->users.count * sizeof *order);
    for (size_t i = 0; i < f->users.count; i++)
        order[i] = (struct by_text){f->users.keys[i], i};
    sort_by_text(order, f->users.count);
    vg_code rc = VG_OK;
    struct profile room;
    for (size_t i = 0; i < f->users.count && !rc; i++)
        rc = print_trader(f, profiles_read(&f->profiles, (uint32_t)order[i].index, &room), sink, err);
    free(order);
    return rc;
}

vg_code features_marked(const struct features *f, int32_t day,
                        void (*take)(void *ctx, vg_slice user, vg_dec20 total, vg_dec20 worth), void *ctx, vg_err *err)
{
    struct profile room;
    for (size_t i = 0; i < f->users.count; i++) {
        const struct profile *p = profiles_read(&f->profiles, (uint32_t)i, &room);
        bool ok = true;
        vg_dec20 worth = features_value_at(f, p, day, &ok), since, total = p->mtm_series.total;
        ok = ok && !__builtin_sub_overflow(worth, p->today.value_before, &since) &&
             !__builtin_add_overflow(total, since, &total);
        if (!ok)
            return vg_fail(err, VG_ELIMIT, "%.*s: the marked profit leaves 128 bits", (int)f->users.keys[i].n,
                           f->users.keys[i].p);
        take(ctx, f->users.keys[i], total, worth);
    }
    return VG_OK;
}

bool features_close_price(const struct features *f, vg_slice coin, int32_t day, vg_dec *price)
{
    uint32_t id = intern_find(&f->coins.names, coin.p, coin.n);
    return id != UINT32_MAX && prints_close(prints_of(f->prints, id), day, price);
}
