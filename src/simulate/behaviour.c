#include "simulate/behaviour.h"

#include <stdlib.h>

#include "base/day.h"
#include "base/err.h"

#define NO_FREE UINT32_MAX
#define TWAP_SLICE_NS (30 * VG_NS_PER_S) /* every slice of a TWAP order, as documented by the exchange */
#define TWAP_SHARE 11                    /* percent of trades; surveys see 11.6 % (formats 6.1) */
#define TWAP_FIRST_ID 1671000

void ideas_init(struct ideas *ideas, struct market *market)
{
    *ideas = (struct ideas){.first_free = NO_FREE, .plan_capacity = 256, .due_capacity = 256};
    ideas->plans = vg_calloc(ideas->plan_capacity, sizeof *ideas->plans);
    ideas->heap = vg_calloc(ideas->due_capacity, sizeof *ideas->heap);
    ideas->recent = vg_calloc(market_coin_count, sizeof *ideas->recent);
    ideas->next_twap_id = TWAP_FIRST_ID + vg_rng_below(&market->rng, 1000);
}

void ideas_release(struct ideas *ideas)
{
    free(ideas->plans);
    free(ideas->heap);
    free(ideas->recent);
    *ideas = (struct ideas){0};
}

/* --- the heap of due plans --- */

static bool earlier(const struct due *a, const struct due *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->plan < b->plan;
}

static void schedule(struct ideas *ideas, uint32_t plan, int64_t at_ns)
{
    if (ideas->due_count == ideas->due_capacity) {
        ideas->due_capacity *= 2;
        ideas->heap = vg_realloc(ideas->heap, ideas->due_capacity * sizeof *ideas->heap);
    }
    struct due item = {at_ns, plan};
    uint32_t at = ideas->due_count++;
    while (at > 0 && earlier(&item, &ideas->heap[(at - 1) / 2])) {
        ideas->heap[at] = ideas->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    ideas->heap[at] = item;
}

static uint32_t take_first_due(struct ideas *ideas)
{
    uint32_t plan = ideas->heap[0].plan;
    struct due item = ideas->heap[--ideas->due_count];
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < ideas->due_count; at = child) {
        if (child + 1 < ideas->due_count && earlier(&ideas->heap[child + 1], &ideas->heap[child])) child++;
        if (!earlier(&ideas->heap[child], &item)) break;
        ideas->heap[at] = ideas->heap[child];
    }
    ideas->heap[at] = item;
    return plan;
}

/* --- plans --- */

static uint32_t new_plan(struct ideas *ideas, struct market *market, const struct plan *plan)
{
    uint32_t index = ideas->first_free;
    if (index != NO_FREE) {
        ideas->first_free = ideas->plans[index].next_free;
    } else {
        if (ideas->plan_count == ideas->plan_capacity) {
            ideas->plan_capacity *= 2;
            ideas->plans = vg_realloc(ideas->plans, ideas->plan_capacity * sizeof *ideas->plans);
        }
        index = ideas->plan_count++;
    }
    ideas->plans[index] = *plan;
    market_position(market, plan->trader, plan->coin)->plan = index;
    return index;
}

static void end_plan(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan *plan = &ideas->plans[index];
    market_position(market, plan->trader, plan->coin)->plan = NO_PLAN;
    plan->next_free = ideas->first_free;
    ideas->first_free = index;
}

static const struct behaviour *habit_of(const struct market *market, uint32_t trader)
{
    return &behaviours[market->people.traders[trader].archetype];
}

static int64_t draw_hold(struct market *market, const struct behaviour *habit)
{
    int64_t whole_s = chance_log(&market->rng, habit->hold_s[0], habit->hold_s[1]);
    return whole_s * VG_NS_PER_S + (int64_t)vg_rng_below(&market->rng, (uint64_t)VG_NS_PER_S);
}

/* Fills per order: half of all taker orders make one, the 99th percentile is 72, the most 298 in an
 * hour (formats 7.2); small orders do not reach far. */
static unsigned draw_pieces(struct market *market, int64_t usd)
{
    static const uint16_t shares[] = {600, 765, 895, 968, 997, 1000};
    static const uint16_t lows[] = {1, 2, 3, 6, 16, 73}, highs[] = {1, 2, 5, 15, 72, 298};
    uint64_t draw = vg_rng_below(&market->rng, 1000);
    unsigned i = 0;
    while (draw >= shares[i])
        i++;
    int64_t pieces = chance_between(&market->rng, lows[i], highs[i]), bound = 1 + usd / 25;
    return (unsigned)(pieces < bound ? pieces : bound);
}

static int64_t notional_usd(const struct book *book, const struct market_coin *coin, int64_t lots)
{
    return (int64_t)((__int128)book->mid * lots / market_power10(coin_money_decimals(coin)));
}

/* Sends an order the way this trader does. Returns the lots traded. */
static int64_t send(struct market *market, uint32_t trader, uint16_t coin, bool buys, int64_t lots)
{
    const struct behaviour *habit = habit_of(market, trader);
    int64_t usd = notional_usd(market_book(market, coin), &market_coins[coin], lots);
    struct order order = {
        .trader = trader, .coin = coin, .buys = buys, .lots = lots, .pieces = draw_pieces(market, usd)};
    if (chance_percent(&market->rng, habit->maker_percent)) {
        if (order.pieces > 8) order.pieces = 8;
        return market_rest(market, &order);
    }
    return market_take(market, &order);
}

static void remember_opener(struct ideas *ideas, struct market *market, const struct plan *plan)
{
    ideas->recent[plan->coin][plan->buys][vg_rng_below(&market->rng, RECENT)] = plan->trader;
}

/* From now on the plan holds; with leverage, the walk may already know that it will not survive. */
static void hold(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan *plan = &ideas->plans[index];
    int64_t until = market->now_ns + plan->hold_ns;
    plan->phase = HOLDING;
    plan->orders_left = chance_percent(&market->rng, 75) ? 1 : 2;
    remember_opener(ideas, market, plan);
    if (market->people.traders[plan->trader].archetype == DEGEN && !coin_is_spot(&market_coins[plan->coin])) {
        int64_t price = market_book(market, plan->coin)->mid, leverage = chance_between(&market->rng, 12, 50);
        int64_t distance = price / (2 * leverage); /* maintenance margin: half of the initial one */
        int64_t barrier = plan->buys ? price - distance : price + distance;
        int64_t crossing = price_walk_crossing(&market->walk, plan->coin, market->now_ns, until, barrier, plan->buys);
        if (crossing) {
            plan->phase = DOOMED;
            until = crossing;
        }
    }
    schedule(ideas, index, until);
}

static void enter_on(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan plan = ideas->plans[index];
    send(market, plan.trader, plan.coin, plan.buys, plan.lots);
    if (--ideas->plans[index].orders_left == 0)
        hold(ideas, market, index);
    else
        schedule(ideas, index, market->now_ns + chance_log(&market->rng, 1, 300) * VG_NS_PER_S);
}

/* Lots that flatten the position, and the side that does it. 0: nothing that could be sold or bought. */
static int64_t flattening(struct market *market, const struct plan *plan, bool *buys)
{
    const struct position *p = market_position(market, plan->trader, plan->coin);
    const struct market_coin *coin = &market_coins[plan->coin];
    *buys = !coin_is_spot(coin) && p->quantity < 0;
    if (coin_is_spot(coin)) return clearing_sellable(p, coin);
    return p->quantity < 0 ? -p->quantity : p->quantity;
}

static void start_slices(struct ideas *ideas, struct market *market, uint32_t index, enum plan_phase phase,
                         int64_t lots)
{
    struct plan *plan = &ideas->plans[index];
    int64_t slices = chance_log(&market->rng, 10, 240);
    if (slices > lots) slices = lots;
    plan->phase = (uint8_t)phase;
    plan->orders_left = (uint16_t)slices;
    plan->lots = lots / slices;
    plan->twap_id = ideas->next_twap_id++;
    ideas->slices_promised += (uint64_t)slices;
    /* the slices of an order keep their place in the minute, just after a full second (formats 6.1) */
    int64_t second = market->now_ns / VG_NS_PER_S * VG_NS_PER_S + VG_NS_PER_S;
    schedule(ideas, index, second + chance_between(&market->rng, 20, 100) * VG_NS_PER_MS);
}

static void slice(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan plan = ideas->plans[index];
    bool closes = plan.phase == SLICING_OUT, buys = plan.buys;
    int64_t lots = plan.lots * chance_between(&market->rng, 80, 120) / 100;
    if (closes) {
        int64_t rest = flattening(market, &plan, &buys);
        if (plan.orders_left == 1 || lots > rest) lots = rest;
        if (rest == 0) {
            end_plan(ideas, market, index);
            return;
        }
    }
    struct order order = {.trader = plan.trader,
                          .coin = plan.coin,
                          .buys = buys,
                          .lots = lots > 0 ? lots : 1,
                          .pieces = chance_percent(&market->rng, 75) ? 1 : 2,
                          .form = TWAP_SLICE,
                          .twap_id = plan.twap_id};
    market_take(market, &order);
    if (--ideas->plans[index].orders_left > 0)
        schedule(ideas, index, market->now_ns + TWAP_SLICE_NS);
    else if (closes)
        end_plan(ideas, market, index);
    else
        hold(ideas, market, index);
}

static void leave(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan plan = ideas->plans[index];
    const struct behaviour *habit = habit_of(market, plan.trader);
    bool buys;
    int64_t lots = flattening(market, &plan, &buys);
    if (lots == 0) {
        end_plan(ideas, market, index);
        return;
    }
    if (market->people.traders[plan.trader].archetype == TWAP_WHALE && lots > 20) {
        start_slices(ideas, market, index, SLICING_OUT, lots);
        return;
    }
    bool last = plan.orders_left <= 1;
    if (!last) {
        send(market, plan.trader, plan.coin, buys, lots / 2 > 0 ? lots / 2 : 1);
        ideas->plans[index].orders_left--;
        schedule(ideas, index, market->now_ns + chance_log(&market->rng, 1, 300) * VG_NS_PER_S);
        return;
    }
    bool turns = !coin_is_spot(&market_coins[plan.coin]) && plan.lots > 0 && chance_percent(&market->rng, 9);
    int64_t traded = send(market, plan.trader, plan.coin, buys, turns ? lots + plan.lots : lots);
    if (traded < lots) {
        schedule(ideas, index, market->now_ns + 60 * VG_NS_PER_S);
    } else if (turns && traded > lots) {
        ideas->plans[index].buys = buys;
        ideas->plans[index].hold_ns = draw_hold(market, habit);
        hold(ideas, market, index);
    } else {
        end_plan(ideas, market, index);
    }
}

/* Somebody on the other side of the victim who has at least one lot; the victim itself when nobody. */
static uint32_t deleveraged_trader(const struct ideas *ideas, struct market *market, const struct plan *plan)
{
    for (unsigned i = 0; i < RECENT; i++) {
        uint32_t other = ideas->recent[plan->coin][!plan->buys][i];
        if (other < market->people.first_actor || other == plan->trader) continue;
        int64_t held = market_position(market, other, plan->coin)->quantity;
        if (plan->buys ? held < 0 : held > 0) return other;
    }
    return plan->trader;
}

static void liquidate(struct ideas *ideas, struct market *market, uint32_t index)
{
    struct plan plan = ideas->plans[index];
    int64_t held = market_position(market, plan.trader, plan.coin)->quantity;
    int64_t lots = plan.buys ? held : -held, traded = lots;
    if (lots > 0) {
        uint64_t draw = vg_rng_below(&market->rng, 100);
        uint32_t other = deleveraged_trader(ideas, market, &plan);
        if (draw < 6 && other != plan.trader) {
            int64_t theirs = market_position(market, other, plan.coin)->quantity;
            if (theirs < 0) theirs = -theirs;
            if (theirs < traded) traded = theirs;
            market_force(market, plan.trader, other, plan.coin, traded, DELEVERAGING);
        } else if (draw < 14) {
            market_force(market, plan.trader, 0, plan.coin, lots, draw < 11 ? BACKSTOP_CROSS : BACKSTOP_ISOLATED);
        } else {
            struct order order = {.trader = plan.trader,
                                  .coin = plan.coin,
                                  .buys = held < 0,
                                  .lots = lots,
                                  .pieces = 1 + (unsigned)vg_rng_below(&market->rng, 8),
                                  .form = MARKET_LIQUIDATION};
            traded = market_take(market, &order);
        }
    }
    if (traded < lots)
        schedule(ideas, index, market->now_ns + VG_NS_PER_S);
    else
        end_plan(ideas, market, index);
}

static void follow(struct ideas *ideas, struct market *market, uint32_t index)
{
    switch ((enum plan_phase)ideas->plans[index].phase) {
    case ENTERING: enter_on(ideas, market, index); break;
    case HOLDING: leave(ideas, market, index); break;
    case SLICING_IN:
    case SLICING_OUT: slice(ideas, market, index); break;
    case DOOMED: liquidate(ideas, market, index); break;
    }
}

/* --- new ideas --- */

static int64_t draw_usd(struct market *market, uint32_t trader)
{
    const struct trader *who = &market->people.traders[trader];
    const struct behaviour *habit = &behaviours[who->archetype];
    bool erratic = who->archetype == RETAIL_LOSER || who->archetype == DEGEN;
    if (erratic) return chance_log(&market->rng, habit->usd[0], habit->usd[1]);
    return who->usual_usd * chance_between(&market->rng, 60, 140) / 100;
}

/* A third of sizes are round numbers (formats 7.4). */
static int64_t draw_lots(struct market *market, uint16_t coin, int64_t usd)
{
    int64_t lots = market_lots(&market_coins[coin], usd < 11 ? 11 : usd, market_book(market, coin)->mid);
    if (!chance_percent(&market->rng, 35)) return lots;
    int64_t unit = 1;
    while (unit <= lots / 100)
        unit *= 10;
    return lots - lots % unit;
}

/* Whether the trader expects the price to rise: right with the probability of the archetype. */
static bool expects_rise(struct market *market, const struct behaviour *habit, uint16_t coin, int64_t hold_ns)
{
    int64_t now = price_walk_at(&market->walk, coin, market->now_ns);
    int64_t then = price_walk_at(&market->walk, coin, market->now_ns + hold_ns);
    bool right = chance_percent(&market->rng, habit->edge_percent);
    return then == now ? chance_percent(&market->rng, 50) : (then > now) == right;
}

static void begin(struct ideas *ideas, struct market *market, uint32_t trader, uint16_t coin, bool buys, int64_t lots,
                  int64_t hold_ns)
{
    int64_t orders = chance_between(&market->rng, 1, habit_of(market, trader)->entry_orders);
    if (orders > lots) orders = 1;
    struct plan plan = {.trader = trader,
                        .coin = coin,
                        .phase = ENTERING,
                        .buys = buys,
                        .hold_ns = hold_ns,
                        .orders_left = (uint16_t)orders,
                        .lots = lots / orders};
    enter_on(ideas, market, new_plan(ideas, market, &plan));
}

/* Trades around a position that has a plan already: adds while it is small, else takes some off. */
static void trade_around(struct ideas *ideas, struct market *market, uint32_t trader, uint16_t coin)
{
    uint32_t index = market_position(market, trader, coin)->plan;
    struct plan plan = ideas->plans[index];
    bool closing_buys;
    int64_t held = flattening(market, &plan, &closing_buys);
    int64_t wanted = draw_lots(market, coin, draw_usd(market, trader));
    if (held < wanted) {
        int64_t lots = wanted * chance_between(&market->rng, 20, 60) / 100;
        send(market, trader, coin, held ? !closing_buys : plan.buys, lots > 0 ? lots : 1);
    } else {
        int64_t lots = held * chance_between(&market->rng, 15, 50) / 100;
        send(market, trader, coin, closing_buys, lots > 0 ? lots : 1);
    }
}

static bool is_planned(struct market *market, uint32_t trader, uint16_t coin)
{
    return market_position(market, trader, coin)->plan != NO_PLAN;
}

static uint16_t draw_favourite(struct market *market, uint32_t trader, bool spot)
{
    const struct trader *who = &market->people.traders[trader];
    for (unsigned tries = 0; tries < 8; tries++) {
        uint16_t coin = who->favourites[vg_rng_below(&market->rng, who->coins)];
        if (coin_is_spot(&market_coins[coin]) == spot) return coin;
    }
    return market_coin_find(spot ? "@107" : chance_percent(&market->rng, 60) ? "HYPE" : "BTC");
}

/* Long the spot token and short the same number of coins on the perp. */
static void begin_hedge(struct ideas *ideas, struct market *market, uint32_t trader)
{
    static const char *const pairs[][2] = {
        {"@107", "HYPE"}, {"@107", "HYPE"}, {"@142", "BTC"}, {"@151", "ETH"}, {"@156", "SOL"}};
    uint64_t pair = vg_rng_below(&market->rng, sizeof pairs / sizeof *pairs);
    uint16_t spot = market_coin_find(pairs[pair][0]), perp = market_coin_find(pairs[pair][1]);
    if (is_planned(market, trader, spot) || is_planned(market, trader, perp)) {
        trade_around(ideas, market, trader, is_planned(market, trader, spot) ? spot : perp);
        return;
    }
    int64_t hold_ns = draw_hold(market, habit_of(market, trader)), usd = draw_usd(market, trader);
    begin(ideas, market, trader, spot, true, draw_lots(market, spot, usd), hold_ns);
    begin(ideas, market, trader, perp, false, draw_lots(market, perp, usd), hold_ns);
}

static void have_idea(struct ideas *ideas, struct market *market)
{
    uint32_t trader = market->people.first_actor + chance_pick(&market->rng, &market->people.actors);
    const struct behaviour *habit = habit_of(market, trader);
    if (market->people.traders[trader].archetype == BASIS_HEDGER) {
        begin_hedge(ideas, market, trader);
        return;
    }
    int64_t hold_ns = draw_hold(market, habit);
    bool spot = chance_percent(&market->rng, habit->spot_percent);
    uint16_t coin = draw_favourite(market, trader, spot);
    bool buys = expects_rise(market, habit, coin, hold_ns);
    if (spot && !buys) coin = draw_favourite(market, trader, false); /* nobody can sell tokens that he has not */
    if (spot && !buys) buys = expects_rise(market, habit, coin, hold_ns);
    if (is_planned(market, trader, coin))
        trade_around(ideas, market, trader, coin);
    else
        begin(ideas, market, trader, coin, buys, draw_lots(market, coin, draw_usd(market, trader)), hold_ns);
}

static bool start_twap(struct ideas *ideas, struct market *market)
{
    uint32_t trader = market->people.first_whale + chance_pick(&market->rng, &market->people.whales);
    const struct behaviour *habit = habit_of(market, trader);
    uint16_t coin = draw_favourite(market, trader, chance_percent(&market->rng, habit->spot_percent));
    if (is_planned(market, trader, coin)) return false;
    int64_t hold_ns = draw_hold(market, habit);
    bool buys = coin_is_spot(&market_coins[coin]) || expects_rise(market, habit, coin, hold_ns);
    struct plan plan = {.trader = trader, .coin = coin, .buys = buys, .hold_ns = hold_ns};
    uint32_t index = new_plan(ideas, market, &plan);
    start_slices(ideas, market, index, SLICING_IN, draw_lots(market, coin, draw_usd(market, trader)));
    return true;
}

/* When ideas come to nothing (nobody sells the tokens), an arbitrageur still trades the first perp. */
static void trade_anyway(struct market *market)
{
    uint32_t trader = market->people.makers;
    struct order order = {
        .trader = trader, .lots = 1, .pieces = 1, .buys = market_position(market, trader, 0)->quantity < 0};
    VG_ASSERT(market_take(market, &order) > 0);
}

/* Makers do not keep inventory: most rest an order for it, some cross. */
static void flatten_maker(struct market *market, const struct restless *who)
{
    int64_t held = market_position(market, who->trader, who->coin)->quantity;
    if (held == 0) return;
    market_book(market, who->coin);
    struct order order = {.trader = who->trader,
                          .coin = who->coin,
                          .buys = held < 0,
                          .lots = held < 0 ? -held : held,
                          .pieces = 1 + (unsigned)vg_rng_below(&market->rng, 2)};
    if (chance_percent(&market->rng, 85))
        market_rest(market, &order);
    else
        market_take(market, &order);
}

void ideas_act(struct ideas *ideas, struct market *market)
{
    uint64_t before = market->trades;
    struct restless who;
    while (market->trades == before && market_next_restless(market, &who))
        flatten_maker(market, &who);
    for (unsigned tries = 0; market->trades == before && tries < 12; tries++) {
        if (ideas->due_count && ideas->heap[0].at_ns <= market->now_ns)
            follow(ideas, market, take_first_due(ideas));
        else if (ideas->slices_promised >= market->trades * TWAP_SHARE / 100 + 8 || !start_twap(ideas, market))
            have_idea(ideas, market);
    }
    if (market->trades == before) trade_anyway(market);
}

void ideas_adopt(struct ideas *ideas, struct market *market, uint32_t trader, uint16_t coin, bool long_side,
                 int64_t at_ns)
{
    struct plan plan = {.trader = trader,
                        .coin = coin,
                        .phase = HOLDING,
                        .buys = long_side,
                        .orders_left = 1,
                        .hold_ns = draw_hold(market, habit_of(market, trader))};
    schedule(ideas, new_plan(ideas, market, &plan), at_ns);
}
