/* api_parts.h: what the API is made of. Private to api.c, call.c and answer_service.c. */
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
    struct web_server *server; /* NULL before it runs */
    struct api_keys *keys;     /* NULL: everybody may ask */
    struct rate_limit *limit;  /* NULL: as often as they like */
    struct access_log *log;    /* NULL: none */
    struct metrics *metrics;
    const char **route_names;
    vg_buf openapi;
    _Atomic uint64_t store_errors;
};

#endif
