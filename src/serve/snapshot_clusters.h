/* snapshot_clusters.h: clusters and map of a snapshot: gathered from the store's rows, then printed once.
 *
 * Private to snapshot.c and snapshot_build.c.
 */
#ifndef VIGIL_SERVE_SNAPSHOT_CLUSTERS_H
#define VIGIL_SERVE_SNAPSHOT_CLUSTERS_H

#include "base/arena.h"
#include "model/feature_value.h"
#include "serve/trader_index.h"

/* Where a trader is. */
struct trader_cluster {
    struct feature_value id, name; /* NULL: there are no clusters; id alone: he is in none */
    float x, y;                    /* NAN: he is not on the map */
};

struct snapshot_clusters {
    struct trader_cluster *traders; /* by number */
    struct arena texts;
    vg_slice last_name;
    vg_buf profiles, map;       /* answers of /clusters and /clusters/map, behind their coverage */
    struct feature_value as_of; /* of the profiles */
    uint64_t map_version;
    unsigned profile_count;
};

/* For `count` traders, none of whom is in a cluster yet. */
void snapshot_clusters_begin(struct snapshot_clusters *clusters, uint32_t count);
void snapshot_clusters_release(struct snapshot_clusters *clusters);

/* A row of `clusters`, of the trader with this number; a row of `cluster_profiles`. */
void snapshot_clusters_place(struct snapshot_clusters *clusters, uint32_t trader, const struct feature_value *row);
void snapshot_clusters_profile(struct snapshot_clusters *clusters, const struct feature_value *row);

/* When all rows are there. */
void snapshot_clusters_finish(struct snapshot_clusters *clusters, const struct trader_index *traders);

/* Appends an array of this column, in the order of the map. */
void snapshot_clusters_values(const struct snapshot_clusters *clusters, const struct trader_index *traders,
                              size_t column, vg_buf *out);

#endif
