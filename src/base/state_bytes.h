/* state_bytes.h: plain structs and arrays to bytes and back, for checkpoints that the same build reads again.
 *
 * Where the bytes go and come from is the caller's. Structs of whole 64-bit words are packed (words.h).
 */
#ifndef VIGIL_BASE_STATE_BYTES_H
#define VIGIL_BASE_STATE_BYTES_H

#include "base/buf.h"

struct state_writer {
    void *ctx;
    vg_code (*write)(void *ctx, const void *bytes, size_t n, vg_err *err);
};

/* Gives n bytes or fails: VG_EPARSE when there are fewer. */
struct state_reader {
    void *ctx;
    vg_code (*read)(void *ctx, void *bytes, size_t n, vg_err *err);
    uint64_t left; /* bytes at most, so that a damaged number asks for no absurd memory */
};

/* Whether bytes that were read make a bool at all. */
static inline bool state_is_bool(const bool *value)
{
    unsigned char byte;
    memcpy(&byte, value, 1);
    return byte <= 1;
}

/* Bounds of what a sound state holds: a few such sums add up without overflow; the lake has microseconds. */
#define STATE_SUM_LIMIT ((__int128)1 << 125)
#define STATE_MS_LIMIT (INT64_MAX / 1000)
static inline bool state_is_sum(__int128 value) { return value > -STATE_SUM_LIMIT && value < STATE_SUM_LIMIT; }
static inline bool state_is_ms(int64_t ms) { return ms >= -STATE_MS_LIMIT && ms <= STATE_MS_LIMIT; }

/* n bytes as they are. */
VG_MUST_USE vg_code state_put(const struct state_writer *out, const void *bytes, size_t n, vg_err *err);

/* A struct whose size is a multiple of 8, packed. */
VG_MUST_USE vg_code state_put_struct(const struct state_writer *out, const void *item, size_t size, vg_err *err);

/* The number of items, then the items: packed where their size is a multiple of 8. */
VG_MUST_USE vg_code state_put_array(const struct state_writer *out, const void *items, size_t count, size_t size,
                                    vg_err *err);

VG_MUST_USE vg_code state_take(struct state_reader *in, void *bytes, size_t n, vg_err *err);

VG_MUST_USE vg_code state_take_struct(struct state_reader *in, void *item, size_t size, vg_err *err);

/* *items is allocated, the caller's to free, and NULL when there are none or it fails. */
VG_MUST_USE vg_code state_take_array(struct state_reader *in, void **items, size_t *count, size_t size, vg_err *err);

#endif
