#include "base/clock.h"
#include "base/number.h"
#include "serve/web_parts.h"

vg_slice web_request_header(const struct web_request *request, const char *name)
{
    const char *value = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
    return value ? vg_slice_of(value) : (vg_slice){NULL, 0};
}

void web_response_header(struct web_response *response, const char *name, const char *value)
{
    vg_buf_add(&response->headers, name, strlen(name) + 1);
    vg_buf_add(&response->headers, value, strlen(value) + 1);
}

void web_response_release(struct web_response *response)
{
    if (response->release) response->release(response->owner);
    if (response->stream.close) response->stream.close(response->stream.ctx);
    vg_buf_release(&response->headers);
    vg_buf_release(&response->body);
    *response = (struct web_response){0};
}

/* Answers. */

/* The library owns the bytes from here on. */
static struct MHD_Response *whole_response(struct call *call)
{
    struct web_response *r = &call->response;
    struct MHD_Response *out;
    if (r->shared.p) {
        call->sent.bytes = r->shared.n;
        out = MHD_create_response_from_buffer_with_free_callback_cls(r->shared.n, (void *)r->shared.p, r->release,
                                                                     r->owner);
        r->release = NULL;
    } else {
        call->sent.bytes = r->body.len;
        out = MHD_create_response_from_buffer(r->body.len, r->body.data,
                                              r->body.data ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
        r->body = (vg_buf){0};
    }
    return out;
}

static enum MHD_Result send_answer(struct call *call)
{
    struct web_response *r = &call->response;
    /* A HEAD of a stream has nothing to read; the library would send the end of chunks that never came. */
    bool is_stream = r->stream.read && call->request.method != WEB_HEAD;
    int status = r->status;
    struct MHD_Response *out = is_stream ? web_stream_response(call) : whole_response(call);
    if (!out) VG_BUG("no response");
    for (size_t at = 0; at < r->headers.len;) {
        const char *name = r->headers.data + at, *value = name + strlen(name) + 1;
        if (MHD_add_response_header(out, name, value) != MHD_YES) VG_BUG("a header that HTTP does not allow");
        at += (size_t)(value - name) + strlen(value) + 1;
    }
    if (atomic_load_explicit(&call->server->closing, memory_order_relaxed))
        MHD_add_response_header(out, "Connection", "close");
    if (!is_stream) connection_enter(call->server->connections, call->connection, CONNECTION_SENDING);
    call->sent.status = status;
    enum MHD_Result result = MHD_queue_response(call->mhd, (unsigned)status, out);
    MHD_destroy_response(out);
    return result;
}

static void work(void *arg)
{
    struct call *call = arg;
    const struct web_handler *h = &call->server->handler;
    (atomic_load(&call->server->ending) ? h->refused : h->later)(h->ctx, &call->request, &call->response, call->state);
    call->stage = CALL_ANSWERED;
    MHD_resume_connection(call->mhd);
}

static enum MHD_Result answer(struct call *call)
{
    const struct web_handler *h = &call->server->handler;
    connection_enter(call->server->connections, call->connection, CONNECTION_WORKING);
    call->handled = true;
    if (h->now(h->ctx, &call->request, &call->response, &call->state)) return send_answer(call);
    call->stage = CALL_WAITING;
    MHD_suspend_connection(call->mhd);
    if (work_queue_push(call->server->queue, work, call)) return MHD_YES;
    h->refused(h->ctx, &call->request, &call->response, call->state);
    call->stage = CALL_ANSWERED;
    MHD_resume_connection(call->mhd);
    return MHD_YES;
}

/* Requests. */

static vg_slice without_origin(vg_slice uri)
{
    const char *authority = NULL;
    if (uri.n > 7 && strncasecmp(uri.p, "http://", 7) == 0) authority = uri.p + 7;
    if (uri.n > 8 && strncasecmp(uri.p, "https://", 8) == 0) authority = uri.p + 8;
    if (!authority) return uri;
    const char *end = uri.p + uri.n, *path = memchr(authority, '/', (size_t)(end - authority));
    return path ? (vg_slice){path, (size_t)(end - path)} : VG_SLICE("/");
}

void *web_call_begin(void *arg, const char *uri, struct MHD_Connection *mhd)
{
    struct web_server *server = arg;
    struct call *call = vg_calloc(1, sizeof *call);
    call->server = server;
    call->mhd = mhd;
    call->connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    call->uri = vg_strdup(uri);
    call->started_ns = vg_clock_ns();
    vg_slice whole = without_origin(vg_slice_of(call->uri));
    const char *mark = memchr(whole.p, '?', whole.n);
    struct web_request *r = &call->request;
    r->path = mark ? (vg_slice){whole.p, (size_t)(mark - whole.p)} : whole;
    if (mark) r->query = (vg_slice){mark + 1, (size_t)(whole.p + whole.n - mark - 1)};
    r->client = call->connection->client;
    r->client_address = call->connection->address;
    r->connection = mhd;
    connection_enter(server->connections, call->connection, CONNECTION_ASKING);
    atomic_fetch_add(&server->active, 1);
    return call;
}

static enum web_method method_of(const char *name)
{
    if (strcmp(name, "GET") == 0) return WEB_GET;
    if (strcmp(name, "HEAD") == 0) return WEB_HEAD;
    if (strcmp(name, "OPTIONS") == 0) return WEB_OPTIONS;
    return WEB_OTHER_METHOD;
}

/* The head has arrived. A body that is announced too large is refused without waiting for it. */
static bool is_complete(struct call *call, const char *method)
{
    uint64_t length;
    vg_slice announced = web_request_header(&call->request, "Content-Length");
    call->request.method = method_of(method);
    call->request.method_name = vg_slice_of(method);
    call->request.body_too_large = announced.p && number_count(announced, &length) && length > WEB_BODY_LIMIT;
    return call->request.body_too_large;
}

enum MHD_Result web_call_handle(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_size, void **context)
{
    struct call *call = *context;
    (void)arg, (void)mhd, (void)url, (void)version, (void)data;
    if (call->stage == CALL_ANSWERED) return send_answer(call);
    if (!call->request.method_name.p) return is_complete(call, method) ? answer(call) : MHD_YES;
    if (*data_size) {
        call->body_bytes += *data_size;
        *data_size = 0;
        return call->body_bytes > WEB_BODY_LIMIT ? MHD_NO : MHD_YES;
    }
    return answer(call);
}

void web_call_end(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
    struct web_server *server = arg;
    struct call *call = *context;
    (void)mhd;
    if (!call) return;
    if (call->handled) {
        if (how != MHD_REQUEST_TERMINATED_COMPLETED_OK && !call->is_stream) call->sent.status = 0;
        call->sent.duration_ns = vg_clock_ns() - call->started_ns;
        server->handler.done(server->handler.ctx, &call->request, &call->sent, call->state);
    }
    if (!call->is_stream) atomic_fetch_sub(&server->active, 1);
    connection_enter(server->connections, call->connection, CONNECTION_IDLE);
    web_response_release(&call->response);
    free(call->uri);
    free(call);
    *context = NULL;
}
