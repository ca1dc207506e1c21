#include "analyze/kmeans.h"

#include <math.h>
#include <string.h>

#include "analyze/point_blocks.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/rng.h"

#define TOLERANCE 1e-6 /* centres moved by less than this share of the mean variance: done */

/* --- kernels: eight points at a time --- */

struct nearest {
    const lanes *blocks;
    unsigned d, k;
    float centres[KMEANS_CLUSTERS_MAX][KMEANS_DIMENSIONS_MAX];
    float half_norms[KMEANS_CLUSTERS_MAX];
};

/* |x - c|^2 / 2 without the part that all centres share. */
LANES_INLINE void nearest_body(const struct nearest *q, size_t count, uint32_t *labels)
{
    for (size_t b = 0; b < count; b++) {
        const lanes *x = q->blocks + b * q->d;
        lanes best = {0};
        lane_ints which = {0};
        for (unsigned c = 0; c < q->k; c++) {
            lanes value = (lanes){0} + q->half_norms[c];
            for (unsigned j = 0; j < q->d; j++)
                value -= x[j] * q->centres[c][j];
            lane_ints less = c ? value < best : ~(lane_ints){0};
            best = (lanes)((less & (lane_ints)value) | (~less & (lane_ints)best));
            which = (less & (int32_t)c) | (~less & which);
        }
        memcpy(labels + b * LANES, &which, sizeof which);
    }
}
LANES_FUNCTION(find_nearest, (const struct nearest *q, size_t count, uint32_t *labels), nearest_body(q, count, labels))

/* Squared distances to one point, or what was there where that is less. */
LANES_INLINE void lower_body(const lanes *blocks, size_t count, unsigned d, const float *point, const lanes *before,
                             lanes *after)
{
    for (size_t b = 0; b < count; b++) {
        const lanes *x = blocks + b * d;
        lanes sum = {0};
        for (unsigned j = 0; j < d; j++) {
            lanes t = x[j] - point[j];
            sum += t * t;
        }
        lane_ints less = sum < before[b];
        after[b] = (lanes)((less & (lane_ints)sum) | (~less & (lane_ints)before[b]));
    }
}
LANES_FUNCTION(lower_potentials,
               (const lanes *blocks, size_t count, unsigned d, const float *point, const lanes *before, lanes *after),
               lower_body(blocks, count, d, point, before, after))

/* --- the data, and one run over it --- */

struct data {
    const float *points;
    size_t n, count; /* count: blocks */
    unsigned d;
    lanes *blocks;
    double mean_variance;
};

static double mean_variance(const float *points, size_t n, unsigned d)
{
    double sum = 0;
    for (unsigned j = 0; j < d; j++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            mean += (double)points[i * d + j];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++) {
            double t = (double)points[i * d + j] - mean;
            squares += t * t;
        }
        sum += squares / (double)n;
    }
    return sum / d;
}

static struct data data_make(const float *points, size_t n, unsigned d)
{
    struct data data = {points, n, point_blocks_count(n), d, point_blocks_new(n, d), mean_variance(points, n, d)};
    VG_ASSERT(n > 0 && d > 0 && d <= KMEANS_DIMENSIONS_MAX);
    for (size_t i = 0; i < n; i++)
        point_blocks_put(data.blocks, d, i, points + i * d);
    return data;
}

/* labels: room for whole blocks. */
static void assign(const struct data *data, const struct kmeans *fit, uint32_t *labels)
{
    struct nearest q = {.blocks = data->blocks, .d = fit->d, .k = fit->k};
    for (unsigned c = 0; c < fit->k; c++) {
        double norm = 0;
        for (unsigned j = 0; j < fit->d; j++) {
            q.centres[c][j] = (float)fit->centres[c][j];
            norm += (double)q.centres[c][j] * (double)q.centres[c][j];
        }
        q.half_norms[c] = (float)(norm / 2);
    }
    find_nearest_variant()(&q, data->count, labels);
}

static uint32_t *labels_new(const struct data *data) { return vg_calloc(data->count * LANES, sizeof(uint32_t)); }

static double squared_distance(const float *point, const double *centre, unsigned d)
{
    double sum = 0;
    for (unsigned j = 0; j < d; j++) {
        double t = (double)point[j] - centre[j];
        sum += t * t;
    }
    return sum;
}

static void measure(const struct data *data, struct kmeans *fit, const uint32_t *labels)
{
    fit->inertia = 0;
    memset(fit->sizes, 0, sizeof fit->sizes);
    for (size_t i = 0; i < data->n; i++) {
        fit->sizes[labels[i]]++;
        fit->inertia += squared_distance(data->points + i * data->d, fit->centres[labels[i]], data->d);
    }
}

/* An empty cluster moves to the point farthest from its own centre, and takes it. */
static void fill_empty(const struct data *data, struct kmeans *fit, uint32_t *labels, unsigned empty)
{
    size_t farthest = 0;
    double most = 0;
    for (size_t i = 0; i < data->n; i++) {
        double distance = squared_distance(data->points + i * data->d, fit->centres[labels[i]], data->d);
        if (distance > most) most = distance, farthest = i;
    }
    if (most <= 0) return; /* every point sits on a centre: there are not k distinct ones */
    for (unsigned j = 0; j < data->d; j++)
        fit->centres[empty][j] = (double)data->points[farthest * data->d + j];
    labels[farthest] = empty;
}

/* Moves the centres to the means of their points; returns the sum of squared moves. */
static double move_centres(const struct data *data, struct kmeans *fit, uint32_t *labels)
{
    double sums[KMEANS_CLUSTERS_MAX][KMEANS_DIMENSIONS_MAX] = {{0}}, moved = 0;
    memset(fit->sizes, 0, sizeof fit->sizes);
    for (size_t i = 0; i < data->n; i++) {
        double *sum = sums[labels[i]];
        fit->sizes[labels[i]]++;
        for (unsigned j = 0; j < data->d; j++)
            sum[j] += (double)data->points[i * data->d + j];
    }
    for (unsigned c = 0; c < fit->k; c++)
        for (unsigned j = 0; j < data->d && fit->sizes[c]; j++) {
            double mean = sums[c][j] / (double)fit->sizes[c], t = mean - fit->centres[c][j];
            fit->centres[c][j] = mean;
            moved += t * t;
        }
    for (unsigned c = 0; c < fit->k; c++)
        if (!fit->sizes[c]) {
            fill_empty(data, fit, labels, c);
            moved = (double)INFINITY;
        }
    return moved;
}

/* Until no label changes, or the centres hardly move; then labels and centres belong together. */
static void iterate(const struct data *data, struct kmeans *fit, uint32_t *labels)
{
    uint32_t *before = labels_new(data);
    assign(data, fit, labels);
    for (fit->passes = 1; fit->passes < KMEANS_PASSES_MAX; fit->passes++) {
        double moved = move_centres(data, fit, labels);
        memcpy(before, labels, data->n * sizeof *labels);
        assign(data, fit, labels);
        if (moved <= TOLERANCE * data->mean_variance || memcmp(before, labels, data->n * sizeof *labels) == 0) break;
    }
    measure(data, fit, labels);
    free(before);
}

/* --- starts --- */

struct start {
    const struct data *data;
    struct vg_rng rng;
    lanes *potentials, *tried, *best; /* squared distances to the nearest centre so far; with a candidate */
    double *sums;                     /* of potentials, up to and with each point */
};

/* Sums of the potentials in the order of the points; returns the whole. */
static double sum_up(const struct start *s, const lanes *potentials, double *sums)
{
    const float *values = (const float *)potentials;
    double sum = 0;
    for (size_t i = 0; i < s->data->n; i++) {
        sum += (double)values[i];
        if (sums) sums[i] = sum;
    }
    return sum;
}

/* A point, drawn by its potential. */
static size_t draw(struct start *s, double total)
{
    size_t low = 0, high = s->data->n - 1;
    if (total <= 0) return vg_rng_below(&s->rng, s->data->n);
    double at = vg_rng_unit(&s->rng) * total;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void place_centre(struct start *s, struct kmeans *fit, unsigned c, size_t point)
{
    for (unsigned j = 0; j < fit->d; j++)
        fit->centres[c][j] = (double)s->data->points[point * fit->d + j];
}

static void choose_next(struct start *s, struct kmeans *fit, unsigned c)
{
    const struct data *data = s->data;
    unsigned candidates = 2 + (unsigned)log((double)fit->k);
    double total = sum_up(s, s->potentials, s->sums), least = (double)INFINITY;
    for (unsigned i = 0; i < candidates; i++) {
        size_t point = draw(s, total);
        lower_potentials_variant()(data->blocks, data->count, data->d, data->points + point * data->d, s->potentials,
                                   s->tried);
        double potential = sum_up(s, s->tried, NULL);
        if (potential >= least) continue;
        least = potential;
        place_centre(s, fit, c, point);
        lanes *t = s->best;
        s->best = s->tried;
        s->tried = t;
    }
    lanes *t = s->best;
    s->best = s->potentials;
    s->potentials = t;
}

static void choose_centres(const struct data *data, struct kmeans *fit, uint64_t seed)
{
    struct start s = {.data = data,
                      .potentials = point_blocks_new(data->n, 1),
                      .tried = point_blocks_new(data->n, 1),
                      .best = point_blocks_new(data->n, 1),
                      .sums = vg_alloc(data->n * sizeof(double))};
    vg_rng_init(&s.rng, seed);
    for (size_t b = 0; b < data->count; b++)
        s.best[b] = (lanes){0} + INFINITY;
    size_t first = vg_rng_below(&s.rng, data->n);
    place_centre(&s, fit, 0, first);
    lower_potentials_variant()(data->blocks, data->count, data->d, data->points + first * data->d, s.best,
                               s.potentials);
    for (unsigned c = 1; c < fit->k; c++)
        choose_next(&s, fit, c);
    free(s.potentials);
    free(s.tried);
    free(s.best);
    free(s.sums);
}

/* --- restarts --- */

struct restarts {
    struct data data;
    const struct kmeans_options *options;
    struct kmeans *fits;
};

static void run_restart(void *ctx, unsigned worker, size_t task)
{
    struct restarts *r = ctx;
    struct kmeans *fit = &r->fits[task];
    (void)worker;
    *fit = (struct kmeans){.k = r->options->k, .d = r->data.d, .inertia = (double)INFINITY};
    if (vg_cancelled()) return;
    uint32_t *labels = labels_new(&r->data);
    choose_centres(&r->data, fit, r->options->seed ^ (task + 1) * UINT64_C(0xd1342543de82ef95));
    iterate(&r->data, fit, labels);
    free(labels);
}

static void assign_points(const struct data *data, const struct kmeans *fit, uint32_t *labels)
{
    uint32_t *whole = labels_new(data);
    assign(data, fit, whole);
    memcpy(labels, whole, data->n * sizeof *labels);
    free(whole);
}

void kmeans_fit(const float *points, size_t n, unsigned d, const struct kmeans_options *options, struct kmeans *fit,
                uint32_t *labels)
{
    unsigned restarts = options->restarts;
    VG_ASSERT(restarts > 0 && options->k > 0 && options->k <= KMEANS_CLUSTERS_MAX);
    struct restarts r = {data_make(points, n, d), options, vg_calloc(restarts, sizeof *r.fits)};
    vg_pool_run(options->threads, restarts, run_restart, &r);
    size_t best = 0; /* of restarts equally good to 1e-12 the first, whatever rounding says */
    for (size_t i = 1; i < restarts; i++)
        if (r.fits[i].inertia < r.fits[best].inertia * (1 - 1e-12)) best = i;
    *fit = r.fits[best];
    assign_points(&r.data, fit, labels);
    free(r.fits);
    free(r.data.blocks);
}

void kmeans_refine(const float *points, size_t n, struct kmeans *fit, uint32_t *labels)
{
    struct data data = data_make(points, n, fit->d);
    uint32_t *whole = labels_new(&data);
    iterate(&data, fit, whole);
    memcpy(labels, whole, n * sizeof *labels);
    free(whole);
    free(data.blocks);
}

void kmeans_assign(const float *points, size_t n, const struct kmeans *fit, uint32_t *labels)
{
    struct data data = {points, n, point_blocks_count(n), fit->d, point_blocks_new(n, fit->d), 0};
    for (size_t i = 0; i < n; i++)
        point_blocks_put(data.blocks, fit->d, i, points + i * fit->d);
    assign_points(&data, fit, labels);
    free(data.blocks);
}
