/* profile.h: everything that is kept of one trader while his fills go by in block order.
 *
 * Definitions: model/feature_schema.h. Sums are exact; whatever is a double is added in the order of
 * the fills, so the same fills give the same bits however they are cut into days, parts or shards.
 */
#ifndef VIGIL_ANALYZE_PROFILE_H
#define VIGIL_ANALYZE_PROFILE_H

#include "analyze/fill_row.h"
#include "analyze/orders.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"

enum { ON_PERP, ON_SPOT, ON_OTHER, MARKETS }; /* HIP-3 perps are perps */
static inline int market_of(enum coin_kind kind)
{
    return coin_is_perp(kind) ? ON_PERP : kind == COIN_SPOT ? ON_SPOT : ON_OTHER;
}

/* Markouts of one side: exact sums. */
struct markout {
    vg_dec20 gain;   /* sum of s z (M(t + h) - p) */
    vg_dec20 volume; /* of the fills in it */
    vg_dec20 stale;  /* of those without a print since */
};

/* A daily series: moments in double, the curve exactly. */
struct daily_series {
    int64_t days, days_up, days_down;
    double mean, squares, downside; /* squares: sum of (x - mean)^2; downside: sum of min(x, 0)^2 */
    vg_dec20 total, peak, drawdown;
};

/* Gaps between orders: exact up to GAPS_EXACT of them, then log bins. */
#define GAPS_EXACT 512
#define GAP_BINS 330
struct gaps {
    int64_t last_order_ms;
    uint64_t count;
    unsigned __int128 sum, squares; /* of milliseconds */
    uint64_t *values;               /* the first GAPS_EXACT */
    uint32_t capacity;
    uint32_t *bins; /* all of them, once there are more */
};

/* What happened on the day at hand. */
struct profile_day {
    int32_t day;
    uint32_t fill_count, order_count, episode_count, unique_coins, winning_fills, losing_fills;
    vg_dec20 volume[MARKETS], taker_volume, pnl, fees, net_pnl, liquidated_notional;
    vg_dec20 paid, perp_fees; /* perps: sum of s z p, fees */
    vg_dec20 value_before;    /* perps: positions at the last day's prices */
    vg_dec20 mtm, mtm_idle;   /* of the day once it is closed; of the days without a fill before it */
};

#define SIZE_BINS 96
#define SIZE_BIN_ZERO 32 /* bin of notionals from 1 to 1.41 dollars */

struct profile {
    vg_slice address;
    uint32_t holdings; /* first of the trader's list, + 1 */
    int32_t first_day;
    bool left_censored;
    int64_t first_ms, last_ms;
    uint64_t fill_count, system_fill_count, taker_fills, winning_fills, losing_fills, fee_unpriced_fills;
    uint64_t order_count, round_orders, unique_coins, active_days;
    uint64_t adl_count, liquidation_count, liquidation_fill_count, victim_unknown_count;
    uint64_t gap_count, direction_mismatches, unknown_directions;
    uint32_t hours[24]; /* trade rows */
    uint32_t size_bins[SIZE_BINS];
    vg_dec20 volume[MARKETS], pnl[MARKETS], net_pnl[MARKETS];
    vg_dec20 trade_volume, hip3_volume, twap_volume, builder_volume, weekend_volume, self_trade_volume;
    vg_dec20 plain_volume, plain_maker_volume, taker_buy_volume, taker_sell_volume, two_sided_volume;
    vg_dec20 largest_fill, largest_order;
    vg_dec20 gross_profit, gross_loss, fees, builder_fees, positive_fees, builder_of_positive_fees;
    vg_dec20 liquidated_notional, liq_taker_notional;

    /* perps */
    vg_dec20 long_open, short_open, closed_notional, added_notional, added_losing;
    vg_dec20 largest_position, gross, peak_gross;
    int64_t last_perp_ms;
    double gross_time, position_time, holding_time; /* USD ms, ms, USD ms */
    double hold_weighted, hold_weight;
    double entry_momentum;
    uint64_t entry_momentum_count;
    uint64_t episode_count, episode_broken_count, episode_wins, episode_losses;
    vg_dec20 episode_profit, episode_loss, largest_episode;
    uint64_t held_count, held_winner_count, held_loser_count;
    int64_t held_ms, held_winner_ms, held_loser_ms;
    vg_dec20 opened_after_loss, opened_after_win;
    uint64_t count_after_loss, count_after_win;

    /* the taker fills of one order in one block */
    struct {
        int64_t order_id, block;
        uint32_t coin;
        bool open, is_buy;
        vg_dec first_price, size;
        vg_dec20 notional;
    } sweep;
    double slippage;
    uint64_t sweep_count;

    struct gaps gaps;
    struct markout markouts[2][HORIZONS]; /* maker, taker */
    struct daily_series series, active_series, mtm_series;
    struct profile_day today;
};

/* Adds what needs no position. `order` is NULL for system rows. False when a sum leaves 128 bits. */
bool profile_add(struct profile *profile, const struct fill_row *row, struct order *order, bool order_is_new);

/* Begins a day with fills; earlier ones are closed, and idle ones passed. */
void profile_open_day(struct profile *profile, int32_t day);

/* A calendar day without fills goes by; `value` is what the perp positions are worth at its end. False
 * when a sum leaves 128 bits. */
bool profile_pass_idle_day(struct profile *profile, vg_dec20 value);

/* Ends the day at hand; `value` as above. */
bool profile_close_day(struct profile *profile, vg_dec20 value);

/* Figures of the whole window. `coin_hhi`, `half_life` and `open_positions` come from the holdings; NAN: none. */
struct profile_of_holdings {
    double coin_hhi, half_life;
    int64_t open_positions;
};
void profile_print(const struct profile *profile, const struct profile_of_holdings *holdings,
                   struct feature_value out[TRADER_COLUMN_COUNT]);

/* The day that was closed last, as a row of trader_daily. */
void profile_print_day(const struct profile *profile, struct feature_value out[TRADER_DAILY_COLUMN_COUNT]);

void profile_release(struct profile *profile);

/* Whether a profile that was read, with its gaps, is safe to go on with. */
bool profile_is_sound(const struct profile *profile);

#endif
