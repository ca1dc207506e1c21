/* umap_graph.h: who is near whom, as a symmetric weighted graph: UMAP's fuzzy simplicial set.
 *
 * McInnes, Healy and Melville 2018, as umap-learn 0.5 does it with its defaults: 15 neighbours including the point
 * itself; distances from the nearest other point on, divided by a scale that gives the weights of a point the sum log2
 * 15; then a + b - ab over both directions.
 */
#ifndef VIGIL_ANALYZE_UMAP_GRAPH_H
#define VIGIL_ANALYZE_UMAP_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#define UMAP_NEIGHBOURS 15 /* including the point itself */

struct umap_edge {
    uint32_t to;
    uint32_t weight; /* share of the largest weight, times 2^32, UINT32_MAX for all of it */
};

struct umap_graph {
    size_t n;
    size_t *first;           /* edges of i: first[i] .. first[i + 1], by `to` */
    struct umap_edge *edges; /* each twice, once from either end */
};

/* points: n rows of d finite floats, n > 1. Edges lighter than the heaviest / `epochs` are left out. */
void umap_graph_make(const float *points, size_t n, unsigned d, unsigned epochs, unsigned threads,
                     struct umap_graph *graph);
void umap_graph_release(struct umap_graph *graph);

#endif
