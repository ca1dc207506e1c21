/* day_blocks.h: days drawn again in circular blocks, which is how chance is measured where all share one market. */
#ifndef VIGIL_ANALYZE_DAY_BLOCKS_H
#define VIGIL_ANALYZE_DAY_BLOCKS_H

#include <stdint.h>

#include "base/rng.h"

/* Days drawn together: `wanted`, or fewer where a window would have less than four blocks. */
unsigned day_block(unsigned days, unsigned wanted);

/* weights[day]: how often it was drawn; their sum is `days`. */
void day_draw(unsigned days, unsigned block, struct vg_rng *rng, double *weights);

/* By how much an error is too small for having drawn from so many blocks; NAN: one block tells nothing. */
double day_draw_widening(double blocks);

/* The 95 % interval of the sum of these values, one a day, were the days others. NAN: too few days to tell. */
void day_sum_interval(const double *values, unsigned days, unsigned block, unsigned draws, uint64_t seed, double *low,
                      double *high);

#endif
