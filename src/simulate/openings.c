#include "simulate/openings.h"

#define MAKER_TOKENS_USD 3000000
#define VAULT_TOKENS_USD 20000000

static int64_t first_price(struct market *market, uint16_t coin)
{
    return price_walk_at(&market->walk, coin, 0) / WALK_FRACTION;
}

/* Whole lots and, as fees leave them, some 1e-8 parts of one. */
static void bring_tokens(struct market *market, uint32_t trader, uint16_t coin_index, int64_t usd)
{
    const struct market_coin *coin = &market_coins[coin_index];
    int64_t price = first_price(market, coin_index), lots = market_lots(coin, usd, price);
    int64_t per_lot = market_power10(BALANCE_DECIMALS - coin->sz_decimals);
    int64_t quantity = lots * per_lot + (int64_t)vg_rng_below(&market->rng, (uint64_t)per_lot) / 100 * 100;
    int64_t cost = price * lots / 100 * chance_between(&market->rng, 80, 110);
    clearing_deposit(market_position(market, trader, coin_index), coin, quantity, cost);
}

static void bring_perp(struct market *market, uint32_t trader, uint16_t coin_index, int64_t usd, bool is_long)
{
    const struct market_coin *coin = &market_coins[coin_index];
    int64_t price = first_price(market, coin_index), lots = market_lots(coin, usd, price);
    int64_t entry = price * chance_between(&market->rng, 9500, 10500) / 10000;
    int64_t cost =
        entry * lots + (int64_t)vg_rng_below(&market->rng, (uint64_t)lots); /* an average lies off the grid */
    clearing_deposit(market_position(market, trader, coin_index), coin, is_long ? lots : -lots, cost);
}

/* Less than one lot and at most a dollar: what the exchange sweeps up at midnight. */
static void bring_dust(struct market *market, uint32_t trader, uint16_t coin_index)
{
    const struct market_coin *coin = &market_coins[coin_index];
    struct position *p = market_position(market, trader, coin_index);
    if (p->quantity) return;
    int64_t per_lot = market_power10(BALANCE_DECIMALS - coin->sz_decimals), price = first_price(market, coin_index);
    int64_t bound = (int64_t)((__int128)per_lot * market_power10(8) / price);
    if (bound > per_lot) bound = per_lot;
    int64_t quantity = 1 + (int64_t)vg_rng_below(&market->rng, (uint64_t)bound - 1);
    if (coin->base != TOKEN_UBTC && quantity > 100)
        quantity -= quantity % 100; /* UBTC has ten decimals, others eight */
    clearing_deposit(p, coin, quantity, (int64_t)((__int128)price * quantity / per_lot));
}

static uint16_t draw_coin(struct market *market, bool spot)
{
    for (;;) {
        uint16_t coin = (uint16_t)chance_log(&market->rng, 1, market_coin_count);
        if (coin_is_spot(&market_coins[coin - 1]) == spot) return coin - 1;
    }
}

static void stock_makers(struct market *market)
{
    for (uint16_t coin = 0; coin < market_coin_count; coin++) {
        const struct book *book = &market->books[coin];
        for (uint32_t i = 0; i < book->provider_count; i++) {
            uint32_t trader = book->providers[i].trader;
            if (coin_is_spot(&market_coins[coin])) {
                bring_tokens(market, trader, coin, trader == 0 ? VAULT_TOKENS_USD : MAKER_TOKENS_USD);
            } else if (chance_percent(&market->rng, 50)) {
                int64_t usd = chance_log(&market->rng, 100, 20000);
                bring_perp(market, trader, coin, usd, chance_percent(&market->rng, 50));
                if (trader != 0) market_add_restless(market, trader, coin);
            }
        }
    }
}

void openings_draw(struct market *market, struct ideas *ideas, uint64_t fills, int64_t start_ns, int64_t end_ns)
{
    stock_makers(market);
    uint64_t dust_left = fills / 1000 + 3;
    for (uint32_t trader = market->people.first_actor; trader < market->people.dust_account; trader++) {
        const struct trader *who = &market->people.traders[trader];
        int64_t at_ns = start_ns + (int64_t)vg_rng_below(&market->rng, (uint64_t)(end_ns - start_ns));
        if (chance_percent(&market->rng, 12)) {
            uint16_t coin = draw_coin(market, false);
            bool is_long = chance_percent(&market->rng, 50);
            bring_perp(market, trader, coin, who->usual_usd, is_long);
            ideas_adopt(ideas, market, trader, coin, is_long, at_ns);
        } else if (chance_percent(&market->rng, 8)) {
            uint16_t coin = draw_coin(market, true);
            bring_tokens(market, trader, coin, who->usual_usd);
            ideas_adopt(ideas, market, trader, coin, true, at_ns);
        }
        if (dust_left && chance_percent(&market->rng, 10)) {
            bring_dust(market, trader, draw_coin(market, true));
            dust_left--;
        }
    }
}
