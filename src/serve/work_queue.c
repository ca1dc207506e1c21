#include "serve/work_queue.h"

#include <pthread.h>

#include "base/err.h"

struct job {
    void (*work)(void *arg);
    void *arg;
};

struct work_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled; /* a job was added, or the end has come */
    struct job *jobs;      /* a ring */
    size_t capacity, first, n;
    bool ended;
    unsigned threads;
    pthread_t *ids;
};

static void *run(void *arg)
{
    struct work_queue *queue = arg;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (queue->n == 0 && !queue->ended)
            pthread_cond_wait(&queue->filled, &queue->lock);
        if (queue->n == 0) break;
        struct job job = queue->jobs[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->n--;
        pthread_mutex_unlock(&queue->lock);
        job.work(job.arg);
        pthread_mutex_lock(&queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

struct work_queue *work_queue_new(unsigned threads, size_t capacity)
{
    struct work_queue *queue = vg_calloc(1, sizeof *queue);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    queue->capacity = capacity;
    queue->jobs = vg_calloc(capacity, sizeof *queue->jobs);
    queue->threads = threads;
    queue->ids = vg_calloc(threads, sizeof *queue->ids);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&queue->ids[i], NULL, run, queue) != 0) VG_BUG("no thread");
    return queue;
}

void work_queue_end(struct work_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->ended = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
    for (unsigned i = 0; i < queue->threads; i++)
        pthread_join(queue->ids[i], NULL);
    queue->threads = 0;
}

void work_queue_free(struct work_queue *queue)
{
    work_queue_end(queue);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue->jobs);
    free(queue->ids);
    free(queue);
}

bool work_queue_push(struct work_queue *queue, void (*work)(void *arg), void *arg)
{
    pthread_mutex_lock(&queue->lock);
    bool room = !queue->ended && queue->n < queue->capacity;
    if (room) {
        queue->jobs[(queue->first + queue->n++) % queue->capacity] = (struct job){work, arg};
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return room;
}
