/* s3_address.h: where a bucket is reached: at AWS, or at an endpoint of one's own.
 *
 * AWS: https://bucket.s3.region.amazonaws.com/key, and where the bucket's name has a dot (no certificate covers it)
 * or is no host name https://s3.region.amazonaws.com/bucket/key. Own endpoint: endpoint/bucket/key. Pure functions.
 */
#ifndef VIGIL_NET_S3_ADDRESS_H
#define VIGIL_NET_S3_ADDRESS_H

#include "base/buf.h"

/* An endpoint of one's own, taken apart. */
struct s3_endpoint {
    bool is_tls;
    char *host; /* with a port that is not the scheme's own; NULL: AWS */
};

/* `url` is "http://host[:port]" or "https://host[:port]"; NULL or "": AWS. VG_EUSAGE: anything else. */
VG_MUST_USE vg_code s3_endpoint_parse(const char *url, struct s3_endpoint *endpoint, vg_err *err);
void s3_endpoint_release(struct s3_endpoint *endpoint);

/* Zeroed is valid; release follows. */
struct s3_address {
    vg_buf base; /* "https://host", to be followed by the signed target */
    vg_buf host; /* as the Host header says it */
    vg_buf path; /* raw: "/key" or "/bucket/key"; "/" or "/bucket" without a key */
};

/* `moved_to` is a host that S3 named for this bucket (s3_endpoint_moved), or NULL. */
void s3_address_make(struct s3_address *address, const struct s3_endpoint *endpoint, const char *moved_to,
                     const char *bucket, const char *region, vg_slice key);
void s3_address_release(struct s3_address *address);

/* Whether a host that an answer names may be asked instead: only one of the same service. At AWS any below
 * amazonaws.com; else the endpoint's own host, on whatever port, or one below it. */
bool s3_endpoint_moved(const struct s3_endpoint *endpoint, vg_slice host);

#endif
