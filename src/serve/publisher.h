/* publisher.h: the snapshot in use, kept up to date by a thread of its own.
 *
 * The thread asks the store for its version now and then; when there is a new one it builds a snapshot, puts it in the
 * place of the old, and tells everybody who listens (event `published`). What fails is told on stderr once for each
 * failure, and tried again at the next time.
 */
#ifndef VIGIL_SERVE_PUBLISHER_H
#define VIGIL_SERVE_PUBLISHER_H

#include "serve/event_hub.h"
#include "serve/snapshot.h"

struct publisher;
struct publisher *publisher_start(struct store *store, struct event_hub *hub, uint32_t every_ms);
void publisher_stop(struct publisher *publisher); /* gives up on a snapshot that is being built */

/* The snapshot in use, held for the caller; NULL: none yet. */
struct snapshot *publisher_snapshot(struct publisher *publisher);

/* Returns when the first attempt is over, whether it succeeded or not. */
void publisher_wait(struct publisher *publisher);

struct publisher_status {
    bool store_works; /* the last attempt to read it succeeded */
    uint64_t published, failures;
    int64_t build_ns; /* of the last snapshot */
};
void publisher_status(struct publisher *publisher, struct publisher_status *status);

#endif
