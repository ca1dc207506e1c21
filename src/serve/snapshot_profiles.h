/* snapshot_profiles.h: what is answered about one trader, printed when it is first asked for, and kept.
 *
 * Printing takes some 30 µs and a text 4 KiB: most traders are never asked for, and those who are, often.
 * Private to snapshot*.c.
 */
#ifndef VIGIL_SERVE_SNAPSHOT_PROFILES_H
#define VIGIL_SERVE_SNAPSHOT_PROFILES_H

#include <stdatomic.h>

#include "analyze/classes.h"
#include "base/buf.h"

struct profile_text {
    vg_slice answer; /* of /traders/{address} */
    vg_slice row;    /* the trader's row within it */
};

/* Zeroed struct = of nobody. */
struct snapshot_profiles {
    uint32_t count;
    vg_slice *verdicts;                  /* by trader and profile of rules: a JSON object each, the owner's */
    struct profile_text *_Atomic *texts; /* by trader; NULL: not yet */
    atomic_size_t text_bytes;
};

void snapshot_profiles_begin(struct snapshot_profiles *profiles, uint32_t traders);
void snapshot_profiles_release(struct snapshot_profiles *profiles);

/* A trader's class by a profile of rules, as a JSON object that lives as long as the profiles do. */
void snapshot_profiles_judge(struct snapshot_profiles *profiles, uint32_t trader, enum class_profile profile,
                             vg_slice verdict);

struct snapshot;

/* The trader's texts; any thread. They live as long as the snapshot. */
const struct profile_text *snapshot_profiles_of(struct snapshot *snapshot, uint32_t trader);

size_t snapshot_profiles_bytes(const struct snapshot_profiles *profiles);

#endif
