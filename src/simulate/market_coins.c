#include "simulate/market_coins.h"

#include <string.h>

#include "base/err.h"

const char *const market_token_names[TOKENS] = {"USDC", "USDH", "USDT0", "USDE", "HYPE",
                                                "UBTC", "UETH", "USOL",  "PURR"};

#define PERP(name, decimals, price_e8, bp, ppm)                                         \
    {                                                                                   \
        name, KIND_PERP, TOKEN_USDC, TOKEN_USDC, decimals, price_e8, bp, ppm, 100, NULL \
    }
#define SPOT(name, base, decimals, price_e8, bp, ppm, fee, follows)                  \
    {                                                                                \
        name, KIND_SPOT, TOKEN_USDC, base, decimals, price_e8, bp, ppm, fee, follows \
    }
#define DEX(name, quote, decimals, price_e8, bp, ppm, fee, follows)                           \
    {                                                                                         \
        name, KIND_BUILDER_PERP, quote, TOKEN_USDC, decimals, price_e8, bp, ppm, fee, follows \
    }

/* Names and digits as at the exchange (spotMeta of 2025-11-09, hyperliquid-formats.md 2.5); prices are
 * of the right size, no more. Collateral: xyz USDC, km USDH, cash USDT0 (seen), flx USDH, hyna USDE
 * (claimed by third parties). */
const struct market_coin market_coins[] = {
    PERP("HYPE", 2, 3651200000, 500, 120),
    PERP("BTC", 5, 9512300000000, 250, 20),
    SPOT("@107", TOKEN_HYPE, 2, 3651200000, 500, 180, 100, "HYPE"),
    PERP("ETH", 4, 324120000000, 350, 30),
    PERP("SOL", 2, 17843000000, 420, 50),
    PERP("ZEC", 2, 41215000000, 800, 150),
    SPOT("@142", TOKEN_UBTC, 5, 9512300000000, 250, 80, 100, "BTC"),
    PERP("XRP", 0, 221340000, 400, 70),
    PERP("PUMP", 0, 352100, 900, 300),
    PERP("FARTCOIN", 1, 41230000, 900, 250),
    SPOT("@151", TOKEN_UETH, 4, 324120000000, 350, 120, 100, "ETH"),
    PERP("DOGE", 0, 16542000, 450, 90),
    PERP("SUI", 1, 214350000, 500, 100),
    PERP("kPEPE", 0, 851300, 700, 180),
    PERP("VIRTUAL", 1, 92310000, 800, 250),
    PERP("LINK", 1, 1423500000, 450, 100),
    PERP("AVAX", 2, 1987600000, 480, 110),
    PERP("PENGU", 0, 1231200, 800, 250),
    SPOT("@156", TOKEN_USOL, 3, 17843000000, 420, 150, 100, "SOL"),
    PERP("BNB", 3, 71234000000, 280, 60),
    PERP("AAVE", 2, 18976000000, 450, 140),
    PERP("ENA", 0, 32451000, 650, 180),
    DEX("xyz:XYZ100", TOKEN_USDC, 4, 2512300000000, 150, 60, 20, NULL),
    PERP("ADA", 0, 54321000, 450, 110),
    PERP("LTC", 2, 8532100000, 400, 120),
    PERP("TAO", 3, 32145000000, 600, 180),
    PERP("ASTER", 0, 98761000, 700, 180),
    DEX("xyz:NVDA", TOKEN_USDC, 3, 18231000000, 250, 80, 20, NULL),
    PERP("XPL", 0, 23145000, 900, 260),
    SPOT("PURR/USDC", TOKEN_PURR, 0, 8951500, 600, 600, 100, NULL),
    DEX("xyz:TSLA", TOKEN_USDC, 3, 40123000000, 350, 90, 200, NULL),
    DEX("cash:NVDA", TOKEN_USDT0, 3, 18231000000, 250, 120, 20, "xyz:NVDA"),
    PERP("TRUMP", 1, 612340000, 500, 160),
    PERP("ARB", 1, 31245000, 500, 140),
    PERP("WIF", 0, 52341000, 800, 220),
    PERP("OP", 1, 39871000, 550, 160),
    SPOT("@166", TOKEN_USDT0, 2, 99980000, 3, 20, 20, NULL),
    DEX("xyz:GOLD", TOKEN_USDC, 4, 412340000000, 120, 60, 20, NULL),
    PERP("UNI", 1, 623450000, 500, 150),
    PERP("APT", 2, 312340000, 520, 160),
    PERP("NEAR", 1, 213450000, 520, 150),
    DEX("km:USTECH", TOKEN_USDH, 3, 61234000000, 150, 120, 20, "xyz:XYZ100"),
    PERP("ONDO", 0, 61234000, 550, 170),
    SPOT("@150", TOKEN_USDE, 2, 99970000, 4, 40, 20, NULL),
    PERP("SEI", 0, 18765000, 600, 190),
    PERP("HBAR", 0, 15432000, 500, 160),
    DEX("cash:TSLA", TOKEN_USDT0, 3, 40123000000, 350, 150, 200, "xyz:TSLA"),
    PERP("JUP", 0, 34521000, 600, 200),
    PERP("TIA", 1, 98760000, 650, 210),
    PERP("CRV", 1, 48765000, 600, 200),
    SPOT("@230", TOKEN_USDH, 2, 99990000, 3, 30, 20, NULL),
    PERP("BERA", 1, 163584000, 700, 260),
    DEX("flx:GOLD", TOKEN_USDH, 4, 412340000000, 120, 140, 200, "xyz:GOLD"),
    PERP("LDO", 1, 87654000, 600, 220),
    DEX("hyna:BTC", TOKEN_USDE, 5, 9512300000000, 250, 100, 20, "BTC"),
    DEX("xyz:BRENTOIL", TOKEN_USDC, 2, 7331000000, 300, 130, 200, NULL),
};
const uint16_t market_coin_count = sizeof market_coins / sizeof *market_coins;

int64_t market_power10(unsigned exponent)
{
    static const int64_t powers[] = {1,        10,        100,        1000,        10000,        100000,       1000000,
                                     10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000};
    VG_ASSERT(exponent < sizeof powers / sizeof *powers);
    return powers[exponent];
}

uint16_t market_coin_find(const char *name)
{
    for (uint16_t i = 0; i < market_coin_count; i++)
        if (strcmp(market_coins[i].name, name) == 0) return i;
    VG_BUG("no such coin in the table");
}

int64_t market_tick(const struct market_coin *coin, int64_t price)
{
    int64_t tick = 1, whole = market_power10(coin_price_decimals(coin));
    for (int64_t limit = 100000; price >= limit && tick < whole; limit *= 10)
        tick *= 10;
    return tick;
}

int64_t market_price_floor(const struct market_coin *coin, int64_t price)
{
    int64_t tick = market_tick(coin, price), rounded = price - price % tick;
    return rounded > 0 ? rounded : tick;
}

int64_t market_price_ceil(const struct market_coin *coin, int64_t price)
{
    int64_t tick = market_tick(coin, price);
    return (price + tick - 1) / tick * tick;
}

int64_t market_lots(const struct market_coin *coin, int64_t usd, int64_t price)
{
    int64_t lots = usd * market_power10(coin_money_decimals(coin)) / price;
    return lots > 0 ? lots : 1;
}
