/* point_blocks.h: points in blocks of eight, one coordinate of all eight after the other.
 *
 * A block holds d vectors of LANES floats; lanes behind the last point are zero.
 */
#ifndef VIGIL_ANALYZE_POINT_BLOCKS_H
#define VIGIL_ANALYZE_POINT_BLOCKS_H

#include <stddef.h>

#include "analyze/lanes.h"

/* Room for the blocks of n points, zeroed; the caller frees. */
lanes *point_blocks_new(size_t n, unsigned d);

/* Puts a point at place i. */
static inline void point_blocks_put(lanes *blocks, unsigned d, size_t i, const float *point)
{
    float *block = (float *)(blocks + i / LANES * d);
    for (unsigned j = 0; j < d; j++)
        block[j * LANES + i % LANES] = point[j];
}

static inline size_t point_blocks_count(size_t n) { return (n + LANES - 1) / LANES; }

#endif
