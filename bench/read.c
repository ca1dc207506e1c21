/* read.c: how fast a lake's fills become columns: one line per reader.
 *
 *     bench_read LAKE [ROUNDS]
 *
 * "own" is parquet_read, "duckdb" DuckDB; both hand out the columns that features are made of, on one thread.
 * Medians of CPU time, which the first round warms up for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "analyze/fill_row.h"
#include "lake/part_read.h"

static void fail(const vg_err *err)
{
    fprintf(stderr, "bench_read: %s\n", err->msg);
    exit(1);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A condition that always holds takes DuckDB's road. */
static uint64_t read_all(const struct lake *lake, const struct part_list *parts, const char *condition)
{
    vg_err err = {0};
    struct part_reader *reader;
    struct fill_batch batch = {.n = 1};
    uint64_t rows = 0;
    struct read_options options = {
        .parts = parts, .columns = fill_row_columns(), .condition = condition, .order = READ_AS_STORED, .threads = 1};
    if (part_reader_new(&reader, lake, &options, &err)) fail(&err);
    while (batch.n) {
        if (part_reader_next(reader, &batch, &err)) fail(&err);
        rows += batch.n;
    }
    part_reader_free(reader);
    return rows;
}

static void measure(const char *what, const struct lake *lake, const char *condition, int rounds)
{
    double seconds[64];
    uint64_t rows = 0;
    struct part_list parts;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    read_all(lake, &parts, condition);
    for (int round = 0; round < rounds; round++) {
        double start = cpu_seconds();
        rows = read_all(lake, &parts, condition);
        seconds[round] = cpu_seconds() - start;
    }
    part_list_release(&parts);
    qsort(seconds, (size_t)rounds, sizeof *seconds, compare);
    double median = seconds[rounds / 2];
    printf("%-6s %8.3f s CPU per 1 M rows  (%llu rows, median of %d: %.3f s)\n", what, median / (double)rows * 1e6,
           (unsigned long long)rows, rounds, median);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: bench_read LAKE [ROUNDS]\n", stderr);
        return 2;
    }
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    if (rounds < 1 || rounds > 64) rounds = 5;
    struct lake lake;
    vg_err err = {0};
    if (lake_open(&lake, argv[1], LAKE_READ, &err)) fail(&err);
    measure("own", &lake, NULL, rounds);
    measure("duckdb", &lake, "true", rounds);
    lake_close(&lake);
    return 0;
}
