/* rate_limit.h: how often each client may ask: a bucket of tokens each, in a table that never grows.
 *
 * A bucket holds `burst` tokens and gains `rate` a second; a request takes one. A full bucket is the same as none, so
 * where a place is needed the fullest one of a few makes room: forgetting it favours its client least.
 */
#ifndef VIGIL_SERVE_RATE_LIMIT_H
#define VIGIL_SERVE_RATE_LIMIT_H

#include "base/buf.h"

struct rate_limit;

/* Both at least 1. */
struct rate_limit *rate_limit_new(unsigned rate, unsigned burst);
void rate_limit_free(struct rate_limit *limit);

/* 0: go on; else how many seconds until there is a token. `client`: its name, of any bytes. Any thread. */
unsigned rate_limit_take(struct rate_limit *limit, vg_slice client, int64_t now_ns);

#endif
