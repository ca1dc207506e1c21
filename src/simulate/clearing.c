#include "simulate/clearing.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

void clearing_init(struct clearing *clearing)
{
    *clearing = (struct clearing){.capacity = 1024, .slot_mask = 4095};
    clearing->positions = vg_calloc(clearing->capacity, sizeof *clearing->positions);
    clearing->slots = vg_calloc(clearing->slot_mask + 1u, sizeof *clearing->slots);
}

void clearing_release(struct clearing *clearing)
{
    free(clearing->positions);
    free(clearing->slots);
    *clearing = (struct clearing){0};
}

static uint32_t slot_of(const struct clearing *clearing, uint64_t key)
{
    uint32_t slot = (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & clearing->slot_mask;
    while (clearing->slots[slot] && clearing->positions[clearing->slots[slot] - 1].key != key)
        slot = (slot + 1) & clearing->slot_mask;
    return slot;
}

static void grow(struct clearing *clearing)
{
    VG_ASSERT(clearing->capacity < UINT32_C(1) << 29);
    clearing->capacity *= 2;
    clearing->positions = vg_realloc(clearing->positions, clearing->capacity * sizeof *clearing->positions);
    clearing->slot_mask = clearing->slot_mask * 2 + 1;
    free(clearing->slots);
    clearing->slots = vg_calloc(clearing->slot_mask + 1u, sizeof *clearing->slots);
    for (uint32_t i = 0; i < clearing->count; i++)
        clearing->slots[slot_of(clearing, clearing->positions[i].key)] = i + 1;
}

uint32_t clearing_position(struct clearing *clearing, uint32_t trader, uint16_t coin)
{
    uint64_t key = (uint64_t)trader << 16 | coin;
    uint32_t slot = slot_of(clearing, key);
    if (clearing->slots[slot]) return clearing->slots[slot] - 1;
    if (clearing->count == clearing->capacity) {
        grow(clearing);
        slot = slot_of(clearing, key);
    }
    uint32_t index = clearing->count++;
    clearing->positions[index] = (struct position){.key = key, .plan = NO_PLAN};
    clearing->slots[slot] = index + 1;
    return index;
}

static int64_t balance_per_lot(const struct market_coin *coin)
{
    return market_power10(BALANCE_DECIMALS - coin->sz_decimals);
}

int64_t clearing_sellable(const struct position *p, const struct market_coin *coin)
{
    return p->quantity / balance_per_lot(coin);
}

void clearing_deposit(struct position *p, const struct market_coin *coin, int64_t quantity, int64_t cost)
{
    p->quantity = p->opening_quantity = quantity;
    p->opening_cost = cost;
    if (coin_is_spot(coin))
        p->spot_cost = (double)cost;
    else
        p->perp_cost = (double)cost;
}

/* The pure function of hyperliquid-formats.md 2.4, in lots. */
static enum direction perp_direction(bool buys, int64_t start, int64_t lots)
{
    if (buys) return start >= 0 ? OPEN_LONG : lots <= -start ? CLOSE_SHORT : SHORT_TO_LONG;
    return start <= 0 ? OPEN_SHORT : lots <= start ? CLOSE_LONG : LONG_TO_SHORT;
}

static struct booking book_perp(struct position *p, bool buys, int64_t price, int64_t lots)
{
    struct booking booking = {.start = p->quantity, .direction = perp_direction(buys, p->quantity, lots)};
    int64_t held = p->quantity < 0 ? -p->quantity : p->quantity;
    bool closes = buys ? p->quantity < 0 : p->quantity > 0;
    int64_t closing = !closes ? 0 : lots < held ? lots : held;
    if (closing) {
        int64_t entry = (int64_t)(p->perp_cost / (double)held); /* the floor: costs are not negative */
        booking.closed_pnl = closing * (buys ? entry - price : price - entry);
        p->perp_cost *= (double)(held - closing) / (double)held;
    }
    p->perp_cost += (double)((lots - closing) * price);
    p->quantity += buys ? lots : -lots;
    return booking;
}

static struct booking book_spot(struct position *p, const struct market_coin *coin, bool buys, int64_t price,
                                int64_t lots, const struct fee *fee)
{
    struct booking booking = {.start = p->quantity, .direction = buys ? BUY : SELL};
    int64_t tokens = lots * balance_per_lot(coin);
    if (buys) {
        p->spot_cost += (double)(price * lots);
        p->quantity += tokens;
    } else {
        VG_ASSERT(tokens <= p->quantity);
        double part = p->spot_cost * ((double)tokens / (double)p->quantity);
        booking.closed_pnl = price * lots - (int64_t)part; /* the floor: costs are not negative */
        p->spot_cost -= part;
        p->quantity -= tokens;
    }
    if (fee->token == coin->base) p->quantity -= fee->amount * market_power10(BALANCE_DECIMALS - 8);
    VG_ASSERT(p->quantity < INT64_MAX / 2);
    return booking;
}

struct booking clearing_book(struct position *p, const struct market_coin *coin, bool buys, int64_t price, int64_t lots,
                             const struct fee *fee)
{
    struct booking booking =
        coin_is_spot(coin) ? book_spot(p, coin, buys, price, lots, fee) : book_perp(p, buys, price, lots);
    p->fills++;
    p->realized += booking.closed_pnl;
    return booking;
}

static int64_t share_of(int64_t amount, int64_t rate) { return (int64_t)((__int128)amount * rate / 100000000); }

struct fee clearing_fee(const struct trader *trader, const struct market_coin *coin, bool buys, bool is_taker,
                        int64_t price, int64_t lots, int32_t builder_rate)
{
    bool spot = coin_is_spot(coin);
    int32_t rate = spot ? (is_taker ? trader->fees.spot_taker : trader->fees.spot_maker)
                        : (is_taker ? trader->fees.perp_taker : trader->fees.perp_maker);
    if (rate > 0) rate = (int32_t)((int64_t)rate * coin->fee_percent / 100);

    struct fee fee = {.token = coin->quote};
    /* A buyer receives base tokens and pays in them; a rebate comes in what the taker pays with, so a
     * maker who sells to a buying taker gets base tokens (2.6.4). */
    bool in_base = spot && (rate < 0 ? !buys : buys);
    if (in_base) {
        fee.token = coin->base;
        fee.amount = share_of(lots * market_power10(8u - coin->sz_decimals), rate);
        return fee;
    }
    fee.amount = share_of(price * lots, rate);
    if (coin->kind == KIND_BUILDER_PERP && fee.amount > 0) fee.deployer = fee.amount / 2;
    if (!spot && builder_rate) {
        fee.builder = share_of(price * lots, builder_rate);
        fee.amount += fee.builder;
    }
    return fee;
}

void clearing_tally(struct tally *tally, const struct market_coin *coin, int64_t price, int64_t lots, bool is_taker,
                    const struct booking *booking, const struct fee *fee)
{
    tally->fills++;
    tally->taker_fills += is_taker;
    int64_t unit = coin_is_spot(coin) ? 1 : 100; /* to 1e-8 */
    *(coin_is_spot(coin) ? &tally->spot_volume : &tally->perp_volume) += (__int128)price * lots * unit;
    *(coin_is_spot(coin) ? &tally->spot_pnl : &tally->perp_pnl) += (__int128)booking->closed_pnl * unit;
    tally->fees[fee->token] += fee->amount * unit;
    tally->builder_fees += fee->builder * unit;
    tally->deployer_fees += fee->deployer * unit;
}
