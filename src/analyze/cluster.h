/* cluster.h: traders in groups of similar behaviour: columns, standardising, principal axes, k-means, the choice of k,
 * stability, names.
 *
 * Pure, and the same bits for any number of threads. Takes about 500 bytes a trader beside his figures.
 */
#ifndef VIGIL_ANALYZE_CLUSTER_H
#define VIGIL_ANALYZE_CLUSTER_H

#include "analyze/cluster_identity.h"

#define CLUSTER_SMALLEST_K 2
#define CLUSTER_LARGEST_K 10     /* of the table; without --k one of 5, 6 and 7 is chosen */
#define CLUSTER_LEAST_MEMBERS 10 /* traders wanted for each cluster */

struct cluster_options {
    unsigned k; /* 0: choose */
    enum cluster_scaling scaling;
    uint64_t seed;
    bool gap;         /* compute the gap statistic, which costs more than all the rest */
    int64_t as_of_ns; /* goes into the model */
    unsigned threads;
};

/* One k of the table. */
struct cluster_try {
    unsigned k;
    double inertia, silhouette, negative_share, calinski_harabasz, davies_bouldin;
    double stability; /* mean adjusted Rand index of refits on random halves against the whole fit */
    double smallest_share;
    double gap, gap_error; /* NAN unless asked for */
};

/* Medians of raw figures; NAN: unknown to all. */
struct cluster_profile {
    struct archetype_medians medians;
    double volume, trades_per_day, avg_trade_size, unique_coins, win_rate;
    double long_share;         /* of what is opened, by notional */
    double gross_bps, fee_bps; /* of volume: realised profit before fees, and fees */
    double payoff;             /* mean winning fill to mean losing one */
    double hold_ratio;         /* how long losers are held, to winners */
    double markout_5m;         /* bp, of taker fills */
    double liquidated_share;   /* of members */
    double profitable_share, net_pnl_total;
};

struct clustering {
    struct cluster_model model;
    size_t n;
    uint32_t *labels;          /* indices of model.clusters, which are in the order of their ids */
    float *points;             /* n × model.centres.d */
    struct archetype_own *own; /* n */
    struct cluster_try tries[CLUSTER_LARGEST_K];
    unsigned try_count, chosen; /* chosen: index of tries */
    uint64_t silhouette_queries;
    char reason[200]; /* why this k */
    struct cluster_profile profiles[KMEANS_CLUSTERS_MAX];
    double silhouettes[KMEANS_CLUSTERS_MAX];
    double z[KMEANS_CLUSTERS_MAX][RECOMMENDED_COLUMN_COUNT]; /* members' means in the recommended columns */
    struct archetype_verdict verdicts[KMEANS_CLUSTERS_MAX];
    struct cluster_drift drifts[KMEANS_CLUSTERS_MAX];
    bool followed; /* ids and names were carried over from `previous` */
};

/* figures: those of the traders who take part (cluster_left_out). `previous` may be NULL; one with other columns is not
 * followed. VG_ESTATE: too few traders, or they do not differ; VG_ECANCEL. */
VG_MUST_USE vg_code cluster_fit(const struct trader_figures *figures, size_t n, const struct cluster_options *options,
                                const struct cluster_model *previous, struct clustering *out, vg_err *err);

/* Places traders by a model as it is; there are then no tries, verdicts and silhouettes. n may be 0. */
void cluster_place(const struct trader_figures *figures, size_t n, const struct cluster_model *model, unsigned threads,
                   struct clustering *out);

void clustering_release(struct clustering *clustering);

/* How near a trader is to his centre, and to the next one. */
struct cluster_nearness {
    double own, next; /* distances; next: NAN with one cluster */
    unsigned next_cluster;
};
struct cluster_nearness cluster_nearness_of(const struct clustering *clustering, size_t trader);

#endif
