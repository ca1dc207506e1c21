/* silhouette.h: how much nearer points are to their own cluster than to the next (Rousseeuw 1987).
 *
 * s = (b - a) / max(a, b): a the mean distance to the others of the own cluster, b the least mean distance to another
 * cluster; 0 for a point that is alone. Exact up to SILHOUETTE_EXACT_MAX points: all distances, held by none.
 * Above, the mean over SILHOUETTE_QUERIES points drawn without replacement, each against all points (unbiased;
 * standard error about 0.0025). That differs from scikit-learn's sample_size, which leaves the other points out.
 *
 * Several groupings of the same points cost little more than one: distances are summed by cells, the points
 * that agree in all groupings, and cells added up to clusters. The same bits for any number of threads.
 */
#ifndef VIGIL_ANALYZE_SILHOUETTE_H
#define VIGIL_ANALYZE_SILHOUETTE_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/kmeans.h"

#define SILHOUETTE_EXACT_MAX 200000
#define SILHOUETTE_QUERIES 10000

/* One grouping, and what comes out. */
struct silhouette {
    const uint32_t *labels;
    unsigned k;
    double mean, negative_share;
    double by_cluster[KMEANS_CLUSTERS_MAX]; /* means; NAN for a cluster of which no point was looked at */
    uint64_t queries;
};

/* points: n rows of d finite floats, d <= KMEANS_DIMENSIONS_MAX. */
void silhouette_compute(const float *points, size_t n, unsigned d, struct silhouette *groupings, size_t count,
                        uint64_t seed, unsigned threads);

#endif
