#include "analyze/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/kmeans.h"
#include "analyze/point_blocks.h"
#include "base/err.h"
#include "base/pool.h"

#define LEAF_MAX 256

/* --- tree --- */

struct leaf {
    size_t first, count; /* places in the order of leaves; `first` is where a block begins */
    float low[KMEANS_DIMENSIONS_MAX], high[KMEANS_DIMENSIONS_MAX];
};

struct tree {
    const float *points;
    unsigned d;
    uint32_t *order; /* numbers of points, leaf by leaf */
    struct leaf *leaves;
    size_t leaf_count;
    lanes *blocks; /* leaf by leaf, each with its own blocks */
    size_t *first_block;
};

static void find_box(const struct tree *t, size_t first, size_t count, struct leaf *leaf)
{
    leaf->first = first;
    leaf->count = count;
    for (unsigned j = 0; j < t->d; j++)
        leaf->low[j] = INFINITY, leaf->high[j] = -INFINITY;
    for (size_t i = first; i < first + count; i++)
        for (unsigned j = 0; j < t->d; j++) {
            float x = t->points[t->order[i] * t->d + j];
            if (x < leaf->low[j]) leaf->low[j] = x;
            if (x > leaf->high[j]) leaf->high[j] = x;
        }
}

static bool less(const struct tree *t, unsigned j, uint32_t a, uint32_t b)
{
    float x = t->points[a * t->d + j], y = t->points[b * t->d + j];
    return x < y || (x <= y && a < b);
}

/* Puts the `wanted` least of order[low .. high) first (Hoare's selection). */
static void select_least(const struct tree *t, unsigned j, size_t low, size_t high, size_t wanted)
{
    uint32_t *order = t->order;
    while (high - low > 1) {
        uint32_t pivot = order[low + (high - low - 1) / 2]; /* never the last: both parts get some */
        size_t a = low, b = high - 1;
        for (;;) {
            while (less(t, j, order[a], pivot))
                a++;
            while (less(t, j, pivot, order[b]))
                b--;
            if (a >= b) break;
            uint32_t swap = order[a];
            order[a++] = order[b];
            order[b--] = swap;
        }
        size_t middle = b + 1;
        if (wanted < middle)
            high = middle;
        else if (wanted > middle)
            low = middle;
        else
            return;
    }
}

/* Splits by position along the widest side: duplicates cannot keep it from ending. */
static void split(struct tree *t, size_t first, size_t count)
{
    struct leaf box;
    find_box(t, first, count, &box);
    if (count <= LEAF_MAX) {
        t->leaves[t->leaf_count++] = box;
        return;
    }
    unsigned widest = 0;
    for (unsigned j = 1; j < t->d; j++)
        if (box.high[j] - box.low[j] > box.high[widest] - box.low[widest]) widest = j;
    size_t left = (count / 2 + LANES - 1) / LANES * LANES;
    select_least(t, widest, first, first + count, first + left);
    split(t, first, left);
    split(t, first + left, count - left);
}

/* numbers: which points, NULL for all. */
static void tree_make(struct tree *t, const float *points, unsigned d, const uint32_t *numbers, size_t n)
{
    *t = (struct tree){.points = points, .d = d, .order = vg_alloc((n + 1) * sizeof(uint32_t))};
    t->leaves = vg_alloc((2 * n / LEAF_MAX + 2) * sizeof *t->leaves); /* a leaf of a split has more than a third */
    for (size_t i = 0; i < n; i++)
        t->order[i] = numbers ? numbers[i] : (uint32_t)i;
    if (n) split(t, 0, n);
    t->first_block = vg_alloc((t->leaf_count + 1) * sizeof *t->first_block);
    t->first_block[0] = 0;
    for (size_t l = 0; l < t->leaf_count; l++)
        t->first_block[l + 1] = t->first_block[l] + point_blocks_count(t->leaves[l].count);
    t->blocks = point_blocks_new(t->first_block[t->leaf_count] * LANES + 1, d);
    for (size_t l = 0; l < t->leaf_count; l++)
        for (size_t i = 0; i < t->leaves[l].count; i++)
            point_blocks_put(t->blocks, d, t->first_block[l] * LANES + i,
                             points + t->order[t->leaves[l].first + i] * d);
}

static void tree_release(struct tree *t)
{
    free(t->order);
    free(t->leaves);
    free(t->first_block);
    free(t->blocks);
}

/* --- search --- */

/* The nearest so far of the queries of one leaf. */
struct found {
    float squared[LEAF_MAX][NEIGHBOURS_MAX];
    uint32_t ids[LEAF_MAX][NEIGHBOURS_MAX];
    float worst[LEAF_MAX + LANES]; /* the last of each; behind the last query −1: nothing is near enough */
};

struct search {
    struct tree points, queries;
    const uint32_t *query_numbers;
    size_t query_count;
    unsigned k;
    uint32_t *ids;
    float *squared;
};

static void insert(struct found *f, unsigned k, size_t query, float squared, uint32_t id)
{
    float *distances = f->squared[query];
    uint32_t *ids = f->ids[query];
    unsigned at = k - 1;
    if (squared >= distances[at] && id > ids[at]) return; /* as far as the last one, and later */
    while (at > 0 && (squared < distances[at - 1] || (squared <= distances[at - 1] && id < ids[at - 1]))) {
        distances[at] = distances[at - 1];
        ids[at] = ids[at - 1];
        at--;
    }
    distances[at] = squared;
    ids[at] = id;
    f->worst[query] = distances[k - 1];
}

/* One query against all points of a leaf. */
LANES_INLINE void scan(const struct search *s, const struct leaf *leaf, const lanes *blocks, const float *x,
                       uint32_t self, size_t query, struct found *f)
{
    unsigned d = s->points.d;
    for (size_t b = 0; b < point_blocks_count(leaf->count); b++, blocks += d) {
        lanes sum = {0};
        for (unsigned j = 0; j < d; j++) {
            lanes t = blocks[j] - x[j];
            sum += t * t;
        }
        lane_ints near = sum <= f->worst[query];
        for (unsigned i = 0; lanes_any(&near) && i < LANES; i++) {
            size_t place = b * LANES + i;
            if (!near[i] || place >= leaf->count || sum[i] > f->worst[query]) continue;
            uint32_t id = s->points.order[leaf->first + place];
            if (id != self) insert(f, s->k, query, sum[i], id);
        }
    }
}

/* The queries of a leaf against another one: into it look those whose worst neighbour is not nearer than its box. */
LANES_INLINE void visit_body(const struct search *s, size_t query_leaf, size_t point_leaf, struct found *f)
{
    unsigned d = s->points.d;
    const struct leaf *q = &s->queries.leaves[query_leaf], *p = &s->points.leaves[point_leaf];
    const lanes *blocks = s->queries.blocks + s->queries.first_block[query_leaf] * d;
    for (size_t b = 0; b < point_blocks_count(q->count); b++, blocks += d) {
        lanes sum = {0}, worst;
        memcpy(&worst, f->worst + b * LANES, sizeof worst);
        for (unsigned j = 0; j < d; j++) {
            lanes below = p->low[j] - blocks[j], above = blocks[j] - p->high[j];
            lanes gap = LANES_LARGER(below, above);
            gap = LANES_LARGER(gap, (lanes){0});
            sum += gap * gap;
        }
        lane_ints near = sum <= worst;
        for (unsigned i = 0; lanes_any(&near) && i < LANES; i++) {
            if (!near[i]) continue;
            size_t query = b * LANES + i;
            uint32_t self = s->queries.order[q->first + query];
            scan(s, p, s->points.blocks + s->points.first_block[point_leaf] * d, s->points.points + self * d, self,
                 query, f);
        }
    }
}
LANES_FUNCTION(visit, (const struct search *s, size_t query_leaf, size_t point_leaf, struct found *f),
               visit_body(s, query_leaf, point_leaf, f))

struct candidate {
    float squared;
    uint32_t leaf;
};

static int nearer(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->squared < y->squared || x->squared > y->squared) return x->squared < y->squared ? -1 : 1;
    return x->leaf < y->leaf ? -1 : 1;
}

static float box_distance(const struct leaf *a, const struct leaf *b, unsigned d)
{
    float sum = 0;
    for (unsigned j = 0; j < d; j++) {
        float gap = fmaxf(fmaxf(a->low[j] - b->high[j], b->low[j] - a->high[j]), 0);
        sum += gap * gap;
    }
    return sum;
}

static float farthest(const struct found *f, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, f->worst[i]);
    return most;
}

static size_t place_of(const struct search *s, uint32_t number)
{
    size_t low = 0, high = s->query_count;
    if (!s->query_numbers) return number;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->query_numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void search_leaf(void *ctx, unsigned worker, size_t task)
{
    struct search *s = ctx;
    const struct leaf *leaf = &s->queries.leaves[task];
    struct found *f = vg_alloc(sizeof *f);
    struct candidate *candidates = vg_alloc(s->points.leaf_count * sizeof *candidates);
    (void)worker;
    for (size_t i = 0; i < LEAF_MAX + LANES; i++)
        f->worst[i] = i < leaf->count ? INFINITY : -1;
    for (size_t i = 0; i < leaf->count; i++)
        for (unsigned j = 0; j < s->k; j++)
            f->squared[i][j] = INFINITY, f->ids[i][j] = UINT32_MAX;
    for (uint32_t l = 0; l < s->points.leaf_count; l++)
        candidates[l] = (struct candidate){box_distance(leaf, &s->points.leaves[l], s->points.d), l};
    qsort(candidates, s->points.leaf_count, sizeof *candidates, nearer);
    for (size_t l = 0; l < s->points.leaf_count && candidates[l].squared <= farthest(f, leaf->count); l++)
        visit_variant()(s, task, candidates[l].leaf, f);
    for (size_t i = 0; i < leaf->count; i++) {
        size_t place = place_of(s, s->queries.order[leaf->first + i]) * s->k;
        memcpy(s->ids + place, f->ids[i], s->k * sizeof *s->ids);
        memcpy(s->squared + place, f->squared[i], s->k * sizeof *s->squared);
    }
    free(candidates);
    free(f);
}

void neighbours_find(const float *points, size_t n, unsigned d, const uint32_t *queries, size_t query_count, unsigned k,
                     unsigned threads, uint32_t *ids, float *squared)
{
    struct search s = {.query_numbers = queries, .query_count = query_count, .k = k, .ids = ids, .squared = squared};
    VG_ASSERT(k > 0 && k < n && k <= NEIGHBOURS_MAX && d <= KMEANS_DIMENSIONS_MAX && n < UINT32_MAX);
    tree_make(&s.points, points, d, NULL, n);
    if (queries)
        tree_make(&s.queries, points, d, queries, query_count);
    else
        s.queries = s.points;
    vg_pool_run(threads, s.queries.leaf_count, search_leaf, &s);
    if (queries) tree_release(&s.queries);
    tree_release(&s.points);
}
