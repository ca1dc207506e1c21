/* cluster_indices.h: figures that judge a grouping by its centres: cheap companions of the silhouette. */
#ifndef VIGIL_ANALYZE_CLUSTER_INDICES_H
#define VIGIL_ANALYZE_CLUSTER_INDICES_H

#include "analyze/kmeans.h"

struct cluster_indices {
    double
        calinski_harabasz; /* variance between over variance within, per degree of freedom; NAN: no variance within */
    double davies_bouldin; /* mean over clusters of the worst (spread + spread) / distance; NAN: centres coincide */
    double radius[KMEANS_CLUSTERS_MAX]; /* mean distance to the centre; 0 for an empty cluster */
};

/* Of the fit that gave the labels. */
struct cluster_indices cluster_indices_of(const float *points, size_t n, const struct kmeans *fit,
                                          const uint32_t *labels);

/* Gap (Tibshirani, Walther and Hastie 2001): mean over `samples` uniform samples in the points' bounding box of ln of
 * their inertia, minus ln of ours. error: the deviation over samples, times sqrt(1 + 1 / samples). */
struct gap {
    double gap, error;
};
struct gap cluster_gap(const float *points, size_t n, const struct kmeans *fit, unsigned samples, uint64_t seed,
                       unsigned threads);

#endif
