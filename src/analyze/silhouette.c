#include "analyze/silhouette.h"

#include <math.h>
#include <string.h>

#include "analyze/point_blocks.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/rng.h"

#define TILE 4            /* queries at a time */
#define QUERIES_A_TASK 64 /* sums of tasks are added in their order */
#define FLUSH_BLOCKS 64   /* float sums go to doubles after so many additions */

struct cell {
    size_t first_block, block_count, points;
    lane_ints last_mask; /* of the last block: all bits set where there is a point */
};

struct tally {
    double sum, by_cluster[KMEANS_CLUSTERS_MAX];
    uint64_t counts[KMEANS_CLUSTERS_MAX], negative;
};

struct work {
    const float *points;
    size_t n;
    unsigned d;
    struct silhouette *groupings;
    size_t count;
    uint64_t (*sizes)[KMEANS_CLUSTERS_MAX]; /* of the clusters of each grouping */
    struct cell *cells;
    size_t cell_count;
    uint32_t *cell_labels; /* cell × grouping */
    lanes *blocks;         /* the points, cell by cell */
    uint32_t *queries;     /* NULL: every point */
    size_t query_count;
    struct tally *tallies; /* task × grouping */
};

/* --- cells --- */

/* Numbers the cells by their first point: splits the cells so far by each grouping in turn. */
static uint32_t *number_cells(struct work *w)
{
    uint32_t *cell_of = vg_calloc(w->n, sizeof *cell_of);
    size_t cells = 1;
    for (size_t g = 0; g < w->count; g++) {
        unsigned k = w->groupings[g].k;
        uint32_t *numbers = vg_calloc(cells * k, sizeof *numbers), next = 0;
        for (size_t i = 0; i < w->n; i++) {
            uint32_t *number = &numbers[cell_of[i] * k + w->groupings[g].labels[i]];
            if (!*number) *number = ++next;
            cell_of[i] = *number - 1;
        }
        cells = next;
        free(numbers);
    }
    w->cell_count = cells;
    return cell_of;
}

static void lay_out(struct work *w, const uint32_t *cell_of)
{
    size_t blocks = 0, *filled = vg_calloc(w->cell_count, sizeof *filled);
    w->cells = aligned_alloc(sizeof(lane_ints), w->cell_count * sizeof *w->cells);
    if (!w->cells) VG_BUG("out of memory");
    memset(w->cells, 0, w->cell_count * sizeof *w->cells);
    w->cell_labels = vg_calloc(w->cell_count * w->count, sizeof *w->cell_labels);
    for (size_t i = 0; i < w->n; i++) {
        if (w->cells[cell_of[i]].points++) continue;
        for (size_t g = 0; g < w->count; g++)
            w->cell_labels[cell_of[i] * w->count + g] = w->groupings[g].labels[i];
    }
    for (size_t c = 0; c < w->cell_count; c++) {
        struct cell *cell = &w->cells[c];
        cell->first_block = blocks;
        cell->block_count = point_blocks_count(cell->points);
        blocks += cell->block_count;
        for (size_t lane = 0; lane < LANES; lane++)
            cell->last_mask[lane] = (cell->block_count - 1) * LANES + lane < cell->points ? -1 : 0;
        for (size_t g = 0; g < w->count; g++)
            w->sizes[g][w->cell_labels[c * w->count + g]] += cell->points;
    }
    w->blocks = point_blocks_new(blocks * LANES, w->d);
    for (size_t i = 0; i < w->n; i++) {
        size_t place = w->cells[cell_of[i]].first_block * LANES + filled[cell_of[i]]++;
        point_blocks_put(w->blocks, w->d, place, w->points + i * w->d);
    }
    free(filled);
}

/* --- distances --- */

LANES_INLINE void take_roots(lanes *squares)
{
    for (int i = 0; i < LANES; i++)
        (*squares)[i] = __builtin_sqrtf((*squares)[i]);
}

/* Distances of TILE queries to the points of each cell, summed: sums[query × cells]. */
LANES_INLINE void tile_body(const struct work *w, const float (*queries)[KMEANS_DIMENSIONS_MAX], double *sums)
{
    for (size_t c = 0; c < w->cell_count; c++) {
        const struct cell *cell = &w->cells[c];
        const lanes *x = w->blocks + cell->first_block * w->d;
        double total[TILE] = {0};
        for (size_t done = 0; done < cell->block_count;) {
            size_t stop = cell->block_count - done < FLUSH_BLOCKS ? cell->block_count : done + FLUSH_BLOCKS;
            lanes partial[TILE] = {{0}};
            for (; done < stop; done++, x += w->d) {
                lanes squares[TILE] = {{0}};
                for (unsigned j = 0; j < w->d; j++)
                    for (int q = 0; q < TILE; q++) {
                        lanes t = x[j] - queries[q][j];
                        squares[q] += t * t;
                    }
                lane_ints mask = done + 1 == cell->block_count ? cell->last_mask : ~(lane_ints){0};
                for (int q = 0; q < TILE; q++) {
                    take_roots(&squares[q]);
                    partial[q] += (lanes)((lane_ints)squares[q] & mask);
                }
            }
            for (int q = 0; q < TILE; q++)
                for (int lane = 0; lane < LANES; lane++)
                    total[q] += (double)partial[q][lane];
        }
        for (int q = 0; q < TILE; q++)
            sums[(size_t)q * w->cell_count + c] = total[q];
    }
}
LANES_FUNCTION(sum_distances, (const struct work *w, const float (*queries)[KMEANS_DIMENSIONS_MAX], double *sums),
               tile_body(w, queries, sums))

/* --- from sums to silhouettes --- */

static double silhouette_of(const struct work *w, size_t g, uint32_t own, const double *cell_sums)
{
    double sums[KMEANS_CLUSTERS_MAX] = {0}, b = (double)INFINITY;
    const uint64_t *sizes = w->sizes[g];
    if (sizes[own] < 2) return 0;
    for (size_t c = 0; c < w->cell_count; c++)
        sums[w->cell_labels[c * w->count + g]] += cell_sums[c];
    double a = sums[own] / (double)(sizes[own] - 1);
    for (unsigned c = 0; c < w->groupings[g].k; c++)
        if (c != own && sizes[c] && sums[c] / (double)sizes[c] < b) b = sums[c] / (double)sizes[c];
    if (isinf(b) || (a <= 0 && b <= 0)) return 0;
    return (b - a) / (a > b ? a : b);
}

static void count_point(const struct work *w, struct tally *tallies, size_t point, const double *cell_sums)
{
    for (size_t g = 0; g < w->count; g++) {
        uint32_t own = w->groupings[g].labels[point];
        double s = silhouette_of(w, g, own, cell_sums);
        tallies[g].sum += s;
        tallies[g].negative += s < 0;
        tallies[g].by_cluster[own] += s;
        tallies[g].counts[own]++;
    }
}

static size_t query_point(const struct work *w, size_t query) { return w->queries ? w->queries[query] : query; }

static void run_task(void *ctx, unsigned worker, size_t task)
{
    struct work *w = ctx;
    float tile[TILE][KMEANS_DIMENSIONS_MAX] = {{0}};
    size_t from = task * QUERIES_A_TASK;
    size_t end = w->query_count - from < QUERIES_A_TASK ? w->query_count : from + QUERIES_A_TASK;
    (void)worker;
    if (vg_cancelled()) return;
    double *sums = vg_alloc(TILE * w->cell_count * sizeof *sums);
    for (size_t query = from; query < end; query += TILE) {
        size_t in_tile = end - query < TILE ? end - query : TILE;
        for (size_t q = 0; q < in_tile; q++)
            memcpy(tile[q], w->points + query_point(w, query + q) * w->d, w->d * sizeof(float));
        sum_distances_variant()(w, (const float(*)[KMEANS_DIMENSIONS_MAX])tile, sums);
        for (size_t q = 0; q < in_tile; q++)
            count_point(w, w->tallies + task * w->count, query_point(w, query + q), sums + q * w->cell_count);
    }
    free(sums);
}

static void finish(struct work *w, size_t tasks)
{
    for (size_t g = 0; g < w->count; g++) {
        struct silhouette *s = &w->groupings[g];
        struct tally all = {0};
        for (size_t task = 0; task < tasks; task++) {
            const struct tally *t = &w->tallies[task * w->count + g];
            all.sum += t->sum;
            all.negative += t->negative;
            for (unsigned c = 0; c < s->k; c++) {
                all.by_cluster[c] += t->by_cluster[c];
                all.counts[c] += t->counts[c];
            }
        }
        s->queries = w->query_count;
        s->mean = all.sum / (double)w->query_count;
        s->negative_share = (double)all.negative / (double)w->query_count;
        for (unsigned c = 0; c < s->k; c++)
            s->by_cluster[c] = all.counts[c] ? all.by_cluster[c] / (double)all.counts[c] : (double)NAN;
    }
}

/* Knuth's selection sampling: each subset of the size is equally likely, in ascending order. */
static void draw_queries(struct work *w, uint64_t seed)
{
    struct vg_rng rng;
    size_t taken = 0;
    vg_rng_init(&rng, seed);
    w->queries = vg_alloc(w->query_count * sizeof *w->queries);
    for (size_t i = 0; i < w->n && taken < w->query_count; i++)
        if (vg_rng_below(&rng, w->n - i) < w->query_count - taken) w->queries[taken++] = (uint32_t)i;
}

void silhouette_compute(const float *points, size_t n, unsigned d, struct silhouette *groupings, size_t count,
                        uint64_t seed, unsigned threads)
{
    struct work w = {.points = points, .n = n, .d = d, .groupings = groupings, .count = count, .query_count = n};
    VG_ASSERT(n > 0 && n <= UINT32_MAX && d > 0 && d <= KMEANS_DIMENSIONS_MAX);
    w.sizes = vg_calloc(count, sizeof *w.sizes);
    uint32_t *cell_of = number_cells(&w);
    lay_out(&w, cell_of);
    free(cell_of);
    if (n > SILHOUETTE_EXACT_MAX) {
        w.query_count = SILHOUETTE_QUERIES;
        draw_queries(&w, seed);
    }
    size_t tasks = (w.query_count + QUERIES_A_TASK - 1) / QUERIES_A_TASK;
    w.tallies = vg_calloc(tasks * count, sizeof *w.tallies);
    vg_pool_run(threads, tasks, run_task, &w);
    finish(&w, tasks);
    free(w.sizes);
    free(w.cells);
    free(w.cell_labels);
    free(w.blocks);
    free(w.queries);
    free(w.tallies);
}
