/* umap.h: points of many dimensions on a map where neighbours stay neighbours (UMAP, McInnes, Healy and Melville 2018).
 *
 * The graph of umap_graph.h, laid out by attraction along its edges and repulsion from random points, with the curve of
 * umap-learn's defaults (min_dist 0.1, spread 1). Unlike there, the result has the same bits for any number of threads:
 * vertices are moved in four groups an epoch; everybody of a group sees all positions as they were before the group,
 * and moves only himself, twice as far along an edge, because the partner's own copy of the edge moves the partner.
 * Random numbers are hashes of seed, epoch, vertex and draw. Edges need no counters: one of weight w is due in a share
 * w of the epochs, by a phase that is a hash of its ends.
 *
 * Takes about 500 bytes a point while the graph is made, then 250. Coefficients come from tables of 1.6 % steps; the
 * tables, the graph's weights and nothing else depend on the C library's exp and pow.
 */
#ifndef VIGIL_ANALYZE_UMAP_H
#define VIGIL_ANALYZE_UMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct umap_place {
    float x, y;
};

struct umap_options {
    const struct umap_place *before; /* where points were on the map before, x NAN: nowhere; NULL: there was none */
    bool keep;                       /* points of `before` stay there; only the others are placed among them */
    uint64_t seed;
    unsigned threads;
};

/* points: n rows of d > 1 finite floats, the first two being the axes of most variance: without a map before, they are
 * where the layout starts. With one, it starts there, newcomers amid their neighbours, and is turned at the end so that
 * it lies on the former one as well as it can. Fills places[n]. Any n. Returns early when cancelled. */
void umap_lay_out(const float *points, size_t n, unsigned d, const struct umap_options *options,
                  struct umap_place *places);

#endif
