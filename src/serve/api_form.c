/* The form of an answer: ETag, compression, who may read it. */
#include <stdio.h>

#include "base/map.h"
#include "serve/api_parts.h"
#include "serve/gzip.h"

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

bool api_is_unchanged(struct api_call *call, uint64_t version)
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

void api_finish(struct api_call *call)
{
    struct web_response *r = call->response;
    char etag[40];
    bool is_data = call->route && call->route->flags & ROUTE_DATA && call->version;
    if (r->status == 200 && is_data) api_is_unchanged(call, call->version);
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
