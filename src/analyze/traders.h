/* traders.h: one row per trader: the sums that need no position, exactly.
 *
 * Definitions: docs/metrics.md. Sums are decimals; nothing here is rounded. Ratios are left to whoever
 * prints them. Memory: about 300 bytes a trader, 32 for each of his coins and days.
 */
#ifndef VIGIL_ANALYZE_TRADERS_H
#define VIGIL_ANALYZE_TRADERS_H

#include "model/coin.h"
#include "model/fill_batch.h"

struct trader {
    vg_slice address;
    uint64_t fill_count, taker_fills;
    uint64_t winning_fills, losing_fills; /* closed_pnl above, below 0 */
    uint64_t liquidated_fills;            /* he was the one liquidated */
    uint64_t fee_unpriced_fills;          /* fee in a token without a price here: not in fees_paid */
    uint32_t unique_coins, active_days;
    int64_t first_time_us, last_time_us;
    vg_dec20 perp_volume, spot_volume, other_volume; /* USD; perps include HIP-3 */
    vg_dec20 plain_volume, plain_maker_volume; /* without TWAP slices and liquidations: maker_share = maker / plain */
    vg_dec20 perp_pnl, spot_pnl, other_pnl;    /* closed_pnl */
    vg_dec20 fees_paid;                        /* USD */
    vg_dec20 net_pnl; /* perps: pnl - fees; spot: the base-token fee of a buy is inside closed_pnl already */
};

struct traders;

uint64_t traders_columns(void);
struct traders *traders_new(void);

/* VG_ELIMIT when an exact sum leaves 128 bits: names the row. */
VG_MUST_USE vg_code traders_add(struct traders *traders, const struct fill_batch *batch, vg_err *err);

/* All traders, in the order of their first row; valid until the next call of traders_add. */
const struct trader *traders_view(const struct traders *traders, size_t *n);
void traders_free(struct traders *traders);

/* Totals over the three kinds. */
static inline vg_dec20 trader_volume(const struct trader *t)
{
    return t->perp_volume + t->spot_volume + t->other_volume;
}
static inline vg_dec20 trader_pnl(const struct trader *t) { return t->perp_pnl + t->spot_pnl + t->other_pnl; }

/* Ratios in double; NAN where undefined. */
double trader_win_rate(const struct trader *trader);
double trader_maker_pct(const struct trader *trader);
double trader_maker_share(const struct trader *trader);

#endif
