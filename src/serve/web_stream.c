/* Streams: an answer whose bytes come now and then. In between its connection is suspended. */
#include <pthread.h>

#include "serve/web_parts.h"

#define STREAM_BLOCK 16384 /* bytes asked of a stream at a time */

struct web_waker {
    struct web_server *server;
    struct MHD_Connection *mhd;
    struct web_stream stream;
    pthread_mutex_t lock;
    bool asleep, woken; /* suspended now; woken while it was about to be */
};

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

struct MHD_Response *web_stream_response(struct call *call)
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
