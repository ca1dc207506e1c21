/* state_bytes.h: plain arrays to bytes and back, for checkpoints that the same build reads again.
 *
 * Where the bytes go and come from is the caller's.
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

VG_MUST_USE vg_code state_put(const struct state_writer *out, const void *bytes, size_t n, vg_err *err);

/* The number of items, then the items. */
VG_MUST_USE vg_code state_put_array(const struct state_writer *out, const void *items, size_t count, size_t size,
                                    vg_err *err);

VG_MUST_USE vg_code state_take(struct state_reader *in, void *bytes, size_t n, vg_err *err);

/* *items is allocated, the caller's to free, and NULL when there are none or it fails. */
VG_MUST_USE vg_code state_take_array(struct state_reader *in, void **items, size_t *count, size_t size, vg_err *err);

#endif
