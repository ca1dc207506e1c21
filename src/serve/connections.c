#include "serve/connections.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/day.h"

#define SWEEP_NS (250 * VG_NS_PER_MS)
#define UNSENT_MS 30000 /* bytes that nobody acknowledges for so long: the peer is gone */

struct connections {
    struct connection_limits limits;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool end;
    struct connection *first;
    size_t open;
    uint64_t cut;
    pthread_t sweeper;
};

/* Holds the lock: nobody closes a descriptor of the list meanwhile. */
static void cut_late_ones(struct connections *connections)
{
    int64_t now = vg_clock_ns();
    for (struct connection *c = connections->first; c; c = c->next) {
        if (atomic_load_explicit(&c->deadline_ns, memory_order_relaxed) > now) continue;
        atomic_store_explicit(&c->deadline_ns, INT64_MAX, memory_order_relaxed);
        shutdown(c->fd, SHUT_RDWR);
        connections->cut++;
    }
}

static void *sweep(void *arg)
{
    struct connections *connections = arg;
    pthread_mutex_lock(&connections->lock);
    while (!connections->end) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + SWEEP_NS;
        until.tv_sec += ns / VG_NS_PER_S;
        until.tv_nsec = ns % VG_NS_PER_S;
        pthread_cond_timedwait(&connections->ended, &connections->lock, &until);
        cut_late_ones(connections);
    }
    pthread_mutex_unlock(&connections->lock);
    return NULL;
}

struct connections *connections_new(const struct connection_limits *limits)
{
    struct connections *connections = vg_calloc(1, sizeof *connections);
    connections->limits = *limits;
    pthread_mutex_init(&connections->lock, NULL);
    pthread_cond_init(&connections->ended, NULL);
    if (pthread_create(&connections->sweeper, NULL, sweep, connections) != 0) VG_BUG("no thread");
    return connections;
}

void connections_free(struct connections *connections)
{
    if (!connections) return;
    pthread_mutex_lock(&connections->lock);
    connections->end = true;
    pthread_cond_signal(&connections->ended);
    pthread_mutex_unlock(&connections->lock);
    pthread_join(connections->sweeper, NULL);
    VG_ASSERT(!connections->first);
    pthread_cond_destroy(&connections->ended);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
}

static void set_options(int fd)
{
    const int on = 1, unsent = UNSENT_MS;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent, sizeof unsent);
}

static void name_client(struct connection *c)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer = {0};
    socklen_t size = sizeof peer;
    memcpy(c->client, "?", 2);
    if (getpeername(c->fd, &peer.any, &size) != 0) return;
    if (peer.any.sa_family == AF_INET) {
        memset(c->address + 10, 0xff, 2);
        memcpy(c->address + 12, &peer.v4.sin_addr, 4);
        inet_ntop(AF_INET, &peer.v4.sin_addr, c->client, sizeof c->client);
    } else if (peer.any.sa_family == AF_INET6) {
        memcpy(c->address, &peer.v6.sin6_addr, 16);
        inet_ntop(AF_INET6, &peer.v6.sin6_addr, c->client, sizeof c->client);
    }
}

struct connection *connections_add(struct connections *connections, int fd)
{
    struct connection *c = vg_calloc(1, sizeof *c);
    c->fd = fd;
    set_options(fd);
    name_client(c);
    connection_enter(connections, c, CONNECTION_IDLE);
    pthread_mutex_lock(&connections->lock);
    c->next = connections->first;
    if (c->next) c->next->previous = c;
    connections->first = c;
    connections->open++;
    pthread_mutex_unlock(&connections->lock);
    return c;
}

void connections_remove(struct connections *connections, struct connection *c)
{
    pthread_mutex_lock(&connections->lock);
    if (c->next) c->next->previous = c->previous;
    if (c->previous)
        c->previous->next = c->next;
    else
        connections->first = c->next;
    connections->open--;
    pthread_mutex_unlock(&connections->lock);
    free(c);
}

void connection_enter(const struct connections *connections, struct connection *connection, enum connection_phase phase)
{
    uint32_t ms = connections->limits.phase_ms[phase];
    int64_t deadline = ms ? vg_clock_ns() + ms * VG_NS_PER_MS : INT64_MAX;
    atomic_store_explicit(&connection->deadline_ns, deadline, memory_order_relaxed);
}

size_t connections_open(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    size_t open = connections->open;
    pthread_mutex_unlock(&connections->lock);
    return open;
}

uint64_t connections_cut(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    uint64_t cut = connections->cut;
    pthread_mutex_unlock(&connections->lock);
    return cut;
}
