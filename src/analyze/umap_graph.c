#include "analyze/umap_graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/neighbours.h"
#include "base/err.h"
#include "base/pool.h"

#define ROWS_A_TASK 4096
#define SCALE_STEPS 64
#define SCALE_TOLERANCE 1e-5
#define SCALE_LEAST 1e-3 /* of the mean distance */

/* What a point thinks of its neighbours. */
struct opinions {
    size_t n;
    unsigned k;
    const uint32_t *ids;
    float *values;        /* squared distances, then weights */
    double mean_distance; /* over everybody and all of their neighbours, themselves included */
};

static double sum_of_weights(const double *distances, unsigned k, double nearest, double scale)
{
    double sum = 0;
    for (unsigned j = 0; j < k; j++)
        sum += distances[j] > nearest ? exp(-(distances[j] - nearest) / scale) : 1;
    return sum;
}

/* By doubling, then halving the interval. */
static double find_scale(const double *distances, unsigned k, double nearest)
{
    double low = 0, high = (double)INFINITY, scale = 1, wanted = log2(UMAP_NEIGHBOURS);
    for (int step = 0; step < SCALE_STEPS; step++) {
        double sum = sum_of_weights(distances, k, nearest, scale);
        if (fabs(sum - wanted) < SCALE_TOLERANCE) break;
        if (sum > wanted)
            high = scale;
        else
            low = scale;
        scale = isinf(high) ? 2 * scale : (low + high) / 2;
    }
    return scale;
}

static void weigh(const struct opinions *o, float *values)
{
    double distances[UMAP_NEIGHBOURS], nearest = 0, sum = 0;
    for (unsigned j = 0; j < o->k; j++) {
        distances[j] = sqrt((double)values[j]);
        if (distances[j] > 0 && nearest <= 0) nearest = distances[j];
        sum += distances[j];
    }
    double mean = nearest > 0 ? sum / (o->k + 1) : o->mean_distance;
    double scale = fmax(find_scale(distances, o->k, nearest), SCALE_LEAST * mean);
    for (unsigned j = 0; j < o->k; j++) {
        bool same = distances[j] <= nearest || scale <= 0;
        values[j] = same ? 1 : (float)exp(-(distances[j] - nearest) / scale);
    }
}

static void weigh_rows(void *ctx, unsigned worker, size_t task)
{
    const struct opinions *o = ctx;
    (void)worker;
    for (size_t i = task * ROWS_A_TASK; i < (task + 1) * ROWS_A_TASK && i < o->n; i++)
        weigh(o, o->values + i * o->k);
}

static double mean_distance(const struct opinions *o)
{
    double sum = 0;
    for (size_t i = 0; i < o->n * o->k; i++)
        sum += sqrt((double)o->values[i]);
    return sum / ((double)o->n * (o->k + 1));
}

/* --- both directions --- */

struct half {
    uint32_t to;
    float there, back; /* 0: he is not among the neighbours */
};

static int by_end(const void *a, const void *b)
{
    const struct half *x = a, *y = b;
    return (x->to > y->to) - (x->to < y->to);
}

/* Opinions on each point, in the order of who holds them: places in o->values. The caller frees both. */
static uint32_t *turn_round(const struct opinions *o, size_t **firsts)
{
    size_t edges = o->n * o->k, *first = vg_calloc(o->n + 2, sizeof *first);
    uint32_t *places = vg_alloc(edges * sizeof *places);
    for (size_t e = 0; e < edges; e++)
        first[o->ids[e] + 2]++;
    for (size_t i = 2; i < o->n + 2; i++)
        first[i] += first[i - 1];
    for (size_t e = 0; e < edges; e++)
        places[first[o->ids[e] + 1]++] = (uint32_t)e;
    *firsts = first;
    return places;
}

/* All with whom a point has to do, by number; `row` has room for them. */
static size_t merge_row(const struct opinions *o, size_t i, const uint32_t *places, size_t place_count,
                        struct half *row)
{
    size_t n = 0, kept = 0;
    for (unsigned j = 0; j < o->k; j++)
        row[n++] = (struct half){o->ids[i * o->k + j], o->values[i * o->k + j], 0};
    for (size_t p = 0; p < place_count; p++)
        row[n++] = (struct half){places[p] / o->k, 0, o->values[places[p]]};
    qsort(row, n, sizeof *row, by_end);
    for (size_t e = 0; e < n; e++) {
        bool twice = e + 1 < n && row[e + 1].to == row[e].to;
        row[kept] = row[e];
        if (twice) row[kept].there += row[e + 1].there, row[kept].back += row[e + 1].back;
        kept++;
        e += twice;
    }
    return kept;
}

static void join(const struct opinions *o, unsigned epochs, struct umap_graph *g)
{
    size_t *first, room = 0;
    uint32_t *places = turn_round(o, &first);
    float heaviest = 0, *weights = vg_alloc(2 * o->n * o->k * sizeof *weights);
    for (size_t i = 0; i < o->n; i++)
        if (first[i + 1] - first[i] + o->k > room) room = first[i + 1] - first[i] + o->k;
    struct half *row = vg_alloc(room * sizeof *row);
    g->edges = vg_alloc(2 * o->n * o->k * sizeof *g->edges);
    g->first = vg_alloc((o->n + 1) * sizeof *g->first);
    g->first[0] = 0;
    for (size_t i = 0; i < o->n; i++) {
        size_t at = g->first[i], count = merge_row(o, i, places + first[i], first[i + 1] - first[i], row);
        for (size_t e = 0; e < count; e++, at++) {
            float a = row[e].there, b = row[e].back;
            g->edges[at].to = row[e].to;
            weights[at] = a + b - a * b;
            heaviest = fmaxf(heaviest, weights[at]);
        }
        g->first[i + 1] = at;
    }
    size_t kept = 0, next = 0;
    for (size_t i = 0; i < o->n; i++) {
        size_t end = g->first[i + 1];
        for (; next < end; next++) {
            double share = (double)weights[next] / (double)heaviest;
            if (share < 1.0 / epochs) continue;
            g->edges[kept++] =
                (struct umap_edge){g->edges[next].to, share < 1 ? (uint32_t)(share * 0x1p32) : UINT32_MAX};
        }
        g->first[i + 1] = kept;
    }
    g->edges = vg_realloc(g->edges, (kept + 1) * sizeof *g->edges);
    free(row);
    free(weights);
    free(places);
    free(first);
}

void umap_graph_make(const float *points, size_t n, unsigned d, unsigned epochs, unsigned threads, struct umap_graph *g)
{
    struct opinions o = {.n = n, .k = n > UMAP_NEIGHBOURS ? UMAP_NEIGHBOURS - 1 : (unsigned)n - 1};
    VG_ASSERT(n > 1 && n < UINT32_MAX / UMAP_NEIGHBOURS);
    uint32_t *ids = vg_alloc(n * o.k * sizeof *ids);
    o.ids = ids;
    o.values = vg_alloc(n * o.k * sizeof *o.values);
    neighbours_find(points, n, d, NULL, n, o.k, threads, ids, o.values);
    o.mean_distance = mean_distance(&o);
    vg_pool_run(threads, (n + ROWS_A_TASK - 1) / ROWS_A_TASK, weigh_rows, &o);
    g->n = n;
    join(&o, epochs, g);
    free(o.values);
    free(ids);
}

void umap_graph_release(struct umap_graph *g)
{
    free(g->first);
    free(g->edges);
    *g = (struct umap_graph){0};
}
