/* Times the parts of `vigil cluster` on a matrix: bench/learn.sh.
 *
 *     bench_learn FILE N D THREADS PLACES     FILE: n rows of d floats; the map's places go to PLACES as floats
 *
 * A line a part: its name, CPU seconds of all threads, seconds by the clock, a figure of its result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analyze/map_quality.h"
#include "analyze/neighbours.h"
#include "analyze/silhouette.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"

static struct timespec cpu_before;
static int64_t clock_before;

static void begin(void)
{
    clock_before = vg_clock_ns();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_before);
}

static void end(const char *name, double figure)
{
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    double seconds = (double)(cpu.tv_sec - cpu_before.tv_sec) + 1e-9 * (double)(cpu.tv_nsec - cpu_before.tv_nsec);
    printf("%s %.4f %.4f %.9g\n", name, seconds, 1e-9 * (double)(vg_clock_ns() - clock_before), figure);
}

int main(int argc, char **argv)
{
    uint64_t n, d, threads;
    vg_buf bytes = {0};
    vg_err err;
    if (argc != 6 || !number_count(vg_slice_of(argv[2]), &n) || !number_count(vg_slice_of(argv[3]), &d) ||
        !number_count(vg_slice_of(argv[4]), &threads) || file_read_all(argv[1], (size_t)1 << 33, &bytes, &err) ||
        bytes.len != n * d * sizeof(float)) {
        fprintf(stderr, "usage: bench_learn FILE N D THREADS PLACES, FILE of N × D floats\n");
        return 2;
    }
    const float *points = (const float *)(const void *)bytes.data;
    unsigned columns = (unsigned)d, workers = (unsigned)threads;
    uint32_t *labels = vg_alloc(n * sizeof *labels), *ids = vg_alloc(n * 15 * sizeof *ids);
    float *squared = vg_alloc(n * 15 * sizeof *squared);
    struct umap_place *places = vg_alloc(n * sizeof *places);
    struct kmeans fit;
    begin();
    kmeans_fit(points, n, columns, &(struct kmeans_options){6, 10, 1, workers}, &fit, labels);
    end("kmeans", fit.inertia);
    struct silhouette silhouette = {.labels = labels, .k = 6};
    begin();
    silhouette_compute(points, n, columns, &silhouette, 1, 1, workers);
    end("silhouette", silhouette.mean);
    begin();
    neighbours_find(points, n, columns, NULL, n, 15, workers, ids, squared);
    end("neighbours", (double)squared[14]);
    begin();
    umap_lay_out(points, n, columns, &(struct umap_options){.seed = 1, .threads = workers}, places);
    end("umap", (double)places[0].x);
    begin();
    struct map_quality quality = map_quality_of(points, n, columns, places, workers);
    end("quality", quality.trustworthiness);
    FILE *out = fopen(argv[5], "wb");
    if (!out || fwrite(places, sizeof *places, n, out) != n || fclose(out)) return 1;
    free(places);
    free(squared);
    free(ids);
    free(labels);
    vg_buf_release(&bytes);
    return 0;
}
