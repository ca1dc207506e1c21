/* decode.h: one object into blocks and fills, in the order of its lines.
 *
 * Every form of the exchange's fill files is recognised line by line: block lines, their streaming
 * form (a block spread over lines), legacy lines and trade lines. Lines and events that cannot be
 * taken are handed to `refused` with their place and reason; everything else goes on.
 *
 * A block number seen before is a duplicate if its events are the same, and dropped; with other
 * events it is refused: the first stays.
 */
#ifndef VIGIL_INGEST_DECODE_H
#define VIGIL_INGEST_DECODE_H

#include "ingest/lines.h"
#include "model/fill.h"

/* Something that was not taken. Slices live until the callback returns. */
struct refusal {
    uint64_t line, offset; /* 1 is the first line; offset of the line in the decoded text */
    int64_t event;         /* index in the block, or -1: the whole line */
    const char *reason;
    vg_slice bytes;  /* the event, or the line (its beginning if it was too long) */
    uint64_t length; /* full length of what was refused */
};

struct decode_sink {
    void *ctx;
    vg_code (*fill)(void *ctx, const struct fill *fill, vg_err *err);
    vg_code (*block)(void *ctx, const struct block *block, vg_err *err);
    vg_code (*refused)(void *ctx, const struct refusal *refusal, vg_err *err);
    /* Whether the lake has the block from another object, and the digest of its events; may be NULL. */
    vg_code (*known)(void *ctx, int64_t block_number, bool *found, uint64_t *digest, vg_err *err);
    /* Now and then: bytes read and fills made since the last call; a failure ends the work. May be NULL. */
    vg_code (*progress)(void *ctx, uint64_t bytes_in, uint64_t fills, vg_err *err);
};

struct decode_stats {
    uint64_t lines, lines_fast, lines_strict, lines_empty; /* fast: no event of it needed the strict reader */
    uint64_t fills, blocks, empty_blocks, duplicate_blocks, refused;
    uint64_t unknown_line_keys; /* members beside the four of a block line: not kept */
    uint64_t bytes_in, bytes_out;
    uint64_t lines_of[4];                /* by form: block, streaming, legacy, trade */
    int64_t first_block, last_block;     /* smallest and largest; first > last: none */
    int64_t first_time_ns, last_time_ns; /* of blocks, or fills where there are no blocks */
    bool has_surrogates, has_blocks;     /* rows without and with real block numbers */
    uint8_t etag[16];                    /* XXH3-128 of the object's bytes as stored */
};

/* At most this many distinct blocks in one object: more than a day of the exchange has. */
#define DECODE_MAX_BLOCKS (3u << 19)

/* Reads the whole stream. Fails for I/O errors, damaged or cut LZ4, limits, and what the sink says;
 * bad lines are no failure. */
VG_MUST_USE vg_code decode_object(struct stream *stream, const char *name, const struct decode_sink *sink,
                                  struct decode_stats *stats, vg_err *err);

/* The hash that decode_stats.etag holds, without decoding. */
VG_MUST_USE vg_code decode_etag(struct stream *stream, uint8_t etag[16], vg_err *err);

#endif
