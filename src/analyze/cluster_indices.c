#include "analyze/cluster_indices.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/rng.h"

static double distance(const double *a, const double *b, unsigned d)
{
    double sum = 0;
    for (unsigned j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

/* Sum of squared distances to the mean of all points. */
static double total_squares(const float *points, size_t n, unsigned d)
{
    double sum = 0;
    for (unsigned j = 0; j < d; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++)
            mean += (double)points[i * d + j];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++)
            sum += ((double)points[i * d + j] - mean) * ((double)points[i * d + j] - mean);
    }
    return sum;
}

static double davies_bouldin(const struct kmeans *fit, const double *radius)
{
    double sum = 0;
    unsigned present = 0;
    for (unsigned a = 0; a < fit->k; a++) {
        double worst = 0;
        if (!fit->sizes[a]) continue;
        present++;
        for (unsigned b = 0; b < fit->k; b++) {
            if (a == b || !fit->sizes[b]) continue;
            double apart = distance(fit->centres[a], fit->centres[b], fit->d);
            if (apart <= 0) return (double)NAN;
            if ((radius[a] + radius[b]) / apart > worst) worst = (radius[a] + radius[b]) / apart;
        }
        sum += worst;
    }
    return present > 1 ? sum / present : (double)NAN;
}

struct cluster_indices cluster_indices_of(const float *points, size_t n, const struct kmeans *fit,
                                          const uint32_t *labels)
{
    struct cluster_indices out = {0};
    for (size_t i = 0; i < n; i++) {
        double point[KMEANS_DIMENSIONS_MAX];
        for (unsigned j = 0; j < fit->d; j++)
            point[j] = (double)points[i * fit->d + j];
        out.radius[labels[i]] += distance(point, fit->centres[labels[i]], fit->d);
    }
    for (unsigned c = 0; c < fit->k; c++)
        if (fit->sizes[c]) out.radius[c] /= (double)fit->sizes[c];
    double between = total_squares(points, n, fit->d) - fit->inertia;
    bool defined = fit->k > 1 && n > fit->k && fit->inertia > 0;
    out.calinski_harabasz =
        defined ? between / (double)(fit->k - 1) / (fit->inertia / (double)(n - fit->k)) : (double)NAN;
    out.davies_bouldin = davies_bouldin(fit, out.radius);
    return out;
}

#define GAP_RESTARTS 3

struct gap_work {
    size_t n;
    const struct kmeans *fit;
    float low[KMEANS_DIMENSIONS_MAX], high[KMEANS_DIMENSIONS_MAX];
    uint64_t seed;
    double *logs;
};

static void cluster_uniform(void *ctx, unsigned worker, size_t sample)
{
    struct gap_work *w = ctx;
    unsigned d = w->fit->d;
    struct vg_rng rng;
    (void)worker;
    if (vg_cancelled()) return;
    vg_rng_init(&rng, w->seed ^ (sample + 1) * UINT64_C(0xa0761d6478bd642f));
    float *points = vg_alloc(w->n * d * sizeof *points);
    uint32_t *labels = vg_alloc(w->n * sizeof *labels);
    for (size_t i = 0; i < w->n * d; i++) {
        float low = w->low[i % d], high = w->high[i % d];
        points[i] = low + (float)vg_rng_unit(&rng) * (high - low);
    }
    struct kmeans fit;
    struct kmeans_options options = {w->fit->k, GAP_RESTARTS, vg_rng_next(&rng), 1};
    kmeans_fit(points, w->n, d, &options, &fit, labels);
    w->logs[sample] = log(fit.inertia);
    free(points);
    free(labels);
}

struct gap cluster_gap(const float *points, size_t n, const struct kmeans *fit, unsigned samples, uint64_t seed,
                       unsigned threads)
{
    struct gap_work w = {.n = n, .fit = fit, .seed = seed, .logs = vg_calloc(samples, sizeof *w.logs)};
    for (unsigned j = 0; j < fit->d; j++) {
        w.low[j] = w.high[j] = points[j];
        for (size_t i = 1; i < n; i++) {
            float value = points[i * fit->d + j];
            if (value < w.low[j]) w.low[j] = value;
            if (value > w.high[j]) w.high[j] = value;
        }
    }
    vg_pool_run(threads, samples, cluster_uniform, &w);
    double mean = 0, squares = 0;
    for (unsigned i = 0; i < samples; i++)
        mean += w.logs[i] / samples;
    for (unsigned i = 0; i < samples; i++)
        squares += (w.logs[i] - mean) * (w.logs[i] - mean) / samples;
    free(w.logs);
    return (struct gap){mean - log(fit->inertia), sqrt(squares * (1 + 1.0 / samples))};
}
