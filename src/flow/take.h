/* take.h: the road of one object into the lake: decoded, sorted, written, committed.
 *
 * What cannot be decoded or written leaves the lake as it was.
 */
#ifndef VIGIL_FLOW_TAKE_H
#define VIGIL_FLOW_TAKE_H

#include <pthread.h>

#include "base/progress.h"
#include "flow/claims.h"
#include "ingest/decode.h"
#include "ingest/sources.h"
#include "lake/lake.h"

/* Memory per taker: 64 MiB of packed rows and their index, DuckDB's row group, and the longest line. */
#define TAKE_RUN_BYTES (64u << 20)

/* What all objects of a run have in common. */
struct take_common {
    struct lake lake;      /* open for writing */
    pthread_mutex_t mutex; /* guards lake.manifest while objects are taken in parallel */
    struct claims *claims; /* of new objects */
    struct sources *sources;
    const char *keep_raw; /* folder, or NULL */
    struct vg_progress *progress;
};

struct taker; /* what is needed for one object after another; one a thread */

struct taker *taker_new(struct take_common *common);
void taker_free(struct taker *taker);

/* Takes an object that the lake has a record of, in its place. No other object may be on its way. */
VG_MUST_USE vg_code take_again(struct taker *taker, const struct object *object, struct decode_stats *stats,
                               vg_err *err);

/* Takes an object that is new to the lake, the `turn`th of common->claims; the caller settles its claim. */
VG_MUST_USE vg_code take_new(struct taker *taker, const struct object *object, size_t turn, struct decode_stats *stats,
                             vg_err *err);

/* The etag that the object's record would have. */
VG_MUST_USE vg_code take_etag(const struct sources *sources, const struct object *object, char etag[40], vg_err *err);

#endif
