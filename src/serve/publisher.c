#include "serve/publisher.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/day.h"

struct publisher {
    struct store *store;
    struct event_hub *hub;
    uint32_t every_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* the end has come, or the first attempt is over */
    atomic_bool end;        /* written with the lock */
    bool tried;
    struct snapshot *current;
    struct publisher_status status;
    char told[sizeof((vg_err){0}.msg)]; /* the failure that stderr knows of */
    pthread_t thread;
};

static void announce(struct publisher *p, const struct snapshot *s)
{
    vg_buf data = {0};
    vg_buf_addf(&data, "{\"version\":\"%016llx\",", (unsigned long long)snapshot_coverage(s)->version);
    vg_buf_add(&data, snapshot_coverage_json(s).p, snapshot_coverage_json(s).n);
    vg_buf_addf(&data, ",\"traders\":%u}", trader_index_count(snapshot_traders(s)));
    event_hub_publish(p->hub, "published", vg_buf_view(&data));
    vg_buf_release(&data);
}

static void replace(struct publisher *p, struct snapshot *fresh, int64_t build_ns)
{
    pthread_mutex_lock(&p->lock);
    struct snapshot *old = p->current;
    p->current = fresh;
    p->status.published++;
    p->status.build_ns = build_ns;
    pthread_mutex_unlock(&p->lock);
    snapshot_release(old);
    announce(p, fresh);
}

static vg_code look(struct publisher *p, vg_err *err)
{
    struct store_coverage coverage;
    struct snapshot *fresh;
    int64_t begin = vg_clock_ns();
    VG_TRY(store_coverage(p->store, &coverage, err));
    /* Only this thread replaces it, so it may look without the lock. */
    if (p->current && snapshot_coverage(p->current)->version == coverage.version) return VG_OK;
    VG_TRY(snapshot_build(&fresh, p->store, &p->end, err));
    if (p->current) snapshot_warm(fresh, p->current, &p->end);
    replace(p, fresh, vg_clock_ns() - begin);
    return VG_OK;
}

static void tell(struct publisher *p, const vg_err *err)
{
    if (strcmp(p->told, err->msg) == 0) return;
    memcpy(p->told, err->msg, sizeof p->told);
    if (*p->told) fprintf(stderr, "vigil serve: %s\n", p->told);
}

static void *run(void *arg)
{
    struct publisher *p = arg;
    struct timespec until;
    for (;;) {
        vg_err err = {0};
        vg_code rc = look(p, &err);
        if (!p->end) tell(p, &err);
        pthread_mutex_lock(&p->lock);
        p->status.store_works = rc == VG_OK;
        p->status.failures += rc != VG_OK;
        p->tried = true;
        pthread_cond_broadcast(&p->changed);
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + p->every_ms * VG_NS_PER_MS;
        until.tv_sec += ns / VG_NS_PER_S;
        until.tv_nsec = ns % VG_NS_PER_S;
        while (!p->end && pthread_cond_timedwait(&p->changed, &p->lock, &until) == 0)
            continue;
        bool end = p->end;
        pthread_mutex_unlock(&p->lock);
        if (end) return NULL;
    }
}

struct publisher *publisher_start(struct store *store, struct event_hub *hub, uint32_t every_ms)
{
    struct publisher *p = vg_calloc(1, sizeof *p);
    p->store = store;
    p->hub = hub;
    p->every_ms = every_ms;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    if (pthread_create(&p->thread, NULL, run, p) != 0) VG_BUG("no thread");
    return p;
}

void publisher_stop(struct publisher *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->end = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    snapshot_release(p->current);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

struct snapshot *publisher_snapshot(struct publisher *p)
{
    pthread_mutex_lock(&p->lock);
    struct snapshot *s = p->current ? snapshot_hold(p->current) : NULL;
    pthread_mutex_unlock(&p->lock);
    return s;
}

void publisher_wait(struct publisher *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->tried)
        pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void publisher_status(struct publisher *p, struct publisher_status *status)
{
    pthread_mutex_lock(&p->lock);
    *status = p->status;
    pthread_mutex_unlock(&p->lock);
}
