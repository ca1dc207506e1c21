#include "flow/validate_stability.h"

#include <math.h>
#include <string.h>

#include "analyze/agreement.h"
#include "base/day.h"
#include "base/pool.h"

vg_code window_group(const struct window_source *source, int32_t from, int32_t to, unsigned k,
                     struct trader_window *window, struct clustering *clustering, vg_err *err)
{
    char first[VG_DATE_TEXT], last[VG_DATE_TEXT];
    struct cluster_options own = *source->options;
    vg_err problem;
    own.k = k;
    own.as_of_ns = (int64_t)(to + 1) * VG_NS_PER_DAY - 1;
    VG_TRY(trader_window_read(source->lake, from, to, source->addresses, window, source->progress, err));
    vg_code rc = cluster_fit(window->figures, window->n, &own, NULL, clustering, &problem);
    vg_day_print(from, '-', first);
    vg_day_print(to, '-', last);
    if (!rc && vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request: nothing was written");
    return rc ? vg_fail(err, rc, "%s to %s: %.900s", first, last, problem.msg) : VG_OK;
}

/* Where a window's clusters lie in another model's space: means of their members' points. */
static void centres_in(const struct clustering *own, const struct trader_window *window,
                       const struct cluster_model *model, unsigned threads, double (*centres)[KMEANS_DIMENSIONS_MAX])
{
    unsigned d = model->centres.d;
    float *points = vg_alloc((window->n * d + 1) * sizeof *points);
    cluster_model_project(model, window->figures, window->n, threads, points);
    memset(centres, 0, own->model.centres.k * sizeof *centres);
    for (size_t i = 0; i < window->n; i++)
        for (unsigned j = 0; j < d; j++)
            centres[own->labels[i]][j] += (double)points[i * d + j];
    for (unsigned k = 0; k < own->model.centres.k; k++)
        for (unsigned j = 0; j < d; j++)
            if (own->model.centres.sizes[k]) centres[k][j] /= (double)own->model.centres.sizes[k];
    free(points);
}

/* match[c]: the second half's cluster for the first half's cluster c; both have k. */
static void match_clusters(const struct clustering *a, const double (*centres)[KMEANS_DIMENSIONS_MAX],
                           struct validation_stability *s, unsigned *match)
{
    unsigned k = a->model.centres.k;
    double *cost = vg_alloc(k * k * sizeof *cost);
    for (unsigned i = 0; i < k; i++)
        for (unsigned j = 0; j < k; j++) {
            double squares = 0;
            for (unsigned x = 0; x < a->model.centres.d; x++) {
                double off = a->model.centres.centres[i][x] - centres[j][x];
                squares += off * off;
            }
            cost[i * k + j] = sqrt(squares);
        }
    assign_rows(cost, k, k, match);
    for (unsigned i = 0; i < k; i++)
        s->moved[i] = cost[i * k + match[i]] / a->model.clusters[i].radius;
    free(cost);
}

/* Labels of traders in both windows; the other half's label of each of the first, UINT32_MAX when he is not in it. */
static void compare_halves(const struct clustering *a, const struct trader_window *first, const struct clustering *b,
                           const struct trader_window *second, uint32_t addresses, const unsigned *match,
                           struct validation_stability *s)
{
    unsigned k = a->model.centres.k, back[KMEANS_CLUSTERS_MAX] = {0};
    uint32_t *label_of = vg_alloc((addresses + 1) * sizeof *label_of);
    uint32_t *x = vg_alloc((first->n + 1) * sizeof *x), *y = vg_alloc((first->n + 1) * sizeof *y);
    double members[KMEANS_CLUSTERS_MAX] = {0}, both[KMEANS_CLUSTERS_MAX] = {0};
    struct agreement *agreement = vg_alloc(sizeof *agreement);
    for (unsigned i = 0; i < k; i++)
        back[match[i]] = i;
    memset(label_of, 0xff, (addresses + 1) * sizeof *label_of);
    for (size_t i = 0; i < second->n; i++)
        label_of[second->traders[i]] = back[b->labels[i]];
    for (size_t i = 0; i < first->n; i++) {
        uint32_t then = a->labels[i], now = label_of[first->traders[i]];
        members[then]++;
        if (now == UINT32_MAX) continue;
        both[then]++;
        s->transitions[then][now]++;
        x[s->traders] = then;
        y[s->traders++] = now;
    }
    agreement_count(agreement, x, k, y, k, s->traders);
    s->rand = agreement_rand(agreement);
    s->information = agreement_information(agreement);
    for (unsigned i = 0; i < k; i++) {
        for (unsigned j = 0; j < k; j++)
            s->transitions[i][j] = both[i] > 0 ? s->transitions[i][j] / both[i] : (double)NAN;
        s->stayed[i] = s->transitions[i][i];
        s->left[i] = members[i] > 0 ? 1 - both[i] / members[i] : (double)NAN;
    }
    free(agreement);
    free(label_of);
    free(x);
    free(y);
}

static double frozen_agreement(const struct clustering *a, const struct clustering *b,
                               const struct trader_window *second, unsigned threads)
{
    struct clustering *frozen = vg_calloc(1, sizeof *frozen);
    struct agreement *agreement = vg_alloc(sizeof *agreement);
    cluster_place(second->figures, second->n, &a->model, threads, frozen);
    agreement_count(agreement, frozen->labels, a->model.centres.k, b->labels, b->model.centres.k, second->n);
    double rand = agreement_rand(agreement);
    clustering_release(frozen);
    free(frozen);
    free(agreement);
    return rand;
}

static void compare_groupings(const struct window_source *source, const struct clustering *a,
                              const struct trader_window *first, const struct clustering *b,
                              const struct trader_window *second, struct validation_stability *s)
{
    double centres[KMEANS_CLUSTERS_MAX][KMEANS_DIMENSIONS_MAX];
    unsigned match[KMEANS_CLUSTERS_MAX], threads = source->options->threads;
    s->k = a->model.centres.k;
    for (unsigned c = 0; c < s->k; c++)
        memcpy(s->names[c], a->model.clusters[c].name, sizeof s->names[c]);
    centres_in(b, second, &a->model, threads, centres);
    match_clusters(a, (const double(*)[KMEANS_DIMENSIONS_MAX])centres, s, match);
    compare_halves(a, first, b, second, source->addresses->count, match, s);
    s->frozen_rand = frozen_agreement(a, b, second, threads);
    s->known = s->traders > 0;
}

static void note_hours(const struct lake *lake, struct validation_stability *s)
{
    struct day_hours *days = lake_hours_of_days(lake, s->first_from, s->second_to);
    size_t half = (size_t)(s->second_from - s->first_from);
    s->first_hours = hours_lacking(days, half);
    s->second_hours = hours_lacking(days + half, half);
    free(days);
}

vg_code validate_stability(const struct window_source *source, int32_t from, int32_t to, struct validation_stability *s,
                           vg_err *err)
{
    struct trader_window first = {0}, second = {0};
    struct clustering *a = vg_calloc(1, sizeof *a), *b = vg_calloc(1, sizeof *b);
    int32_t half = (to - from + 1) / 2;
    s->first_from = from;
    s->first_to = from + half - 1;
    s->second_from = s->first_to + 1;
    s->second_to = s->first_to + half;
    note_hours(source->lake, s);
    vg_code rc = window_group(source, s->first_from, s->first_to, source->options->k, &first, a, err);
    if (!rc) rc = window_group(source, s->second_from, s->second_to, a->model.centres.k, &second, b, err);
    if (!rc) compare_groupings(source, a, &first, b, &second, s);
    trader_window_release(&first);
    trader_window_release(&second);
    clustering_release(a);
    clustering_release(b);
    free(a);
    free(b);
    return rc == VG_ESTATE ? VG_OK : rc;
}
