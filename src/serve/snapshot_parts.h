/* snapshot_parts.h: what a snapshot is made of. Private to snapshot*.c. */
#ifndef VIGIL_SERVE_SNAPSHOT_PARTS_H
#define VIGIL_SERVE_SNAPSHOT_PARTS_H

#include <stdatomic.h>

#include "base/arena.h"
#include "serve/snapshot.h"
#include "serve/snapshot_clusters.h"
#include "serve/snapshot_profiles.h"

struct snapshot {
    atomic_size_t references;
    int64_t built_ns;
    struct store_coverage coverage;
    vg_buf coverage_json;
    struct trader_index *traders;
    struct snapshot_profiles profiles;
    struct snapshot_clusters clusters;
    struct asset *assets;
    size_t asset_count;
    struct market_day *days;
    size_t day_count;
    struct arena texts; /* of verdicts and assets */
    size_t text_bytes;
};

#endif
