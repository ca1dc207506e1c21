/* standardise.h: columns of figures made comparable: gaps filled, tails clipped, mean 0, deviation 1.
 *
 * What is no finite number is missing. A column with more than half missing says nothing and becomes zeros;
 * elsewhere the median of what is there stands in. Quantiles interpolate between order statistics at (n - 1) q.
 * Results do not depend on the number of threads.
 */
#ifndef VIGIL_ANALYZE_STANDARDISE_H
#define VIGIL_ANALYZE_STANDARDISE_H

#include <stdbool.h>
#include <stddef.h>

struct column_scale {
    bool empty; /* more than half missing: the column is zero */
    double median, low, high, mean, deviation;
};

/* Fits the scale of d columns to x, n rows of d, n > 0; `tails`: the share clipped on each side, 0 for none. */
void standardise_fit(const double *x, size_t n, unsigned d, double tails, unsigned threads,
                     struct column_scale *scales);

/* Applies it to one row in place. */
void standardise_row(const struct column_scale *scales, unsigned d, double *row);

/* The median of the finite values, NAN without one; the order of `values` is lost. */
double median_of(double *values, size_t n);

#endif
