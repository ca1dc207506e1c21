#include "net/s3_upload.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/hex.h"
#include "net/s3_private.h"

#define MIB (UINT64_C(1) << 20)
#define READ_BYTES (256 << 10)
#define MD5_BYTES 16

uint64_t s3_part_bytes(uint64_t file_bytes, uint64_t preferred)
{
    if (file_bytes <= preferred * S3_MAX_PARTS) return preferred;
    uint64_t least = (file_bytes + S3_MAX_PARTS - 1) / S3_MAX_PARTS;
    return (least + MIB - 1) / MIB * MIB;
}

bool s3_parts_etag(char *const *etags, size_t n, vg_buf *out)
{
    EVP_MD_CTX *md5 = EVP_MD_CTX_new();
    VG_ASSERT(md5 && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1);
    uint8_t digest[MD5_BYTES];
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        good = strlen(etags[i]) == 2 * MD5_BYTES && vg_hex_decode(etags[i], digest, MD5_BYTES);
        if (good) EVP_DigestUpdate(md5, digest, MD5_BYTES);
    }
    EVP_DigestFinal_ex(md5, digest, NULL);
    EVP_MD_CTX_free(md5);
    char text[2 * MD5_BYTES];
    vg_hex_encode(digest, MD5_BYTES, text);
    vg_buf_clear(out);
    vg_buf_add(out, text, sizeof text);
    vg_buf_addf(out, "-%zu", n);
    return good;
}

enum s3_status s3_hash_range(const struct s3_upload_source *source, uint64_t offset, uint64_t length,
                             char hash[SIGV4_HASH_TEXT], vg_err *err)
{
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    VG_ASSERT(sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1);
    char *room = vg_alloc(READ_BYTES);
    enum s3_status status = S3_OK;
    while (length > 0 && !status) {
        ssize_t n = pread(source->fd, room, length < READ_BYTES ? (size_t)length : READ_BYTES, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) vg_fail_errno(err, "reading %s", source->path);
        if (n == 0) vg_fail(err, VG_ESTATE, "%s became shorter while it was read", source->path);
        if (n <= 0) {
            status = S3_LOCAL;
        } else {
            EVP_DigestUpdate(sha, room, (size_t)n);
            offset += (uint64_t)n;
            length -= (uint64_t)n;
        }
    }
    uint8_t digest[32];
    EVP_DigestFinal_ex(sha, digest, NULL);
    vg_hex_encode(digest, sizeof digest, hash);
    hash[SIGV4_HASH_TEXT - 1] = '\0';
    EVP_MD_CTX_free(sha);
    free(room);
    return status;
}

/* A multipart upload on its way. */
struct upload {
    const struct s3_upload_source *source;
    vg_buf id;
    char **etags; /* of the parts */
    size_t n;
};

static struct s3_call call_of(const struct upload *upload)
{
    struct s3_call call = {.bucket = upload->source->bucket,
                           .key = vg_slice_of(upload->source->key),
                           .is_class_a = true,
                           .limit = S3_MAX_ANSWER};
    if (upload->id.len) s3_call_query(&call, "uploadId", vg_buf_view(&upload->id));
    return call;
}

static enum s3_status begin(struct upload *upload, vg_err *err)
{
    struct s3_call call = call_of(upload);
    call.method = "POST";
    s3_call_query(&call, "uploads", VG_SLICE(""));
    struct s3_answer answer = {0};
    vg_err what;
    enum s3_status status = s3_call_send(upload->source->s3, &call, &answer, err);
    if (!status && s3_xml_upload_id(vg_buf_view(&answer.body), &upload->id, &what))
        status = s3_unknown(&call, &what, err);
    s3_answer_release(&answer);
    return status;
}

static enum s3_status send_part(struct upload *upload, uint64_t offset, uint64_t length, vg_err *err)
{
    char number[24], hash[SIGV4_HASH_TEXT];
    enum s3_status status = s3_hash_range(upload->source, offset, length, hash, err);
    if (status) return status;
    struct s3_call call = call_of(upload);
    snprintf(number, sizeof number, "%zu", upload->n + 1);
    s3_call_query(&call, "partNumber", vg_slice_of(number));
    call.body = (struct http_body){.is_file = true, .fd = upload->source->fd, .offset = offset, .length = length};
    call.payload_hash = hash;
    status = s3_put_call(upload->source->s3, &call, &upload->etags[upload->n], err);
    if (!status) upload->n++;
    return status;
}

static void add_escaped(vg_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '>' || *text == '&')
            vg_buf_addf(out, "&#%d;", *text);
        else
            vg_buf_addc(out, *text);
    }
}

static void add_part_list(const struct upload *upload, vg_buf *out)
{
    vg_buf_adds(out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < upload->n; i++) {
        vg_buf_addf(out, "<Part><PartNumber>%zu</PartNumber><ETag>\"", i + 1);
        add_escaped(out, upload->etags[i]);
        vg_buf_adds(out, "\"</ETag></Part>");
    }
    vg_buf_adds(out, "</CompleteMultipartUpload>");
}

/* The answer has status 200 before the work is done, so it may be an error all the same. */
static enum s3_status complete_once(const struct upload *upload, const struct s3_call *call, vg_buf *etag, vg_err *err)
{
    struct s3_answer answer = {0};
    struct s3_error error = {0};
    vg_err what;
    bool completed = false;
    enum s3_status status = s3_call_send(upload->source->s3, call, &answer, err);
    if (!status) {
        vg_slice body = vg_buf_view(&answer.body);
        if (s3_xml_completed(body, &completed, etag, &what) || (!completed && s3_xml_error(body, &error, &what)))
            status = s3_unknown(call, &what, err);
        else if (!completed)
            status = s3_fail(s3_status_of(answer.status, &error), call->bucket, call->key, answer.status, &error, err);
    }
    s3_error_release(&error);
    s3_answer_release(&answer);
    return status;
}

/* An upload that is gone may have been completed by a request whose answer was lost: then the object is there, and
 * its ETag is that of our parts. */
static enum s3_status completed_before(const struct upload *upload, vg_buf *etag, vg_err *err)
{
    const struct s3_upload_source *source = upload->source;
    struct s3_info info;
    vg_err unused;
    bool is_ours = s3_parts_etag(upload->etags, upload->n, etag) &&
                   s3_head(source->s3, source->bucket, source->key, &info, &unused) == S3_OK;
    if (is_ours) {
        is_ours = strcmp(info.etag, etag->data) == 0;
        s3_info_release(&info);
    }
    if (is_ours) return S3_OK;
    vg_fail(err, VG_ESTATE, "s3://%s/%.300s: the server does not know the upload any more: was it removed?",
            source->bucket, source->key);
    return S3_NO_UPLOAD;
}

static enum s3_status complete(const struct upload *upload, vg_buf *etag, vg_err *err)
{
    vg_buf body = {0};
    char hash[SIGV4_HASH_TEXT];
    add_part_list(upload, &body);
    sigv4_hash(vg_buf_view(&body), hash);
    struct s3_call call = call_of(upload);
    call.method = "POST";
    call.body.bytes = vg_buf_view(&body);
    call.payload_hash = hash;
    struct retry retry;
    retry_start(&retry, s3_settings(upload->source->s3)->retry, (uint64_t)vg_clock_ns());
    call.retry = &retry;
    enum s3_status status;
    uint32_t delay_ms;
    while ((status = complete_once(upload, &call, etag, err)) == S3_BUSY && retry_next(&retry, 0, &delay_ms))
        if (retry_wait(delay_ms, err)) {
            status = S3_STOPPED;
            break;
        }
    if (status == S3_NO_UPLOAD) status = completed_before(upload, etag, err);
    vg_buf_release(&body);
    return status;
}

enum s3_status s3_abort_upload(struct s3 *s3, const char *bucket, vg_slice key, vg_slice id, vg_err *err)
{
    struct s3_call call = {
        .method = "DELETE", .bucket = bucket, .key = key, .limit = S3_MAX_ANSWER, .even_when_cancelled = true};
    s3_call_query(&call, "uploadId", id);
    struct s3_answer answer = {0};
    enum s3_status status = s3_call_send(s3, &call, &answer, err);
    s3_answer_release(&answer);
    return status == S3_NO_UPLOAD || status == S3_MISSING ? S3_OK : status;
}

/* The failure that ended the upload stays the one that is told. */
static void give_up(const struct upload *upload, vg_err *err)
{
    vg_err why;
    const struct s3_upload_source *source = upload->source;
    if (!s3_abort_upload(source->s3, source->bucket, vg_slice_of(source->key), vg_buf_view(&upload->id), &why)) return;
    if (!err) return;
    size_t n = strlen(err->msg);
    snprintf(err->msg + n, sizeof err->msg - n, " (and the parts that were sent are still there: %.300s)", why.msg);
}

enum s3_status s3_put_parts(const struct s3_upload_source *source, char **etag, vg_err *err)
{
    uint64_t part_bytes = s3_part_bytes(source->size, s3_settings(source->s3)->part_bytes);
    struct upload upload = {.source = source};
    upload.etags = vg_calloc((size_t)(source->size / part_bytes + 1), sizeof *upload.etags);
    vg_buf whole = {0};
    enum s3_status status = begin(&upload, err);
    if (!status) {
        for (uint64_t offset = 0; offset < source->size && !status; offset += part_bytes) {
            uint64_t left = source->size - offset;
            status = send_part(&upload, offset, left < part_bytes ? left : part_bytes, err);
        }
        if (!status) status = complete(&upload, &whole, err);
        if (status) give_up(&upload, err);
    }
    if (!status && etag) *etag = vg_strdup(vg_buf_str(&whole));
    for (size_t i = 0; i < upload.n; i++)
        free(upload.etags[i]);
    free(upload.etags);
    vg_buf_release(&upload.id);
    vg_buf_release(&whole);
    return status;
}

/* --- uploads that were left behind --- */

static enum s3_status abort_page(struct s3 *s3, const char *bucket, const struct s3_uploads *page, int64_t before_s,
                                 unsigned *removed, vg_err *err)
{
    for (size_t i = 0; i < page->n; i++) {
        if (page->items[i].begun_s > before_s) continue;
        enum s3_status status = s3_abort_upload(s3, bucket, page->items[i].key, page->items[i].id, err);
        if (status) return status;
        ++*removed;
    }
    return S3_OK;
}

enum s3_status s3_abort_uploads(struct s3 *s3, const char *bucket, const char *prefix, int64_t age_s, unsigned *removed,
                                vg_err *err)
{
    int64_t before_s = age_s ? time(NULL) - age_s : INT64_MAX; /* 0: whatever the clocks say */
    vg_buf key = {0}, id = {0};
    enum s3_status status;
    *removed = 0;
    for (bool more = true; more;) {
        struct s3_call call = {
            .method = "GET", .bucket = bucket, .key = VG_SLICE(""), .is_class_a = true, .limit = S3_MAX_LISTING};
        s3_call_query(&call, "uploads", VG_SLICE(""));
        s3_call_query(&call, "encoding-type", VG_SLICE("url"));
        s3_call_query(&call, "prefix", vg_slice_of(prefix ? prefix : ""));
        if (key.len) s3_call_query(&call, "key-marker", vg_buf_view(&key));
        if (id.len) s3_call_query(&call, "upload-id-marker", vg_buf_view(&id));
        struct s3_answer answer = {0};
        struct s3_uploads page = {0};
        vg_err what;
        status = s3_call_send(s3, &call, &answer, err);
        if (!status && s3_xml_uploads(vg_buf_view(&answer.body), &page, &what)) status = s3_unknown(&call, &what, err);
        if (!status) status = abort_page(s3, bucket, &page, before_s, removed, err);
        bool stands = vg_slice_eq(page.next_key, vg_buf_view(&key)) && vg_slice_eq(page.next_id, vg_buf_view(&id));
        more = !status && page.truncated && !stands;
        vg_buf_clear(&key);
        vg_buf_clear(&id);
        vg_buf_add(&key, page.next_key.p, page.next_key.n);
        vg_buf_add(&id, page.next_id.p, page.next_id.n);
        s3_answer_release(&answer);
        s3_uploads_release(&page);
    }
    vg_buf_release(&key);
    vg_buf_release(&id);
    return status;
}
