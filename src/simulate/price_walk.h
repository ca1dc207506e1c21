/* price_walk.h: the path of every coin's fair price over the whole window, drawn before the first trade.
 *
 * One point per coin every 15 seconds, straight lines in between. Because the future exists already,
 * a trader "with an edge" can look at it, and a liquidation can be known when a position is opened.
 * Memory: 8 bytes per coin and point, 2.6 MB a day for 56 coins.
 */
#ifndef VIGIL_SIMULATE_PRICE_WALK_H
#define VIGIL_SIMULATE_PRICE_WALK_H

#include <stdint.h>

#include "simulate/chance.h"
#include "simulate/market_coins.h"

#define WALK_STEP_NS INT64_C(15000000000)
#define WALK_FRACTION 65536 /* prices of the walk are ticks times this */

struct price_walk {
    int64_t start_ns;
    uint32_t points; /* per coin */
    int64_t *prices; /* [coin * points + point] */
};

void price_walk_init(struct price_walk *walk, struct vg_rng *rng, int64_t start_ns, int64_t end_ns);
void price_walk_release(struct price_walk *walk);

/* Fair price at a time, in ticks times WALK_FRACTION; times outside the window get its first or last price. */
int64_t price_walk_at(const struct price_walk *walk, uint16_t coin, int64_t time_ns);

/* First time in [from, to] at which the price is at or beyond `barrier` (ticks), in whole steps; 0 when
 * it never is. `below`: the barrier lies under the price. */
int64_t price_walk_crossing(const struct price_walk *walk, uint16_t coin, int64_t from_ns, int64_t to_ns,
                            int64_t barrier, bool below);

#endif
