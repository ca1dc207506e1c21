#include "analyze/day_blocks.h"

#include <math.h>

#include "analyze/luck.h"
#include "base/buf.h"

unsigned day_block(unsigned days, unsigned wanted)
{
    unsigned most = days / 4;
    return most < 1 ? 1 : wanted < most ? wanted : most;
}

void day_draw(unsigned days, unsigned block, struct vg_rng *rng, double *weights)
{
    for (unsigned d = 0; d < days; d++)
        weights[d] = 0;
    for (unsigned drawn = 0; drawn < days;) {
        unsigned begin = (unsigned)vg_rng_below(rng, days);
        for (unsigned i = 0; i < block && drawn < days; i++, drawn++)
            weights[(begin + i) % days]++;
    }
}

/* Days drawn from m blocks vary by (m - 1) / m less than days of other months would. */
double day_draw_widening(double blocks) { return blocks > 1 ? sqrt(blocks / (blocks - 1)) : (double)NAN; }

void day_sum_interval(const double *values, unsigned days, unsigned block, unsigned draws, uint64_t seed, double *low,
                      double *high)
{
    double *weights = vg_alloc((days + 1) * sizeof *weights), *sums = vg_alloc((draws + 1) * sizeof *sums);
    double sum = 0, mean = 0, squares = 0, blocks = (double)days / day_block(days, block);
    struct vg_rng rng;
    vg_rng_init(&rng, seed);
    for (unsigned d = 0; d < days; d++)
        sum += values[d];
    for (unsigned i = 0; i < draws; i++) {
        day_draw(days, day_block(days, block), &rng, weights);
        sums[i] = 0;
        for (unsigned d = 0; d < days; d++)
            sums[i] += weights[d] * values[d];
        mean += sums[i] / draws;
    }
    for (unsigned i = 0; i < draws; i++)
        squares += (sums[i] - mean) * (sums[i] - mean) / (draws - 1);
    double t = blocks >= 2 ? student_quantile(0.975, blocks - 1) : (double)NAN;
    double reach = t * day_draw_widening(blocks) * sqrt(squares);
    *low = sum - reach;
    *high = sum + reach;
    free(weights);
    free(sums);
}
