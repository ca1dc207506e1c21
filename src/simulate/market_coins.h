/* market_coins.h: what is traded in the synthetic market, and the grids that prices and sizes live on.
 *
 * Money is integers throughout. A price is counted in ticks of 10^-price_decimals, a size in lots of
 * 10^-sz_decimals; their product is counted in units of 10^-money_decimals of the quote currency.
 * The exchange's own limits make that exact: price_decimals = 6 - sz_decimals on perps, 8 - sz_decimals
 * on spot ("Tick and lot size"), so money_decimals is 6 or 8.
 */
#ifndef VIGIL_SIMULATE_MARKET_COINS_H
#define VIGIL_SIMULATE_MARKET_COINS_H

#include <stdbool.h>
#include <stdint.h>

enum coin_kind { KIND_PERP, KIND_SPOT, KIND_BUILDER_PERP }; /* the last: HIP-3, "dex:SYMBOL" */

enum token {
    TOKEN_USDC,
    TOKEN_USDH,
    TOKEN_USDT0,
    TOKEN_USDE,
    TOKEN_HYPE,
    TOKEN_UBTC,
    TOKEN_UETH,
    TOKEN_USOL,
    TOKEN_PURR,
    TOKENS,
};

extern const char *const market_token_names[TOKENS];

struct market_coin {
    const char *name;
    enum coin_kind kind;
    enum token quote; /* pays profit, and fees unless the base token does */
    enum token base;  /* spot only */
    uint8_t sz_decimals;
    int64_t price_e8;    /* where the walk starts, quote currency * 1e8 */
    int32_t day_bp;      /* volatility of one day in basis points */
    int32_t spread_ppm;  /* half the spread, parts per million */
    int32_t fee_percent; /* of the trader's positive rates: HIP-3 growth mode 20, HIP-3 200, stable pairs 20 */
    const char *follows; /* coin whose walk this one copies with a small basis, or NULL */
};

/* In order of popularity; the weight of rank r is 1/r (Zipf; hyperliquid-formats.md 7.3). */
extern const struct market_coin market_coins[];
extern const uint16_t market_coin_count;

static inline bool coin_is_spot(const struct market_coin *coin) { return coin->kind == KIND_SPOT; }
static inline unsigned coin_money_decimals(const struct market_coin *coin) { return coin_is_spot(coin) ? 8 : 6; }
static inline unsigned coin_price_decimals(const struct market_coin *coin)
{
    return coin_money_decimals(coin) - coin->sz_decimals;
}

int64_t market_power10(unsigned exponent);

/* Index of the coin with that name; it must exist. */
uint16_t market_coin_find(const char *name);

/* The step between valid prices at `price`: five significant digits, integers always allowed. */
int64_t market_tick(const struct market_coin *coin, int64_t price);
int64_t market_price_floor(const struct market_coin *coin, int64_t price);
int64_t market_price_ceil(const struct market_coin *coin, int64_t price);

/* Whole lots that `usd` buys at `price`, at least one. */
int64_t market_lots(const struct market_coin *coin, int64_t usd, int64_t price);

#endif
