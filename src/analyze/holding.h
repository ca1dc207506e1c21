/* holding.h: one trader's position in one coin, row after row: chain, entry, episode, inventory.
 *
 * The quantity follows from startPosition and size; sizes are integers of 1e-10, so flat means flat.
 * A row whose startPosition does not follow is a gap: the episode at hand is broken, and the position
 * starts again with an unknown opening.
 */
#ifndef VIGIL_ANALYZE_HOLDING_H
#define VIGIL_ANALYZE_HOLDING_H

#include "analyze/profile.h"

struct episode {
    uint32_t serial; /* in the holding, from 1 */
    uint32_t fills, orders;
    bool liquidated, left_censored;
    int64_t open_ms, last_ms;
    vg_dec largest, opened_size, closed_size;
    vg_dec20 opened, closed, maker, gross, fees; /* notional, notional, notional, sum of c */
};

struct holding {
    uint32_t trader, coin;
    uint32_t next; /* of the trader's list, + 1 */
    int32_t last_day;
    uint64_t fill_count;
    int64_t first_ms, newest_ms; /* of all rows; last_ms is of the one before */
    vg_dec20 volume, buy_volume, taker_volume, pnl, fees, net_pnl;

    /* 5-minute bucket, trade rows */
    int64_t bucket;
    vg_dec20 bought, sold;
    uint64_t liquidation_key;

    /* perps */
    bool seen, entry_known, opening_seen, on_grid;
    int8_t outcome; /* of the completed episode just before: -1 loss, 1 win */
    vg_dec quantity, last_price;
    int64_t last_ms;
    double entry, opening_ms;                      /* averages by size */
    double grid_last, grid_products, grid_squares; /* position on full minutes */
    struct episode episode;                        /* while quantity is not 0 */
};

/* An episode that is over, or open at the end. */
struct episode_row {
    uint32_t trader, coin;
    enum { EPISODE_COMPLETED, EPISODE_BROKEN_BY_GAP, EPISODE_OPEN } end;
    int64_t close_ms;
    vg_dec position;
    bool is_long;
    double entry; /* NAN: unknown */
    struct episode episode;
};

struct episode_list {
    struct episode_row *items;
    size_t n, capacity;
};
void episode_list_add(struct episode_list *list, const struct episode_row *row);

/* Where a row finds the rest of the trader's state. */
struct holding_context {
    struct profile *profile;
    struct order *order;           /* NULL for system rows */
    struct episode_list *episodes; /* those that end are added */
    vg_dec base_price;             /* of the coin at the end of the day before, for positions brought along */
};

/* One row of the pair. False when a sum leaves 128 bits. */
bool holding_add(struct holding *holding, const struct fill_row *row, const struct holding_context *context);

/* Half-life of the position in minutes; NAN: none. */
double holding_half_life(const struct holding *holding);

/* The open position as an episode. */
struct episode_row holding_open_episode(const struct holding *holding);

/* The pair as a row of the table trader_coins. */
void holding_print(const struct holding *holding, vg_slice trader, vg_slice coin, enum coin_kind kind,
                   struct feature_value out[TRADER_COIN_COLUMN_COUNT]);

/* Whether what was read is safe to go on with. */
bool holding_is_sound(const struct holding *holding);

/* An episode as a row of the table; `last_price` counts for open ones, 0: unknown. */
void episode_print(const struct episode_row *row, vg_slice trader, vg_slice coin, vg_dec last_price,
                   struct feature_value out[EPISODE_COLUMN_COUNT]);

#endif
