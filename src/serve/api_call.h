/* api_call.h: one request on its way through the API: what handlers see. Private to src/serve.
 *
 * Handlers find checked arguments here and fill `response`. Text of the client other than arguments is not theirs.
 */
#ifndef VIGIL_SERVE_API_CALL_H
#define VIGIL_SERVE_API_CALL_H

#include "serve/accept.h"
#include "serve/api.h"
#include "serve/problem.h"
#include "serve/publisher.h"
#include "serve/query_string.h"
#include "serve/request_path.h"
#include "serve/route.h"

struct api_call {
    struct api *api;
    const struct web_request *request;
    struct web_response *response;
    const struct route *route; /* NULL: no such path */
    struct request_path path;
    struct query_string query;
    struct argument arguments[ROUTE_PARAMETERS];
    bool understood; /* the query's parameters were all known and well formed */
    enum media media;
    bool gzip;
    const char *key;           /* name of the client's key */
    struct snapshot *snapshot; /* held until the call is done; NULL: none yet */
    uint64_t version;          /* of the data that the answer rests on: for the ETag */
};

/* The argument of a parameter that the route has. */
const struct argument *call_argument(const struct api_call *call, const char *name);

/* A digest of everything that is asked but the place in the list: for cursors. */
uint64_t call_question(const struct api_call *call);

/* The answers. */
void call_json(struct api_call *call); /* status 200; the body is response->body */
void call_not_found(struct api_call *call, const char *what, const char *name);
void call_bad_argument(struct api_call *call, const char *parameter, const char *detail);
void call_failed(struct api_call *call, const vg_err *err); /* told on stderr, too */

struct store *call_store(const struct api_call *call);
const atomic_bool *call_cancelled(const struct api_call *call); /* NULL, or becomes true when the server ends */
struct event_hub *call_hub(const struct api_call *call);

/* Begins `{"coverage":…` in response->body. */
void call_begin(struct api_call *call);

/* The same of what a question to the store rested on. */
void call_begin_of(struct api_call *call, const struct store_coverage *coverage);

#endif
