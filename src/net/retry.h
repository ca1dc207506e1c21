/* retry.h: which failures are worth another try, and how long to wait before it.
 *
 * Waits grow exponentially with full jitter (uniform in [0, bound]), as "Exponential Backoff And Jitter" of the
 * AWS Architecture Blog advises: many clients that failed together do not come back together.
 */
#ifndef VIGIL_NET_RETRY_H
#define VIGIL_NET_RETRY_H

#include "base/buf.h"
#include "base/rng.h"

struct retry_policy {
    unsigned attempts;   /* the first one counts */
    uint32_t first_ms;   /* bound of the first wait; it doubles each time */
    uint32_t longest_ms; /* bound of any wait, and of what a server may ask for */
    uint32_t total_ms;   /* bound of all waits of one request together */
};

/* 6 attempts; waits of up to 0.2, 0.4, 0.8, 1.6, 3.2 s; never more than 20 s each or 60 s together. */
extern const struct retry_policy retry_default;

/* One request on its way. */
struct retry {
    const struct retry_policy *policy;
    struct vg_rng rng;
    unsigned failed;
    uint64_t waited_ms;
};

/* `seed` should differ between requests. */
void retry_start(struct retry *retry, const struct retry_policy *policy, uint64_t seed);

/* Whether the server may answer better next time: an HTTP status (429, 500, 502, 503, 504) or the code of an
 * error document (SlowDown, RequestTimeout, …). */
bool retry_status(int status);
bool retry_code(vg_slice code);

/* Notes a failure. True: wait *delay_ms, at least what the server asked for (`asked_ms`, 0: nothing), then try
 * again. False: attempts or time are used up, or the server asks for more than the longest wait. */
bool retry_next(struct retry *retry, uint64_t asked_ms, uint32_t *delay_ms);

/* The work went on before it failed: attempts and time count from here. */
void retry_progress(struct retry *retry);

/* Sleeps; VG_ECANCEL as soon as vg_cancelled(). */
VG_MUST_USE vg_code retry_wait(uint32_t delay_ms, vg_err *err);

#endif
