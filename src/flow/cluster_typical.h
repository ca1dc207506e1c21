/* cluster_typical.h: the members nearest to a cluster's centre, and when they open positions. */
#ifndef VIGIL_FLOW_CLUSTER_TYPICAL_H
#define VIGIL_FLOW_CLUSTER_TYPICAL_H

#include "analyze/cluster_words.h"
#include "lake/lake.h"
#include "model/day_hours.h"
#include "model/fill.h"

#define CLUSTER_TYPICAL_SHOWN 5
#define CLUSTER_TYPICAL_ASKED 200 /* of each cluster: they say when */

/* Members in the order of their distance to the centre, those of equal distance as they are numbered. */
struct cluster_typical {
    size_t n; /* as many as there are, CLUSTER_TYPICAL_ASKED at most */
    uint32_t traders[CLUSTER_TYPICAL_ASKED];
    char shown[CLUSTER_TYPICAL_SHOWN][ADDRESS_TEXT + 1]; /* addresses of the first ones; "" where there are fewer */
    struct cluster_when when;
};

/* typical[k] for every cluster, but for `shown` and `when`. */
void cluster_typical_find(const struct clustering *clustering, struct cluster_typical *typical);

/* Fills `shown`, and `when` from the tables of episodes and positions whose opening was seen. addresses: by trader.
 * days: the hours that the tables cover. */
VG_MUST_USE vg_code cluster_typical_read(const struct lake *lake, const char *const *addresses, unsigned clusters,
                                         const struct day_hours *days, size_t day_count,
                                         struct cluster_typical *typical, vg_err *err);

#endif
