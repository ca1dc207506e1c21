/* cluster_model.h: all that is needed to say which cluster a trader belongs to, fitted once, kept as JSON.
 *
 * Applied to the figures that it was fitted on, a model that was printed and read again gives the same labels:
 * numbers are written with 17 digits. Applied to another window it is "frozen": nothing is fitted anew.
 */
#ifndef VIGIL_ANALYZE_CLUSTER_MODEL_H
#define VIGIL_ANALYZE_CLUSTER_MODEL_H

#include "analyze/cluster_columns.h"
#include "analyze/kmeans.h"
#include "analyze/pca.h"
#include "analyze/standardise.h"

#define CLUSTER_NAME_MAX 48
#define CLUSTER_DIMENSIONS 12 /* principal axes; 10 to 15 differ less than the choice of columns */

struct cluster_identity {
    uint32_t id; /* kept from run to run */
    char name[CLUSTER_NAME_MAX];
    double share;  /* of the traders that the model was fitted on */
    double radius; /* mean distance of its members to its centre */
};

struct cluster_model {
    enum cluster_scaling scaling;
    uint64_t seed, traders; /* traders: that it was fitted on */
    int64_t as_of_ns;       /* end of the data */
    double mean_win_rate;
    unsigned columns;
    struct column_scale scales[CLUSTER_COLUMNS_MAX];
    struct pca pca;        /* its first centres.d axes count */
    struct kmeans centres; /* sizes and inertia are those of the fit */
    struct cluster_identity clusters[KMEANS_CLUSTERS_MAX];
    uint32_t next_id; /* for a cluster that has no forerunner */
};

/* The traders' points: n rows of model->centres.d floats. */
void cluster_model_project(const struct cluster_model *model, const struct trader_figures *figures, size_t n,
                           unsigned threads, float *points);

void cluster_model_print(const struct cluster_model *model, vg_buf *out);

/* What tells one model from another, whatever file it lies in: 16 hexadecimal digits of all that is printed. */
#define CLUSTER_MODEL_IDENTITY_TEXT 17
void cluster_model_identity(const struct cluster_model *model, char identity[CLUSTER_MODEL_IDENTITY_TEXT]);

/* VG_EPARSE: no such model, or not for the columns of this version; errors begin with `name`. */
VG_MUST_USE vg_code cluster_model_parse(const char *name, vg_slice text, struct cluster_model *model, vg_err *err);

#endif
