/* One `struct call` goes with each request, from its first line to the last byte of the answer. A call that waits for a
 * worker is suspended in the library: its connection is looked at by nobody until the worker resumes it. */
#include "serve/web_server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/number.h"
#include "base/pool.h"
#include "serve/connections.h"
#include "serve/listen_socket.h"
#include "serve/work_queue.h"

#define MOST_EVENT_THREADS 8
#define WORK_WAITING 256   /* calls that may wait for a worker */
#define OTHER_FILES 256    /* descriptors kept for the store, logs, and what else is open */
#define STREAM_BLOCK 16384 /* bytes asked of a stream at a time */

struct web_server {
    struct web_handler handler;
    struct listen_socket socket;
    struct MHD_Daemon *daemon;
    struct connections *connections;
    struct work_queue *queue;
    unsigned connection_limit;
    atomic_bool closing, ending;   /* connections close after their next answer; what waits is refused */
    atomic_size_t active, streams; /* calls that are not answered yet; streams that are open */
};

enum call_stage { CALL_ARRIVING, CALL_WAITING, CALL_ANSWERED };

struct call {
    struct web_server *server;
    struct MHD_Connection *mhd;
    struct connection *connection;
    char *uri;
    struct web_request request;
    struct web_response response;
    void *state;
    enum call_stage stage; /* handed over between threads by suspending and resuming */
    bool handled, is_stream;
    uint64_t body_bytes;
    struct web_sent sent;
    int64_t started_ns;
};

struct web_waker {
    struct web_server *server;
    struct MHD_Connection *mhd;
    struct web_stream stream;
    pthread_mutex_t lock;
    bool asleep, woken; /* suspended now; woken while it was about to be */
};

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

/* Streams. */

static void suspend_or_go_on(struct web_waker *waker)
{
    pthread_mutex_lock(&waker->lock);
    if (!waker->woken) {
        waker->asleep = true;
        MHD_suspend_connection(waker->mhd);
    }
    waker->woken = false;
    pthread_mutex_unlock(&waker->lock);
}

static ssize_t read_stream(void *arg, uint64_t position, char *bytes, size_t room)
{
    struct web_waker *waker = arg;
    (void)position;
    if (atomic_load(&waker->server->ending)) return MHD_CONTENT_READER_END_OF_STREAM;
    ptrdiff_t n = waker->stream.read(waker->stream.ctx, bytes, room);
    if (n < 0) return MHD_CONTENT_READER_END_OF_STREAM;
    if (n == 0) suspend_or_go_on(waker);
    return n;
}

void web_stream_wake(struct web_waker *waker)
{
    pthread_mutex_lock(&waker->lock);
    if (waker->asleep)
        MHD_resume_connection(waker->mhd);
    else
        waker->woken = true;
    waker->asleep = false;
    pthread_mutex_unlock(&waker->lock);
}

static void free_waker(void *arg)
{
    struct web_waker *waker = arg;
    waker->stream.close(waker->stream.ctx);
    atomic_fetch_sub(&waker->server->streams, 1);
    pthread_mutex_destroy(&waker->lock);
    free(waker);
}

static struct MHD_Response *stream_response(struct call *call)
{
    struct web_waker *waker = vg_calloc(1, sizeof *waker);
    waker->server = call->server;
    waker->mhd = call->mhd;
    waker->stream = call->response.stream;
    call->response.stream = (struct web_stream){0};
    pthread_mutex_init(&waker->lock, NULL);
    atomic_fetch_add(&call->server->streams, 1);
    atomic_fetch_sub(&call->server->active, 1);
    call->is_stream = true;
    waker->stream.start(waker->stream.ctx, waker);
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, waker, free_waker);
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
    bool is_stream = r->stream.read != NULL;
    int status = r->status;
    struct MHD_Response *out = is_stream ? stream_response(call) : whole_response(call);
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

static void *begin_call(void *arg, const char *uri, struct MHD_Connection *mhd)
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

static enum MHD_Result handle(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
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

static void end_call(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
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

static void watch_connection(void *arg, struct MHD_Connection *mhd, void **context,
                             enum MHD_ConnectionNotificationCode what)
{
    struct web_server *server = arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *context = connections_add(server->connections,
                                   MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else
        connections_remove(server->connections, *context);
}

/* Paths and queries are decoded by us, strictly, after they were taken apart. */
static size_t leave_encoded(void *arg, struct MHD_Connection *mhd, char *text)
{
    (void)arg, (void)mhd;
    return strlen(text);
}

/* Start and end. */

/* As many open files as the connections need, or as many connections as the system allows files. */
static unsigned allow_files(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return connections;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return connections;
    return limit.rlim_cur > 2 * OTHER_FILES ? (unsigned)limit.rlim_cur - OTHER_FILES : OTHER_FILES;
}

static unsigned or_default(unsigned value, unsigned otherwise) { return value ? value : otherwise; }

static vg_code start_daemon(struct web_server *server, unsigned threads, vg_err *err)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, server,
        MHD_OPTION_LISTEN_SOCKET, server->socket.fd, MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT,
        server->connection_limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)WEB_HEAD_LIMIT,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_call, server, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED, end_call, server, MHD_OPTION_NOTIFY_CONNECTION,
        watch_connection, server, MHD_OPTION_END);
    return server->daemon ? VG_OK : vg_fail_errno(err, "the HTTP server cannot start at %s", server->socket.address);
}

vg_code web_server_start(struct web_server **out, const struct web_server_options *options,
                         const struct web_handler *handler, vg_err *err)
{
    struct web_server *server = vg_calloc(1, sizeof *server);
    unsigned threads = or_default(options->event_threads, vg_processors());
    vg_code rc = listen_socket_open(&server->socket, options->listen, err);
    if (rc) {
        free(server);
        return rc;
    }
    server->handler = *handler;
    server->connection_limit = allow_files(or_default(options->connection_limit, 10000));
    server->connections = connections_new(&(struct connection_limits){{
        [CONNECTION_IDLE] = or_default(options->idle_ms, 75000),
        [CONNECTION_ASKING] = or_default(options->asking_ms, 10000),
        [CONNECTION_SENDING] = or_default(options->sending_ms, 120000),
    }});
    server->queue = work_queue_new(or_default(options->worker_threads, 4), WORK_WAITING);
    rc = start_daemon(server, threads < MOST_EVENT_THREADS ? threads : MOST_EVENT_THREADS, err);
    if (rc) {
        close(server->socket.fd);
        work_queue_free(server->queue);
        connections_free(server->connections);
        free(server);
        return rc;
    }
    *out = server;
    return VG_OK;
}

const char *web_server_address(const struct web_server *server) { return server->socket.address; }
bool web_server_is_local(const struct web_server *server) { return server->socket.is_local; }

void web_server_figures(struct web_server *server, struct web_server_figures *figures)
{
    *figures = (struct web_server_figures){
        .connections = connections_open(server->connections),
        .connection_limit = server->connection_limit,
        .streams = atomic_load(&server->streams),
        .cut_connections = connections_cut(server->connections),
    };
}

static void wait_for_calls(struct web_server *server, uint32_t grace_ms)
{
    const struct timespec step = {0, 5000000};
    int64_t until = vg_clock_ns() + grace_ms * VG_NS_PER_MS;
    while (vg_clock_ns() < until && (atomic_load(&server->active) || atomic_load(&server->streams)))
        nanosleep(&step, NULL);
}

void web_server_stop(struct web_server *server, uint32_t grace_ms)
{
    atomic_store(&server->closing, true);
    MHD_quiesce_daemon(server->daemon);
    wait_for_calls(server, grace_ms);
    atomic_store(&server->ending, true);
    work_queue_free(server->queue);
    MHD_stop_daemon(server->daemon);
    close(server->socket.fd);
    connections_free(server->connections);
    free(server);
}
