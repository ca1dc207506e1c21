/* Makes the pure parts of clusters and map callable from tests in Python; built with the tests, never installed.
 *
 *     learn_tool COMMAND FILE N D [MORE…]      one JSON object on stdout
 *
 * FILE holds n rows of d numbers, raw and little-endian: doubles for `standardise` (TAILS in thousandths) and `pca`
 * (both: THREADS), floats for the others. Labels are files of uint32. The cases of `main` say what follows.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/agreement.h"
#include "analyze/cluster_indices.h"
#include "analyze/map_quality.h"
#include "analyze/neighbours.h"
#include "analyze/pca.h"
#include "analyze/silhouette.h"
#include "analyze/standardise.h"
#include "analyze/umap_graph.h"
#include "base/file.h"
#include "base/number.h"

static char **words;
static int word_count;
static vg_buf out;

static uint64_t count_at(int i)
{
    uint64_t value;
    if (i >= word_count || !number_count(vg_slice_of(words[i]), &value)) {
        fprintf(stderr, "learn_tool: argument %d is missing, or no count\n", i);
        exit(2);
    }
    return value;
}

/* The whole file; `size`: bytes that it must have. */
static void *bytes_at(int i, size_t size)
{
    vg_buf bytes = {0};
    vg_err err;
    if (i >= word_count || file_read_all(words[i], (size_t)1 << 32, &bytes, &err) || bytes.len != size) {
        fprintf(stderr, "learn_tool: argument %d is no file of %zu bytes\n", i, size);
        exit(2);
    }
    return bytes.data;
}

static void add_doubles(const char *key, const double *values, size_t n)
{
    vg_buf_addf(&out, "%s\"%s\":[", out.len > 1 ? "," : "", key);
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(&out, isfinite(values[i]) ? "%s%.17g" : "%snull", i ? "," : "", values[i]);
    vg_buf_addc(&out, ']');
}

static void add_labels(const char *key, const uint32_t *values, size_t n)
{
    vg_buf_addf(&out, "%s\"%s\":[", out.len > 1 ? "," : "", key);
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(&out, "%s%" PRIu32, i ? "," : "", values[i]);
    vg_buf_addc(&out, ']');
}

static void run_standardise(size_t n, unsigned d)
{
    double *x = bytes_at(2, n * d * sizeof *x);
    struct column_scale *scales = vg_calloc(d, sizeof *scales);
    standardise_fit(x, n, d, (double)count_at(5) / 1000, (unsigned)count_at(6), scales);
    for (size_t i = 0; i < n; i++)
        standardise_row(scales, d, x + i * d);
    add_doubles("z", x, n * d);
    free(scales);
    free(x);
}

static void run_pca(size_t n, unsigned d)
{
    double *z = bytes_at(2, n * d * sizeof *z);
    struct pca *pca = vg_alloc(sizeof *pca);
    pca_fit(z, n, d, (unsigned)count_at(5), pca);
    add_doubles("variance", pca->variance, d);
    for (unsigned i = 0; i < d; i++) {
        char key[24];
        snprintf(key, sizeof key, "axis%u", i);
        add_doubles(key, pca->axes[i], d);
    }
    free(pca);
    free(z);
}

static void add_fit(const float *points, size_t n, const struct kmeans *fit, const uint32_t *labels)
{
    struct cluster_indices indices = cluster_indices_of(points, n, fit, labels);
    double passes = fit->passes;
    add_labels("labels", labels, n);
    add_doubles("inertia", &fit->inertia, 1);
    add_doubles("passes", &passes, 1);
    add_doubles("calinski_harabasz", &indices.calinski_harabasz, 1);
    add_doubles("davies_bouldin", &indices.davies_bouldin, 1);
    for (unsigned c = 0; c < fit->k; c++) {
        char key[24];
        snprintf(key, sizeof key, "centre%u", c);
        add_doubles(key, fit->centres[c], fit->d);
    }
}

static void run_kmeans(size_t n, unsigned d)
{
    float *points = bytes_at(2, n * d * sizeof *points);
    uint32_t *labels = vg_alloc(n * sizeof *labels);
    struct kmeans_options options = {(unsigned)count_at(5), (unsigned)count_at(6), count_at(7), (unsigned)count_at(8)};
    struct kmeans fit;
    kmeans_fit(points, n, d, &options, &fit, labels);
    add_fit(points, n, &fit, labels);
    free(labels);
    free(points);
}

static void run_silhouette(size_t n, unsigned d)
{
    float *points = bytes_at(2, n * d * sizeof *points);
    uint32_t *labels = bytes_at(5, n * sizeof *labels);
    struct silhouette s = {.labels = labels, .k = (unsigned)count_at(6)};
    silhouette_compute(points, n, d, &s, 1, 1, (unsigned)count_at(7));
    double queries = (double)s.queries;
    add_doubles("mean", &s.mean, 1);
    add_doubles("negative", &s.negative_share, 1);
    add_doubles("by_cluster", s.by_cluster, s.k);
    add_doubles("queries", &queries, 1);
    free(labels);
    free(points);
}

/* FILE and the file behind D hold labels; D is how many there may be. */
static void run_agreement(size_t n, unsigned d)
{
    uint32_t *a = bytes_at(2, n * sizeof *a), *b = bytes_at(5, n * sizeof *b);
    struct agreement *agreement = vg_alloc(sizeof *agreement);
    agreement_count(agreement, a, d, b, d, n);
    double rand = agreement_rand(agreement), information = agreement_information(agreement);
    add_doubles("rand", &rand, 1);
    add_doubles("information", &information, 1);
    free(agreement);
    free(b);
    free(a);
}

/* n rows of costs for d columns. */
static void run_assignment(size_t n, unsigned d)
{
    double *cost = bytes_at(2, n * d * sizeof *cost);
    uint32_t column_of[AGREEMENT_LABELS_MAX];
    assign_rows(cost, (unsigned)n, d, column_of);
    add_labels("columns", column_of, n);
    free(cost);
}

static void run_neighbours(size_t n, unsigned d)
{
    float *points = bytes_at(2, n * d * sizeof *points);
    unsigned k = (unsigned)count_at(5), every = (unsigned)count_at(6); /* asks for every so many-th point */
    size_t queries = (n + every - 1) / every;
    uint32_t *numbers = vg_alloc(queries * sizeof *numbers), *ids = vg_alloc(queries * k * sizeof *ids);
    float *squared = vg_alloc(queries * k * sizeof *squared);
    for (size_t i = 0; i < queries; i++)
        numbers[i] = (uint32_t)(i * every);
    neighbours_find(points, n, d, every > 1 ? numbers : NULL, queries, k, (unsigned)count_at(7), ids, squared);
    add_labels("ids", ids, queries * k);
    free(squared);
    free(ids);
    free(numbers);
    free(points);
}

static void run_graph(size_t n, unsigned d)
{
    float *points = bytes_at(2, n * d * sizeof *points);
    struct umap_graph graph;
    umap_graph_make(points, n, d, (unsigned)count_at(5), (unsigned)count_at(6), &graph);
    uint32_t *from = vg_alloc((graph.first[n] + 1) * sizeof *from), *to = vg_alloc((graph.first[n] + 1) * sizeof *to);
    double *weights = vg_alloc((graph.first[n] + 1) * sizeof *weights);
    for (size_t i = 0; i < n; i++)
        for (size_t e = graph.first[i]; e < graph.first[i + 1]; e++)
            from[e] = (uint32_t)i, to[e] = graph.edges[e].to, weights[e] = graph.edges[e].weight * 0x1p-32;
    add_labels("from", from, graph.first[n]);
    add_labels("to", to, graph.first[n]);
    add_doubles("weights", weights, graph.first[n]);
    free(weights);
    free(to);
    free(from);
    umap_graph_release(&graph);
    free(points);
}

static void run_map(size_t n, unsigned d)
{
    float *points = bytes_at(2, n * d * sizeof *points);
    struct umap_options options = {.keep = count_at(5), .seed = 1, .threads = (unsigned)count_at(6)};
    struct umap_place *places = vg_alloc((n + 1) * sizeof *places), *before = NULL;
    double *numbers = vg_alloc((2 * n + 1) * sizeof *numbers);
    if (word_count > 7) options.before = before = bytes_at(7, n * sizeof *before);
    umap_lay_out(points, n, d, &options, places);
    struct map_quality quality = map_quality_of(points, n, d, places, options.threads);
    for (size_t i = 0; i < n; i++)
        numbers[2 * i] = (double)places[i].x, numbers[2 * i + 1] = (double)places[i].y;
    add_doubles("places", numbers, 2 * n);
    add_doubles("trustworthiness", &quality.trustworthiness, 1);
    add_doubles("continuity", &quality.continuity, 1);
    add_doubles("preserved", &quality.preserved, 1);
    free(before);
    free(numbers);
    free(places);
    free(points);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(size_t n, unsigned d);
    } commands[] = {
        {"standardise", run_standardise}, /* TAILS THREADS */
        {"pca", run_pca},                 /* THREADS */
        {"kmeans", run_kmeans},           /* K RESTARTS SEED THREADS */
        {"silhouette", run_silhouette},   /* LABELS K THREADS */
        {"agreement", run_agreement},     /* LABELS */
        {"assignment", run_assignment},
        {"neighbours", run_neighbours}, /* K EVERY THREADS */
        {"graph", run_graph},           /* EPOCHS THREADS */
        {"map", run_map},               /* KEEP THREADS [PLACES] */
    };
    words = argv;
    word_count = argc;
    bool found = false;
    vg_buf_addc(&out, '{');
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (argc > 1 && strcmp(argv[1], commands[i].name) == 0) {
            commands[i].run(count_at(3), (unsigned)count_at(4));
            found = true;
        }
    vg_buf_adds(&out, "}\n");
    fwrite(out.data, 1, out.len, stdout);
    vg_buf_release(&out);
    return found ? 0 : 2;
}
