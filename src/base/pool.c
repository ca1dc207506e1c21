#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

static atomic_bool cancelled;

void vg_cancel(void) { atomic_store(&cancelled, true); }
bool vg_cancelled(void) { return atomic_load(&cancelled); }

static void on_signal(int number)
{
    vg_cancel();
    signal(number, SIG_DFL);
}

void vg_wait_until(int64_t time_ns)
{
    const struct timespec step = {0, 50000000};
    while (!vg_cancelled() && vg_now_ns() < time_ns)
        nanosleep(&step, NULL);
}

void vg_cancel_on_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

unsigned vg_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

struct pool {
    void (*work)(void *, unsigned, size_t);
    void *ctx;
    size_t tasks;
    atomic_size_t next;
};

struct worker {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
};

static void *run(void *arg)
{
    struct worker *worker = arg;
    struct pool *pool = worker->pool;
    for (;;) {
        size_t task = atomic_fetch_add(&pool->next, 1);
        if (task >= pool->tasks) return NULL;
        pool->work(pool->ctx, worker->number, task);
    }
}

void vg_pool_run(unsigned threads, size_t tasks, void (*work)(void *ctx, unsigned worker, size_t task), void *ctx)
{
    if (threads > tasks) threads = (unsigned)tasks;
    if (threads == 0) return;
    struct pool pool = {.work = work, .ctx = ctx, .tasks = tasks};
    struct worker *workers = vg_calloc(threads, sizeof *workers);
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){.pool = &pool, .number = i};
    for (unsigned i = 1; i < threads; i++)
        if (pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0) VG_BUG("no thread");
    run(&workers[0]);
    for (unsigned i = 1; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}
