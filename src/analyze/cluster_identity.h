/* cluster_identity.h: ids and names of clusters, kept from one run to the next.
 *
 * Without a forerunner a cluster with an archetype's name gets that archetype's number, 0 to 5 as the data pipeline
 * plan counts them; others get 6, 7, … With one, clusters are matched so that the sum of distances between
 * centres, in the former model's space, is least; a match keeps id and name, and tells how far it drifted.
 */
#ifndef VIGIL_ANALYZE_CLUSTER_IDENTITY_H
#define VIGIL_ANALYZE_CLUSTER_IDENTITY_H

#include "analyze/archetypes.h"
#include "analyze/cluster_model.h"

#define DRIFT_RADII 1.0 /* moved by more than the former mean distance to the centre */
#define DRIFT_SIZE 1.5  /* the share of traders changed by more than this factor */

struct cluster_drift {
    bool carried;       /* id and name are those of a former cluster */
    double moved;       /* distance to the former centre, in former radii; NAN: not carried */
    double share_ratio; /* share of traders now / then; NAN: not carried */
    bool drifted;
};

/* Fills id and name of model->clusters[0 .. k), whose shares are known, and model->next_id. `previous` may be NULL;
 * else centres[c] is where the members of cluster c are in its space, on average. */
void cluster_identify(struct cluster_model *model, const struct archetype_verdict *verdicts,
                      const struct cluster_model *previous, const double (*centres)[KMEANS_DIMENSIONS_MAX],
                      struct cluster_drift *drifts);

#endif
