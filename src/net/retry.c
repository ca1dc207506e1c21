#include "net/retry.h"

#include <time.h>

#include "base/pool.h"

const struct retry_policy retry_default = {.attempts = 6, .first_ms = 200, .longest_ms = 20000, .total_ms = 60000};

void retry_start(struct retry *retry, const struct retry_policy *policy, uint64_t seed)
{
    *retry = (struct retry){.policy = policy};
    vg_rng_init(&retry->rng, seed);
}

bool retry_status(int status)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool retry_code(vg_slice code)
{
    static const char *const codes[] = {
        "SlowDown",   "RequestTimeout",      "InternalError",        "ServiceUnavailable",         "OperationAborted",
        "Throttling", "ThrottlingException", "RequestLimitExceeded", "ConditionalRequestConflict",
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (vg_slice_is(code, codes[i])) return true;
    return false;
}

bool retry_next(struct retry *retry, uint64_t asked_ms, uint32_t *delay_ms)
{
    const struct retry_policy *policy = retry->policy;
    if (++retry->failed >= policy->attempts || asked_ms > policy->longest_ms) return false;
    unsigned doublings = retry->failed - 1;
    uint64_t bound = doublings < 32 ? (uint64_t)policy->first_ms << doublings : policy->longest_ms;
    if (bound > policy->longest_ms) bound = policy->longest_ms;
    uint64_t delay = vg_rng_below(&retry->rng, bound + 1);
    if (delay < asked_ms) delay = asked_ms;
    if (retry->waited_ms + delay > policy->total_ms) return false;
    retry->waited_ms += delay;
    *delay_ms = (uint32_t)delay;
    return true;
}

void retry_progress(struct retry *retry)
{
    retry->failed = 0;
    retry->waited_ms = 0;
}

vg_code retry_wait(uint32_t delay_ms, vg_err *err)
{
    while (delay_ms > 0 && !vg_cancelled()) {
        uint32_t step_ms = delay_ms < 100 ? delay_ms : 100;
        struct timespec step = {.tv_nsec = (long)step_ms * 1000000};
        nanosleep(&step, NULL);
        delay_ms -= step_ms;
    }
    return vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request") : VG_OK;
}
