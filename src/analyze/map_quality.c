#include "analyze/map_quality.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/neighbours.h"
#include "analyze/point_blocks.h"
#include "base/err.h"
#include "base/pool.h"

#define QUERIES_A_TASK 8

/* For some points their nearest in one space, and how many are nearer to them in the other one. */
struct intrusion {
    const float *points;
    lanes *blocks;
    size_t n;
    unsigned d;
    const uint32_t *queries;
    size_t query_count;
    const uint32_t *nearest; /* in the other space */
    uint64_t *penalties;     /* of each query: the ranks beyond MAP_NEIGHBOURS, added up */
    uint32_t *kept;          /* how many of the nearest are so here, too */
};

static float squared_distance(const struct intrusion *in, uint32_t a, uint32_t b)
{
    float sum = 0;
    for (unsigned j = 0; j < in->d; j++) {
        float t = in->points[a * in->d + j] - in->points[b * in->d + j];
        sum += t * t;
    }
    return sum;
}

/* counts[m]: points nearer to `query` than limits[m]; itself among them. */
LANES_INLINE void count_body(const struct intrusion *in, uint32_t query, const float *limits, lane_ints *counts)
{
    const lanes *x = in->blocks;
    const float *q = in->points + (size_t)query * in->d;
    for (size_t b = 0; b < point_blocks_count(in->n); b++, x += in->d) {
        lanes sum = {0};
        for (unsigned j = 0; j < in->d; j++) {
            lanes t = q[j] - x[j];
            sum += t * t;
        }
        for (unsigned m = 0; m < MAP_NEIGHBOURS; m++)
            counts[m] -= sum < limits[m]; /* a mask is -1 */
    }
}
LANES_FUNCTION(count_nearer, (const struct intrusion *in, uint32_t query, const float *limits, lane_ints *counts),
               count_body(in, query, limits, counts))

static void judge(struct intrusion *in, size_t at)
{
    const uint32_t *nearest = in->nearest + at * MAP_NEIGHBOURS;
    float limits[MAP_NEIGHBOURS];
    lane_ints counts[MAP_NEIGHBOURS] = {{0}};
    for (unsigned m = 0; m < MAP_NEIGHBOURS; m++)
        limits[m] = squared_distance(in, in->queries[at], nearest[m]);
    count_nearer_variant()(in, in->queries[at], limits, counts);
    for (unsigned m = 0; m < MAP_NEIGHBOURS; m++) {
        uint64_t rank = limits[m] > 0 ? 0 : 1; /* itself was counted, unless nothing is nearer than 0 */
        for (unsigned i = 0; i < LANES; i++)
            rank += (uint32_t)counts[m][i];
        if (rank > MAP_NEIGHBOURS)
            in->penalties[at] += rank - MAP_NEIGHBOURS;
        else
            in->kept[at]++;
    }
}

static void judge_some(void *ctx, unsigned worker, size_t task)
{
    struct intrusion *in = ctx;
    (void)worker;
    for (size_t i = task * QUERIES_A_TASK; i < (task + 1) * QUERIES_A_TASK && i < in->query_count; i++)
        judge(in, i);
}

/* How well neighbours by `other` are neighbours by `points`; `kept`: the share that are. */
static double trust(const float *points, unsigned d, const float *other, unsigned other_d, size_t n,
                    const uint32_t *queries, size_t query_count, unsigned threads, double *kept)
{
    uint32_t *nearest = vg_alloc(query_count * MAP_NEIGHBOURS * sizeof *nearest);
    float *squared = vg_alloc(query_count * MAP_NEIGHBOURS * sizeof *squared);
    struct intrusion in = {points,
                           point_blocks_new(n, d),
                           n,
                           d,
                           queries,
                           query_count,
                           nearest,
                           vg_calloc(query_count, sizeof(uint64_t)),
                           vg_calloc(query_count, sizeof(uint32_t))};
    for (size_t i = 0; i < point_blocks_count(n) * LANES; i++) { /* behind the last point: infinitely far */
        static const float nowhere[16] = {INFINITY};
        point_blocks_put(in.blocks, d, i, i < n ? points + i * d : nowhere);
    }
    neighbours_find(other, n, other_d, queries, query_count, MAP_NEIGHBOURS, threads, nearest, squared);
    vg_pool_run(threads, (query_count + QUERIES_A_TASK - 1) / QUERIES_A_TASK, judge_some, &in);
    double penalty = 0, k = MAP_NEIGHBOURS, m = (double)query_count;
    *kept = 0;
    for (size_t i = 0; i < query_count; i++)
        penalty += (double)in.penalties[i], *kept += in.kept[i] / (k * m);
    free(nearest);
    free(squared);
    free(in.blocks);
    free(in.penalties);
    free(in.kept);
    return 1 - 2 / (m * k * (2 * (double)n - 3 * k - 1)) * penalty;
}

struct map_quality map_quality_of(const float *points, size_t n, unsigned d, const struct umap_place *places,
                                  unsigned threads)
{
    struct map_quality quality = {(double)NAN, (double)NAN, (double)NAN};
    if (n < 2 * MAP_NEIGHBOURS) return quality;
    size_t count = n < MAP_QUERIES ? n : MAP_QUERIES;
    uint32_t *queries = vg_alloc(count * sizeof *queries);
    float *map = vg_alloc(2 * n * sizeof *map);
    double torn;
    for (size_t i = 0; i < count; i++)
        queries[i] = (uint32_t)(i * n / count);
    for (size_t i = 0; i < n; i++)
        map[2 * i] = places[i].x, map[2 * i + 1] = places[i].y;
    quality.trustworthiness = trust(points, d, map, 2, n, queries, count, threads, &quality.preserved);
    quality.continuity = trust(map, 2, points, d, n, queries, count, threads, &torn);
    free(queries);
    free(map);
    return quality;
}
