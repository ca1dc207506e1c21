#include "lake/lease.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

#define LEASE_MAX_BYTES 4096
#define RACE_MS 300 /* two that begin together have both written by then */

struct lease {
    struct s3 *s3;
    char *bucket, *key;
    unsigned seconds;
    char host[80];
    uint64_t nonce; /* tells processes apart that share host and number */
    pthread_t renewer;
    bool renews;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool done;
    int64_t until_ns; /* of the lease as it stands in the bucket */
};

struct holder {
    vg_buf host;
    int64_t process, until_s;
    uint64_t nonce;
};

static int64_t now_s(void) { return vg_now_ns() / 1000000000; }

static void print(const struct lease *lease, int64_t until_s, vg_buf *out)
{
    vg_buf_adds(out, "{\"host\": ");
    json_add_string(out, vg_slice_of(lease->host));
    vg_buf_addf(out, ", \"process\": %d, \"until\": %lld, \"nonce\": %llu}\n", (int)getpid(), (long long)until_s,
                (unsigned long long)lease->nonce);
}

/* What cannot be read is nobody's. */
static bool parse(vg_slice text, struct holder *holder)
{
    struct json_reader r = json_reader(text.p, text.n);
    vg_slice key, raw;
    bool escaped, ok = json_enter(&r, '{');
    while (ok && json_next_key(&r, &key)) {
        if (vg_slice_is(key, "host")) {
            ok = json_text(&r, &raw, &escaped);
            if (ok) vg_buf_add(&holder->host, raw.p, raw.n);
        } else if (vg_slice_is(key, "process")) {
            ok = json_int(&r, &holder->process);
        } else if (vg_slice_is(key, "until")) {
            ok = json_int(&r, &holder->until_s);
        } else if (vg_slice_is(key, "nonce")) {
            ok = json_count(&r, &holder->nonce);
        } else {
            ok = json_skip(&r, &raw);
        }
    }
    return ok && json_finish(&r);
}

/* A process of this machine that has ended holds nothing any more. */
static bool lives(const struct lease *lease, const struct holder *holder)
{
    if (holder->until_s <= now_s()) return false;
    bool here = vg_slice_is(vg_buf_view(&holder->host), lease->host);
    return !here || kill((pid_t)holder->process, 0) == 0 || errno != ESRCH;
}

/* Who has the lease now; *found: anybody, alive or not. */
static vg_code read_holder(const struct lease *lease, struct holder *holder, bool *found, vg_err *err)
{
    vg_buf text = {0};
    *holder = (struct holder){0};
    *found = false;
    enum s3_status status = s3_get(lease->s3, lease->bucket, lease->key, LEASE_MAX_BYTES, &text, err);
    if (status == S3_OK) *found = parse(vg_buf_view(&text), holder);
    vg_buf_release(&text);
    return status == S3_MISSING ? VG_OK : s3_code(status);
}

static vg_code refuse(const struct lease *lease, const struct holder *holder, vg_err *err)
{
    return vg_fail(err, VG_ESTATE,
                   "s3://%s/%s: another vigil (process %lld on %s) is writing to this lake: wait for it, then run this "
                   "again; if it was killed, its right ends by itself in %lld s",
                   lease->bucket, lease->key, (long long)holder->process, vg_buf_str(&holder->host),
                   (long long)(holder->until_s - now_s()));
}

static enum s3_status write_own(struct lease *lease, bool only_new, vg_err *err)
{
    vg_buf text = {0};
    int64_t until_s = now_s() + lease->seconds;
    print(lease, until_s, &text);
    enum s3_status status = s3_put(lease->s3, lease->bucket, lease->key, vg_buf_view(&text), only_new, NULL, err);
    vg_buf_release(&text);
    if (status != S3_OK) return status;
    pthread_mutex_lock(&lease->mutex);
    lease->until_ns = until_s * 1000000000;
    pthread_mutex_unlock(&lease->mutex);
    return S3_OK;
}

/* Whether it is still ours after others that began in the same moment have written, too. */
static vg_code read_back(const struct lease *lease, vg_err *err)
{
    struct holder holder;
    bool found;
    const struct timespec pause = {0, RACE_MS * 1000000};
    nanosleep(&pause, NULL);
    VG_TRY(read_holder(lease, &holder, &found, err));
    vg_code rc = found && holder.nonce == lease->nonce ? VG_OK : refuse(lease, &holder, err);
    vg_buf_release(&holder.host);
    return rc;
}

static vg_code take(struct lease *lease, vg_err *err)
{
    struct holder holder;
    bool found;
    VG_TRY(read_holder(lease, &holder, &found, err));
    vg_code rc = found && lives(lease, &holder) ? refuse(lease, &holder, err) : VG_OK;
    vg_buf_release(&holder.host);
    if (rc) return rc;
    enum s3_status status = found ? S3_UNSUPPORTED : write_own(lease, true, err);
    if (status == S3_EXISTS)
        return vg_fail(err, VG_ESTATE, "s3://%s/%s: another vigil has just begun to write to this lake", lease->bucket,
                       lease->key);
    if (status != S3_UNSUPPORTED) return s3_code(status);
    VG_TRY(s3_code(write_own(lease, false, err)));
    return read_back(lease, err);
}

/* Three times in a lease's life, so that two tries may fail. */
static void *renew(void *ctx)
{
    struct lease *lease = ctx;
    pthread_mutex_lock(&lease->mutex);
    while (!lease->done) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += lease->seconds / 3;
        int woken = 0;
        while (!lease->done && woken != ETIMEDOUT)
            woken = pthread_cond_timedwait(&lease->wake, &lease->mutex, &until);
        if (lease->done) break;
        pthread_mutex_unlock(&lease->mutex);
        vg_err ignored; /* lease_check notices when it did not work for too long */
        (void)!write_own(lease, false, &ignored);
        pthread_mutex_lock(&lease->mutex);
    }
    pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

vg_code lease_take(struct lease **out, struct s3 *s3, const char *bucket, const char *key, unsigned seconds,
                   vg_err *err)
{
    struct lease *lease = vg_calloc(1, sizeof *lease);
    *lease = (struct lease){.s3 = s3, .bucket = vg_strdup(bucket), .key = vg_strdup(key), .seconds = seconds};
    if (gethostname(lease->host, sizeof lease->host - 1) != 0) memcpy(lease->host, "?", 2);
    VG_ASSERT(getrandom(&lease->nonce, sizeof lease->nonce, 0) == sizeof lease->nonce);
    lease->nonce >>= 1; /* JSON readers of others know 63 bits */
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_cond_init(&lease->wake, NULL);
    vg_code rc = take(lease, err);
    if (!rc) {
        lease->renews = pthread_create(&lease->renewer, NULL, renew, lease) == 0;
        if (!lease->renews) rc = vg_fail(err, VG_EIO, "no thread could be started");
    }
    if (rc)
        lease_free(lease); /* which gives back only what is renewed */
    else
        *out = lease;
    return rc;
}

vg_code lease_check(struct lease *lease, vg_err *err)
{
    pthread_mutex_lock(&lease->mutex);
    bool ours = vg_now_ns() < lease->until_ns;
    pthread_mutex_unlock(&lease->mutex);
    return ours ? VG_OK
                : vg_fail(err, VG_ESTATE,
                          "s3://%s/%s: the right to write could not be renewed in time: nothing more was written; "
                          "run this again",
                          lease->bucket, lease->key);
}

void lease_free(struct lease *lease)
{
    vg_err ignored;
    if (!lease) return;
    if (lease->renews) {
        pthread_mutex_lock(&lease->mutex);
        lease->done = true;
        pthread_cond_signal(&lease->wake);
        pthread_mutex_unlock(&lease->mutex);
        pthread_join(lease->renewer, NULL);
        if (lease_check(lease, &ignored) == VG_OK) (void)!s3_delete(lease->s3, lease->bucket, lease->key, &ignored);
    }
    pthread_mutex_destroy(&lease->mutex);
    pthread_cond_destroy(&lease->wake);
    free(lease->bucket);
    free(lease->key);
    free(lease);
}
