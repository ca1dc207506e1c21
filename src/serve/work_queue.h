/* work_queue.h: jobs for a few threads, in order, with a bounded line of those that wait. */
#ifndef VIGIL_SERVE_WORK_QUEUE_H
#define VIGIL_SERVE_WORK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct work_queue;
struct work_queue *work_queue_new(unsigned threads, size_t capacity);

/* Waits until what was taken in is done; takes nothing in any more. Then it may be freed, which does the same first. */
void work_queue_end(struct work_queue *queue);
void work_queue_free(struct work_queue *queue);

/* Runs work(arg) on one of the threads. False, and nothing happens, when `capacity` jobs wait already, or it
 * has ended. */
bool work_queue_push(struct work_queue *queue, void (*work)(void *arg), void *arg);

#endif
