#include "analyze/umap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/lanes.h"
#include "analyze/umap_graph.h"
#include "base/err.h"
#include "base/pool.h"

#define CURVE_A 1.57694346 /* umap-learn's find_ab_params(spread = 1, min_dist = 0.1) */
#define CURVE_B 0.89506088
#define SPAN 10.0f     /* the first layout is 10 by 10 */
#define NOISE 1e-4f    /* keeps equal points from being stuck on each other */
#define STEP_MOST 4.0f /* umap-learn's clip of one step, in each coordinate */
#define NEGATIVES 5    /* repulsions for each attraction */
#define EPOCHS_SMALL 500
#define EPOCHS 200
#define SMALL 10000
#define KEEP_STEP 0.25f /* first step when the others stay: umap-learn's transform */
#define GROUPS 4
#define VERTICES_A_TASK 512

/* --- coefficients by squared distance --- */

#define MANTISSA_BITS 6
#define EXPONENT_LEAST (-24)
#define EXPONENTS 44
#define ENTRIES (EXPONENTS << MANTISSA_BITS)
#define SHIFT (23 - MANTISSA_BITS)
#define FIRST_ENTRY ((127 + EXPONENT_LEAST) << MANTISSA_BITS)

struct curve {
    float attract[ENTRIES], repel[ENTRIES];
};

static void curve_make(struct curve *curve)
{
    for (int i = 0; i < ENTRIES; i++) {
        int exponent = (i >> MANTISSA_BITS) + EXPONENT_LEAST, step = i & ((1 << MANTISSA_BITS) - 1);
        double d2 = ldexp(1 + (step + 0.5) / (1 << MANTISSA_BITS), exponent), power = pow(d2, CURVE_B);
        curve->attract[i] = (float)(-2 * CURVE_A * CURVE_B * power / d2 / (1 + CURVE_A * power));
        curve->repel[i] = (float)(2 * CURVE_B / ((0.001 + d2) * (1 + CURVE_A * power)));
    }
}

static inline int entry_of(float d2)
{
    int32_t bits;
    memcpy(&bits, &d2, sizeof bits);
    int entry = (bits >> SHIFT) - FIRST_ENTRY;
    return entry < 0 ? 0 : entry < ENTRIES ? entry : ENTRIES - 1;
}

/* --- one group of one epoch --- */

struct walk {
    const struct umap_graph *graph;
    struct curve curve;
    const bool *fixed; /* NULL: all move */
    struct umap_place *now, *next;
    uint64_t seed;
    uint32_t epoch, group;
    float alpha;
};

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline float clip(float step) { return step > STEP_MOST ? STEP_MOST : step < -STEP_MOST ? -STEP_MOST : step; }

/* A weight w of 2^32 is due in w of 2^32 epochs, evenly. */
static inline bool is_due(uint32_t from, const struct umap_edge *edge, uint32_t epoch)
{
    uint32_t phase = from * UINT32_C(0x9e3779b1) + edge->to * UINT32_C(0x85ebca77);
    phase = (phase ^ (phase >> 15)) * UINT32_C(0x2c1b3c6d);
    return phase + edge->weight * (epoch + 1) < edge->weight;
}

/* Along the edges that are due, one after the other; returns how many. */
LANES_INLINE uint32_t attract(const struct walk *w, uint32_t vertex, struct umap_place *at)
{
    uint32_t due = 0;
    for (size_t e = w->graph->first[vertex]; e < w->graph->first[vertex + 1]; e++) {
        const struct umap_edge *edge = &w->graph->edges[e];
        if (!is_due(vertex, edge, w->epoch)) continue;
        due++;
        float dx = at->x - w->now[edge->to].x, dy = at->y - w->now[edge->to].y, d2 = dx * dx + dy * dy;
        if (d2 <= 0) continue;
        float g = w->curve.attract[entry_of(d2)], step = w->fixed && w->fixed[edge->to] ? w->alpha : 2 * w->alpha;
        at->x += step * clip(g * dx);
        at->y += step * clip(g * dy);
    }
    return due;
}

/* From `count` random points, eight at a time. A point's own place, and others right on it, do nothing. */
LANES_INLINE void repel(const struct walk *w, uint32_t vertex, uint32_t count, struct umap_place *at)
{
    uint64_t base = mix(w->seed ^ ((uint64_t)vertex << 32 | w->epoch));
    for (uint32_t done = 0; done < count; done += LANES) {
        uint32_t others[LANES];
        lanes x = {0}, y = {0}, g = {0};
        for (uint32_t i = 0; i < LANES; i++) {
            uint32_t r = (uint32_t)(base >> 32) + (done + i) * UINT32_C(0x9e3779b9);
            r = (r ^ (r >> 16)) * UINT32_C(0x7feb352d);
            r = ((r ^ (r >> 15)) + (uint32_t)base) * UINT32_C(0x846ca68b);
            others[i] = (uint32_t)((uint64_t)(r ^ (r >> 16)) * w->graph->n >> 32);
        }
        for (uint32_t i = 0; i < LANES; i++)
            x[i] = w->now[others[i]].x, y[i] = w->now[others[i]].y;
        x = at->x - x;
        y = at->y - y;
        lanes d2 = x * x + y * y;
        for (uint32_t i = 0; i < LANES; i++)
            g[i] = done + i < count ? w->curve.repel[entry_of(d2[i])] : 0;
        x *= g;
        y *= g;
        float sum_x = 0, sum_y = 0;
        for (uint32_t i = 0; i < LANES; i++)
            sum_x += clip(x[i]), sum_y += clip(y[i]);
        at->x += w->alpha * sum_x;
        at->y += w->alpha * sum_y;
    }
}

LANES_INLINE void move_body(const struct walk *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        uint32_t vertex = (uint32_t)(i * GROUPS + w->group);
        struct umap_place at = w->now[vertex];
        if (!w->fixed || !w->fixed[vertex]) repel(w, vertex, NEGATIVES * attract(w, vertex, &at), &at);
        w->next[i] = at;
    }
}
LANES_FUNCTION(move, (const struct walk *w, size_t first, size_t end), move_body(w, first, end))

static size_t group_size(const struct walk *w) { return (w->graph->n + GROUPS - 1 - w->group) / GROUPS; }

static void move_some(void *ctx, unsigned worker, size_t task)
{
    const struct walk *w = ctx;
    size_t end = (task + 1) * VERTICES_A_TASK, size = group_size(w);
    (void)worker;
    move_variant()(w, task * VERTICES_A_TASK, end < size ? end : size);
}

static void walk_epochs(struct walk *w, unsigned epochs, float first_step, unsigned threads)
{
    for (w->epoch = 0; w->epoch < epochs && !vg_cancelled(); w->epoch++) {
        w->alpha = first_step * (1 - (float)w->epoch / (float)epochs);
        for (w->group = 0; w->group < GROUPS; w->group++) {
            size_t size = group_size(w);
            vg_pool_run(threads, (size + VERTICES_A_TASK - 1) / VERTICES_A_TASK, move_some, w);
            for (size_t i = 0; i < size; i++)
                w->now[i * GROUPS + w->group] = w->next[i];
        }
    }
}

/* --- where it starts, and how it ends --- */

static bool known(const struct umap_options *options, size_t i)
{
    return options->before && isfinite(options->before[i].x) && isfinite(options->before[i].y);
}

static float noise(uint64_t seed, uint64_t draw)
{
    return NOISE * (2 * (float)(mix(seed ^ draw * UINT64_C(0x9e3779b97f4a7c15)) >> 40) * 0x1p-24f - 1);
}

/* The two first axes, each stretched to the map's span. */
static void start_on_axes(const float *points, size_t n, unsigned d, uint64_t seed, struct umap_place *places)
{
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, scale[2];
    for (size_t i = 0; i < n; i++)
        for (unsigned j = 0; j < 2; j++) {
            low[j] = fminf(low[j], points[i * d + j]);
            high[j] = fmaxf(high[j], points[i * d + j]);
        }
    for (unsigned j = 0; j < 2; j++)
        scale[j] = high[j] > low[j] ? SPAN / (high[j] - low[j]) : 0;
    for (size_t i = 0; i < n; i++)
        places[i] = (struct umap_place){(points[i * d] - low[0]) * scale[0] + noise(seed, 2 * i),
                                        (points[i * d + 1] - low[1]) * scale[1] + noise(seed, 2 * i + 1)};
}

/* Those who were on the map start there; others where their neighbours on it are, by weight, or with none at the
 * middle of all. */
static void start_as_before(const struct umap_graph *g, const struct umap_options *options, struct umap_place *places)
{
    double middle_x = 0, middle_y = 0, count = 0;
    for (size_t i = 0; i < g->n; i++)
        if (known(options, i))
            middle_x += (double)options->before[i].x, middle_y += (double)options->before[i].y, count++;
    for (size_t i = 0; i < g->n; i++) {
        double x = middle_x / count, y = middle_y / count, sum = 0;
        if (known(options, i)) {
            places[i] = options->before[i];
            continue;
        }
        for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
            const struct umap_place *near = &options->before[g->edges[e].to];
            double weight = g->edges[e].weight;
            if (!known(options, g->edges[e].to)) continue;
            if (sum <= 0) x = y = 0;
            x += weight * (double)near->x;
            y += weight * (double)near->y;
            sum += weight;
        }
        if (sum > 0) x /= sum, y /= sum;
        places[i] =
            (struct umap_place){(float)x + noise(options->seed, 2 * i), (float)y + noise(options->seed, 2 * i + 1)};
    }
}

/* Turns, mirrors and shifts the map onto the former one (orthogonal Procrustes), without stretching it. */
static void align(const struct umap_options *options, size_t n, struct umap_place *places)
{
    double count = 0, px = 0, py = 0, qx = 0, qy = 0, xx = 0, xy = 0, yx = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        if (!known(options, i)) continue;
        px += (double)places[i].x, py += (double)places[i].y;
        qx += (double)options->before[i].x, qy += (double)options->before[i].y;
        count++;
    }
    px /= count, py /= count, qx /= count, qy /= count;
    for (size_t i = 0; i < n; i++) {
        if (!known(options, i)) continue;
        double ax = (double)places[i].x - px, ay = (double)places[i].y - py;
        double bx = (double)options->before[i].x - qx, by = (double)options->before[i].y - qy;
        xx += ax * bx, xy += ax * by, yx += ay * bx, yy += ay * by;
    }
    double turned = hypot(xx + yy, xy - yx), mirrored = hypot(xx - yy, xy + yx);
    double flip = mirrored > turned ? -1 : 1, best = fmax(turned, mirrored);
    double c = best > 0 ? (xx + flip * yy) / best : 1, s = best > 0 ? (xy - flip * yx) / best : 0;
    for (size_t i = 0; i < n; i++) {
        double ax = (double)places[i].x - px, ay = flip * ((double)places[i].y - py);
        places[i] = (struct umap_place){(float)(qx + c * ax - s * ay), (float)(qy + s * ax + c * ay)};
    }
}

static void walk_from(struct walk *w, const struct umap_options *options, bool follows, unsigned epochs)
{
    size_t n = w->graph->n;
    bool *fixed = vg_alloc(n * sizeof *fixed);
    for (size_t i = 0; i < n; i++)
        fixed[i] = follows && known(options, i);
    if (follows) { /* newcomers first find their places among the others */
        w->fixed = fixed;
        walk_epochs(w, epochs / 3, KEEP_STEP, options->threads);
    }
    w->fixed = NULL;
    if (!follows || !options->keep) {
        walk_epochs(w, epochs, 1, options->threads);
        if (follows) align(options, n, w->now);
    }
    free(fixed);
}

void umap_lay_out(const float *points, size_t n, unsigned d, const struct umap_options *options,
                  struct umap_place *places)
{
    struct umap_graph graph;
    unsigned epochs = n <= SMALL ? EPOCHS_SMALL : EPOCHS;
    bool follows = false;
    VG_ASSERT(d > 1);
    for (size_t i = 0; i < n && !follows; i++)
        follows = known(options, i);
    if (!follows || n < 2) {
        start_on_axes(points, n, d, options->seed, places);
        if (n == 1 && follows) places[0] = options->before[0];
        if (n < 2) return;
    }
    umap_graph_make(points, n, d, epochs, options->threads, &graph);
    if (follows) start_as_before(&graph, options, places);
    struct walk *w = vg_alloc(sizeof *w);
    *w = (struct walk){.graph = &graph, .now = places, .seed = mix(options->seed)};
    w->next = vg_alloc((n / GROUPS + 1) * sizeof *w->next);
    curve_make(&w->curve);
    walk_from(w, options, follows, epochs);
    free(w->next);
    free(w);
    umap_graph_release(&graph);
}
