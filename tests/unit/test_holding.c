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

static bool add_row(struct world *w, struct fill_row r)
{
    bool is_new;
    struct holding_context context = {&w->profile, NULL, &w->episodes, w->base_price};
    if (!vg_dec_mul(r.price, r.size, &r.notional)) return false;
    if (!r.is_system) context.order = orders_of(&w->orders, 0, w->order_id, r.day, &is_new);
    return holding_add(&w->holding, &r, &context);
}

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
    episode_print(e, VG_SLICE("AAA"), 0, out);
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
    struct episode_row open = holding_open_episode(&w.holding, VG_SLICE("0x"));
    assert_true(open.end == EPISODE_OPEN && !open.is_long && open.position == dec("-2.0"));
    assert_true(open.episode.fees == 6666666667 && open.episode.opened == usd("24.0"));
    assert_true(open.episode.fills == 1 && open.episode.orders == 1 && open.episode.open_ms == 2000);
    assert_true(open.episode.serial == 2 && !open.episode.left_censored);
    assert_true(w.profile.short_open == usd("24.0") && w.profile.long_open == usd("10.0"));
    struct feature_value out[EPISODE_COLUMN_COUNT];
    episode_print(&open, VG_SLICE("AAA"), dec("11.0"), out);
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
    episode_print(&w.episodes.items[2], VG_SLICE("AAA"), 0, out);
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
    assert_true(w.profile.added_notional == usd("23.0") && w.profile.added_losing == 0);
    add(&w, 3000, "A", "30.0", "1.0", "-3.0", "0.0", "0.0");
    assert_near(w.holding.entry, (2 * 20 + 23 + 30) / 4.0);
    add(&w, 4000, "B", "16.0", "4.0", "-4.0", "8.0", "1.0");
    assert_true(w.profile.episode_count == 1 && w.profile.held_count == 0 && w.profile.hold_weight == 0);
    assert_true(w.episodes.items[0].episode.left_censored);
    release(&w);
}

int main(void) { return 0; }
