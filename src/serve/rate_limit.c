#include "serve/rate_limit.h"

#include <math.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/map.h"

#define SETS 16384 /* of WAYS buckets: 64k clients, 1.5 MiB */
#define WAYS 4
#define LOCKS 64

struct bucket {
    uint64_t client; /* keyed hash; 0: free */
    double tokens;
    int64_t filled_ns; /* when `tokens` was true */
};

struct rate_limit {
    double rate, burst;
    uint64_t seed; /* so that nobody can choose names that meet in one place */
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[SETS][WAYS];
};

struct rate_limit *rate_limit_new(unsigned rate, unsigned burst)
{
    struct rate_limit *limit = vg_calloc(1, sizeof *limit);
    limit->rate = rate;
    limit->burst = burst;
    if (getrandom(&limit->seed, sizeof limit->seed, 0) != sizeof limit->seed) VG_BUG("no random numbers");
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&limit->locks[i], NULL);
    return limit;
}

void rate_limit_free(struct rate_limit *limit)
{
    if (!limit) return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&limit->locks[i]);
    free(limit);
}

static uint64_t hash_of(uint64_t seed, vg_slice client)
{
    uint64_t hash = hash_mix64(seed ^ client.n);
    for (size_t i = 0; i < client.n; i++)
        hash = hash_mix64(hash ^ (unsigned char)client.p[i]);
    return hash | 1;
}

static double filled(const struct rate_limit *limit, const struct bucket *bucket, int64_t now_ns)
{
    if (bucket->client == 0) return limit->burst;
    double tokens = bucket->tokens + (double)(now_ns - bucket->filled_ns) * 1e-9 * limit->rate;
    return tokens < limit->burst ? tokens : limit->burst;
}

/* The client's bucket, or the fullest of its set emptied for it. */
static struct bucket *bucket_of(struct rate_limit *limit, struct bucket set[WAYS], uint64_t client, int64_t now_ns)
{
    struct bucket *fullest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].client == client) return &set[i];
        if (filled(limit, &set[i], now_ns) > filled(limit, fullest, now_ns)) fullest = &set[i];
    }
    *fullest = (struct bucket){client, limit->burst, now_ns};
    return fullest;
}

unsigned rate_limit_take(struct rate_limit *limit, vg_slice client, int64_t now_ns)
{
    uint64_t hash = hash_of(limit->seed, client);
    size_t set = (hash >> 32) % SETS;
    unsigned wait_s = 0;
    pthread_mutex_lock(&limit->locks[set % LOCKS]);
    struct bucket *bucket = bucket_of(limit, limit->buckets[set], hash, now_ns);
    double tokens = filled(limit, bucket, now_ns);
    if (tokens >= 1)
        tokens -= 1;
    else
        wait_s = (unsigned)ceil((1 - tokens) / limit->rate);
    bucket->tokens = tokens;
    bucket->filled_ns = now_ns;
    pthread_mutex_unlock(&limit->locks[set % LOCKS]);
    return wait_s;
}
