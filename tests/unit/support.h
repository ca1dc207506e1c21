/* support.h: what several unit tests share: cmocka, streams over memory, sample lines, random fills. */
#ifndef VIGIL_TESTS_SUPPORT_H
#define VIGIL_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/state_bytes.h"
#include "ingest/decode.h"
#include "ingest/fill_read.h"
#include "lake/lake.h"
#include "model/fill_batch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Slices compare by bytes; a mismatch prints both. */
void assert_slice(vg_slice got, vg_slice wanted);
#define assert_slice_is(got, text) assert_slice(got, vg_slice_of(text))

/* Everything that `has` says is there is the same; where they are in the block counts only with `place`. */
void assert_fills_equal(const struct fill *a, const struct fill *b, bool place);

/* A decimal that is written as it should be. */
vg_dec dec(const char *text);

/* Floating-point figures agree to 1 part in 10^12, or are both NAN. */
void assert_near(double got, double wanted);

/* States to memory and back. The reader fails after `fails_after` bytes where that is not 0. */
struct state_memory {
    vg_buf bytes;
    size_t at, fails_after;
};
struct state_writer state_memory_writer(struct state_memory *memory);
struct state_reader state_memory_reader(struct state_memory *memory);

/* A stream over bytes that hands out at most `chunk` bytes a call (0: as many as wanted). */
struct memory {
    vg_slice bytes;
    size_t at, chunk;
};
struct stream memory_stream(struct memory *memory);

/* One LZ4 frame with a content checksum. */
void add_lz4_frame(vg_buf *out, vg_slice text);

/* A whole file below tests/data/real; LZ4 is decoded, by liblz4 alone. */
vg_buf read_sample(const char *name);
extern const char *const block_samples[3];  /* block and streaming lines */
extern const char *const legacy_samples[4]; /* one event a line */

/* Steps through the lines of a text: false at the end. */
bool next_line(vg_slice *rest, vg_slice *line);

/* The events of a line that is known to be good, as texts; the caller frees. */
vg_slice *line_events(vg_slice line, size_t *n);

/* A copy of the text with '\n' and slack behind it, as fill_scan wants it; lives until the next call. */
vg_slice with_slack(vg_slice text);

/* Copies a fill with its texts into the arena. */
struct fill keep_fill(struct arena *arena, const struct fill *fill);

/* A fill with random content under a random `has`; texts are UTF-8, in the arena. */
struct fill random_fill(struct vg_rng *rng, struct arena *arena);

/* A good event as the exchange writes it, with this order id. */
void add_event(vg_buf *out, uint64_t order_id);
void add_block_head(vg_buf *out, int64_t number);
/* A block line of `events` events with ids from `first_id`, with its newline. */
void add_block_line(vg_buf *out, int64_t number, unsigned events, uint64_t first_id);

/* Keeps all that decode_object hands on. */
struct recorder {
    struct arena arena;
    struct fill *fills;
    struct block *blocks;
    struct kept_refusal {
        uint64_t line, offset, length;
        int64_t event;
        char *reason;
        vg_slice bytes;
    } * refusals;
    size_t fill_count, block_count, refusal_count;
    uint64_t progress_bytes, progress_fills;
    /* what `known` answers: blocks in [known_from, known_to] with known_digest */
    int64_t known_from, known_to;
    uint64_t known_digest;
    struct decode_stats stats;
    vg_err err;
};
vg_code record(struct recorder *recorder, const char *name, vg_slice bytes, size_t chunk);
void recorder_release(struct recorder *recorder);

/* A new folder in /tmp; remove_tree removes it and frees the name. */
char *new_folder(void);
void remove_tree(char *path);

/* An empty lake in a new folder. */
struct lake_world {
    struct lake lake;
    char *root;
    struct arena arena;
    vg_err err;
};
int lake_set_up(void **state);
int lake_tear_down(void **state);

/* A perp fill of 2026-03-15 at price 10.0 and size 2.0; `user` is the byte that the address repeats. */
struct fill plain_fill(int64_t block, uint32_t event, int user, bool is_buy, bool is_taker, int64_t trade_id);

/* Commits fills of one day, in block order, and their blocks as the object `stem`. */
void commit_object(struct lake_world *world, const char *stem, const struct fill *fills, size_t n);

/* Changes one byte of a file below the lake. */
void damage(struct lake_world *world, const char *relative);

/* Columns of fills, as a reader of the lake hands them out. */
struct made_batch {
    struct fill_batch batch;
    struct arena arena;
};
void make_batch(struct made_batch *made, const struct fill *fills, size_t n);

#endif
