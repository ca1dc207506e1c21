#include "serve/web_server.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/pool.h"
#include "serve/web_parts.h"

#define MOST_EVENT_THREADS 8
#define WORK_WAITING 256 /* calls that may wait for a worker */
#define EVENT_WAIT_MS 3
#define OTHER_FILES 256 /* descriptors kept for the store, logs, and what else is open */

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

/* The library's own threads can stall: when exactly as many connections are ready as it asks for in one go (128), it
 * waits for more of them before it looks at these, without limit (libmicrohttpd 0.9.75, MHD_epoll). Here it waits a
 * moment. */
static void *serve_share(void *arg)
{
    struct event_thread *own = arg;
    bool listening = true;
    while (!atomic_load_explicit(&own->server->stopped, memory_order_acquire)) {
        if (listening && atomic_load(&own->server->closing)) {
            MHD_quiesce_daemon(own->daemon);
            listening = false;
        }
        MHD_run_wait(own->daemon, EVENT_WAIT_MS);
    }
    if (listening) MHD_quiesce_daemon(own->daemon); /* the socket is shared: the library must not close it */
    return NULL;
}

static struct MHD_Daemon *new_daemon(struct web_server *server, unsigned connections)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, web_call_handle, server,
                            MHD_OPTION_LISTEN_SOCKET, server->socket.fd, MHD_OPTION_CONNECTION_LIMIT, connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)WEB_HEAD_LIMIT, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_URI_LOG_CALLBACK, web_call_begin, server, MHD_OPTION_UNESCAPE_CALLBACK,
                            leave_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED, web_call_end, server,
                            MHD_OPTION_NOTIFY_CONNECTION, watch_connection, server, MHD_OPTION_END);
}

static void stop_events(struct web_server *server)
{
    atomic_store_explicit(&server->stopped, true, memory_order_release);
    for (unsigned i = 0; i < server->event_thread_count; i++) {
        pthread_join(server->event_threads[i].thread, NULL);
        MHD_stop_daemon(server->event_threads[i].daemon);
    }
    free(server->event_threads);
}

static vg_code start_events(struct web_server *server, unsigned threads, vg_err *err)
{
    unsigned share = (server->connection_limit + threads - 1) / threads;
    server->event_threads = vg_calloc(threads, sizeof *server->event_threads);
    for (unsigned i = 0; i < threads; i++) {
        struct event_thread *own = &server->event_threads[i];
        own->server = server;
        own->daemon = new_daemon(server, share);
        bool runs = own->daemon && pthread_create(&own->thread, NULL, serve_share, own) == 0;
        if (!runs) {
            vg_code rc = vg_fail_errno(err, "the HTTP server cannot start at %s", server->socket.address);
            if (own->daemon) MHD_quiesce_daemon(own->daemon);
            if (own->daemon) MHD_stop_daemon(own->daemon);
            stop_events(server);
            return rc;
        }
        server->event_thread_count++;
    }
    return VG_OK;
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
    rc = start_events(server, threads < MOST_EVENT_THREADS ? threads : MOST_EVENT_THREADS, err);
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

const atomic_bool *web_server_ending(const struct web_server *server) { return &server->ending; }
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
    wait_for_calls(server, grace_ms);
    atomic_store(&server->ending, true);
    work_queue_end(server->queue); /* event threads may still ask it, and are refused */
    stop_events(server);
    work_queue_free(server->queue);
    close(server->socket.fd);
    connections_free(server->connections);
    free(server);
}
