#include "simulate/dusting.h"

#include <stdlib.h>

#include "base/err.h"

/* Balances of one coin that are to go. */
struct dust {
    uint32_t *positions;
    uint32_t count, capacity;
    int64_t total;
};

static bool is_dust(const struct position *p, const struct market_coin *coin, int64_t mid)
{
    if (!coin_is_spot(coin) || p->quantity <= 0) return false;
    int64_t per_lot = market_power10(BALANCE_DECIMALS - coin->sz_decimals);
    return p->quantity < per_lot && (__int128)mid * p->quantity <= (__int128)market_power10(8) * per_lot;
}

static void collect(struct market *market, struct dust *heaps)
{
    const struct clearing *clearing = &market->clearing;
    for (uint32_t i = 0; i < clearing->count; i++) {
        const struct position *p = &clearing->positions[i];
        uint16_t coin = position_coin(p);
        if (!coin_is_spot(&market_coins[coin]) || position_trader(p) == market->people.dust_account) continue;
        if (p->plan != NO_PLAN || !is_dust(p, &market_coins[coin], market_book(market, coin)->mid)) continue;
        struct dust *heap = &heaps[coin];
        if (heap->count == heap->capacity) {
            heap->capacity = heap->capacity ? heap->capacity * 2 : 16;
            heap->positions = vg_realloc(heap->positions, heap->capacity * sizeof *heap->positions);
        }
        heap->positions[heap->count++] = i;
        heap->total += p->quantity;
    }
}

static uint64_t convert(struct market *market, uint16_t coin_index, const struct dust *heap)
{
    const struct market_coin *coin = &market_coins[coin_index];
    uint32_t seller = market->people.dust_account;
    int64_t per_lot = market_power10(BALANCE_DECIMALS - coin->sz_decimals);
    int64_t value = (int64_t)((__int128)market_book(market, coin_index)->mid * heap->total / per_lot);
    clearing_deposit(market_position(market, seller, coin_index), coin, heap->total, value);
    struct order sale = {
        .trader = seller, .coin = coin_index, .lots = heap->total / per_lot, .pieces = 1, .form = DUST_SALE};
    if (market_take(market, &sale) == 0) return 0;
    uint64_t order_id = market->next_order_id; /* the sale's: it was drawn last */
    for (uint32_t i = 0; i < heap->count; i++)
        market_convert_dust(market, &market->clearing.positions[heap->positions[i]], order_id);
    return heap->count + 2;
}

uint64_t dusting_run(struct market *market, uint64_t bound)
{
    struct dust *heaps = vg_calloc(market_coin_count, sizeof *heaps);
    collect(market, heaps);
    if (market->rows_left < (int64_t)bound) bound = (uint64_t)market->rows_left;
    uint64_t rows = 0;
    for (uint16_t coin = 0; coin < market_coin_count; coin++) {
        struct dust *heap = &heaps[coin];
        int64_t per_lot = market_power10(BALANCE_DECIMALS - market_coins[coin].sz_decimals);
        while (heap->count && rows + heap->count + 2 > bound)
            heap->total -= market->clearing.positions[heap->positions[--heap->count]].quantity;
        if (heap->total >= per_lot) rows += convert(market, coin, heap);
        free(heap->positions);
    }
    free(heaps);
    return rows;
}
