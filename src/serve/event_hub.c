#include "serve/event_hub.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/number.h"

struct listener {
    struct event_hub *hub;
    struct listener *previous, *next;
    struct web_waker *waker; /* NULL before the stream begins */
    uint64_t seen;           /* number of the last event that was read whole */
    size_t offset;           /* bytes read of the one after it */
    bool wants_heartbeat;
    bool greeted;
};

struct event_hub {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool closed, end;
    uint64_t run;               /* when it was made, ms: first half of ids */
    uint64_t count;             /* events so far: the number of the newest */
    vg_buf events[EVENTS_KEPT]; /* as they are sent; event i is at i % EVENTS_KEPT */
    struct listener *first;
    size_t listeners;
    uint64_t dropped;
    pthread_t heart;
};

/* Holds the lock. */
static void wake_all(struct event_hub *hub)
{
    for (struct listener *l = hub->first; l; l = l->next)
        if (l->waker) web_stream_wake(l->waker);
}

static void *beat(void *arg)
{
    struct event_hub *hub = arg;
    struct timespec until;
    pthread_mutex_lock(&hub->lock);
    while (!hub->end) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += HEARTBEAT_S;
        if (pthread_cond_timedwait(&hub->ended, &hub->lock, &until) == 0) continue;
        for (struct listener *l = hub->first; l; l = l->next)
            l->wants_heartbeat = true;
        wake_all(hub);
    }
    pthread_mutex_unlock(&hub->lock);
    return NULL;
}

struct event_hub *event_hub_new(void)
{
    struct event_hub *hub = vg_calloc(1, sizeof *hub);
    pthread_mutex_init(&hub->lock, NULL);
    pthread_cond_init(&hub->ended, NULL);
    hub->run = (uint64_t)(vg_now_ns() / VG_NS_PER_MS);
    if (pthread_create(&hub->heart, NULL, beat, hub) != 0) VG_BUG("no thread");
    return hub;
}

void event_hub_free(struct event_hub *hub)
{
    if (!hub) return;
    pthread_mutex_lock(&hub->lock);
    hub->end = true;
    pthread_cond_signal(&hub->ended);
    pthread_mutex_unlock(&hub->lock);
    pthread_join(hub->heart, NULL);
    VG_ASSERT(!hub->first);
    for (size_t i = 0; i < EVENTS_KEPT; i++)
        vg_buf_release(&hub->events[i]);
    pthread_cond_destroy(&hub->ended);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

void event_hub_publish(struct event_hub *hub, const char *name, vg_slice data)
{
    VG_ASSERT(data.n <= EVENT_BYTES);
    pthread_mutex_lock(&hub->lock);
    vg_buf *event = &hub->events[++hub->count % EVENTS_KEPT];
    vg_buf_clear(event);
    vg_buf_addf(event, "id: %llu-%llu\nevent: %s\ndata: ", (unsigned long long)hub->run, (unsigned long long)hub->count,
                name);
    vg_buf_add(event, data.p, data.n);
    vg_buf_adds(event, "\n\n");
    wake_all(hub);
    pthread_mutex_unlock(&hub->lock);
}

/* Streams. */

/* Whether the event after `seen` is no longer kept. */
static bool is_behind(const struct event_hub *hub, uint64_t seen) { return hub->count - seen > EVENTS_KEPT; }

static size_t copy_events(struct listener *l, char *bytes, size_t room)
{
    size_t n = 0;
    while (n < room && l->seen < l->hub->count) {
        const vg_buf *event = &l->hub->events[(l->seen + 1) % EVENTS_KEPT];
        size_t part = event->len - l->offset < room - n ? event->len - l->offset : room - n;
        memcpy(bytes + n, event->data + l->offset, part);
        n += part;
        l->offset += part;
        if (l->offset < event->len) break;
        l->offset = 0;
        l->seen++;
    }
    return n;
}

/* The first comment makes the head of the answer go out at once; `retry` is for the client's reconnection. */
static ptrdiff_t read_events(void *ctx, char *bytes, size_t room)
{
    static const char greeting[] = ": vigil\nretry: 3000\n\n", heartbeat[] = ":\n\n";
    struct listener *l = ctx;
    struct event_hub *hub = l->hub;
    ptrdiff_t n;
    pthread_mutex_lock(&hub->lock);
    if (hub->closed || is_behind(hub, l->seen)) {
        hub->dropped += !hub->closed;
        n = -1;
    } else if (!l->greeted && room > sizeof greeting) {
        n = sizeof greeting - 1;
        memcpy(bytes, greeting, sizeof greeting - 1);
        l->greeted = true;
    } else {
        n = (ptrdiff_t)copy_events(l, bytes, room);
        if (n == 0 && l->wants_heartbeat && room > sizeof heartbeat) {
            n = sizeof heartbeat - 1;
            memcpy(bytes, heartbeat, sizeof heartbeat - 1);
        }
        l->wants_heartbeat = false;
    }
    pthread_mutex_unlock(&hub->lock);
    return n;
}

static void start_listener(void *ctx, struct web_waker *waker)
{
    struct listener *l = ctx;
    pthread_mutex_lock(&l->hub->lock);
    l->waker = waker;
    pthread_mutex_unlock(&l->hub->lock);
}

static void close_listener(void *ctx)
{
    struct listener *l = ctx;
    struct event_hub *hub = l->hub;
    pthread_mutex_lock(&hub->lock);
    if (l->next) l->next->previous = l->previous;
    if (l->previous)
        l->previous->next = l->next;
    else
        hub->first = l->next;
    hub->listeners--;
    pthread_mutex_unlock(&hub->lock);
    free(l);
}

/* The number that `last` names; what is kept begins after 0, or after the oldest that was thrown away. */
static uint64_t resume_after(const struct event_hub *hub, vg_slice last)
{
    uint64_t oldest = hub->count > EVENTS_KEPT ? hub->count - EVENTS_KEPT : 0, run, number;
    const char *dash = memchr(last.p, '-', last.n);
    if (!dash || !number_count((vg_slice){last.p, (size_t)(dash - last.p)}, &run) || run != hub->run) return oldest;
    if (!number_count((vg_slice){dash + 1, (size_t)(last.p + last.n - dash - 1)}, &number)) return oldest;
    return number < oldest ? oldest : number > hub->count ? hub->count : number;
}

bool event_hub_listen(struct event_hub *hub, vg_slice last, struct web_response *response)
{
    pthread_mutex_lock(&hub->lock);
    bool room = hub->listeners < LISTENERS_MOST && !hub->closed;
    if (room) {
        struct listener *l = vg_calloc(1, sizeof *l);
        l->hub = hub;
        l->seen = last.p ? resume_after(hub, last) : hub->count;
        l->next = hub->first;
        if (l->next) l->next->previous = l;
        hub->first = l;
        hub->listeners++;
        response->stream = (struct web_stream){l, read_events, close_listener, start_listener};
    }
    pthread_mutex_unlock(&hub->lock);
    if (!room) return false;
    response->status = 200;
    web_response_header(response, "Content-Type", "text/event-stream");
    web_response_header(response, "Cache-Control", "no-store");
    web_response_header(response, "X-Accel-Buffering", "no"); /* nginx would wait for more */
    return true;
}

void event_hub_close(struct event_hub *hub)
{
    pthread_mutex_lock(&hub->lock);
    hub->closed = true;
    wake_all(hub);
    pthread_mutex_unlock(&hub->lock);
}

void event_hub_figures(struct event_hub *hub, struct event_hub_figures *figures)
{
    pthread_mutex_lock(&hub->lock);
    *figures = (struct event_hub_figures){hub->listeners, hub->count, hub->dropped};
    pthread_mutex_unlock(&hub->lock);
}
