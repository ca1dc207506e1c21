/* Relative steps are bell-shaped, 70 % of each is the market's common step, and one in 2,000 steps is
 * a jump of eight times the size. Copies carry a basis that reverts to zero. All in integers. */
#include "simulate/price_walk.h"

#include <stdlib.h>

#include "base/err.h"

#define STEPS_A_DAY 5760
#define ROOT_OF_STEPS 76 /* square root of STEPS_A_DAY, rounded */

static int64_t step_bell(struct vg_rng *rng)
{
    int64_t bell = chance_bell(rng);
    return chance_one_in(rng, 2000) ? bell * 8 : bell;
}

static int64_t moved(const struct market_coin *coin, int64_t price, int64_t start, int64_t bell)
{
    __int128 delta = (__int128)price * bell * coin->day_bp / ((__int128)CHANCE_SIGMA * ROOT_OF_STEPS * 10000);
    int64_t next = price + (int64_t)delta;
    int64_t low = start / 5, high = start * 5;
    return next < low ? low : next > high ? high : next;
}

static void walk_alone(struct price_walk *walk, struct vg_rng *rng, uint16_t index, const int64_t *market)
{
    const struct market_coin *coin = &market_coins[index];
    int64_t *prices = walk->prices + (size_t)index * walk->points;
    int64_t start = coin->price_e8 / market_power10(8 - coin_price_decimals(coin)) * WALK_FRACTION;
    bool coupled = coin->kind == KIND_PERP;
    prices[0] = start;
    for (uint32_t i = 1; i < walk->points; i++) {
        int64_t own = step_bell(rng);
        prices[i] = moved(coin, prices[i - 1], start, coupled ? (7 * market[i] + 7 * own) / 10 : own);
    }
}

static void walk_beside(struct price_walk *walk, struct vg_rng *rng, uint16_t index)
{
    const struct market_coin *coin = &market_coins[index];
    uint16_t other = market_coin_find(coin->follows);
    const int64_t *source = walk->prices + (size_t)other * walk->points;
    int64_t *prices = walk->prices + (size_t)index * walk->points;
    int64_t unit = market_power10(coin_price_decimals(coin)),
            other_unit = market_power10(coin_price_decimals(&market_coins[other]));
    int64_t basis_ppm = 0;
    for (uint32_t i = 0; i < walk->points; i++) {
        basis_ppm = basis_ppm * 98 / 100 + chance_bell(rng) / 1000;
        prices[i] = (int64_t)((__int128)source[i] * unit / other_unit * (1000000 + basis_ppm) / 1000000);
    }
}

void price_walk_init(struct price_walk *walk, struct vg_rng *rng, int64_t start_ns, int64_t end_ns)
{
    uint32_t points = (uint32_t)((end_ns - start_ns) / WALK_STEP_NS) + 2;
    *walk = (struct price_walk){.start_ns = start_ns, .points = points};
    walk->prices = vg_calloc((size_t)market_coin_count * points, sizeof *walk->prices);
    int64_t *market = vg_calloc(points, sizeof *market);
    for (uint32_t i = 0; i < points; i++)
        market[i] = step_bell(rng);
    for (uint16_t i = 0; i < market_coin_count; i++)
        if (!market_coins[i].follows) walk_alone(walk, rng, i, market);
    for (uint16_t i = 0; i < market_coin_count; i++)
        if (market_coins[i].follows) walk_beside(walk, rng, i);
    free(market);
}

void price_walk_release(struct price_walk *walk)
{
    free(walk->prices);
    *walk = (struct price_walk){0};
}

int64_t price_walk_at(const struct price_walk *walk, uint16_t coin, int64_t time_ns)
{
    const int64_t *prices = walk->prices + (size_t)coin * walk->points;
    int64_t since = time_ns - walk->start_ns;
    if (since <= 0) return prices[0];
    int64_t point = since / WALK_STEP_NS;
    if (point >= walk->points - 1) return prices[walk->points - 1];
    int64_t part = since % WALK_STEP_NS / 1000000; /* milliseconds, so that the product stays in 64 bits */
    return prices[point] + (prices[point + 1] - prices[point]) * part / (WALK_STEP_NS / 1000000);
}

int64_t price_walk_crossing(const struct price_walk *walk, uint16_t coin, int64_t from_ns, int64_t to_ns,
                            int64_t barrier, bool below)
{
    const int64_t *prices = walk->prices + (size_t)coin * walk->points;
    int64_t first = (from_ns - walk->start_ns) / WALK_STEP_NS + 1, last = (to_ns - walk->start_ns) / WALK_STEP_NS;
    if (first < 0) first = 0;
    if (last >= walk->points) last = walk->points - 1;
    for (int64_t i = first; i <= last; i++) {
        int64_t price = prices[i] / WALK_FRACTION;
        if (below ? price <= barrier : price >= barrier) return walk->start_ns + i * WALK_STEP_NS;
    }
    return 0;
}
