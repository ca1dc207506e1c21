/* cluster_choice.h: how many clusters: each k of a range judged, and one taken.
 *
 * Stability first, silhouette second: other measures ask for two clusters, or for ever more. Of 5, 6 and 7 those
 * that keep 0.75 under refits on halves and have no cluster below 1 % of the traders; of these the largest
 * silhouette.
 */
#ifndef VIGIL_ANALYZE_CLUSTER_CHOICE_H
#define VIGIL_ANALYZE_CLUSTER_CHOICE_H

#include "analyze/cluster.h"
#include "analyze/silhouette.h"

struct cluster_judged {
    struct kmeans fit;
    uint32_t *labels;
    struct silhouette silhouette;
    double radius[KMEANS_CLUSTERS_MAX];
};

struct cluster_choice {
    struct cluster_judged judged[CLUSTER_LARGEST_K];
    struct cluster_try tries[CLUSTER_LARGEST_K];
    unsigned count, chosen;
    char reason[200];
};

/* points: n rows of d. VG_ESTATE: no k has a point for each cluster. Release in any case. */
VG_MUST_USE vg_code cluster_choose(const float *points, size_t n, unsigned d, const struct cluster_options *options,
                                   struct cluster_choice *choice, vg_err *err);
void cluster_choice_release(struct cluster_choice *choice);

#endif
