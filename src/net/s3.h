/* s3.h: talks to Amazon S3 and to servers that speak its protocol.
 *
 * Operations give an enum s3_status (s3_failure.h) beside the text of the error; s3_code() makes a vg_code of it.
 * What may pass is tried again (retry.h); a bucket that lives in another region is found by what the server says.
 * Source of requests and answers: the Amazon S3 API Reference, version 2006-03-01.
 */
#ifndef VIGIL_NET_S3_H
#define VIGIL_NET_S3_H

#include "net/retry.h"
#include "net/s3_budget.h"
#include "net/s3_failure.h"

/* Zeroed means: as the environment says. Borrowed for the call of s3_new, but for `retry`, which is to outlive s3. */
struct s3_options {
    const char *endpoint;             /* NULL: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS */
    const char *region;               /* NULL: AWS_REGION, AWS_DEFAULT_REGION, the profile's region, else us-east-1 */
    const char *ca_file;              /* NULL: AWS_CA_BUNDLE, else the system's certificates */
    bool requester_pays;              /* says so with every request: the account of the credentials pays */
    unsigned connections;             /* at most so many at once, 0: 8; others wait. A stream that is open holds one. */
    const struct retry_policy *retry; /* NULL: retry_default */
    uint32_t stall_ms;                /* as http_options.stall_ms */
    uint64_t part_bytes;              /* of multipart uploads, and the size from which on files go in parts; 0: 8 MiB */
};

/* Shared by all threads. Nothing is asked of the network yet. */
struct s3;
VG_MUST_USE enum s3_status s3_new(const struct s3_options *options, struct s3 **s3, vg_err *err);
void s3_free(struct s3 *s3); /* no operation may be going on; NULL is fine */
const struct s3_budget *s3_budget(const struct s3 *s3);

/* --- listing --- */

struct s3_list_options {
    const char *prefix;      /* NULL: all keys */
    const char *delimiter;   /* keys that go on after it behind the prefix come as one; NULL: all keys */
    const char *start_after; /* only keys behind this one; NULL: from the first */
    unsigned page_keys;      /* keys a request, 0: as many as the server gives (1000) */
};

/* One object or common beginning, whose texts live until the function returns; false ends the listing with S3_OK. */
typedef bool (*s3_visit)(void *ctx, const struct s3_object *object);

/* In the order of the keys' bytes. */
VG_MUST_USE enum s3_status s3_list(struct s3 *s3, const char *bucket, const struct s3_list_options *options,
                                   s3_visit visit, void *ctx, vg_err *err);

/* --- reading --- */

struct s3_info {
    uint64_t size;       /* bytes */
    int64_t modified_s;  /* since 1970; -1 when the server does not say */
    char *etag;          /* without quotes; "" when the server does not say */
    char *version;       /* "" in buckets without versions */
    char *storage_class; /* "" is STANDARD */
    bool etag_is_md5;    /* of the whole object */
};
void s3_info_release(struct s3_info *info);

/* Release follows in any case. */
VG_MUST_USE enum s3_status s3_head(struct s3 *s3, const char *bucket, const char *key, struct s3_info *info,
                                   vg_err *err);

/* An object that is read as the caller wants it. A connection that is cut or stalls is replaced and reading goes on
 * where it was; the object is the same all the time, or S3_CHANGED. At the end, length and MD5 (where the ETag is
 * one) have been checked. One thread at a time. */
struct s3_stream;

/* `etag` (NULL: any) must be the object's: S3_CHANGED otherwise. */
VG_MUST_USE enum s3_status s3_stream_open(struct s3 *s3, const char *bucket, const char *key, const char *etag,
                                          struct s3_stream **stream, vg_err *err);
const struct s3_info *s3_stream_info(const struct s3_stream *stream);
VG_MUST_USE enum s3_status s3_stream_read(struct s3_stream *stream, char *bytes, size_t room, size_t *n, vg_err *err);
void s3_stream_close(struct s3_stream *stream); /* NULL is fine */

/* A whole object of at most `limit` bytes (S3_UNKNOWN: it is larger) into `body`, cleared first. */
VG_MUST_USE enum s3_status s3_get(struct s3 *s3, const char *bucket, const char *key, size_t limit, vg_buf *body,
                                  vg_err *err);

/* --- writing ---
 * The server checks every body against its SHA-256, which is signed. `etag` (may be NULL) receives the object's for
 * the caller to free. */

/* With only_new an object that is there stays: S3_EXISTS. Not all servers can do that: S3_UNSUPPORTED. When the
 * answer of a first try was lost, S3_EXISTS may speak of our own object. */
VG_MUST_USE enum s3_status s3_put(struct s3 *s3, const char *bucket, const char *key, vg_slice bytes, bool only_new,
                                  char **etag, vg_err *err);

/* A file, in parts when it is large. The object appears whole or not at all; what was sent of a failed or cancelled
 * upload is removed. */
VG_MUST_USE enum s3_status s3_put_file(struct s3 *s3, const char *bucket, const char *key, const char *path,
                                       char **etag, vg_err *err);

/* Removes an object; one that is not there is fine. */
VG_MUST_USE enum s3_status s3_delete(struct s3 *s3, const char *bucket, const char *key, vg_err *err);

/* Removes the parts of uploads below `prefix` that were begun at least age_s seconds ago (0: all) and never finished:
 * they are invisible, but cost. *removed counts them. */
VG_MUST_USE enum s3_status s3_abort_uploads(struct s3 *s3, const char *bucket, const char *prefix, int64_t age_s,
                                            unsigned *removed, vg_err *err);

#endif
