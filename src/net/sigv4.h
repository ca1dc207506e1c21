/* sigv4.h: signs a request to AWS, or to another server that checks as AWS does: Signature Version 4.
 *
 * A pure function: no I/O, no clock. What it returns must be sent byte for byte, so the path and the query are
 * encoded here and nowhere else. Source: "AWS Signature Version 4 for API requests" of the IAM User Guide and
 * "Authenticating Requests: Using the Authorization Header" of the Amazon S3 API Reference.
 */
#ifndef VIGIL_NET_SIGV4_H
#define VIGIL_NET_SIGV4_H

#include "net/aws_keys.h"
#include "net/pair.h"

#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD" /* S3 only, and only where TLS guards the body */
#define SIGV4_HASH_TEXT 65                        /* a SHA-256 in hexadecimal, with its NUL */

struct sigv4_request {
    const char *method;
    const char *host; /* as the Host header will say it, with a port that is not the scheme's own */
    vg_slice path;    /* raw bytes, beginning with '/'; services other than S3: without "//", "." and ".." */
    const struct net_pair *query; /* raw, in any order */
    size_t query_count;
    const struct net_pair *headers; /* further headers to sign, no name twice */
    size_t header_count;
    const char *payload_hash; /* sigv4_hash of the body, or SIGV4_UNSIGNED_PAYLOAD */
    const char *region;       /* "us-east-2" */
    const char *service;      /* "s3": path encoded once and x-amz-content-sha256 sent; others: encoded twice */
    const struct aws_keys *keys;
    int64_t time_s; /* since 1970; servers accept 15 minutes of difference */
};

/* What to send. Headers borrow from here, from the request and from its keys. */
struct sigv4_signed {
    vg_buf target; /* encoded path and query */
    struct net_pair headers[4];
    size_t header_count;
    vg_buf authorization;
    char date[17]; /* 20130524T000000Z */
};

/* Fills `out`, which is zeroed or was released. Release follows. */
void sigv4_sign(const struct sigv4_request *request, struct sigv4_signed *out);
void sigv4_signed_release(struct sigv4_signed *out);

/* SHA-256 of a body in lower-case hexadecimal. */
void sigv4_hash(vg_slice body, char out[SIGV4_HASH_TEXT]);

#endif
