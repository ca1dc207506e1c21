/* The road of a request up to its handler: what is checked, in which order. */
#include <stdio.h>

#include "base/clock.h"
#include "serve/api_parts.h"
#include "serve/dashboard.h"

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
    if (call->route) return false;
    if (*is_versioned || !dashboard_is_wanted(call->request))
        return refuse(call, 404, "there is nothing at this path; /docs shows what there is");
    dashboard_page(call, 404);
    return true;
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
    call->gzip = accept_coding(web_request_header(call->request, "Accept-Encoding"), "gzip");
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

static void answer_options(struct api_call *call)
{
    call->response->status = 204;
    web_response_header(call->response, "Allow", ALLOWED_METHODS);
}

bool api_check(struct api_call *call)
{
    vg_slice captured[PATH_SEGMENTS] = {{NULL, 0}};
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
        dashboard_page(call, 200);
        return true;
    }
    if (has_wrong_arguments(call, captured)) return true;
    apply_format(call);
    call->snapshot = publisher_snapshot(call->api->publisher);
    if (!(call->route->flags & ROUTE_DATA)) return false;
    if (call->snapshot) return api_is_unchanged(call, snapshot_coverage(call->snapshot)->version);
    problem_answer(call->response, call->request, &(struct problem){.status = 503, .retry_after_s = 5},
                   "there are no data to serve yet");
    return true;
}
