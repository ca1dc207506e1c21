/* features_core.h: the state of the feature engine, shared by the files that add rows (features.c), print
 * tables (features_tables.c) and save it (features_state.c). Private to these and their test.
 */
#ifndef VIGIL_ANALYZE_FEATURES_CORE_H
#define VIGIL_ANALYZE_FEATURES_CORE_H

#include "analyze/features.h"
#include "analyze/holding.h"
#include "analyze/prints.h"
#include "analyze/profiles.h"
#include "base/map.h"

#define WAITING 32  /* rows; a power of two */
#define FETCHING 16 /* of these, rows whose places are still being looked for in memory */

/* What happened to a coin on the day at hand. */
struct coin_activity {
    uint64_t fill_count, trade_count, unique_traders;
    vg_dec size; /* of taker rows */
    vg_dec20 volume, taker_buy, taker_sell, seed_buy, seed_sell, liquidated, twap;
};

/* A fill whose price some time later is not known yet. */
struct pending {
    uint32_t trader, coin;
    int64_t time_ms;
    vg_dec price, signed_size;
    vg_dec20 volume;
    uint8_t horizons; /* bit each */
    bool is_taker;
};

struct features {
    unsigned shard, shards;
    struct coin_table coins;
    struct prints *prints;
    int64_t known_until_ms; /* time of the last row whose prices are here */
    int64_t linked_from_ms; /* points from here on are linked to those after them */

    struct intern users;
    struct profiles profiles; /* by user id */
    struct map64 pairs;       /* user << 32 | coin → holding */
    struct holding *holdings;
    size_t holding_count, holding_capacity;
    struct orders orders;
    struct pending *pending;
    size_t pending_count, pending_capacity;

    /* of the day at hand */
    int32_t day;
    struct coin_activity *activity; /* by coin */
    uint32_t activity_count;
    struct episode_list episodes;
    uint32_t *active; /* users with fills */
    size_t active_count, active_capacity;

    /* rows that wait for what they need from memory, and to see whether they trade with the next */
    struct waiting_row {
        struct fill_row row;
        uint32_t user;
        size_t at; /* price points of the coin until then */
    } waiting[WAITING];
    size_t waiting_from, looked_up, waiting_to; /* counters, in this order: modulo WAITING */
};

/* Gets what will be needed soon from memory. */
static inline void prefetch(const void *p, size_t size)
{
    for (size_t i = 0; i < size; i += 64)
        __builtin_prefetch((const char *)p + i);
}

/* The trader's number; his profile is made when he is new. */
uint32_t features_user_of(struct features *features, vg_slice address);

/* Puts a holding, the index-th, into its trader's list. */
void features_list_holding(struct profile *profile, struct holding *holding, size_t index);

/* The coin's last price up to the end of a day; before its first, the trader's own last one. */
vg_dec features_mark(const struct features *features, const struct holding *holding, int32_t day);

/* What the trader's perp positions are worth at the end of a day. *ok becomes false when that leaves 128 bits. */
vg_dec20 features_value_at(const struct features *features, const struct profile *profile, int32_t day, bool *ok);

#endif
