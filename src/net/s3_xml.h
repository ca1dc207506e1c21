/* s3_xml.h: what S3 answers in XML.
 *
 * Source: the response syntax of the Amazon S3 API Reference, actions ListObjectsV2, CreateMultipartUpload,
 * CompleteMultipartUpload, ListMultipartUploads, and "Error responses". Pure functions over bytes; unknown
 * elements are skipped. Failures: VG_EPARSE and VG_ELIMIT, with what is wrong.
 */
#ifndef VIGIL_NET_S3_XML_H
#define VIGIL_NET_S3_XML_H

#include "base/arena.h"
#include "base/buf.h"

/* An object of a listing, or with a delimiter the common beginning of several keys. */
struct s3_object {
    vg_slice key;       /* raw bytes */
    vg_slice etag;      /* without quotes */
    uint64_t size;      /* bytes */
    int64_t modified_s; /* since 1970 */
    bool is_prefix;     /* key is a common beginning: nothing else is known */
};

/* One page of a listing. Texts live in the arena. */
struct s3_page {
    struct arena arena;
    struct s3_object *items;
    size_t n;
    vg_slice next; /* continuation token; empty on the last page */
};
VG_MUST_USE vg_code s3_xml_page(vg_slice document, struct s3_page *page, vg_err *err);
void s3_page_release(struct s3_page *page);

/* An error document. Empty where the answer is silent. */
struct s3_error {
    vg_buf code, message, region, endpoint;
};
VG_MUST_USE vg_code s3_xml_error(vg_slice document, struct s3_error *error, vg_err *err);
void s3_error_release(struct s3_error *error);

/* The id of a new multipart upload. */
VG_MUST_USE vg_code s3_xml_upload_id(vg_slice document, vg_buf *id, vg_err *err);

/* Whether the answer to CompleteMultipartUpload is its result, with the object's ETag without quotes. It comes with
 * status 200 even when it is an error document: then *completed is false and s3_xml_error reads it. */
VG_MUST_USE vg_code s3_xml_completed(vg_slice document, bool *completed, vg_buf *etag, vg_err *err);

/* Multipart uploads that were begun and not finished. Texts live in the arena. */
struct s3_upload {
    vg_slice key, id;
    int64_t begun_s; /* since 1970 */
};
struct s3_uploads {
    struct arena arena;
    struct s3_upload *items;
    size_t n;
    bool truncated; /* further ones follow behind the markers */
    vg_slice next_key, next_id;
};
VG_MUST_USE vg_code s3_xml_uploads(vg_slice document, struct s3_uploads *uploads, vg_err *err);
void s3_uploads_release(struct s3_uploads *uploads);

#endif
