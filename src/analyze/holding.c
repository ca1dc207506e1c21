#include "analyze/holding.h"

#define BUCKET_MS 300000
#define MINUTE_MS 60000

void episode_list_add(struct episode_list *list, const struct episode_row *row)
{
    if (list->n == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 256;
        list->items = vg_realloc(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->n++] = *row;
}

static void add(vg_dec20 *sum, vg_dec20 value, bool *ok) { *ok &= vg_dec_add(*sum, value, sum); }
static vg_dec20 multiply(vg_dec a, vg_dec b, bool *ok)
{
    vg_dec20 product = 0;
    *ok &= vg_dec_mul(a, b, &product);
    return product;
}

static void keep_largest(__int128 *largest, __int128 value)
{
    if (value > *largest) *largest = value;
}

/* floor(a part / whole) for 0 < part < whole; where the product overflows, by binary long multiplication. */
static vg_dec20 share_of(vg_dec20 a, vg_dec part, vg_dec whole)
{
    vg_dec20 product;
    if (vg_dec_mul(a, part, &product)) return product / whole - (product % whole < 0);
    unsigned __int128 left = a < 0 ? -(unsigned __int128)a : (unsigned __int128)a, remainder = 0, quotient = 0;
    for (int bit = 127; bit >= 0; bit--) { /* quotient, remainder = (the bits of a so far) part / whole */
        quotient *= 2;
        remainder *= 2;
        if (left >> bit & 1) remainder += (unsigned __int128)part;
        quotient += remainder / (unsigned __int128)whole;
        remainder %= (unsigned __int128)whole;
    }
    return a >= 0 ? (vg_dec20)quotient : -(vg_dec20)quotient - (remainder != 0);
}

static void begin_episode(struct holding *h, const struct fill_row *r, bool opening_seen)
{
    uint32_t serial = h->episode.serial + 1;
    h->episode = (struct episode){
        .serial = serial, .left_censored = !opening_seen, .open_ms = r->time_ms, .last_ms = r->time_ms};
    h->entry_known = h->opening_seen = opening_seen;
    h->entry = h->opening_ms = 0;
}

static struct episode_row episode_ends(const struct holding *h, vg_dec held, int64_t ms)
{
    return (struct episode_row){.trader = h->trader,
                                .coin = h->coin,
                                .close_ms = ms,
                                .is_long = held > 0,
                                .entry = h->entry_known ? h->entry : (double)NAN,
                                .episode = h->episode};
}

static void break_episode(struct holding *h, const struct holding_context *c)
{
    struct episode_row row = episode_ends(h, h->quantity, h->episode.last_ms);
    row.end = EPISODE_BROKEN_BY_GAP;
    row.position = h->quantity;
    episode_list_add(c->episodes, &row);
    c->profile->episode_broken_count++;
}

static void count_hold_time(struct profile *p, const struct episode *e, int64_t ms)
{
    p->held_count++;
    p->held_ms += ms;
    if (e->gross > 0) {
        p->held_winner_count++;
        p->held_winner_ms += ms;
    } else if (e->gross < 0) {
        p->held_loser_count++;
        p->held_loser_ms += ms;
    }
}

static void complete_episode(struct holding *h, const struct fill_row *r, const struct holding_context *c, vg_dec held,
                             bool *ok)
{
    struct profile *p = c->profile;
    const struct episode *e = &h->episode;
    struct episode_row row = episode_ends(h, held, r->time_ms);
    vg_dec20 net = e->gross - e->fees;
    episode_list_add(c->episodes, &row);
    p->episode_count++;
    p->today.episode_count++;
    p->episode_wins += net > 0;
    p->episode_losses += net < 0;
    if (net > 0) add(&p->episode_profit, net, ok);
    if (net < 0) add(&p->episode_loss, -net, ok);
    keep_largest(&p->largest_episode, net);
    if (!e->left_censored) count_hold_time(p, e, r->time_ms - e->open_ms);
    if (h->outcome < 0) {
        add(&p->opened_after_loss, e->opened, ok);
        p->count_after_loss++;
    } else if (h->outcome > 0) {
        add(&p->opened_after_win, e->opened, ok);
        p->count_after_win++;
    }
    h->outcome = (int8_t)((net > 0) - (net < 0));
}

/* The position before this row: what was left, unless it changed without a fill. */
static void arrive(struct holding *h, const struct fill_row *r, const struct holding_context *c, bool *ok)
{
    struct profile *p = c->profile;
    if (h->seen && h->quantity == r->start) return;
    if (h->seen) {
        p->gap_count++;
        if (h->quantity != 0) break_episode(h, c);
        add(&p->today.paid, multiply(r->start - h->quantity, r->price, ok), ok); /* moves no money */
        h->outcome = 0;
    } else {
        add(&p->today.value_before, multiply(r->start, c->base_price, ok), ok);
        p->left_censored = p->left_censored || r->start != 0;
    }
    h->seen = true;
    h->quantity = r->start;
    if (r->start != 0) begin_episode(h, r, false);
}

/* Part of an episode's row, for a flip both. */
static void add_to_episode(struct holding *h, const struct fill_row *r, const struct holding_context *c,
                           vg_dec20 notional, vg_dec20 fee, bool *ok)
{
    struct episode *e = &h->episode;
    e->fills++;
    e->last_ms = r->time_ms;
    e->liquidated = e->liquidated || r->own_liquidation;
    if (!r->is_taker) add(&e->maker, notional, ok);
    add(&e->fees, fee, ok);
    if (c->order && c->order->episode != ORDER_EPISODE(e->serial)) {
        e->orders++;
        c->order->episode = ORDER_EPISODE(e->serial);
    }
}

static void close_part(struct holding *h, const struct fill_row *r, const struct holding_context *c, vg_dec closing,
                       vg_dec20 fee, bool *ok)
{
    struct profile *p = c->profile;
    struct episode *e = &h->episode;
    vg_dec20 notional = multiply(closing, r->price, ok), pnl = 0;
    *ok &= vg_dec_widen(r->pnl, &pnl);
    add_to_episode(h, r, c, notional, fee, ok);
    *ok &= vg_dec_add(e->closed_size, closing, &e->closed_size);
    add(&e->closed, notional, ok);
    add(&e->gross, pnl, ok);
    add(&p->closed_notional, notional, ok);
    double weight = vg_dec20_double(notional);
    if (!h->entry_known && r->has_pnl) {
        double per_coin = vg_dec_double(r->pnl) / vg_dec_double(closing);
        h->entry = vg_dec_double(r->price) - (h->quantity > 0 ? per_coin : -per_coin);
        h->entry_known = true;
    }
    if (h->opening_seen) {
        p->hold_weighted += weight * ((double)r->time_ms - h->opening_ms);
        p->hold_weight += weight;
    }
    vg_dec held = h->quantity;
    h->quantity += r->is_buy ? closing : -closing;
    if (h->quantity == 0) complete_episode(h, r, c, held, ok);
}

#define TIE 1e-9 /* of the entry: a price this near to it neither wins nor loses */

/* Adding to a losing position. */
static void judge_adding(const struct holding *h, const struct fill_row *r, struct profile *p, vg_dec20 notional,
                         bool *ok)
{
    if (!h->entry_known) return;
    double price = vg_dec_double(r->price);
    add(&p->added_notional, notional, ok);
    if (r->is_buy ? price < h->entry * (1 - TIE) : price > h->entry * (1 + TIE)) add(&p->added_losing, notional, ok);
}

static void open_part(struct holding *h, const struct fill_row *r, const struct holding_context *c, vg_dec opening,
                      vg_dec20 fee, bool *ok)
{
    struct profile *p = c->profile;
    vg_dec20 notional = multiply(opening, r->price, ok);
    double price = vg_dec_double(r->price), held = vg_dec_double(vg_dec_abs(h->quantity)),
           size = vg_dec_double(opening);
    if (h->quantity == 0) {
        begin_episode(h, r, true);
        h->entry = price;
        h->opening_ms = (double)r->time_ms;
    } else {
        judge_adding(h, r, p, notional, ok);
        h->entry = (held * h->entry + size * price) / (held + size);
        h->opening_ms = (held * h->opening_ms + size * (double)r->time_ms) / (held + size);
    }
    struct episode *e = &h->episode;
    add_to_episode(h, r, c, notional, fee, ok);
    *ok &= vg_dec_add(e->opened_size, opening, &e->opened_size);
    add(&e->opened, notional, ok);
    add(r->is_buy ? &p->long_open : &p->short_open, notional, ok);
    *ok &= vg_dec_add(h->quantity, r->is_buy ? opening : -opening, &h->quantity);
}

/* What side, size and position say that the exchange's word must be. */
static enum direction ordinary_direction(const struct fill_row *r)
{
    if (r->is_buy)
        return r->start >= 0          ? DIRECTION_OPEN_LONG
               : r->size <= -r->start ? DIRECTION_CLOSE_SHORT
                                      : DIRECTION_SHORT_TO_LONG;
    return r->start <= 0 ? DIRECTION_OPEN_SHORT : r->size <= r->start ? DIRECTION_CLOSE_LONG : DIRECTION_LONG_TO_SHORT;
}

static void move(struct holding *h, const struct fill_row *r, const struct holding_context *c, bool *ok)
{
    struct profile *p = c->profile;
    bool opposed = r->is_buy ? h->quantity < 0 : h->quantity > 0;
    vg_dec held = vg_dec_abs(h->quantity), closing = !opposed ? 0 : r->size < held ? r->size : held;
    vg_dec opening = r->size - closing;
    vg_dec20 fee_of_close = opening == 0 ? r->fee_usd : closing == 0 ? 0 : share_of(r->fee_usd, closing, r->size);
    if (direction_is_ordinary(r->direction)) p->direction_mismatches += r->direction != ordinary_direction(r);
    if (h->quantity != 0) keep_largest(&h->episode.largest, held);
    if (closing > 0) close_part(h, r, c, closing, fee_of_close, ok);
    if (opening > 0) open_part(h, r, c, opening, r->fee_usd - fee_of_close, ok);
    if (h->quantity != 0) keep_largest(&h->episode.largest, vg_dec_abs(h->quantity));
}

/* The position since the last row, on full minutes. */
static void add_inventory(struct holding *h, int64_t now_ms)
{
    int64_t points = vg_floor_div(now_ms, MINUTE_MS) - vg_floor_div(h->last_ms, MINUTE_MS);
    if (points <= 0) return;
    double held = vg_dec_double(h->quantity);
    if (h->on_grid) {
        h->grid_products += h->grid_last * held;
        h->grid_squares += h->grid_last * h->grid_last;
    }
    h->grid_products += (double)(points - 1) * held * held;
    h->grid_squares += (double)(points - 1) * held * held;
    h->grid_last = held;
    h->on_grid = true;
}

/* Time with positions, up to this row; then the trader's gross notional after it. */
static void pass_time(struct holding *h, const struct fill_row *r, struct profile *p, bool *ok)
{
    if (p->gross > 0 && r->time_ms > p->last_perp_ms) {
        double passed = (double)(r->time_ms - p->last_perp_ms);
        p->gross_time += vg_dec20_double(p->gross) * passed;
        p->position_time += passed;
    }
    p->last_perp_ms = r->time_ms;
    if (!h->seen) return;
    vg_dec20 value = multiply(vg_dec_abs(h->quantity), h->last_price, ok);
    if (r->time_ms > h->last_ms) p->holding_time += vg_dec20_double(value) * (double)(r->time_ms - h->last_ms);
    add(&p->gross, -value, ok);
    add_inventory(h, r->time_ms);
}

static void add_perp(struct holding *h, const struct fill_row *r, const struct holding_context *c, bool *ok)
{
    struct profile *p = c->profile;
    pass_time(h, r, p, ok);
    arrive(h, r, c, ok);
    if (!r->stays) move(h, r, c, ok);
    vg_dec20 value = multiply(vg_dec_abs(h->quantity), r->price, ok);
    add(&p->gross, value, ok);
    keep_largest(&p->peak_gross, p->gross);
    keep_largest(&p->largest_position, value);
    add(&p->today.paid, r->is_buy ? r->notional : -r->notional, ok);
    add(&p->today.perp_fees, r->fee_usd, ok);
    h->last_ms = r->time_ms;
    h->last_price = r->price;
}

static void add_bucket(struct holding *h, const struct fill_row *r, struct profile *p, bool *ok)
{
    int64_t bucket = vg_floor_div(r->time_ms, BUCKET_MS);
    if (bucket != h->bucket) {
        h->bucket = bucket;
        h->bought = h->sold = 0;
    }
    vg_dec20 before = h->bought < h->sold ? h->bought : h->sold;
    add(r->is_buy ? &h->bought : &h->sold, r->notional, ok);
    vg_dec20 after = h->bought < h->sold ? h->bought : h->sold;
    add(&p->two_sided_volume, after - before, ok);
}

static void add_money(struct holding *h, const struct fill_row *r, bool *ok)
{
    vg_dec20 pnl = 0;
    *ok &= vg_dec_widen(r->pnl, &pnl);
    if (h->fill_count == 0 || r->time_ms < h->first_ms) h->first_ms = r->time_ms;
    if (h->fill_count == 0 || r->time_ms > h->newest_ms) h->newest_ms = r->time_ms;
    h->fill_count++;
    add(&h->volume, r->notional, ok);
    if (r->is_buy) add(&h->buy_volume, r->notional, ok);
    if (r->is_taker) add(&h->taker_volume, r->notional, ok);
    add(&h->pnl, pnl, ok);
    add(&h->fees, r->fee_usd, ok);
    add(&h->net_pnl, r->net_pnl, ok);
}

bool holding_add(struct holding *h, const struct fill_row *r, const struct holding_context *c)
{
    bool ok = true;
    struct profile *p = c->profile;
    add_money(h, r, &ok);
    if (h->last_day != r->day) p->today.unique_coins++;
    h->last_day = r->day;
    if (r->own_liquidation) {
        p->liquidation_count += h->liquidation_key != r->liquidation_key;
        h->liquidation_key = r->liquidation_key;
    }
    if (!r->is_system) add_bucket(h, r, p, &ok);
    if (coin_is_perp(r->kind)) {
        add_perp(h, r, c, &ok);
    } else if (!h->seen) {
        h->seen = true;
        p->left_censored = p->left_censored || r->start != 0;
    }
    return ok;
}

double holding_half_life(const struct holding *h)
{
    double f = h->grid_products / h->grid_squares;
    if (!(h->grid_squares > 0) || f >= 1) return (double)NAN;
    return f <= 0 ? 0 : -log(2.0) / log(f);
}

struct episode_row holding_open_episode(const struct holding *h)
{
    return (struct episode_row){.trader = h->trader,
                                .coin = h->coin,
                                .end = EPISODE_OPEN,
                                .position = h->quantity,
                                .is_long = h->quantity > 0,
                                .entry = h->entry_known ? h->entry : (double)NAN,
                                .episode = h->episode};
}

static double average_price(vg_dec20 notional, vg_dec size)
{
    return size == 0 ? (double)NAN : vg_dec20_double(notional) / vg_dec_double(size);
}

void episode_print(const struct episode_row *row, vg_slice trader, vg_slice coin, vg_dec last_price,
                   struct feature_value out[EPISODE_COLUMN_COUNT])
{
    const struct episode *e = &row->episode;
    bool open = row->end == EPISODE_OPEN;
    out[EPISODE_USER_ADDRESS] = feature_text(trader);
    out[EPISODE_COIN] = feature_text(coin);
    out[EPISODE_SIDE] = feature_text(row->is_long ? VG_SLICE("long") : VG_SLICE("short"));
    out[EPISODE_OPEN_TIME] = feature_int(e->open_ms * 1000);
    out[EPISODE_CLOSE_TIME] = open ? feature_null() : feature_int(row->close_ms * 1000);
    out[EPISODE_MAX_SIZE] = feature_decimal(e->largest);
    out[EPISODE_OPENED_NOTIONAL] = feature_decimal(e->opened);
    out[EPISODE_CLOSED_NOTIONAL] = feature_decimal(e->closed);
    out[EPISODE_ENTRY_VWAP] = feature_number(average_price(e->opened, e->opened_size));
    out[EPISODE_EXIT_VWAP] = feature_number(average_price(e->closed, e->closed_size));
    out[EPISODE_GROSS_PNL] = feature_decimal(e->gross);
    out[EPISODE_FEES_USD] = feature_decimal(e->fees);
    out[EPISODE_NET_PNL] = feature_decimal(e->gross - e->fees);
    out[EPISODE_FILLS] = feature_int(e->fills);
    out[EPISODE_ORDERS] = feature_int(e->orders);
    vg_dec20 volume = e->opened + e->closed;
    out[EPISODE_MAKER_SHARE] = feature_number(vg_dec20_double(e->maker) / vg_dec20_double(volume));
    out[EPISODE_LIQUIDATED] = feature_int(e->liquidated);
    out[EPISODE_LEFT_CENSORED] = feature_int(e->left_censored);
    out[EPISODE_BROKEN] = feature_int(row->end == EPISODE_BROKEN_BY_GAP);
    out[EPISODE_POSITION] = feature_decimal(row->position);
    out[EPISODE_ENTRY] = feature_number(row->end == EPISODE_COMPLETED ? (double)NAN : row->entry);
    out[EPISODE_LAST_PRICE] = open && last_price ? feature_decimal(last_price) : feature_null();
}

void holding_print(const struct holding *h, vg_slice trader, vg_slice coin, enum coin_kind kind,
                   struct feature_value out[TRADER_COIN_COLUMN_COUNT])
{
    out[TRADER_COIN_USER_ADDRESS] = feature_text(trader);
    out[TRADER_COIN_COIN] = feature_text(coin);
    out[TRADER_COIN_KIND] = feature_text(vg_slice_of(coin_kind_name(kind)));
    out[TRADER_COIN_FILL_COUNT] = feature_int((int64_t)h->fill_count);
    out[TRADER_COIN_FIRST_TRADE] = feature_int(h->first_ms * 1000);
    out[TRADER_COIN_LAST_TRADE] = feature_int(h->newest_ms * 1000);
    out[TRADER_COIN_VOLUME] = feature_decimal(h->volume);
    out[TRADER_COIN_BUY_VOLUME] = feature_decimal(h->buy_volume);
    out[TRADER_COIN_TAKER_VOLUME] = feature_decimal(h->taker_volume);
    out[TRADER_COIN_REALIZED_PNL] = feature_decimal(h->pnl);
    out[TRADER_COIN_FEES_PAID] = feature_decimal(h->fees);
    out[TRADER_COIN_NET_PNL] = feature_decimal(h->net_pnl);
}

static bool episode_is_sound(const struct episode *e)
{
    return state_is_bool(&e->liquidated) && state_is_bool(&e->left_censored) && state_is_ms(e->open_ms) &&
           state_is_ms(e->last_ms) && state_is_sum(e->opened) && state_is_sum(e->closed) && state_is_sum(e->gross) &&
           state_is_sum(e->fees);
}

bool holding_is_sound(const struct holding *h)
{
    return state_is_bool(&h->seen) && state_is_bool(&h->entry_known) && state_is_bool(&h->opening_seen) &&
           state_is_bool(&h->on_grid) && state_is_ms(h->last_ms) && state_is_ms(h->first_ms) &&
           state_is_ms(h->newest_ms) && state_is_sum(h->volume) && state_is_sum(h->buy_volume) &&
           state_is_sum(h->taker_volume) && state_is_sum(h->pnl) && state_is_sum(h->fees) && state_is_sum(h->net_pnl) &&
           state_is_sum(h->quantity) && state_is_sum(h->last_price) && state_is_sum(h->bought) &&
           state_is_sum(h->sold) && episode_is_sound(&h->episode);
}
