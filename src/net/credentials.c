#include "net/credentials.h"

#include <pthread.h>
#include <time.h>

#include "base/pool.h"
#include "net/aws_profile.h"
#include "net/credentials_endpoint.h"

#define REFRESH_BEFORE_S 300
#define TRY_AGAIN_S 30 /* while the old keys still hold */

struct credentials {
    pthread_mutex_t lock;
    struct aws_keys keys; /* access_key is NULL until they are found */
    int64_t tried_s;
};

struct credentials *credentials_new(void)
{
    struct credentials *credentials = vg_calloc(1, sizeof *credentials);
    pthread_mutex_init(&credentials->lock, NULL);
    return credentials;
}

void credentials_free(struct credentials *credentials)
{
    if (!credentials) return;
    aws_keys_release(&credentials->keys);
    pthread_mutex_destroy(&credentials->lock);
    free(credentials);
}

/* Each source: VG_OK with keys, VG_OK without and a line in `looked`, or a failure that ends the search: what is
 * set up, but wrong, must not be passed over in silence. */

static vg_code from_environment(struct aws_keys *keys, vg_buf *looked, vg_err *err)
{
    const char *access_key = getenv("AWS_ACCESS_KEY_ID"), *secret_key = getenv("AWS_SECRET_ACCESS_KEY");
    const char *token = getenv("AWS_SESSION_TOKEN");
    if (!access_key || !*access_key) {
        vg_buf_adds(looked, "the environment (AWS_ACCESS_KEY_ID is not set)");
        return VG_OK;
    }
    struct aws_keys found = {(char *)access_key, (char *)secret_key, token && *token ? (char *)token : NULL,
                             AWS_KEYS_FOREVER};
    VG_TRY(aws_keys_check(&found, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", err));
    aws_keys_copy(keys, &found);
    return VG_OK;
}

static vg_code from_files(struct aws_keys *keys, vg_buf *looked, vg_err *err)
{
    struct aws_profile profile;
    vg_code rc = aws_profile_load(&profile, err);
    if (!rc && profile.keys.access_key) {
        *keys = profile.keys;
        profile.keys = (struct aws_keys){0};
    } else if (!rc) {
        vg_buf_addf(looked, "; profile %s of the shared files (%s", profile.name,
                    profile.found ? "it has no aws_access_key_id" : "there is none");
        if (profile.other_means) vg_buf_addf(looked, "; its %s is not supported", profile.other_means);
        vg_buf_addc(looked, ')');
    }
    aws_profile_release(&profile);
    return rc;
}

static vg_code from_container(struct aws_keys *keys, vg_buf *looked, vg_err *err)
{
    if (container_endpoint_named()) return container_endpoint_ask(keys, err);
    vg_buf_adds(looked, "; the container endpoint (AWS_CONTAINER_CREDENTIALS_…_URI is not set)");
    return VG_OK;
}

/* On most machines there is no such endpoint, so a failure is only noted. */
static vg_code from_instance(struct aws_keys *keys, vg_buf *looked, vg_err *err)
{
    vg_err why;
    if (!instance_endpoint_allowed())
        vg_buf_adds(looked, "; instance metadata (AWS_EC2_METADATA_DISABLED is set)");
    else if (instance_endpoint_ask(keys, &why))
        vg_buf_addf(looked, "; instance metadata (%s)", why.msg);
    return vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request") : VG_OK;
}

static vg_code find(struct aws_keys *keys, vg_err *err)
{
    static vg_code (*const sources[])(struct aws_keys *, vg_buf *, vg_err *) = {from_environment, from_files,
                                                                                from_container, from_instance};
    vg_buf looked = {0};
    vg_code rc = VG_OK;
    for (size_t i = 0; i < sizeof sources / sizeof *sources && !rc && !keys->access_key; i++)
        rc = sources[i](keys, &looked, err);
    if (!rc && !keys->access_key) {
        const char *identity = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");
        rc = vg_fail(err, VG_ESTATE, "no AWS credentials were found. Looked at: %s.%s", vg_buf_str(&looked),
                     identity && *identity ? " AWS_WEB_IDENTITY_TOKEN_FILE is set, but web identity is not supported."
                                           : "");
    }
    vg_buf_release(&looked);
    return rc;
}

/* The keys of before serve on while they hold, even when new ones cannot be had. */
static vg_code refresh(struct credentials *credentials, vg_err *err)
{
    int64_t now_s = time(NULL), expires_s = credentials->keys.expires_s;
    bool holds = credentials->keys.access_key && expires_s > now_s;
    bool recent = now_s - credentials->tried_s < TRY_AGAIN_S;
    if (holds && (expires_s - now_s > REFRESH_BEFORE_S || recent)) return VG_OK;
    struct aws_keys found = {0};
    vg_code rc = find(&found, err);
    credentials->tried_s = now_s;
    if (rc) return holds && rc != VG_ECANCEL ? VG_OK : rc;
    aws_keys_release(&credentials->keys);
    credentials->keys = found;
    return VG_OK;
}

vg_code credentials_get(struct credentials *credentials, struct aws_keys *keys, vg_err *err)
{
    pthread_mutex_lock(&credentials->lock);
    vg_code rc = refresh(credentials, err);
    if (!rc) aws_keys_copy(keys, &credentials->keys);
    pthread_mutex_unlock(&credentials->lock);
    return rc;
}
