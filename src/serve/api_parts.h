/* api_parts.h: what the API is made of. Private to api*.c, call.c and answer_service.c. */
#ifndef VIGIL_SERVE_API_PARTS_H
#define VIGIL_SERVE_API_PARTS_H

#include <stdatomic.h>

#include "serve/access_log.h"
#include "serve/api_call.h"
#include "serve/api_keys.h"
#include "serve/metrics.h"
#include "serve/rate_limit.h"

struct api {
    struct api_options options;
    struct store *store;
    struct publisher *publisher;
    struct event_hub *hub;
    struct web_server *_Atomic server; /* NULL before it runs: requests may come before it is told */
    struct api_keys *keys;             /* NULL: everybody may ask */
    struct rate_limit *limit;          /* NULL: as often as they like */
    struct access_log *log;            /* NULL: none */
    struct metrics *metrics;
    const char **route_names;
    vg_buf openapi;
    _Atomic uint64_t store_errors;
};

#define ALLOWED_METHODS "GET, HEAD, OPTIONS"

/* Finds the route and checks everything. True: answered. False: the route's handler has the word. */
bool api_check(struct api_call *call);

/* Answers with 304 when the client has the answer to this question from this version of the data. */
bool api_is_unchanged(struct api_call *call, uint64_t version);

/* Adds what all answers have. */
void api_finish(struct api_call *call);

#endif
