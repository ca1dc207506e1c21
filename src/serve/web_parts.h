/* web_parts.h: what the HTTP server is made of. Private to web_*.c, which alone know the library behind it.
 *
 * One `struct call` goes with each request, from its first line to the last byte of the answer. A call that waits for a
 * worker is suspended in the library: its connection is looked at by nobody until the worker resumes it.
 */
#ifndef VIGIL_SERVE_WEB_PARTS_H
#define VIGIL_SERVE_WEB_PARTS_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "serve/connections.h"
#include "serve/listen_socket.h"
#include "serve/web_server.h"
#include "serve/work_queue.h"

/* Answers its share of the connections. */
struct event_thread {
    struct web_server *server;
    struct MHD_Daemon *daemon;
    pthread_t thread;
};

struct web_server {
    struct web_handler handler;
    struct listen_socket socket;
    struct event_thread *event_threads;
    unsigned event_thread_count;
    struct connections *connections;
    struct work_queue *queue;
    unsigned connection_limit;
    atomic_bool stopped;           /* event threads end */
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

/* For the library: a request's first line has come; its head, its body, its turn; its end. */
void *web_call_begin(void *server, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result web_call_handle(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_size, void **context);
void web_call_end(void *server, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how);

/* Takes the stream out of the call's response. */
struct MHD_Response *web_stream_response(struct call *call);

#endif
