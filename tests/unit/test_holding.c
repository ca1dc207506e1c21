#include "analyze/holding.h"

#include <math.h>

#include "support.h"

#define MINUTE INT64_C(60000)

/* One trader in one coin. */
struct world {
    struct profile profile;
    struct holding holding;
    struct orders orders;
    struct episode_list episodes;
    vg_dec base_price;
    int64_t order_id; /* of the next fill */
};

static void release(struct world *w)
{
    profile_release(&w->profile);
    orders_release(&w->orders);
    free(w->episodes.items);
    *w = (struct world){0};
}

static bool add_to(struct world *w, struct holding *h, struct fill_row r)
{
    bool is_new;
    struct holding_context context = {&w->profile, NULL, &w->episodes, w->base_price};
    if (!vg_dec_mul(r.price, r.size, &r.notional)) return false;
    if (!r.is_system) context.order = orders_of(&w->orders, 0, w->order_id, &is_new);
    return holding_add(h, &r, &context);
}

static bool add_row(struct world *w, struct fill_row r) { return add_to(w, &w->holding, r); }

static struct fill_row row(int64_t ms, const char *side, const char *price, const char *size, const char *start)
{
    return (struct fill_row){.time_ms = ms,
                             .kind = COIN_PERP,
                             .is_taker = true,
                             .is_buy = *side == 'B',
                             .has_pnl = true,
                             .price = dec(price),
                             .size = dec(size),
                             .start = dec(start)};
}

static vg_dec20 usd(const char *text) { return (vg_dec20)dec(text) * VG_DEC_ONE; }

static void add(struct world *w, int64_t ms, const char *side, const char *price, const char *size, const char *start,
                const char *pnl, const char *fee)
{
    struct fill_row r = row(ms, side, price, size, start);
    r.pnl = dec(pnl);
    r.fee_usd = usd(fee);
    assert_true(add_row(w, r));
}

static void completes_an_episode_over_partial_closes(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 1000, "B", "10.0", "2.0", "0.0", "0.0", "0.1");
    w.order_id = 2;
    add(&w, 61000, "B", "13.0", "1.0", "2.0", "0.0", "0.1"); /* 3 at 11 */
    add(&w, 121000, "A", "14.0", "1.0", "3.0", "3.0", "0.2");
    assert_int_equal(w.episodes.n, 0);
    assert_near(w.holding.entry, 11);
    w.order_id = 3;
    struct fill_row last = row(181000, "A", "10.0", "2.0", "2.0");
    last.pnl = dec("-2.0");
    last.fee_usd = usd("-0.05"); /* a rebate: a maker */
    last.is_taker = false;
    assert_true(add_row(&w, last));
    assert_int_equal(w.episodes.n, 1);
    const struct episode_row *e = &w.episodes.items[0];
    assert_int_equal(e->end, EPISODE_COMPLETED);
    assert_true(e->is_long && e->position == 0 && e->close_ms == 181000 && e->episode.open_ms == 1000);
    assert_true(e->episode.largest == dec("3.0"));
    assert_true(e->episode.opened == usd("33.0") && e->episode.opened_size == dec("3.0"));
    assert_true(e->episode.closed == usd("34.0") && e->episode.closed_size == dec("3.0"));
    assert_true(e->episode.gross == usd("1.0") && e->episode.fees == usd("0.35"));
    assert_true(e->episode.maker == usd("20.0"));
    assert_true(e->episode.fills == 4 && e->episode.orders == 3);
    assert_false(e->episode.left_censored || e->episode.liquidated);
    const struct profile *p = &w.profile;
    assert_true(p->episode_count == 1 && p->episode_wins == 1 && p->episode_losses == 0);
    assert_true(p->episode_profit == usd("0.65") && p->largest_episode == usd("0.65"));
    assert_true(p->held_count == 1 && p->held_ms == 180000 && p->held_winner_ms == 180000);
    assert_true(p->long_open == usd("33.0") && p->short_open == 0 && p->closed_notional == usd("34.0"));
    /* opened at 1000 and 61000, on average at 21000: 14 x 100 s + 20 x 160 s */
    assert_near(p->hold_weighted, 14e0 * 100000 + 20e0 * 160000);
    assert_near(p->hold_weight, 34);
    /* 20 dollars for a minute, 39 for one, 28 for one */
    assert_near(p->holding_time, (20 + 39 + 28) * 60000.0);
    assert_near(p->position_time, 180000);
    assert_true(p->peak_gross == usd("39.0") && p->gross == 0 && p->largest_position == usd("39.0"));
    struct feature_value out[EPISODE_COLUMN_COUNT];
    episode_print(e, VG_SLICE("0x"), VG_SLICE("AAA"), 0, out);
    assert_slice_is(out[EPISODE_SIDE].text, "long");
    assert_true(out[EPISODE_OPEN_TIME].integer == 1000000 && out[EPISODE_CLOSE_TIME].integer == 181000000);
    assert_near(out[EPISODE_ENTRY_VWAP].number, 11);
    assert_near(out[EPISODE_EXIT_VWAP].number, 34.0 / 3);
    assert_near(out[EPISODE_MAKER_SHARE].number, 20.0 / 67);
    assert_true(out[EPISODE_NET_PNL].decimal == usd("0.65"));
    assert_true(out[EPISODE_ENTRY].null && out[EPISODE_LAST_PRICE].null);
    release(&w);
}

static void splits_a_flip_into_two_episodes(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 1000, "B", "10.0", "1.0", "0.0", "0.0", "0.0");
    w.order_id = 2;
    add(&w, 2000, "A", "12.0", "3.0", "1.0", "2.0", "0.0000000001");
    assert_int_equal(w.episodes.n, 1);
    const struct episode *e = &w.episodes.items[0].episode;
    assert_true(e->gross == usd("2.0") && e->closed == usd("12.0") && e->fills == 2 && e->orders == 2);
    assert_true(e->fees == 3333333333); /* a third of 1e-10, down to 1e-20 */
    assert_true(w.holding.quantity == dec("-2.0"));
    assert_near(w.holding.entry, 12);
    struct episode_row open = holding_open_episode(&w.holding);
    assert_true(open.end == EPISODE_OPEN && !open.is_long && open.position == dec("-2.0"));
    assert_true(open.episode.fees == 6666666667 && open.episode.opened == usd("24.0"));
    assert_true(open.episode.fills == 1 && open.episode.orders == 1 && open.episode.open_ms == 2000);
    assert_true(open.episode.serial == 2 && !open.episode.left_censored);
    assert_true(w.profile.short_open == usd("24.0") && w.profile.long_open == usd("10.0"));
    struct feature_value out[EPISODE_COLUMN_COUNT];
    episode_print(&open, VG_SLICE("0x"), VG_SLICE("AAA"), dec("11.0"), out);
    assert_slice_is(out[EPISODE_SIDE].text, "short");
    assert_true(out[EPISODE_CLOSE_TIME].null && out[EPISODE_EXIT_VWAP].null);
    assert_true(out[EPISODE_POSITION].decimal == dec("-2.0") && out[EPISODE_LAST_PRICE].decimal == dec("11.0"));
    assert_near(out[EPISODE_ENTRY].number, 12);
    add(&w, 3000, "B", "11.0", "2.0", "-2.0", "2.0", "0.0");
    assert_true(w.episodes.n == 2 && !w.episodes.items[1].is_long);
    assert_true(w.profile.episode_count == 2 && w.profile.held_ms == 2000);
    release(&w);
}

/* a x b as two halves, neither negative. */
struct product {
    unsigned __int128 high, low;
};
static struct product multiplied(unsigned __int128 a, unsigned __int128 b)
{
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a, b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    unsigned __int128 low = (unsigned __int128)a0 * b0, m1 = (unsigned __int128)a1 * b0,
                      m2 = (unsigned __int128)a0 * b1;
    unsigned __int128 middle = (low >> 64) + (uint64_t)m1 + (uint64_t)m2;
    return (struct product){(unsigned __int128)a1 * b1 + (m1 >> 64) + (m2 >> 64) + (middle >> 64),
                            middle << 64 | (uint64_t)low};
}
static bool less(struct product a, struct product b) { return a.high != b.high ? a.high < b.high : a.low < b.low; }

/* The share of the fee that the closed part of a flip carries. */
static vg_dec20 fee_of_close(vg_dec20 fee, vg_dec closing, vg_dec size)
{
    struct world w = {.order_id = 1};
    struct fill_row r = {.kind = COIN_PERP, .is_buy = true, .price = 1, .size = closing};
    assert_true(add_row(&w, r));
    r = (struct fill_row){.kind = COIN_PERP, .price = 1, .size = size, .start = closing, .fee_usd = fee};
    assert_true(add_row(&w, r));
    vg_dec20 share = w.episodes.items[0].episode.fees;
    assert_true(w.holding.episode.fees == fee - share);
    release(&w);
    return share;
}

/* share = floor(fee closing / size), that is share size <= fee closing < (share + 1) size. */
static void assert_share(vg_dec20 fee, vg_dec closing, vg_dec size)
{
    vg_dec20 share = fee_of_close(fee, closing, size);
    unsigned __int128 part = (unsigned __int128)closing, whole = (unsigned __int128)size;
    if (fee >= 0) {
        struct product exact = multiplied((unsigned __int128)fee, part);
        assert_true(share >= 0 && !less(exact, multiplied((unsigned __int128)share, whole)));
        assert_true(less(exact, multiplied((unsigned __int128)share + 1, whole)));
    } else {
        struct product exact = multiplied(-(unsigned __int128)fee, part);
        assert_true(share <= 0 && !less(multiplied(-(unsigned __int128)share, whole), exact));
        if (share < 0) assert_true(less(multiplied(-(unsigned __int128)share - 1, whole), exact));
    }
}

static void splits_the_fee_of_a_flip_rounded_down(void **state)
{
    (void)state;
    assert_true(fee_of_close(10, 1, 3) == 3);
    assert_true(fee_of_close(-10, 1, 3) == -4); /* a rebate: down, not towards 0 */
    assert_true(fee_of_close(-9, 1, 3) == -3);
    assert_true(fee_of_close(0, 1, 3) == 0);
    assert_true(fee_of_close(-1, 1, 3) == -1);
    /* 10^37 x 3/7 and its negative: the product has 57 digits */
    vg_dec20 e37 = (vg_dec20)10000000000000000000u * 1000000000000000000u, e19 = (vg_dec20)10000000000000000000u;
    vg_dec20 third = ((vg_dec20)4285714285714285714u * 1000000000000000000) + 285714285714285714;
    assert_true(fee_of_close(e37, 3 * e19, 7 * e19) == third);
    assert_true(fee_of_close(-e37, 3 * e19, 7 * e19) == -third - 1);
    struct vg_rng rng;
    vg_rng_init(&rng, 4);
    for (int i = 0; i < 5000; i++) {
        int bits = 1 + (int)vg_rng_below(&rng, 126);
        vg_dec20 fee = (vg_dec20)(((unsigned __int128)vg_rng_next(&rng) << 64 | vg_rng_next(&rng)) >> (128 - bits));
        vg_dec size = 2 + (vg_dec)(((unsigned __int128)vg_rng_next(&rng) << 32) >> vg_rng_below(&rng, 95));
        vg_dec closing = 1 + (vg_dec)(vg_rng_next(&rng) % (uint64_t)(size > INT64_MAX ? INT64_MAX : size - 1));
        if (vg_rng_below(&rng, 4) == 0) closing = size - 1; /* nearly all of it */
        assert_share(vg_rng_below(&rng, 2) ? fee : -fee, closing, size);
    }
}

static void breaks_the_episode_at_a_gap(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 1000, "B", "10.0", "2.0", "0.0", "0.0", "0.0");
    vg_dec20 paid = w.profile.today.paid;
    add(&w, 2000, "A", "20.0", "1.0", "5.0", "10.0", "0.0"); /* three came without a fill */
    const struct profile *p = &w.profile;
    assert_true(p->gap_count == 1 && p->episode_broken_count == 1 && p->episode_count == 0);
    assert_true(w.episodes.n == 1 && w.episodes.items[0].end == EPISODE_BROKEN_BY_GAP);
    assert_true(w.episodes.items[0].position == dec("2.0") && w.episodes.items[0].close_ms == 1000);
    assert_true(w.holding.quantity == dec("4.0") && w.holding.episode.left_censored);
    assert_true(w.holding.episode.open_ms == 2000 && w.holding.episode.largest == dec("5.0"));
    assert_near(w.holding.entry, 10); /* as its first close says */
    /* three coins at 20 came, one was sold for 20: the mark to market sees no money in it */
    assert_true(p->today.paid == paid + usd("60.0") - usd("20.0"));
    add(&w, 3000, "A", "20.0", "4.0", "4.0", "40.0", "0.0");
    assert_true(p->episode_count == 1 && p->held_count == 0 && w.episodes.items[1].episode.left_censored);
    add(&w, 4000, "B", "20.0", "1.0", "7.0", "0.0", "0.0"); /* a gap while flat breaks nothing */
    assert_true(p->gap_count == 2 && p->episode_broken_count == 1 && !w.holding.entry_known);
    add(&w, 5000, "B", "20.0", "1.0", "0.0", "0.0", "0.0"); /* the position went away */
    assert_true(p->gap_count == 3 && p->episode_broken_count == 2 && w.holding.opening_seen);
    assert_true(isnan(w.episodes.items[2].entry));
    struct feature_value out[EPISODE_COLUMN_COUNT];
    episode_print(&w.episodes.items[2], VG_SLICE("0x"), VG_SLICE("AAA"), 0, out);
    assert_true(out[EPISODE_BROKEN].integer == 1 && out[EPISODE_ENTRY].null && out[EPISODE_LAST_PRICE].null);
    release(&w);
}

static void takes_the_entry_of_a_position_brought_along_from_its_first_close(void **state)
{
    (void)state;
    struct world w = {.order_id = 1, .base_price = dec("15.0")};
    add(&w, 1000, "B", "16.0", "1.0", "-3.0", "4.0", "0.0"); /* a short of 3 from 20 */
    assert_true(w.profile.left_censored && w.profile.gap_count == 0);
    assert_true(w.profile.today.value_before == usd("-45.0"));
    assert_true(w.holding.entry_known && !w.holding.opening_seen);
    assert_near(w.holding.entry, 20);
    add(&w, 2000, "A", "23.0", "1.0", "-2.0", "0.0", "0.0"); /* adds to what is known to lose */
    assert_true(w.profile.added_notional == usd("23.0") && w.profile.added_losing == usd("23.0"));
    add(&w, 3000, "A", "19.0", "1.0", "-3.0", "0.0", "0.0");
    assert_true(w.profile.added_notional == usd("42.0") && w.profile.added_losing == usd("23.0"));
    assert_near(w.holding.entry, (2 * 20 + 23 + 19) / 4.0);
    add(&w, 4000, "B", "16.0", "4.0", "-4.0", "8.0", "1.0");
    assert_true(w.profile.episode_count == 1 && w.profile.held_count == 0 && w.profile.hold_weight == 0);
    assert_true(w.episodes.items[0].episode.left_censored);
    release(&w);
}

static void does_not_move_for_a_trade_with_oneself(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 1000, "B", "10.0", "2.0", "0.0", "0.0", "0.0");
    struct fill_row buy = row(2000, "B", "11.0", "1.0", "2.0"), sell = row(2000, "A", "11.0", "1.0", "2.0");
    buy.self_trade = sell.self_trade = buy.stays = sell.stays = true;
    buy.fee_usd = usd("0.25");
    vg_dec20 paid = w.profile.today.paid;
    assert_true(add_row(&w, buy) && add_row(&w, sell));
    assert_true(w.holding.quantity == dec("2.0") && w.profile.gap_count == 0 && w.holding.episode.fills == 1);
    assert_true(w.holding.volume == usd("42.0") && w.profile.today.paid == paid);
    assert_true(w.profile.today.perp_fees == usd("0.25") && w.profile.gross == usd("22.0"));
    /* where each row shows the position after the other, it moves there and back */
    buy.stays = sell.stays = false;
    sell.start = dec("3.0");
    assert_true(add_row(&w, buy) && add_row(&w, sell));
    assert_true(w.holding.quantity == dec("2.0") && w.profile.gap_count == 0 && w.holding.episode.fills == 3);
    release(&w);
}

/* Rows of a random walk that chain, with the quantity after each. */
struct walk {
    struct fill_row rows[300];
    vg_dec after[300];
    size_t n;
};

static struct walk random_walk(struct vg_rng *rng, int64_t start_ms, bool ends_flat)
{
    struct walk walk = {0};
    vg_dec held = 0;
    int64_t ms = start_ms;
    walk.n = 2 + vg_rng_below(rng, 200);
    for (size_t i = 0; i < walk.n; i++) {
        struct fill_row *r = &walk.rows[i];
        ms += (int64_t)vg_rng_below(rng, vg_rng_below(rng, 4) ? 20000 : 400000);
        if (vg_rng_below(rng, 6) == 0) ms -= ms % MINUTE; /* now and then on a full minute */
        if (i && ms < walk.rows[i - 1].time_ms) ms = walk.rows[i - 1].time_ms;
        *r = (struct fill_row){.kind = COIN_PERP, .time_ms = ms, .price = VG_DEC_ONE, .start = held};
        r->is_buy = vg_rng_below(rng, 2) != 0;
        r->size = (vg_dec)(1 + vg_rng_below(rng, 9)) * VG_DEC_ONE;
        if (ends_flat && i + 1 == walk.n) {
            r->is_buy = held < 0;
            r->size = held ? vg_dec_abs(held) : r->size;
        }
        held += r->is_buy ? r->size : -r->size;
        walk.after[i] = held;
    }
    return walk;
}

static void finds_the_half_life_of_brute_force_on_a_grid_of_minutes(void **state)
{
    (void)state;
    struct vg_rng rng;
    for (uint64_t seed = 0; seed < 40; seed++) {
        vg_rng_init(&rng, seed);
        struct walk walk = random_walk(&rng, (int64_t)vg_rng_below(&rng, 100 * MINUTE), false);
        struct world w = {.order_id = 1};
        for (size_t i = 0; i < walk.n; i++)
            assert_true(add_row(&w, walk.rows[i]));
        /* on each full minute, the position before the rows of that very millisecond */
        double last = 0, products = 0, squares = 0;
        bool any = false;
        int64_t from = walk.rows[0].time_ms / MINUTE + 1, to = walk.rows[walk.n - 1].time_ms / MINUTE;
        size_t at = 0;
        for (int64_t minute = from; minute <= to; minute++) {
            while (at + 1 < walk.n && walk.rows[at + 1].time_ms < minute * MINUTE)
                at++;
            double held = vg_dec_double(walk.after[at]);
            if (any) products += last * held, squares += last * last;
            last = held;
            any = true;
        }
        double f = products / squares, wanted = squares > 0 && f < 1 ? f <= 0 ? 0 : -log(2) / log(f) : (double)NAN;
        assert_near(holding_half_life(&w.holding), wanted);
        release(&w);
    }
    struct holding never_moved = {.grid_products = 9, .grid_squares = 9};
    assert_true(isnan(holding_half_life(&never_moved)));
    struct holding swings = {.grid_products = -9, .grid_squares = 9};
    assert_true(holding_half_life(&swings) == 0);
    struct holding none = {0};
    assert_true(isnan(holding_half_life(&none)));
    struct holding halves = {.grid_products = 4.5, .grid_squares = 9};
    assert_near(holding_half_life(&halves), 1);
}

/* At a constant price, from flat to flat, the size-weighted time held is the integral of the position
 * over what was closed, whatever order closes meet openings in. */
static void holds_as_long_as_the_integral_of_the_position_says(void **state)
{
    (void)state;
    struct vg_rng rng;
    for (uint64_t seed = 0; seed < 40; seed++) {
        vg_rng_init(&rng, seed);
        struct walk walk = random_walk(&rng, INT64_C(1760000000000), true);
        struct world w = {.order_id = 1};
        double integral = 0, closed = 0;
        size_t flats = 0;
        for (size_t i = 0; i < walk.n; i++) {
            assert_true(add_row(&w, walk.rows[i]));
            vg_dec before = walk.rows[i].start, after = walk.after[i];
            if (i)
                integral +=
                    vg_dec_double(vg_dec_abs(before)) * (double)(walk.rows[i].time_ms - walk.rows[i - 1].time_ms);
            bool flips = (before < 0) != (after < 0) && before && after;
            vg_dec less_of = flips || after == 0                      ? vg_dec_abs(before)
                             : vg_dec_abs(after) < vg_dec_abs(before) ? vg_dec_abs(before) - vg_dec_abs(after)
                                                                      : 0;
            closed += vg_dec_double(less_of);
            flats += before && (flips || after == 0);
        }
        if (walk.after[walk.n - 1] != 0) { /* it was flat before the last row already */
            release(&w);
            continue;
        }
        const struct profile *p = &w.profile;
        assert_near(p->hold_weight, closed);
        assert_near(vg_dec20_double(p->closed_notional), closed);
        assert_true(fabs(p->hold_weighted - integral) <= 1e-9 * integral + 1e-3 * closed); /* T of 41 bits */
        assert_near(p->holding_time, integral);
        assert_near(p->gross_time, integral);
        assert_true(p->episode_count == flats && p->held_count == flats && p->gross == 0);
        assert_true(p->long_open + p->short_open == p->closed_notional);
        release(&w);
    }
}

static void counts_words_that_the_arithmetic_denies(void **state)
{
    (void)state;
    static const struct {
        const char *side, *size, *start;
        enum direction direction;
    } right[] = {
        {"B", "1.0", "0.0", DIRECTION_OPEN_LONG},      {"B", "1.0", "2.0", DIRECTION_OPEN_LONG},
        {"B", "1.0", "-2.0", DIRECTION_CLOSE_SHORT},   {"B", "2.0", "-2.0", DIRECTION_CLOSE_SHORT},
        {"B", "3.0", "-2.0", DIRECTION_SHORT_TO_LONG}, {"A", "1.0", "0.0", DIRECTION_OPEN_SHORT},
        {"A", "1.0", "-2.0", DIRECTION_OPEN_SHORT},    {"A", "1.0", "2.0", DIRECTION_CLOSE_LONG},
        {"A", "2.0", "2.0", DIRECTION_CLOSE_LONG},     {"A", "3.0", "2.0", DIRECTION_LONG_TO_SHORT},
    };
    for (size_t i = 0; i < COUNT(right); i++) {
        for (enum direction d = 0; d < DIRECTIONS; d++) {
            struct world w = {.order_id = 1};
            struct fill_row r = row(1, right[i].side, "1.0", right[i].size, right[i].start);
            r.direction = d;
            assert_true(add_row(&w, r));
            assert_int_equal(w.profile.direction_mismatches, direction_is_ordinary(d) && d != right[i].direction);
            release(&w);
        }
    }
}

/* Round trips of one coin, each with its opening size and result. */
static void trip(struct world *w, int64_t ms, const char *size, const char *pnl)
{
    add(w, ms, "B", "10.0", size, "0.0", "0.0", "0.0");
    add(w, ms + 1, "A", "10.0", size, size, pnl, "0.0");
}

static void compares_openings_after_losses_and_wins(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    trip(&w, 0, "1.0", "-1.0");
    trip(&w, 10, "2.0", "-1.0"); /* after a loss: 20 */
    trip(&w, 20, "5.0", "3.0");  /* after a loss: 50 */
    trip(&w, 30, "3.0", "0.0");  /* after a win: 30 */
    trip(&w, 40, "7.0", "1.0");  /* after a scratch: neither */
    add(&w, 50, "B", "10.0", "1.0", "9.0", "0.0", "0.0");
    add(&w, 51, "A", "10.0", "10.0", "10.0", "1.0", "0.0"); /* across a gap: neither */
    const struct profile *p = &w.profile;
    assert_true(p->count_after_loss == 2 && p->opened_after_loss == usd("70.0"));
    assert_true(p->count_after_win == 1 && p->opened_after_win == usd("30.0"));
    assert_true(p->held_winner_count == 2 && p->held_loser_count == 2 && p->held_count == 5);
    assert_true(p->episode_profit == usd("5.0") && p->episode_loss == usd("2.0") && p->largest_episode == usd("3.0"));
    assert_true(p->episode_wins == 3 && p->episode_losses == 2 && p->episode_count == 6);
    release(&w);
}

static void knows_what_was_added_to_losing_positions(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 1, "B", "10.0", "1.0", "0.0", "0.0", "0.0"); /* opens: adds to nothing */
    add(&w, 2, "B", "8.0", "1.0", "1.0", "0.0", "0.0");  /* below 10 */
    add(&w, 3, "B", "9.0", "2.0", "2.0", "0.0", "0.0");  /* at the entry: not losing */
    add(&w, 4, "A", "9.5", "6.0", "4.0", "2.0", "0.0");  /* a flip opens a short of 2 */
    add(&w, 5, "A", "9.6", "1.0", "-2.0", "0.0", "0.0"); /* above */
    add(&w, 6, "A", "9.0", "1.0", "-3.0", "0.0", "0.0");
    assert_true(w.profile.added_notional == usd("44.6") && w.profile.added_losing == usd("17.6"));
    release(&w);
}

static void pairs_buys_and_sells_of_five_minutes(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    add(&w, 0, "B", "1.0", "10.0", "0.0", "0.0", "0.0");
    add(&w, 1000, "A", "1.0", "4.0", "10.0", "0.0", "0.0");
    add(&w, 299999, "A", "1.0", "8.0", "6.0", "0.0", "0.0"); /* min(10, 12) */
    add(&w, 300000, "A", "1.0", "5.0", "-2.0", "0.0", "0.0");
    add(&w, 300001, "B", "1.0", "3.0", "-7.0", "0.0", "0.0"); /* min(3, 5) */
    add(&w, 900000, "B", "1.0", "3.0", "-4.0", "0.0", "0.0");
    assert_true(w.profile.two_sided_volume == usd("13.0"));
    struct fill_row settled = row(900001, "A", "1.0", "3.0", "-1.0");
    settled.is_system = true;
    assert_true(add_row(&w, settled));
    assert_true(w.profile.two_sided_volume == usd("13.0")); /* no order made it */
    release(&w);
}

static void sums_what_is_held_over_coins(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    struct holding second = {.coin = 1};
    assert_true(add_row(&w, row(0, "B", "10.0", "2.0", "0.0")));           /* 20 */
    assert_true(add_to(&w, &second, row(10, "A", "5.0", "4.0", "0.0")));   /* 20 + 20 */
    assert_true(add_row(&w, row(30, "A", "20.0", "1.0", "2.0")));          /* 20 + 20 */
    assert_true(add_to(&w, &second, row(40, "B", "6.0", "4.0", "-4.0")));  /* 20 */
    assert_true(add_row(&w, row(60, "A", "20.0", "1.0", "1.0")));          /* flat */
    assert_true(add_to(&w, &second, row(1000, "B", "6.0", "0.5", "0.0"))); /* 3, after a while without any */
    const struct profile *p = &w.profile;
    assert_near(p->gross_time, 20 * 10 + 40 * 20 + 40 * 10 + 20 * 20);
    assert_near(p->position_time, 60);
    assert_true(p->peak_gross == usd("40.0") && p->gross == usd("3.0") && p->largest_position == usd("20.0"));
    /* coin by coin at its own price: 20 for 30, 20 for 30; 20 for 30 */
    assert_near(p->holding_time, 20 * 30 + 20 * 30 + 20 * 30);
    release(&w);
}

static void counts_liquidations_not_their_rows(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    static const uint64_t keys[] = {5, 5, 6, 0, 6, 7, 7};
    struct fill_row r = row(0, "A", "1.0", "1.0", "7.0");
    for (size_t i = 0; i < COUNT(keys); i++) {
        r.own_liquidation = keys[i] != 0;
        r.liquidation_key = keys[i];
        assert_true(add_row(&w, r));
        r.start -= VG_DEC_ONE;
    }
    assert_int_equal(w.profile.liquidation_count, 3); /* 5, 6, 7: another row between two of 6 ends nothing */
    assert_true(w.episodes.n == 1 && w.episodes.items[0].episode.liquidated);
    release(&w);
}

static void counts_coins_of_a_day_and_leaves_spot_positions_alone(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    struct holding spot = {.last_day = -1};
    struct fill_row r = row(0, "B", "2.0", "1.0", "5.0");
    r.kind = COIN_SPOT;
    assert_true(add_to(&w, &spot, r) && add_to(&w, &spot, r));
    assert_true(w.profile.today.unique_coins == 1 && w.profile.left_censored);
    assert_true(spot.volume == usd("4.0") && spot.quantity == 0 && w.profile.gap_count == 0);
    r.day = 1;
    assert_true(add_to(&w, &spot, r) && w.profile.today.unique_coins == 2);
    assert_true(w.episodes.n == 0 && w.profile.gross == 0 && w.profile.today.paid == 0);
    release(&w);
}

static void says_when_a_sum_leaves_128_bits(void **state)
{
    (void)state;
    struct world w = {.order_id = 1};
    const char *huge = "9999999999.0", *price = "99999999.0"; /* nearly 10^38 */
    assert_true(add_row(&w, row(0, "B", price, huge, "0.0")));
    assert_false(add_row(&w, row(1, "B", price, huge, huge)));
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes_an_episode_over_partial_closes),
        cmocka_unit_test(splits_a_flip_into_two_episodes),
        cmocka_unit_test(splits_the_fee_of_a_flip_rounded_down),
        cmocka_unit_test(breaks_the_episode_at_a_gap),
        cmocka_unit_test(takes_the_entry_of_a_position_brought_along_from_its_first_close),
        cmocka_unit_test(does_not_move_for_a_trade_with_oneself),
        cmocka_unit_test(finds_the_half_life_of_brute_force_on_a_grid_of_minutes),
        cmocka_unit_test(holds_as_long_as_the_integral_of_the_position_says),
        cmocka_unit_test(counts_words_that_the_arithmetic_denies),
        cmocka_unit_test(compares_openings_after_losses_and_wins),
        cmocka_unit_test(knows_what_was_added_to_losing_positions),
        cmocka_unit_test(pairs_buys_and_sells_of_five_minutes),
        cmocka_unit_test(sums_what_is_held_over_coins),
        cmocka_unit_test(counts_liquidations_not_their_rows),
        cmocka_unit_test(counts_coins_of_a_day_and_leaves_spot_positions_alone),
        cmocka_unit_test(says_when_a_sum_leaves_128_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
