/* pool.h: the same work for many tasks on a few threads, and a polite stop.
 *
 * Tasks are taken in order. A task that fails does not stop the others: what to do about failures is
 * for the caller to note. Work is expected to look at vg_cancelled() now and then, and before it begins.
 */
#ifndef VIGIL_BASE_POOL_H
#define VIGIL_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs work(ctx, worker, task) for every task in [0, tasks) on at most `threads` threads; worker is
 * in [0, threads). Returns when all are done. */
void vg_pool_run(unsigned threads, size_t tasks, void (*work)(void *ctx, unsigned worker, size_t task), void *ctx);

void vg_cancel(void);
bool vg_cancelled(void);

/* Sleeps until a time of day in ns since 1970, or until cancelled. */
void vg_wait_until(int64_t time_ns);

/* Cancel on SIGINT and SIGTERM; a second signal ends the process. */
void vg_cancel_on_signals(void);

/* Processors this process may use. */
unsigned vg_processors(void);

#endif
