/* cluster_fit_facts.h: what the table `cluster_profiles` says of the run that fitted its model: silhouettes, scores,
 * reasons. It stays true when the model, as it is, places the traders of later data.
 */
#ifndef VIGIL_FLOW_CLUSTER_FIT_FACTS_H
#define VIGIL_FLOW_CLUSTER_FIT_FACTS_H

#include "analyze/cluster_model.h"
#include "base/arena.h"
#include "lake/lake.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"

struct cluster_fit_facts {
    unsigned n; /* 0: the table is not there, or empty */
    int64_t model_as_of_us;
    char model_id[CLUSTER_MODEL_IDENTITY_TEXT]; /* "": a table of before there were any */
    struct cluster_fit_row {
        uint64_t id;
        struct feature_value values[CLUSTER_PROFILE_COLUMN_COUNT]; /* of the run's columns; NULL elsewhere */
    } rows[KMEANS_CLUSTERS_MAX];
    struct arena texts;
};

VG_MUST_USE vg_code cluster_fit_facts_read(const struct lake *lake, struct cluster_fit_facts *facts, vg_err *err);
void cluster_fit_facts_release(struct cluster_fit_facts *facts);

/* Fills the run's columns of cluster `id`'s row. */
void cluster_fit_facts_add(const struct cluster_fit_facts *facts, uint64_t id, struct feature_value *row);

#endif
