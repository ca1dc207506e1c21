/* problem.h: answers that say what went wrong: application/problem+json (RFC 9457).
 *
 *     {"type":"/docs#bad-request","title":"Bad request","status":400,"detail":"limit: …","instance":"/traders",
 *      "parameter":"limit","allowed":"a whole number from 1 to 1000"}
 */
#ifndef VIGIL_SERVE_PROBLEM_H
#define VIGIL_SERVE_PROBLEM_H

#include "serve/web_server.h"

/* Every status that we refuse with. */
#define PROBLEM_STATUSES(X)                            \
    X(400, "bad-request", "Bad request")               \
    X(401, "unauthorized", "Unauthorized")             \
    X(404, "not-found", "Not found")                   \
    X(405, "method-not-allowed", "Method not allowed") \
    X(413, "content-too-large", "Content too large")   \
    X(414, "uri-too-long", "URI too long")             \
    X(429, "too-many-requests", "Too many requests")   \
    X(500, "internal-error", "Internal error")         \
    X(503, "unavailable", "Unavailable")               \
    X(504, "took-too-long", "Took too long")

struct problem {
    int status;             /* one of the above */
    const char *parameter;  /* which is wrong; NULL: none */
    const char *allowed;    /* what it may be; NULL: not said */
    unsigned retry_after_s; /* 0: not said */
};

/* Makes the response that problem; the format is the detail: what happened and what to do. */
void problem_answer(struct web_response *response, const struct web_request *request, const struct problem *problem,
                    const char *detail, ...) VG_PRINTF(4, 5);

/* The status that belongs to a failure of ours: the only place where codes become statuses. */
int problem_status(vg_code code);

#endif
