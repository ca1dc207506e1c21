#include "analyze/cluster_choice.h"

#include <math.h>
#include <stdio.h>

#include "analyze/agreement.h"
#include "analyze/cluster_indices.h"
#include "base/pool.h"
#include "base/rng.h"

#define RESTARTS 10
#define HALVES 20
#define HALF_RESTARTS 3
#define HALF_MAX 50000 /* a random half, but no more: steadier figures would only cost time */
#define GAP_SAMPLES 20
#define STABLE 0.75
#define SMALLEST_SHARE 0.01
#define FIRST_CANDIDATE 5
#define LAST_CANDIDATE 7

struct choosing {
    const float *points;
    size_t n;
    unsigned d;
    const struct cluster_options *options;
    struct cluster_choice *choice;
    double *agreements; /* try × half */
};

static void fit_one(struct choosing *c, unsigned k)
{
    struct cluster_choice *choice = c->choice;
    struct cluster_judged *judged = &choice->judged[choice->count];
    struct kmeans_options options = {k, RESTARTS, c->options->seed, c->options->threads};
    judged->labels = vg_alloc(c->n * sizeof *judged->labels);
    kmeans_fit(c->points, c->n, c->d, &options, &judged->fit, judged->labels);
    struct cluster_indices indices = cluster_indices_of(c->points, c->n, &judged->fit, judged->labels);
    memcpy(judged->radius, indices.radius, sizeof judged->radius);
    uint64_t smallest = c->n;
    for (unsigned i = 0; i < k; i++)
        if (judged->fit.sizes[i] < smallest) smallest = judged->fit.sizes[i];
    choice->tries[choice->count++] = (struct cluster_try){.k = k,
                                                          .inertia = judged->fit.inertia,
                                                          .calinski_harabasz = indices.calinski_harabasz,
                                                          .davies_bouldin = indices.davies_bouldin,
                                                          .smallest_share = (double)smallest / (double)c->n,
                                                          .gap = (double)NAN,
                                                          .gap_error = (double)NAN};
}

/* Rows of a random half, by selection sampling; the caller frees. */
static float *draw_half(const struct choosing *c, struct vg_rng *rng, size_t *taken)
{
    size_t wanted = c->n / 2 < HALF_MAX ? c->n / 2 : HALF_MAX;
    float *half = vg_alloc(wanted * c->d * sizeof *half);
    *taken = 0;
    for (size_t i = 0; i < c->n && *taken < wanted; i++)
        if (vg_rng_below(rng, c->n - i) < wanted - *taken)
            memcpy(half + (*taken)++ * c->d, c->points + i * c->d, c->d * sizeof *half);
    return half;
}

/* Fits a random half and places everybody by it. */
static void refit_half(void *ctx, unsigned worker, size_t task)
{
    struct choosing *c = ctx;
    const struct cluster_judged *judged = &c->choice->judged[task / HALVES];
    struct vg_rng rng;
    size_t taken;
    (void)worker;
    if (vg_cancelled()) return;
    /* The same halves for every k. */
    vg_rng_init(&rng, c->options->seed ^ (task % HALVES + 1) * UINT64_C(0x9fb21c651e98df25));
    float *half = draw_half(c, &rng, &taken);
    uint32_t *labels = vg_alloc(c->n * sizeof *labels);
    struct kmeans fit;
    struct kmeans_options options = {judged->fit.k, HALF_RESTARTS, vg_rng_next(&rng), 1};
    kmeans_fit(half, taken, c->d, &options, &fit, labels);
    kmeans_assign(c->points, c->n, &fit, labels);
    struct agreement *agreement = vg_alloc(sizeof *agreement);
    agreement_count(agreement, judged->labels, fit.k, labels, fit.k, c->n);
    c->agreements[task] = agreement_rand(agreement);
    free(agreement);
    free(labels);
    free(half);
}

static void judge_stability(struct choosing *c)
{
    size_t tasks = (size_t)c->choice->count * HALVES;
    c->agreements = vg_calloc(tasks, sizeof *c->agreements);
    vg_pool_run(c->options->threads, tasks, refit_half, c);
    for (size_t task = 0; task < tasks; task++)
        c->choice->tries[task / HALVES].stability += c->agreements[task] / HALVES;
    free(c->agreements);
}

static void judge_separation(struct choosing *c)
{
    struct silhouette silhouettes[CLUSTER_LARGEST_K];
    for (unsigned i = 0; i < c->choice->count; i++)
        silhouettes[i] = (struct silhouette){.labels = c->choice->judged[i].labels, .k = c->choice->tries[i].k};
    silhouette_compute(c->points, c->n, c->d, silhouettes, c->choice->count, c->options->seed, c->options->threads);
    for (unsigned i = 0; i < c->choice->count; i++) {
        c->choice->judged[i].silhouette = silhouettes[i];
        c->choice->tries[i].silhouette = silhouettes[i].mean;
        c->choice->tries[i].negative_share = silhouettes[i].negative_share;
    }
}

static void judge_gaps(struct choosing *c)
{
    for (unsigned i = 0; i < c->choice->count; i++) {
        struct gap gap =
            cluster_gap(c->points, c->n, &c->choice->judged[i].fit, GAP_SAMPLES, c->options->seed, c->options->threads);
        c->choice->tries[i].gap = gap.gap;
        c->choice->tries[i].gap_error = gap.error;
    }
}

/* Among tries `first` .. `last` that have no cluster below `share`: of the stable ones the best separated, else the
 * stablest. */
static bool pick(struct cluster_choice *choice, unsigned first, unsigned last, double share)
{
    const struct cluster_try *best = NULL;
    for (unsigned i = 0; i < choice->count; i++) {
        const struct cluster_try *t = &choice->tries[i];
        if (t->k < first || t->k > last || t->smallest_share <= 0 || t->smallest_share < share) continue;
        bool stable = t->stability >= STABLE, best_stable = best && best->stability >= STABLE;
        if (!best || (stable && !best_stable) ||
            (stable == best_stable && (stable ? t->silhouette > best->silhouette : t->stability > best->stability)))
            best = t;
    }
    if (!best) return false;
    choice->chosen = (unsigned)(best - choice->tries);
    snprintf(choice->reason, sizeof choice->reason, "%s of k = %u to %u%s",
             best->stability >= STABLE ? "the largest silhouette among the stable ones"
                                       : "the most stable one, though below 0.75,",
             first, last, share > 0 ? "" : "; every one has a cluster of fewer than 1 % of the traders");
    return true;
}

static vg_code decide(struct choosing *c, vg_err *err)
{
    struct cluster_choice *choice = c->choice;
    if (c->options->k) {
        snprintf(choice->reason, sizeof choice->reason, "as asked");
        if (choice->tries[0].smallest_share > 0) return VG_OK;
    } else {
        unsigned last = choice->tries[choice->count - 1].k, first = last < FIRST_CANDIDATE ? last : FIRST_CANDIDATE;
        if (pick(choice, first, LAST_CANDIDATE, SMALLEST_SHARE) || pick(choice, first, LAST_CANDIDATE, 0)) return VG_OK;
    }
    return vg_fail(err, VG_ESTATE,
                   "%zu traders, but too many of them are the same in every column to make so many clusters; "
                   "--k asks for fewer",
                   c->n);
}

vg_code cluster_choose(const float *points, size_t n, unsigned d, const struct cluster_options *options,
                       struct cluster_choice *choice, vg_err *err)
{
    struct choosing c = {points, n, d, options, choice, NULL};
    *choice = (struct cluster_choice){0};
    if (options->k)
        fit_one(&c, options->k);
    else
        for (unsigned k = CLUSTER_SMALLEST_K; k <= CLUSTER_LARGEST_K && k * CLUSTER_LEAST_MEMBERS <= n; k++)
            fit_one(&c, k);
    judge_separation(&c);
    judge_stability(&c);
    if (options->gap) judge_gaps(&c);
    if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request; nothing was changed");
    return decide(&c, err);
}

void cluster_choice_release(struct cluster_choice *choice)
{
    for (unsigned i = 0; i < choice->count; i++)
        free(choice->judged[i].labels);
    *choice = (struct cluster_choice){0};
}
