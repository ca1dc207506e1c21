#include "net/s3.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/pool.h"
#include "net/aws_profile.h"
#include "net/s3_private.h"

#define DEFAULT_CONNECTIONS 8
#define DEFAULT_PART_BYTES (UINT64_C(8) << 20)
#define MAX_PLACES 64 /* buckets remembered; the oldest are forgotten */

struct known_place {
    char *bucket;
    struct s3_place place;
};

struct s3 {
    struct s3_settings settings;
    struct s3_budget budget;
    struct http_options http;
    char *region, *ca_file;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t given_back;
    struct http_client **idle;
    unsigned idle_count, client_count, max_clients;
    struct known_place places[MAX_PLACES];
    size_t place_count; /* ever added */
};

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* The first that is set. */
static const char *first_of(const char *given, const char *name, const char *other_name)
{
    if (given) return given;
    const char *value = setting(name);
    return value ? value : setting(other_name);
}

/* It becomes part of host names and of what is signed. */
static bool is_region(const char *region)
{
    size_t n = strlen(region);
    return n > 0 && n < sizeof((struct s3_place *)0)->region &&
           strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static vg_code choose_region(struct s3 *s3, const char *given, vg_err *err)
{
    const char *region = first_of(given, "AWS_REGION", "AWS_DEFAULT_REGION");
    if (region) {
        s3->region = vg_strdup(region);
    } else {
        struct aws_profile profile;
        vg_code rc = aws_profile_load(&profile, err);
        if (!rc) s3->region = vg_strdup(profile.region ? profile.region : "us-east-1");
        aws_profile_release(&profile);
        VG_TRY(rc);
    }
    if (is_region(s3->region)) return VG_OK;
    return vg_fail(err, VG_EUSAGE, "'%.100s' cannot be an AWS region", s3->region);
}

enum s3_status s3_new(const struct s3_options *options, struct s3 **out, vg_err *err)
{
    *out = NULL;
    struct s3 *s3 = vg_calloc(1, sizeof *s3);
    pthread_mutex_init(&s3->lock, NULL);
    pthread_cond_init(&s3->given_back, NULL);
    s3->settings = (struct s3_settings){
        .retry = options->retry ? options->retry : &retry_default,
        .part_bytes = options->part_bytes ? options->part_bytes : DEFAULT_PART_BYTES,
        .requester_pays = options->requester_pays,
        .credentials = credentials_new(),
    };
    const char *ca_file = options->ca_file ? options->ca_file : setting("AWS_CA_BUNDLE");
    if (ca_file) s3->ca_file = vg_strdup(ca_file);
    s3->http = (struct http_options){.ca_file = s3->ca_file, .stall_ms = options->stall_ms};
    s3->max_clients = options->connections ? options->connections : DEFAULT_CONNECTIONS;
    s3->idle = vg_calloc(s3->max_clients, sizeof *s3->idle);
    const char *endpoint = first_of(options->endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
    vg_code rc = s3_endpoint_parse(endpoint, &s3->settings.endpoint, err);
    if (!rc) rc = choose_region(s3, options->region, err);
    if (rc) {
        s3_free(s3);
        return S3_LOCAL;
    }
    *out = s3;
    return S3_OK;
}

void s3_free(struct s3 *s3)
{
    if (!s3) return;
    VG_ASSERT(s3->idle_count == s3->client_count);
    for (unsigned i = 0; i < s3->idle_count; i++)
        http_client_free(s3->idle[i]);
    for (size_t i = 0; i < MAX_PLACES; i++)
        free(s3->places[i].bucket);
    credentials_free(s3->settings.credentials);
    s3_endpoint_release(&s3->settings.endpoint);
    free(s3->idle);
    free(s3->region);
    free(s3->ca_file);
    pthread_cond_destroy(&s3->given_back);
    pthread_mutex_destroy(&s3->lock);
    free(s3);
}

const struct s3_budget *s3_budget(const struct s3 *s3) { return &s3->budget; }
const struct s3_settings *s3_settings(const struct s3 *s3) { return &s3->settings; }
struct s3_budget *s3_counters(struct s3 *s3) { return &s3->budget; }

/* --- connections --- */

enum s3_status s3_client_take(struct s3 *s3, bool even_when_cancelled, struct http_client **client, vg_err *err)
{
    *client = NULL;
    pthread_mutex_lock(&s3->lock);
    while (!*client && (even_when_cancelled || !vg_cancelled())) {
        if (s3->idle_count > 0) {
            *client = s3->idle[--s3->idle_count];
        } else if (s3->client_count < s3->max_clients) {
            s3->client_count++;
            *client = http_client_new(&s3->http);
        } else {
            struct timespec until; /* now and then to see a cancel */
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_sec++;
            pthread_cond_timedwait(&s3->given_back, &s3->lock, &until);
        }
    }
    pthread_mutex_unlock(&s3->lock);
    if (*client) return S3_OK;
    vg_fail(err, VG_ECANCEL, "stopped on request");
    return S3_STOPPED;
}

void s3_client_give(struct s3 *s3, struct http_client *client)
{
    pthread_mutex_lock(&s3->lock);
    s3->idle[s3->idle_count++] = client;
    pthread_cond_signal(&s3->given_back);
    pthread_mutex_unlock(&s3->lock);
}

/* --- places of buckets --- */

static struct known_place *known(struct s3 *s3, const char *bucket)
{
    for (size_t i = 0; i < MAX_PLACES; i++)
        if (s3->places[i].bucket && strcmp(s3->places[i].bucket, bucket) == 0) return &s3->places[i];
    return NULL;
}

void s3_place_find(struct s3 *s3, const char *bucket, struct s3_place *place)
{
    pthread_mutex_lock(&s3->lock);
    const struct known_place *found = known(s3, bucket);
    *place = found ? found->place : (struct s3_place){0};
    if (!found) snprintf(place->region, sizeof place->region, "%s", s3->region);
    pthread_mutex_unlock(&s3->lock);
}

void s3_place_set(struct s3 *s3, const char *bucket, const struct s3_place *place)
{
    pthread_mutex_lock(&s3->lock);
    struct known_place *slot = known(s3, bucket);
    if (!slot) {
        slot = &s3->places[s3->place_count++ % MAX_PLACES];
        free(slot->bucket);
        slot->bucket = vg_strdup(bucket);
    }
    slot->place = *place;
    pthread_mutex_unlock(&s3->lock);
}
