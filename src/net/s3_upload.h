/* s3_upload.h: a file on its way to S3, in parts. Private to src/net. */
#ifndef VIGIL_NET_S3_UPLOAD_H
#define VIGIL_NET_S3_UPLOAD_H

#include "net/s3_call.h"

#define S3_MAX_PARTS 10000 /* "Amazon S3 multipart upload limits" of the User Guide */

struct s3_upload_source {
    struct s3 *s3;
    const char *bucket, *key, *path;
    int fd;
    uint64_t size;
};

/* Size of the parts of a file: the preferred one, or so many whole MiB that S3_MAX_PARTS are enough. */
uint64_t s3_part_bytes(uint64_t file_bytes, uint64_t preferred);

/* The ETag that S3 gives to an object of these parts: the MD5 of their MD5s, "-" and their number. False when an
 * ETag of a part is no MD5. */
bool s3_parts_etag(char *const *etags, size_t n, vg_buf *out);

/* SHA-256 of a range of the file. S3_LOCAL. */
VG_MUST_USE enum s3_status s3_hash_range(const struct s3_upload_source *source, uint64_t offset, uint64_t length,
                                         char hash[SIGV4_HASH_TEXT], vg_err *err);

/* Completes `call` to a PUT and sends it; *etag (may be NULL) is the answer's, for the caller to free. */
VG_MUST_USE enum s3_status s3_put_call(struct s3 *s3, struct s3_call *call, char **etag, vg_err *err);

/* The whole file as a multipart upload. */
VG_MUST_USE enum s3_status s3_put_parts(const struct s3_upload_source *source, char **etag, vg_err *err);

/* Removes what was sent of an upload, even when cancelled. One that is gone is fine. */
VG_MUST_USE enum s3_status s3_abort_upload(struct s3 *s3, const char *bucket, vg_slice key, vg_slice id, vg_err *err);

#endif
