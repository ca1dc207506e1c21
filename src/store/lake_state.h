/* lake_state.h: one state of a lake: what its records named when they were read. Private to src/store.
 *
 * A state never changes; questions on their way keep the one they began with while a newer one is there.
 */
#ifndef VIGIL_STORE_LAKE_STATE_H
#define VIGIL_STORE_LAKE_STATE_H

#include <stdatomic.h>

#include "lake/feature_files.h"
#include "store/store.h"

/* A part of the fills, and the bounds of its rows' block times and numbers. */
struct timed_part {
    const struct part *part;
    int64_t from_ns, to_ns;
    int64_t first_block, last_block;
};

struct lake_state {
    atomic_uint users;
    uint64_t stamp;
    int64_t read_ns; /* vg_clock_ns() */
    struct lake lake;
    struct feature_files files;
    struct store_coverage coverage;
    struct timed_part *parts; /* of fills, the oldest first */
    size_t part_count;
    vg_buf from[FEATURE_TABLES]; /* what follows FROM in a statement */
};

/* The state that the lake is in now, with one user. */
VG_MUST_USE vg_code lake_state_read(const char *name, struct lake_state **state, vg_err *err);

/* Whether the records may be other ones by now. */
bool lake_state_is_old(const struct lake_state *state);

void lake_state_release(struct lake_state *state); /* one user less; the last frees it; NULL is fine */

#endif
