/* chance.h: the draws that the generator makes, in integers only.
 *
 * No libm anywhere: the same seed gives the same market on every machine and with every compiler. For the
 * same reason no expression may hold two draws: C leaves open which comes first.
 */
#ifndef VIGIL_SIMULATE_CHANCE_H
#define VIGIL_SIMULATE_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

#define CHANCE_SIGMA 37837 /* standard deviation of chance_bell() */

static inline bool chance_percent(struct vg_rng *rng, unsigned percent) { return vg_rng_below(rng, 100) < percent; }
static inline bool chance_one_in(struct vg_rng *rng, uint64_t n) { return vg_rng_below(rng, n) == 0; }

/* Uniform in [low, high]. */
static inline int64_t chance_between(struct vg_rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)vg_rng_below(rng, (uint64_t)(high - low) + 1);
}

/* Bell-shaped around zero (four uniform summands), |value| <= 131070. */
static inline int64_t chance_bell(struct vg_rng *rng)
{
    uint64_t r = vg_rng_next(rng);
    return (int64_t)((r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) + (r >> 48)) - 2 * 65535;
}

/* Spread evenly over the octaves of [low, high], low > 0: small values are as likely as large ones. */
static inline int64_t chance_log(struct vg_rng *rng, int64_t low, int64_t high)
{
    unsigned octaves = 0;
    while (octaves < 62 && low <= high >> (octaves + 1))
        octaves++;
    int64_t base = low << vg_rng_below(rng, octaves + 1);
    int64_t value = base + (int64_t)vg_rng_below(rng, (uint64_t)base);
    return value > high ? high : value;
}

/* Weighted choice in constant time: Walker's alias method in integers (Vose, IEEE TSE 17(9), 1991). */
struct chance_table {
    uint32_t n;
    uint32_t *alias, *threshold;
};

/* Weights sum to more than 0 and less than 2^64. */
void chance_table_init(struct chance_table *table, const uint64_t *weights, uint32_t n);
void chance_table_release(struct chance_table *table);

static inline uint32_t chance_pick(struct vg_rng *rng, const struct chance_table *table)
{
    uint64_t r = vg_rng_next(rng);
    uint32_t i = (uint32_t)(((r >> 32) * table->n) >> 32);
    return (uint32_t)r <= table->threshold[i] ? i : table->alias[i];
}

#endif
