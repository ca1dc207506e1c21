/* trader_windows.h: what is known of traders in a window of days, from the fills of these days alone, and what each
 * made on every day after; nothing is written.
 */
#ifndef VIGIL_FLOW_TRADER_WINDOWS_H
#define VIGIL_FLOW_TRADER_WINDOWS_H

#include "analyze/cluster_columns.h"
#include "analyze/market_exposure.h"
#include "base/intern.h"
#include "base/progress.h"
#include "lake/lake.h"

/* Traders who take part in a grouping (cluster_left_out), in the order of addresses. */
struct trader_window {
    uint32_t *traders; /* ids of the intern table of addresses */
    struct trader_figures *figures;
    size_t n, capacity;
};

/* Fills a zeroed window; addresses get ids in `addresses`. */
VG_MUST_USE vg_code trader_window_read(struct lake *lake, int32_t from, int32_t to, struct intern *addresses,
                                       struct trader_window *window, struct vg_progress *progress, vg_err *err);
void trader_window_release(struct trader_window *window);

/* How all stand at the end of a day, by id; who is beyond `n` had nothing. */
struct day_results {
    int32_t day;
    double *totals;              /* net profit of perps, marked to market, up to then, USD */
    double *worths;              /* of perp positions, signed, USD */
    double prices[MARKET_COINS]; /* of BTC and ETH; NAN: none yet */
    size_t n;
};

/* Reads the whole lake and fills those `days` (ascending, distinct), which the caller releases; a day without fills is
 * as the day before. Memory: 16 bytes a trader and day. */
VG_MUST_USE vg_code day_results_read(struct lake *lake, const struct intern *addresses, struct day_results *days,
                                     size_t day_count, struct vg_progress *progress, vg_err *err);
void day_results_release(struct day_results *results);

/* 0 for who is not in it. */
static inline double day_results_total(const struct day_results *results, uint32_t trader)
{
    return trader < results->n ? results->totals[trader] : 0;
}

static inline double day_results_worth(const struct day_results *results, uint32_t trader)
{
    return trader < results->n ? results->worths[trader] : 0;
}

/* First and last day with fills; false: none. */
bool lake_day_range(struct lake *lake, int32_t *from, int32_t *to);

/* Rows of the parts of these days. */
uint64_t lake_fill_count(struct lake *lake, int32_t from, int32_t to);

#endif
