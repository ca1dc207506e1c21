#include "serve/api.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/map.h"
#include "serve/api_parts.h"
#include "serve/gzip.h"
#include "serve/openapi.h"

#define ALLOWED_METHODS "GET, HEAD, OPTIONS"

/* Pages. */

static const char waiting_page[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Vigil</title></head>\n"
    "<body><h1>Vigil</h1>\n<p>The dashboard is not part of this version yet.</p>\n"
    "<p>Programs get JSON at this address; <a href=\"/docs\">the documentation of the API</a> shows what there "
    "is.</p>\n"
    "</body></html>\n";

static void answer_page(struct api_call *call)
{
    call->response->status = 200;
    web_response_header(call->response, "Content-Type", "text/html; charset=utf-8");
    web_response_header(call->response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    vg_buf_adds(&call->response->body, waiting_page);
}

/* Checks, in their order. Each answers and returns true when it refuses. */

static bool refuse(struct api_call *call, int status, const char *detail)
{
    problem_answer(call->response, call->request, &(struct problem){.status = status}, "%s", detail);
    return true;
}

static bool is_too_large(struct api_call *call)
{
    if (call->request->body_too_large) return refuse(call, 413, "requests here need no body; this one is over 64 KiB");
    if (call->request->path.n > PATH_LIMIT) return refuse(call, 414, "a path has at most 2048 bytes");
    if (call->request->query.n > QUERY_LIMIT) return refuse(call, 414, "a query has at most 6144 bytes");
    return false;
}

/* The route of the path, which may begin with /api/v1. */
static bool has_no_route(struct api_call *call, vg_slice captured[PATH_SEGMENTS], bool *is_versioned)
{
    struct request_path *path = &call->path;
    if (vg_slice_is(call->request->path, "*") && call->request->method == WEB_OPTIONS) return false;
    if (!request_path_parse(path, call->request->path))
        return refuse(call, 400, "a path is UTF-8 in percent-encoding, has no empty parts and at most eight of them");
    *is_versioned = path->n >= 2 && vg_slice_is(path->segments[0], "api") && vg_slice_is(path->segments[1], "v1");
    for (size_t i = 0; i < route_count && !call->route; i++)
        if (path_template_match(routes[i].path, path, *is_versioned ? 2 : 0, captured)) call->route = &routes[i];
    return !call->route && refuse(call, 404, "there is nothing at this path; /docs shows what there is");
}

static bool has_wrong_method(struct api_call *call)
{
    if (call->request->method != WEB_OTHER_METHOD) return false;
    refuse(call, 405, "only " ALLOWED_METHODS " can be asked here");
    web_response_header(call->response, "Allow", ALLOWED_METHODS);
    return true;
}

/* Always the same work for a key, right or wrong. */
static bool lacks_key(struct api_call *call)
{
    vg_slice key = web_request_header(call->request, "X-API-Key");
    vg_slice authorization = web_request_header(call->request, "Authorization");
    if (!call->api->keys) return false;
    if (!key.p && authorization.n > 7 && strncasecmp(authorization.p, "Bearer ", 7) == 0)
        key = (vg_slice){authorization.p + 7, authorization.n - 7};
    if (key.p) call->key = api_keys_find(call->api->keys, key);
    return !call->key && !(call->route->flags & ROUTE_OPEN);
}

/* By key, else by address: of IPv6 by the half that one customer has. */
static bool asks_too_often(struct api_call *call)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *address = call->request->client_address;
    if (!call->api->limit || strcmp(call->route->path, "/healthz") == 0) return false;
    vg_slice client = {(const char *)address, memcmp(address, mapped, sizeof mapped) == 0 ? 16 : 8};
    if (call->key) client = vg_slice_of(call->key);
    unsigned wait_s = rate_limit_take(call->api->limit, client, vg_clock_ns());
    if (!wait_s) return false;
    problem_answer(call->response, call->request, &(struct problem){.status = 429, .retry_after_s = wait_s},
                   "more than %u requests a second: come back in %u s", call->api->options.rate, wait_s);
    return true;
}

/* Parameters. */

static bool refuse_value(struct api_call *call, const struct parameter *p, const char *what)
{
    call_bad_argument(call, p->name, what);
    return true;
}

static bool take_argument(struct api_call *call, size_t i, vg_slice text)
{
    const struct parameter *p = &call->route->parameters[i];
    if (call->arguments[i].given) return refuse_value(call, p, "given twice");
    return !parameter_parse(p, text, &call->arguments[i]) && refuse_value(call, p, "no such value is allowed");
}

static bool refuse_unknown(struct api_call *call, vg_slice name)
{
    vg_buf known = {0};
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (!call->route->parameters[i].in_path)
            vg_buf_addf(&known, "%s%s", known.len ? ", " : "", call->route->parameters[i].name);
    char shown[64];
    size_t n = name.n < 40 ? name.n : 40;
    snprintf(shown, sizeof shown, "%.*s", (int)n, name.p);
    problem_answer(call->response, call->request,
                   &(struct problem){.status = 400,
                                     .parameter = name.n <= 40 ? shown : NULL,
                                     .allowed = known.len ? known.data : "no parameter at all"},
                   "there is no parameter of this name here");
    vg_buf_release(&known);
    return true;
}

static bool take_pair(struct api_call *call, const struct query_pair *pair)
{
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (!call->route->parameters[i].in_path && vg_slice_is(pair->name, call->route->parameters[i].name))
            return take_argument(call, i, pair->value);
    return refuse_unknown(call, pair->name);
}

static bool lacks_or_has_default(struct api_call *call, size_t i)
{
    const struct parameter *p = &call->route->parameters[i];
    if (call->arguments[i].given) return false;
    if (p->otherwise) {
        if (!parameter_parse(p, vg_slice_of(p->otherwise), &call->arguments[i])) VG_BUG("a default is not allowed");
        return false;
    }
    return p->required && refuse_value(call, p, "must be given");
}

static bool has_wrong_arguments(struct api_call *call, const vg_slice captured[PATH_SEGMENTS])
{
    size_t in_path = 0;
    switch (query_string_parse(&call->query, call->request->query)) {
    case QUERY_FINE: break;
    case QUERY_TOO_LONG: return refuse(call, 414, "the query is too long");
    case QUERY_TOO_MANY: return refuse(call, 400, "more than 32 parameters");
    case QUERY_MISENCODED:
        return refuse(call, 400, "the query is not UTF-8 in percent-encoding, or has control characters");
    }
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (call->route->parameters[i].in_path && take_argument(call, i, captured[in_path++])) return true;
    for (size_t i = 0; i < call->query.n; i++)
        if (take_pair(call, &call->query.pairs[i])) return true;
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (lacks_or_has_default(call, i)) return true;
    call->understood = true;
    return false;
}

/* What the answer is to be like. */

static void choose_media(struct api_call *call, bool is_versioned)
{
    call->media = accept_media(web_request_header(call->request, "Accept"));
    call->gzip = accept_gzip(web_request_header(call->request, "Accept-Encoding"));
    bool may =
        call->media == MEDIA_HTML ? call->route->flags & ROUTE_PAGE && !is_versioned : call->route->flags & ROUTE_CSV;
    if (!may) call->media = MEDIA_JSON;
}

static void apply_format(struct api_call *call)
{
    if (!(call->route->flags & ROUTE_CSV)) return;
    const struct argument *format = call_argument(call, "format");
    if (format->given) call->media = format->number == 1 ? MEDIA_CSV : MEDIA_JSON;
}

/* Data's version, what was asked, and in which form: two answers that differ never share it. */
static void print_etag(const struct api_call *call, uint64_t version, char etag[40])
{
    uint64_t hash = call->media * 2u + call->gzip;
    const vg_slice parts[] = {call->request->path, call->request->query, vg_slice_of(call->api->options.version)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t k = 0; k <= parts[i].n; k++)
            hash = hash_mix64(hash ^ (k < parts[i].n ? (unsigned char)parts[i].p[k] : 256u));
    snprintf(etag, 40, "\"%016llx-%016llx\"", (unsigned long long)version, (unsigned long long)hash);
}

static bool is_named_by(vg_slice header, const char *etag)
{
    return header.p && (vg_slice_is(header, "*") || memmem(header.p, header.n, etag, strlen(etag)));
}

/* Answers with 304 when the client has this version. */
static bool is_unchanged(struct api_call *call, uint64_t version)
{
    char etag[40];
    vg_slice known = web_request_header(call->request, "If-None-Match");
    if (!known.p) return false;
    print_etag(call, version, etag);
    if (!is_named_by(known, etag)) return false;
    web_response_release(call->response);
    call->response->status = 304;
    call->version = version;
    return true;
}

static void compress(struct web_response *response)
{
    vg_buf packed = {0};
    vg_slice body = response->shared.p ? response->shared : vg_buf_view(&response->body);
    gzip_add(&packed, body);
    if (response->release) response->release(response->owner);
    response->release = NULL;
    response->shared = (vg_slice){NULL, 0};
    vg_buf_release(&response->body);
    response->body = packed;
    web_response_header(response, "Content-Encoding", "gzip");
}

/* What Access-Control-Allow-Origin says to a page of this origin; NULL: it may not read our answers. */
static const char *allowed_origin(const struct api_call *call, vg_slice origin)
{
    const char *list = call->api->options.cors_origins;
    if (!origin.n) return NULL;
    while (*list) {
        size_t n = strcspn(list, ",");
        if (n == 1 && *list == '*') return "*";
        if (vg_slice_eq((vg_slice){list, n}, origin)) return origin.p;
        list += n + (list[n] == ',');
    }
    return NULL;
}

static void add_cors(struct api_call *call)
{
    struct web_response *r = call->response;
    const char *origin = allowed_origin(call, web_request_header(call->request, "Origin"));
    if (!origin) return;
    web_response_header(r, "Access-Control-Allow-Origin", origin);
    web_response_header(r, "Access-Control-Expose-Headers", "ETag, Retry-After, X-Coverage, X-Next-Cursor");
    if (call->request->method != WEB_OPTIONS) return;
    web_response_header(r, "Access-Control-Allow-Methods", ALLOWED_METHODS);
    web_response_header(r, "Access-Control-Allow-Headers", "Authorization, X-API-Key, If-None-Match, Last-Event-ID");
    web_response_header(r, "Access-Control-Max-Age", "600");
}

/* Adds what all answers have. */
static void finish(struct api_call *call)
{
    struct web_response *r = call->response;
    char etag[40];
    bool is_data = call->route && call->route->flags & ROUTE_DATA && call->version;
    if (r->status == 200 && is_data) is_unchanged(call, call->version);
    if (is_data && (r->status == 200 || r->status == 304)) {
        print_etag(call, call->version, etag);
        web_response_header(r, "ETag", etag);
        web_response_header(r, "Cache-Control", call->api->keys ? "private, no-cache" : "no-cache");
    }
    size_t length = r->shared.p ? r->shared.n : r->body.len;
    if (call->gzip && !r->stream.read && length >= GZIP_WORTH) compress(r);
    web_response_header(
        r, "Vary", call->api->options.cors_origins ? "Accept, Accept-Encoding, Origin" : "Accept, Accept-Encoding");
    web_response_header(r, "X-Content-Type-Options", "nosniff");
    if (call->api->options.cors_origins) add_cors(call);
}

/* The road of a request. */

static void answer_options(struct api_call *call)
{
    call->response->status = 204;
    web_response_header(call->response, "Allow", ALLOWED_METHODS);
}

/* True: answered. False: the route's handler has the word. */
static bool check(struct api_call *call)
{
    vg_slice captured[PATH_SEGMENTS];
    bool is_versioned = false;
    if (is_too_large(call) || has_no_route(call, captured, &is_versioned) || has_wrong_method(call)) return true;
    if (call->request->method == WEB_OPTIONS) {
        answer_options(call);
        return true;
    }
    choose_media(call, is_versioned);
    bool is_page = call->media == MEDIA_HTML;
    bool is_refused = !is_page && lacks_key(call);
    if (asks_too_often(call)) return true;
    if (is_refused) return refuse(call, 401, "this needs an API key: Authorization: Bearer KEY, or X-API-Key: KEY");
    if (is_page) {
        answer_page(call);
        return true;
    }
    if (has_wrong_arguments(call, captured)) return true;
    apply_format(call);
    call->snapshot = publisher_snapshot(call->api->publisher);
    if (!(call->route->flags & ROUTE_DATA)) return false;
    if (call->snapshot) return is_unchanged(call, snapshot_coverage(call->snapshot)->version);
    problem_answer(call->response, call->request, &(struct problem){.status = 503, .retry_after_s = 5},
                   "there are no data to serve yet");
    return true;
}

static bool now(void *ctx, const struct web_request *request, struct web_response *response, void **state)
{
    struct api_call *call = vg_calloc(1, sizeof *call);
    *state = call;
    call->api = ctx;
    call->request = request;
    call->response = response;
    if (!check(call)) {
        if (!(call->route->flags & ROUTE_QUICK)) return false;
        call->route->answer(call);
    }
    finish(call);
    return true;
}

static void later(void *ctx, const struct web_request *request, struct web_response *response, void *state)
{
    struct api_call *call = state;
    (void)ctx, (void)request, (void)response;
    call->route->answer(call);
    finish(call);
}

static void refused(void *ctx, const struct web_request *request, struct web_response *response, void *state)
{
    (void)ctx;
    problem_answer(response, request, &(struct problem){.status = 503, .retry_after_s = 2},
                   "too much is being asked at once, or the server is stopping: come back later");
    finish(state);
}

static void done(void *ctx, const struct web_request *request, const struct web_sent *sent, void *state)
{
    struct api *api = ctx;
    struct api_call *call = state;
    metrics_count(api->metrics, call->route ? (size_t)(call->route - routes) : route_count, sent->status,
                  sent->duration_ns);
    if (api->log) access_log_write(api->log, request, sent, call->key, call->understood);
    snapshot_release(call->snapshot);
    request_path_release(&call->path);
    query_string_release(&call->query);
    free(call);
}

struct web_handler api_handler(struct api *api) { return (struct web_handler){api, now, later, refused, done}; }

/* Life. */

vg_code api_new(struct api **out, const struct api_options *options, struct store *store, struct publisher *publisher,
                struct event_hub *hub, vg_err *err)
{
    struct api *api = vg_calloc(1, sizeof *api);
    vg_code rc = VG_OK;
    api->options = *options;
    api->store = store;
    api->publisher = publisher;
    api->hub = hub;
    api->route_names = vg_calloc(route_count, sizeof *api->route_names);
    for (size_t i = 0; i < route_count; i++)
        api->route_names[i] = routes[i].path;
    api->metrics = metrics_new(api->route_names, route_count);
    if (options->rate) api->limit = rate_limit_new(options->rate, options->burst ? options->burst : 2 * options->rate);
    if (options->keys_file) rc = api_keys_load(&api->keys, options->keys_file, err);
    if (!rc && options->access_log) rc = access_log_open(&api->log, options->access_log, err);
    openapi_print(&api->openapi, options->version, api->keys != NULL);
    if (rc) {
        api_free(api);
        api = NULL;
    }
    *out = api;
    return rc;
}

void api_free(struct api *api)
{
    if (!api) return;
    api_keys_free(api->keys);
    rate_limit_free(api->limit);
    access_log_close(api->log);
    metrics_free(api->metrics);
    free(api->route_names);
    vg_buf_release(&api->openapi);
    free(api);
}

bool api_has_keys(const struct api *api) { return api->keys != NULL; }
void api_set_server(struct api *api, struct web_server *server) { api->server = server; }
