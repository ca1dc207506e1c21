/* s3_url.h: names of places in S3: s3://bucket/prefix. */
#ifndef VIGIL_NET_S3_URL_H
#define VIGIL_NET_S3_URL_H

#include "base/buf.h"

struct s3_url {
    char *bucket;
    char *key; /* or prefix; raw, "" for the whole bucket */
};

/* Whether the text begins with "s3://", whatever its case. */
bool s3_url_is(const char *text);

/* Nothing is decoded: '%', '+' and '?' are characters of the key. VG_EUSAGE: no such URL, or a bucket name that S3
 * does not allow ("Bucket naming rules" of the Amazon S3 User Guide; '_' and capitals of old buckets pass). */
VG_MUST_USE vg_code s3_url_parse(const char *text, struct s3_url *url, vg_err *err);
void s3_url_release(struct s3_url *url);

#endif
