/* s3_failure.h: what became of a request to S3, and what can be done about it. Pure functions. */
#ifndef VIGIL_NET_S3_FAILURE_H
#define VIGIL_NET_S3_FAILURE_H

#include "base/err.h"
#include "net/s3_xml.h"

enum s3_status {
    S3_OK = 0,
    S3_MISSING,     /* no such key */
    S3_NO_BUCKET,   /* no such bucket */
    S3_NO_UPLOAD,   /* no such multipart upload: it was completed or aborted */
    S3_FORBIDDEN,   /* these credentials may not; without permission to list, a missing key looks the same */
    S3_CREDENTIALS, /* none were found, or they are expired, unknown, or sign wrongly */
    S3_CLOCK,       /* this machine's clock is off by more than 15 minutes */
    S3_CHANGED,     /* the object is not the one that was asked for any more */
    S3_EXISTS,      /* there is such an object, and it was not to be replaced */
    S3_UNSUPPORTED, /* the server cannot do this */
    S3_REFUSED,     /* any other refusal: the text says why */
    S3_BUSY,        /* the server asks for patience, or has trouble, for too long */
    S3_LOST,        /* no connection, or lost again and again */
    S3_DAMAGED,     /* the bytes are not what their length or checksum says */
    S3_UNKNOWN,     /* the answer is not S3's, or larger than allowed */
    S3_LOCAL,       /* settings or files on this side: the text says which */
    S3_STOPPED,     /* vg_cancelled() */
};

/* The code for callers that pass failures up: VG_TRY(s3_code(s3_delete(…))). */
vg_code s3_code(enum s3_status status);

/* What the answer of an HTTP status and an error document (empty where there was none) means. S3_BUSY: it may be
 * better next time. */
enum s3_status s3_status_of(int http_status, const struct s3_error *error);

/* Fills `err` with what happened, the server's words, and what to do: "s3://bucket/key: …". Returns `status`. */
enum s3_status s3_fail(enum s3_status status, const char *bucket, vg_slice key, int http_status,
                       const struct s3_error *error, vg_err *err);

#endif
