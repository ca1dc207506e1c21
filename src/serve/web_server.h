/* web_server.h: HTTP/1.1 for handlers that know nothing of sockets: a request comes in, a response goes out.
 *
 * The library behind it (libmicrohttpd) is seen in web_*.c only. Event threads with epoll read requests and send
 * answers; a handler that must wait for something says so and is called again on one of a few worker threads, so that
 * slow questions never hold up quick ones.
 *
 * Bounds: connections, bytes of a request's head and body, time for each phase of a connection (connections.h), work
 * that waits (503 with Retry-After beyond), streams.
 */
#ifndef VIGIL_SERVE_WEB_SERVER_H
#define VIGIL_SERVE_WEB_SERVER_H

#include <stdatomic.h>

#include "base/buf.h"

enum web_method { WEB_GET, WEB_HEAD, WEB_OPTIONS, WEB_OTHER_METHOD };

#define WEB_HEAD_LIMIT (32 << 10) /* bytes of request line and headers; the library refuses more with 414 or 431 */
#define WEB_BODY_LIMIT (64 << 10) /* bytes of a request's body, which nobody reads: more is a 413 */

/* Borrowed: lives until the handler's `done`. */
struct web_request {
    enum web_method method;
    vg_slice path, query; /* as they were sent, still encoded; query without its '?' */
    vg_slice method_name;
    const char *client;            /* address as text */
    const uint8_t *client_address; /* 16 bytes: IPv6, or IPv4 mapped into it */
    bool body_too_large;
    void *connection;
};

/* The value of the first header of this name; p is NULL when there is none. */
vg_slice web_request_header(const struct web_request *request, const char *name);

struct web_waker;

/* An answer that goes on, as text that comes now and then. */
struct web_stream {
    void *ctx;
    /* Up to `room` bytes; 0: nothing yet, call web_stream_wake when there is; -1: the end. */
    ptrdiff_t (*read)(void *ctx, char *bytes, size_t room);
    void (*close)(void *ctx); /* once, at the end, whoever ended it */
    /* Before the first read: what to wake. Not to be used after `close`. */
    void (*start)(void *ctx, struct web_waker *waker);
};

/* Any thread; never from within `read`. */
void web_stream_wake(struct web_waker *waker);

/* Zeroed is valid. The body is one of three: own bytes, somebody else's, or a stream. */
struct web_response {
    int status;
    vg_buf headers; /* name and value, each with its NUL */
    vg_buf body;
    vg_slice shared; /* p not NULL: the body, kept alive by `owner` */
    void *owner;
    void (*release)(void *owner); /* once, when the bytes are sent */
    struct web_stream stream;     /* read not NULL */
};
void web_response_header(struct web_response *response, const char *name, const char *value);
void web_response_release(struct web_response *response);

/* What was sent, for the log. */
struct web_sent {
    int status;          /* 0: nothing, the client was gone */
    uint64_t bytes;      /* of the body; 0 for streams */
    int64_t duration_ns; /* from the request line to the last byte handed to the system */
};

struct web_handler {
    void *ctx;
    /* On an event thread: answers, or returns false when it must wait for something. *state is the handler's own. */
    bool (*now)(void *ctx, const struct web_request *request, struct web_response *response, void **state);
    /* On a worker thread, when `now` said so. */
    void (*later)(void *ctx, const struct web_request *request, struct web_response *response, void *state);
    /* Instead of `later` when too much waits already, or the server ends. */
    void (*refused)(void *ctx, const struct web_request *request, struct web_response *response, void *state);
    /* Once for each request that `now` saw: counts it, frees the state. */
    void (*done)(void *ctx, const struct web_request *request, const struct web_sent *sent, void *state);
};

/* Zero means default. */
struct web_server_options {
    const char *listen;        /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
    unsigned event_threads;    /* processors, at most 8 */
    unsigned worker_threads;   /* 4 */
    unsigned connection_limit; /* 10,000, less when the system allows fewer open files */
    uint32_t idle_ms;          /* 75 s */
    uint32_t asking_ms;        /* 10 s */
    uint32_t sending_ms;       /* 120 s; streams: none */
};

struct web_server;

/* VG_EUSAGE: no such address; VG_EIO: it cannot be listened at. The handler must outlive the server. */
VG_MUST_USE vg_code web_server_start(struct web_server **server, const struct web_server_options *options,
                                     const struct web_handler *handler, vg_err *err);

/* "127.0.0.1:41234": where it really listens. */
const char *web_server_address(const struct web_server *server);
bool web_server_is_local(const struct web_server *server); /* a loopback address */

/* Becomes true when the grace of web_server_stop is over: who still works shall give up. Lives as long as the server.
 */
const atomic_bool *web_server_ending(const struct web_server *server);

struct web_server_figures {
    size_t connections, connection_limit, streams;
    uint64_t cut_connections; /* too slow */
};
void web_server_figures(struct web_server *server, struct web_server_figures *figures);

/* Takes no new connections and lets what runs be finished, at most `grace_ms`; then closes everything and frees.
 * Streams must have been told to end before. */
void web_server_stop(struct web_server *server, uint32_t grace_ms);

#endif
