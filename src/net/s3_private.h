/* s3_private.h: what the files of S3 share of a struct s3. Private to src/net. */
#ifndef VIGIL_NET_S3_PRIVATE_H
#define VIGIL_NET_S3_PRIVATE_H

#include "net/credentials.h"
#include "net/http.h"
#include "net/s3.h"
#include "net/s3_address.h"

/* Where a bucket was found to live. */
struct s3_place {
    char region[64];
    char host[256]; /* another host of the service; "": the usual one */
};

struct s3_settings {
    struct s3_endpoint endpoint;
    struct credentials *credentials; /* thread-safe */
    const struct retry_policy *retry;
    uint64_t part_bytes;
    bool requester_pays;
};

/* Never change. */
const struct s3_settings *s3_settings(const struct s3 *s3);
struct s3_budget *s3_counters(struct s3 *s3);

/* A client for the caller to give back; waits while all are in use. S3_STOPPED. */
VG_MUST_USE enum s3_status s3_client_take(struct s3 *s3, bool even_when_cancelled, struct http_client **client,
                                          vg_err *err);
void s3_client_give(struct s3 *s3, struct http_client *client);

/* What is known of the bucket: at first the region of the settings. */
void s3_place_find(struct s3 *s3, const char *bucket, struct s3_place *place);
void s3_place_set(struct s3 *s3, const char *bucket, const struct s3_place *place);

#endif
