#include "analyze/cluster.h"

#include <math.h>

#include "analyze/cluster_choice.h"
#include "base/pool.h"

/* --- columns --- */

static double mean_win_rate(const struct trader_figures *figures, size_t n)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(figures[i].win_rate)) sum += figures[i].win_rate, count++;
    return count > 0 ? sum / count : 0.5;
}

/* Standardised columns of all traders; the caller frees. */
static double *standardised(const struct trader_figures *figures, size_t n, enum cluster_scaling scaling,
                            double win_rate, unsigned threads, struct column_scale *scales)
{
    unsigned d = cluster_column_count(scaling);
    double *z = vg_alloc(n * d * sizeof *z);
    for (size_t i = 0; i < n; i++)
        cluster_columns_of(scaling, &figures[i], win_rate, z + i * d);
    standardise_fit(z, n, d, cluster_tails(scaling), threads, scales);
    for (size_t i = 0; i < n; i++)
        standardise_row(scales, d, z + i * d);
    return z;
}

static vg_code enough(size_t n, unsigned k, vg_err *err)
{
    size_t least = (size_t)(k ? k : CLUSTER_SMALLEST_K) * CLUSTER_LEAST_MEMBERS;
    if (n >= least) return VG_OK;
    return vg_fail(err, VG_ESTATE,
                   "%zu traders have more than 10 fills and 5 orders or more; %s need at least %zu of them: "
                   "take a longer window%s",
                   n, k ? "so many clusters" : "clusters", least, k ? ", or a smaller --k" : "");
}

/* Axes of the columns, and everybody's place along the first of them. */
static vg_code make_points(struct clustering *c, const double *z, unsigned threads, vg_err *err)
{
    struct cluster_model *m = &c->model;
    pca_fit(z, c->n, m->columns, threads, &m->pca);
    if (m->pca.variance[0] <= 0)
        return vg_fail(err, VG_ESTATE, "%zu traders are the same in every column: there is nothing to group", c->n);
    m->centres.d = m->columns < CLUSTER_DIMENSIONS ? m->columns : CLUSTER_DIMENSIONS;
    c->points = vg_alloc(c->n * m->centres.d * sizeof *c->points);
    for (size_t i = 0; i < c->n; i++)
        pca_project(&m->pca, z + i * m->columns, m->centres.d, c->points + i * m->centres.d);
    return VG_OK;
}

/* --- what the clusters are like --- */

/* Median of a figure over the members of each cluster. `value` is column `at` of the profile. */
static void medians_of(struct clustering *c, const struct trader_figures *figures,
                       double (*figure)(const struct trader_figures *f), size_t at)
{
    double *values = vg_alloc((c->n ? c->n : 1) * sizeof *values);
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        size_t members = 0;
        for (size_t i = 0; i < c->n; i++)
            if (c->labels[i] == k) values[members++] = figure(&figures[i]);
        double median = median_of(values, members);
        memcpy((char *)&c->profiles[k] + at, &median, sizeof median);
    }
    free(values);
}

#define FIGURE(name, expression) \
    static double name(const struct trader_figures *f) { return expression; }
FIGURE(figure_maker_pct, f->maker_pct)
FIGURE(figure_hold, cluster_hold_minutes(f))
FIGURE(figure_net_bps, 1e4 * f->net_pnl / f->volume)
FIGURE(figure_sharpe, f->sharpe_ratio)
FIGURE(figure_net_pnl, f->net_pnl)
FIGURE(figure_volume, f->volume)
FIGURE(figure_trades_per_day, f->trades_per_day)
FIGURE(figure_avg_trade_size, f->avg_trade_size)
FIGURE(figure_unique_coins, f->unique_coins)
FIGURE(figure_win_rate, f->win_rate)
FIGURE(figure_long_share, f->long_open_notional / (f->long_open_notional + f->short_open_notional))
FIGURE(figure_gross_bps, 1e4 * f->realized_pnl / f->volume)
FIGURE(figure_fee_bps, 1e4 * f->fees_paid / f->volume)
FIGURE(figure_payoff, f->gross_profit / f->winning_fills / (f->gross_loss / f->losing_fills))
FIGURE(figure_hold_ratio, f->loss_cut_speed / f->winner_hold_time)
FIGURE(figure_markout, f->taker_markout_bps_5m)

static void describe(struct clustering *c, const struct trader_figures *figures)
{
    static const struct {
        double (*figure)(const struct trader_figures *f);
        size_t at;
    } medians[] = {
        {figure_maker_pct, offsetof(struct cluster_profile, medians.maker_pct)},
        {figure_hold, offsetof(struct cluster_profile, medians.hold_minutes)},
        {figure_net_bps, offsetof(struct cluster_profile, medians.net_bps)},
        {figure_sharpe, offsetof(struct cluster_profile, medians.sharpe_ratio)},
        {figure_net_pnl, offsetof(struct cluster_profile, medians.net_pnl)},
        {figure_volume, offsetof(struct cluster_profile, volume)},
        {figure_trades_per_day, offsetof(struct cluster_profile, trades_per_day)},
        {figure_avg_trade_size, offsetof(struct cluster_profile, avg_trade_size)},
        {figure_unique_coins, offsetof(struct cluster_profile, unique_coins)},
        {figure_win_rate, offsetof(struct cluster_profile, win_rate)},
        {figure_long_share, offsetof(struct cluster_profile, long_share)},
        {figure_gross_bps, offsetof(struct cluster_profile, gross_bps)},
        {figure_fee_bps, offsetof(struct cluster_profile, fee_bps)},
        {figure_payoff, offsetof(struct cluster_profile, payoff)},
        {figure_hold_ratio, offsetof(struct cluster_profile, hold_ratio)},
        {figure_markout, offsetof(struct cluster_profile, markout_5m)},
    };
    for (size_t i = 0; i < sizeof medians / sizeof *medians; i++)
        medians_of(c, figures, medians[i].figure, medians[i].at);
    for (size_t i = 0; i < c->n; i++) {
        struct cluster_profile *p = &c->profiles[c->labels[i]];
        double one = 1.0 / (double)c->model.centres.sizes[c->labels[i]];
        p->profitable_share += figures[i].net_pnl > 0 ? one : 0;
        p->liquidated_share += figures[i].liquidation_count > 0 ? one : 0;
        p->net_pnl_total += figures[i].net_pnl;
    }
}

/* Means of the recommended columns. */
static void mean_columns(struct clustering *c, const double *z)
{
    for (size_t i = 0; i < c->n; i++)
        for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++)
            c->z[c->labels[i]][j] += z[i * RECOMMENDED_COLUMN_COUNT + j];
    for (unsigned k = 0; k < c->model.centres.k; k++)
        for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++)
            c->z[k][j] /= (double)c->model.centres.sizes[k];
}

/* --- who they are --- */

/* Where the members of each cluster are, on average, in the former model's space. */
static void former_centres(const struct clustering *c, const struct trader_figures *figures,
                           const struct cluster_model *previous, unsigned threads,
                           double (*centres)[KMEANS_DIMENSIONS_MAX])
{
    unsigned d = previous->centres.d;
    float *points = vg_alloc(c->n * d * sizeof *points);
    cluster_model_project(previous, figures, c->n, threads, points);
    for (size_t i = 0; i < c->n; i++)
        for (unsigned j = 0; j < d; j++)
            centres[c->labels[i]][j] += (double)points[i * d + j];
    for (unsigned k = 0; k < c->model.centres.k; k++)
        for (unsigned j = 0; j < d; j++)
            centres[k][j] /= (double)c->model.centres.sizes[k];
    free(points);
}

/* Clusters in the order of their ids. */
static void order_by_id(struct clustering *c)
{
    const struct clustering before = *c;
    uint32_t place[KMEANS_CLUSTERS_MAX] = {0};
    for (unsigned old = 0; old < c->model.centres.k; old++) {
        uint32_t now = 0;
        for (unsigned other = 0; other < c->model.centres.k; other++)
            now += before.model.clusters[other].id < before.model.clusters[old].id;
        place[old] = now;
        c->model.clusters[now] = before.model.clusters[old];
        memcpy(c->model.centres.centres[now], before.model.centres.centres[old], sizeof *c->model.centres.centres);
        c->model.centres.sizes[now] = before.model.centres.sizes[old];
        c->profiles[now] = before.profiles[old];
        c->silhouettes[now] = before.silhouettes[old];
        memcpy(c->z[now], before.z[old], sizeof *c->z);
        c->verdicts[now] = before.verdicts[old];
        c->drifts[now] = before.drifts[old];
    }
    for (size_t i = 0; i < c->n; i++)
        c->labels[i] = place[c->labels[i]];
}

static void identify(struct clustering *c, const struct trader_figures *figures, const struct cluster_model *previous,
                     unsigned threads)
{
    double centres[KMEANS_CLUSTERS_MAX][KMEANS_DIMENSIONS_MAX] = {{0}};
    struct archetype_medians medians[KMEANS_CLUSTERS_MAX];
    c->followed = previous && previous->scaling == c->model.scaling;
    for (unsigned k = 0; k < c->model.centres.k; k++)
        medians[k] = c->profiles[k].medians;
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])c->z, medians, c->model.centres.k, c->verdicts);
    if (c->followed) former_centres(c, figures, previous, threads, centres);
    cluster_identify(&c->model, c->verdicts, c->followed ? previous : NULL,
                     (const double(*)[KMEANS_DIMENSIONS_MAX])centres, c->drifts);
    order_by_id(c);
}

/* Takes over what was chosen. */
static void take_choice(struct clustering *c, struct cluster_choice *choice)
{
    struct cluster_judged *judged = &choice->judged[choice->chosen];
    c->model.centres = judged->fit;
    c->labels = judged->labels;
    judged->labels = NULL;
    memcpy(c->tries, choice->tries, sizeof c->tries);
    memcpy(c->reason, choice->reason, sizeof c->reason);
    memcpy(c->silhouettes, judged->silhouette.by_cluster, sizeof c->silhouettes);
    c->try_count = choice->count;
    c->chosen = choice->chosen;
    c->silhouette_queries = judged->silhouette.queries;
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        c->model.clusters[k].radius = judged->radius[k];
        c->model.clusters[k].share = (double)c->model.centres.sizes[k] / (double)c->n;
    }
}

/* --- the whole --- */

vg_code cluster_fit(const struct trader_figures *figures, size_t n, const struct cluster_options *options,
                    const struct cluster_model *previous, struct clustering *c, vg_err *err)
{
    static const struct clustering nothing;
    struct cluster_model *m = &c->model;
    *c = nothing;
    c->n = n;
    VG_TRY(enough(n, options->k, err));
    m->scaling = options->scaling;
    m->seed = options->seed;
    m->traders = n;
    m->as_of_ns = options->as_of_ns;
    m->mean_win_rate = mean_win_rate(figures, n);
    m->columns = cluster_column_count(m->scaling);
    double *z = standardised(figures, n, m->scaling, m->mean_win_rate, options->threads, m->scales);
    struct cluster_choice *choice = vg_calloc(1, sizeof *choice);
    vg_code rc = make_points(c, z, options->threads, err);
    if (!rc) rc = cluster_choose(c->points, n, m->centres.d, options, choice, err);
    if (!rc) {
        if (m->scaling != SCALING_RECOMMENDED) { /* names always rest on the same columns */
            struct column_scale scales[CLUSTER_COLUMNS_MAX];
            free(z);
            z = standardised(figures, n, SCALING_RECOMMENDED, m->mean_win_rate, options->threads, scales);
        }
        take_choice(c, choice);
        describe(c, figures);
        mean_columns(c, z);
        c->own = vg_alloc((n + 1) * sizeof *c->own);
        archetypes_of_traders(z, n, c->own);
        identify(c, figures, previous, options->threads);
    }
    cluster_choice_release(choice);
    free(choice);
    free(z);
    return rc;
}

/* The recommended columns, as the model scales them or, where it has others, beside the traders of this window. */
static double *named_columns(const struct trader_figures *figures, size_t n, const struct cluster_model *m,
                             unsigned threads)
{
    struct column_scale scales[CLUSTER_COLUMNS_MAX];
    if (m->scaling != SCALING_RECOMMENDED)
        return standardised(figures, n, SCALING_RECOMMENDED, m->mean_win_rate, threads, scales);
    double *z = vg_alloc((n * RECOMMENDED_COLUMN_COUNT + 1) * sizeof *z);
    for (size_t i = 0; i < n; i++) {
        cluster_columns_of(m->scaling, &figures[i], m->mean_win_rate, z + i * RECOMMENDED_COLUMN_COUNT);
        standardise_row(m->scales, m->columns, z + i * RECOMMENDED_COLUMN_COUNT);
    }
    return z;
}

static void name_traders(const struct trader_figures *figures, unsigned threads, struct clustering *c)
{
    c->own = vg_alloc((c->n + 1) * sizeof *c->own);
    if (c->n == 0) return;
    double *z = named_columns(figures, c->n, &c->model, threads);
    archetypes_of_traders(z, c->n, c->own);
    free(z);
}

void cluster_place(const struct trader_figures *figures, size_t n, const struct cluster_model *model, unsigned threads,
                   struct clustering *c)
{
    static const struct clustering nothing;
    *c = nothing;
    c->model = *model;
    c->n = n;
    c->points = vg_alloc((n ? n : 1) * model->centres.d * sizeof *c->points);
    c->labels = vg_alloc((n ? n : 1) * sizeof *c->labels);
    cluster_model_project(model, figures, n, threads, c->points);
    if (n) kmeans_assign(c->points, n, &model->centres, c->labels);
    memset(c->model.centres.sizes, 0, sizeof c->model.centres.sizes);
    for (size_t i = 0; i < n; i++)
        c->model.centres.sizes[c->labels[i]]++;
    describe(c, figures);
    name_traders(figures, threads, c);
}

void clustering_release(struct clustering *c)
{
    static const struct clustering nothing;
    free(c->labels);
    free(c->points);
    free(c->own);
    *c = nothing;
}

struct cluster_nearness cluster_nearness_of(const struct clustering *c, size_t trader)
{
    const struct kmeans *fit = &c->model.centres;
    struct cluster_nearness near = {.next = (double)NAN};
    for (unsigned k = 0; k < fit->k; k++) {
        double sum = 0;
        for (unsigned j = 0; j < fit->d; j++) {
            double t = (double)c->points[trader * fit->d + j] - fit->centres[k][j];
            sum += t * t;
        }
        if (k == c->labels[trader])
            near.own = sqrt(sum);
        else if (isnan(near.next) || sqrt(sum) < near.next)
            near.next = sqrt(sum), near.next_cluster = k;
    }
    return near;
}
