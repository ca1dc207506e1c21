/* parse.c: how fast bytes become fills, without sorting or writing: one line per measure.
 *
 *     bench_parse FILE.lz4 [ROUNDS]
 *
 * "lz4" decodes the compressed object, "text" the same lines from memory. Medians of user CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "ingest/decode.h"

static vg_code take_fill(void *ctx, const struct fill *fill, vg_err *err)
{
    (void)err;
    *(uint64_t *)ctx += (uint64_t)fill->price; /* so that nothing is optimised away */
    return VG_OK;
}

static vg_code take_block(void *ctx, const struct block *block, vg_err *err)
{
    (void)err;
    *(uint64_t *)ctx += block->digest;
    return VG_OK;
}

static vg_code take_refusal(void *ctx, const struct refusal *refusal, vg_err *err)
{
    (void)ctx;
    return vg_fail(err, VG_EPARSE, "line %llu: %s", (unsigned long long)refusal->line, refusal->reason);
}

struct memory {
    vg_buf bytes;
    size_t at;
};

static vg_code memory_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    (void)err;
    struct memory *memory = state;
    size_t left = memory->bytes.len - memory->at;
    *n = left < room ? left : room;
    memcpy(bytes, memory->bytes.data + memory->at, *n);
    memory->at += *n;
    return VG_OK;
}

static void fail(const vg_err *err)
{
    fprintf(stderr, "bench_parse: %s\n", err->msg);
    exit(1);
}

static void load(const char *path, bool decoded, struct memory *memory)
{
    vg_err err = {0};
    struct object object;
    struct stream stream;
    object_init(&object, path);
    if (source_files_open(&object, &stream, &err)) fail(&err);
    struct lines *lines = lines_new(&stream, path);
    struct line line;
    char bytes[65536];
    size_t n = 1;
    for (bool more = true; decoded;) {
        if (lines_next(lines, &line, &more, &err)) fail(&err);
        if (!more) break;
        vg_buf_add(&memory->bytes, line.text.p, line.text.n);
        vg_buf_addc(&memory->bytes, '\n');
    }
    while (!decoded && n > 0) {
        if (stream_read(&stream, bytes, sizeof bytes, &n, &err)) fail(&err);
        vg_buf_add(&memory->bytes, bytes, n);
    }
    lines_free(lines);
    stream_close(&stream);
    struct object_list one = {vg_alloc(sizeof object), 1};
    one.items[0] = object;
    object_list_release(&one);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *what, const char *name, struct memory *memory, int rounds)
{
    double seconds[64];
    uint64_t sum = 0, fills = 0, text = 0;
    for (int round = 0; round < rounds; round++) {
        struct stream stream = {memory, memory_read, NULL};
        struct decode_sink sink = {&sum, take_fill, take_block, take_refusal, NULL, NULL};
        struct decode_stats stats;
        vg_err err = {0};
        memory->at = 0;
        double start = cpu_seconds();
        if (decode_object(&stream, name, &sink, &stats, &err)) fail(&err);
        seconds[round] = cpu_seconds() - start;
        fills = stats.fills;
        text = stats.bytes_out;
    }
    qsort(seconds, (size_t)rounds, sizeof *seconds, compare);
    double median = seconds[rounds / 2];
    printf("%-5s %8.2f M fills/s  %7.0f MB/s of JSON  (%llu fills, median of %d: %.3f s CPU)\n", what,
           (double)fills / median / 1e6, (double)text / median / 1e6, (unsigned long long)fills, rounds, median);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: bench_parse FILE.lz4 [ROUNDS]\n", stderr);
        return 2;
    }
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    if (rounds < 1 || rounds > 64) rounds = 5;
    struct memory packed = {0}, text = {0};
    load(argv[1], false, &packed);
    load(argv[1], true, &text);
    measure("lz4", argv[1], &packed, rounds);
    measure("text", "text", &text, rounds);
    vg_buf_release(&packed.bytes);
    vg_buf_release(&text.bytes);
    return 0;
}
