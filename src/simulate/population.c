#include "simulate/population.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { MINUTE = 60, HOUR = 3600 };

/* Maker shares, holding times: data pipeline plan, "Expected Clusters". Sizes: hyperliquid-formats.md 7.4. */
const struct behaviour behaviours[ARCHETYPES] = {
    /* name, people, activity, maker, edge, spot, cloid, builder, entry orders, hold, usd, fee tiers */
    [MARKET_MAKER] = {"market_maker", 20, 0, 0, 50, 0, 55, 0, 1, {1, 1}, {1000, 1000}, {9, 12}},
    [VAULT] = {"vault", 0, 0, 0, 50, 0, 0, 0, 1, {1, 1}, {1000, 1000}, {0, 0}},
    [ARBITRAGEUR] = {"arbitrageur", 5, 0, 0, 50, 0, 60, 0, 1, {1, 1}, {1000, 1000}, {9, 12}},
    [SMART_DIRECTIONAL] =
        {"smart_directional", 60, 130, 30, 68, 8, 30, 2, 4, {1 * HOUR, 8 * HOUR}, {4000, 250000}, {4, 8}},
    [BASIS_HEDGER] = {"basis_hedger", 30, 80, 45, 50, 100, 40, 0, 2, {4 * HOUR, 30 * HOUR}, {5000, 120000}, {5, 9}},
    [TWAP_WHALE] = {"twap_whale", 20, 15, 20, 53, 30, 5, 2, 2, {2 * HOUR, 20 * HOUR}, {20000, 400000}, {5, 8}},
    [SWING] = {"swing", 120, 130, 30, 53, 20, 10, 5, 3, {4 * HOUR, 60 * HOUR}, {5000, 300000}, {2, 6}},
    [SCALPER] = {"scalper", 80, 290, 35, 55, 12, 45, 1, 2, {15 * MINUTE, 60 * MINUTE}, {500, 20000}, {3, 8}},
    [RETAIL_LOSER] = {"retail_loser", 345, 190, 8, 36, 25, 5, 20, 2, {3 * MINUTE, 12 * HOUR}, {15, 3000}, {0, 2}},
    [DEGEN] = {"degen", 120, 155, 2, 42, 3, 5, 20, 3, {1 * MINUTE, 4 * HOUR}, {200, 20000}, {0, 2}},
    [INACTIVE] = {"inactive", 200, 10, 5, 48, 30, 2, 8, 1, {10 * MINUTE, 30 * HOUR}, {12, 100}, {0, 0}},
    [SYSTEM] = {"system", 0, 0, 0, 50, 0, 0, 0, 1, {1, 1}, {1, 1}, {0, 0}},
};

/* The rates that were seen on the exchange (hyperliquid-formats.md 2.6 point 6). */
static const struct fee_tier fee_tiers[] = {
    {45000, 15000, 70000, 40000}, {43200, 14400, 68000, 40000}, {40500, 14400, 68000, 31000},
    {40000, 11520, 56000, 31000}, {35000, 10800, 56000, 20000}, {34000, 9600, 56000, 20000},
    {33600, 8000, 56000, 20000},  {32000, 6800, 56000, 8000},   {30000, 4800, 56000, 8000},
    {28800, 0, 56000, 0},         {25000, -1000, 56000, -1000}, {23000, -2000, 56000, -2000},
    {19600, -3000, 56000, -3000},
};

static void draw_bytes(struct vg_rng *rng, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t r = vg_rng_next(rng);
        memcpy(bytes + i, &r, n - i < 8 ? n - i : 8);
    }
}

static void draw_favourites(struct trader *trader, struct vg_rng *rng, const struct chance_table *by_popularity)
{
    unsigned wanted = 1 + (unsigned)vg_rng_below(rng, FAVOURITES);
    trader->coins = 0;
    for (unsigned tries = 0; trader->coins < wanted && tries < 30; tries++) {
        uint8_t coin = (uint8_t)chance_pick(rng, by_popularity);
        if (!memchr(trader->favourites, coin, trader->coins)) trader->favourites[trader->coins++] = coin;
    }
}

static void draw_trader(struct trader *trader, struct vg_rng *rng, enum archetype archetype,
                        const struct chance_table *by_popularity)
{
    const struct behaviour *habit = &behaviours[archetype];
    draw_bytes(rng, trader->address, sizeof trader->address);
    trader->archetype = (uint8_t)archetype;
    trader->fees = fee_tiers[chance_between(rng, habit->fee_tier[0], habit->fee_tier[1])];
    trader->builder = chance_percent(rng, habit->builder_percent) ? (uint8_t)vg_rng_below(rng, BUILDERS) : NO_BUILDER;
    bool has_software = chance_percent(rng, habit->cloid_percent);
    trader->cloid_percent = has_software ? 97 : 0;
    trader->counts_cloids = has_software && chance_percent(rng, 50);
    trader->usual_usd = (int32_t)chance_log(rng, habit->usd[0], habit->usd[1]);
    draw_favourites(trader, rng, by_popularity);
}

/* Members of one archetype share its activity by Zipf's law, flattened at the head: no single
 * directional trader outweighs the market makers. */
static void weigh_actors(struct population *people)
{
    uint32_t n = people->dust_account - people->first_actor, seen[ARCHETYPES] = {0};
    uint64_t *weights = vg_calloc(n, sizeof *weights), total[ARCHETYPES] = {0};
    for (uint32_t i = 0; i < n; i++) {
        unsigned archetype = people->traders[people->first_actor + i].archetype;
        weights[i] = UINT64_C(1000000000) / (3 + seen[archetype]++);
        total[archetype] += weights[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        unsigned archetype = people->traders[people->first_actor + i].archetype;
        unsigned __int128 part = (unsigned __int128)weights[i] * behaviours[archetype].activity * 1000000000u;
        weights[i] = (uint64_t)(part / total[archetype]);
    }
    chance_table_init(&people->actors, weights, n);
    uint32_t whales = seen[TWAP_WHALE];
    if (whales) {
        people->first_whale = people->first_actor;
        while (people->traders[people->first_whale].archetype != TWAP_WHALE)
            people->first_whale++;
        chance_table_init(&people->whales, weights + (people->first_whale - people->first_actor), whales);
    }
    free(weights);
}

static uint32_t share(uint32_t traders, enum archetype archetype)
{
    return (uint32_t)((uint64_t)traders * behaviours[archetype].people / 1000);
}

/* More makers than one in 2,500 fills would each trade too seldom to look like makers. */
static uint32_t maker_count(uint32_t traders, uint64_t fills)
{
    uint64_t bound = fills / 2500 < 4 ? 4 : fills / 2500;
    uint32_t makers = share(traders, MARKET_MAKER);
    if (makers > bound) makers = (uint32_t)bound;
    if (makers > 400) makers = 400;
    return makers < 4 ? 4 : makers;
}

void population_init(struct population *people, struct vg_rng *rng, uint32_t traders, uint64_t fills)
{
    *people = (struct population){.n = traders + 1, .dust_account = traders};
    people->traders = vg_calloc(people->n, sizeof *people->traders);
    people->makers = maker_count(traders, fills);
    people->arbitrageurs = people->makers / 4 + 2;
    people->first_actor = people->makers + people->arbitrageurs;

    uint64_t popularity[256];
    for (uint16_t i = 0; i < market_coin_count; i++)
        popularity[i] = UINT64_C(1000000000) / (i + 1u);
    struct chance_table by_popularity;
    chance_table_init(&by_popularity, popularity, market_coin_count);

    uint32_t next = 0;
    for (; next < people->makers; next++)
        draw_trader(&people->traders[next], rng, MARKET_MAKER, &by_popularity);
    people->traders[0].fees = (struct fee_tier){0};
    people->traders[0].archetype = VAULT;
    for (; next < people->first_actor; next++)
        draw_trader(&people->traders[next], rng, ARBITRAGEUR, &by_popularity);
    for (enum archetype a = SMART_DIRECTIONAL; a < SYSTEM; a++) {
        uint32_t members = share(traders, a) ? share(traders, a) : 1;
        for (uint32_t i = 0; i < members && next < traders; i++)
            draw_trader(&people->traders[next++], rng, a, &by_popularity);
    }
    while (next < traders)
        draw_trader(&people->traders[next++], rng, RETAIL_LOSER, &by_popularity);
    draw_trader(&people->traders[people->dust_account], rng, SYSTEM, &by_popularity);
    memset(people->traders[people->dust_account].address, 0xee, 20);
    for (unsigned i = 0; i < BUILDERS; i++)
        draw_bytes(rng, people->builders[i], sizeof people->builders[i]);
    weigh_actors(people);
    chance_table_release(&by_popularity);
}

void population_release(struct population *people)
{
    chance_table_release(&people->actors);
    chance_table_release(&people->whales);
    free(people->traders);
    *people = (struct population){0};
}
