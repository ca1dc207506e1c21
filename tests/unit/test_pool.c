#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "support.h"

#define TASKS 1000

struct count {
    atomic_uint runs[TASKS];
    atomic_uint next, out_of_order, beyond;
    unsigned threads;
};

static void note(void *ctx, unsigned worker, size_t task)
{
    struct count *count = ctx;
    atomic_fetch_add(&count->runs[task], 1);
    if (worker >= count->threads) atomic_fetch_add(&count->beyond, 1);
    if (atomic_fetch_add(&count->next, 1) != task) atomic_fetch_add(&count->out_of_order, 1);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7, 64};
    static const size_t tasks[] = {0, 1, 2, 63, TASKS};
    for (size_t i = 0; i < COUNT(threads); i++)
        for (size_t k = 0; k < COUNT(tasks); k++) {
            struct count *count = calloc(1, sizeof *count);
            assert_non_null(count);
            count->threads = threads[i];
            vg_pool_run(threads[i], tasks[k], note, count);
            for (size_t task = 0; task < TASKS; task++)
                assert_int_equal(atomic_load(&count->runs[task]), task < tasks[k]);
            assert_int_equal(atomic_load(&count->beyond), 0);
            if (threads[i] == 1) assert_int_equal(atomic_load(&count->out_of_order), 0);
            free(count);
        }
}

static void meet(void *ctx, unsigned worker, size_t task)
{
    (void)worker;
    (void)task;
    pthread_barrier_wait(ctx); /* returns only when all three tasks run at once */
}

static void tasks_run_side_by_side(void **state)
{
    (void)state;
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    vg_pool_run(3, 3, meet, &barrier);
    pthread_barrier_destroy(&barrier);
}

static void a_signal_cancels(void **state)
{
    (void)state;
    assert_true(vg_processors() >= 1);
    assert_false(vg_cancelled());
    vg_cancel_on_signals();
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(vg_cancelled());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(tasks_run_side_by_side),
        cmocka_unit_test(a_signal_cancels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
