#include "flow/claims.h"

#include <pthread.h>

#include "base/err.h"

enum state {
    CLAIM_OPEN, /* not said yet */
    CLAIM_HELD,
    CLAIM_COMMITTED,
    CLAIM_OVER, /* nothing of the object will be in the lake */
};

struct claims {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct turn {
        enum state state;
        struct claim claim;
    } turns[];
};

struct claims *claims_new(size_t objects)
{
    struct claims *claims = vg_calloc(1, sizeof *claims + objects * sizeof *claims->turns);
    pthread_mutex_init(&claims->mutex, NULL);
    pthread_cond_init(&claims->changed, NULL);
    return claims;
}

void claims_free(struct claims *claims)
{
    if (!claims) return;
    pthread_mutex_destroy(&claims->mutex);
    pthread_cond_destroy(&claims->changed);
    free(claims);
}

bool claims_clash(const struct claim *a, const struct claim *b)
{
    if (!a->surrogate && !b->surrogate) return false;
    bool same = a->first_time_ns == b->first_time_ns && a->last_time_ns == b->last_time_ns;
    return same ||
           (a->first_time_ns < b->last_time_ns && b->first_time_ns < a->last_time_ns); /* an edge may be shared */
}

static bool shares_blocks(const struct claim *a, const struct claim *b)
{
    return !a->surrogate && !b->surrogate && a->first_block <= b->last_block && b->first_block <= a->last_block;
}

bool claims_await(struct claims *claims, size_t index, const struct claim *own)
{
    bool shared = false;
    pthread_mutex_lock(&claims->mutex);
    for (size_t i = 0; i < index; i++) {
        const struct turn *turn = &claims->turns[i];
        while (turn->state == CLAIM_OPEN)
            pthread_cond_wait(&claims->changed, &claims->mutex);
        if (turn->state == CLAIM_OVER || !shares_blocks(&turn->claim, own)) continue;
        while (turn->state == CLAIM_HELD)
            pthread_cond_wait(&claims->changed, &claims->mutex);
        shared = true;
    }
    pthread_mutex_unlock(&claims->mutex);
    return shared;
}

const char *claims_hold(struct claims *claims, size_t index, const struct claim *own)
{
    const char *clash = NULL;
    pthread_mutex_lock(&claims->mutex);
    for (size_t i = 0; i < index && !clash; i++) {
        const struct turn *turn = &claims->turns[i];
        if (turn->state != CLAIM_OVER && claims_clash(&turn->claim, own)) clash = turn->claim.key;
    }
    if (!clash) claims->turns[index] = (struct turn){CLAIM_HELD, *own};
    pthread_cond_broadcast(&claims->changed);
    pthread_mutex_unlock(&claims->mutex);
    return clash;
}

void claims_settle(struct claims *claims, size_t index, bool committed)
{
    pthread_mutex_lock(&claims->mutex);
    struct turn *turn = &claims->turns[index];
    turn->state = committed && turn->state == CLAIM_HELD ? CLAIM_COMMITTED : CLAIM_OVER;
    pthread_cond_broadcast(&claims->changed);
    pthread_mutex_unlock(&claims->mutex);
}
