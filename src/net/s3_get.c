#include <stdio.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/number.h"
#include "net/s3_call.h"
#include "net/s3_private.h"

#define MD5_BYTES 16
#define PROGRESS_BYTES 4096 /* so many bytes since the last failure, and the count of attempts begins anew */

struct s3_stream {
    struct s3 *s3;
    char *bucket, *key;
    struct s3_info info;
    struct s3_answer answer; /* of the connection that serves now; released: it was lost */
    uint64_t at;             /* bytes handed out */
    uint64_t since_failure;
    struct retry retry;
    EVP_MD_CTX *md5; /* NULL: nothing to compare with */
    bool damaged;
};

static enum s3_status fail(const struct s3_stream *stream, enum s3_status status, const char *what, vg_err *err)
{
    vg_fail(err, s3_code(status), "s3://%s/%.300s, byte %llu of %llu: %s", stream->bucket, stream->key,
            (unsigned long long)stream->at, (unsigned long long)stream->info.size, what);
    return status;
}

/* "bytes 100-199/200" begins where we stopped, and speaks of an object of the same size. */
static bool goes_on(const struct s3_stream *stream, vg_slice range)
{
    char wanted[100];
    int n = snprintf(wanted, sizeof wanted, "bytes %llu-%llu/%llu", (unsigned long long)stream->at,
                     (unsigned long long)stream->info.size - 1, (unsigned long long)stream->info.size);
    return vg_slice_eq(range, (vg_slice){wanted, (size_t)n});
}

/* Asks for the object from `at` on; `etag` is what it must be, or NULL. */
static enum s3_status ask(struct s3_stream *stream, const char *etag, vg_err *err)
{
    struct s3_call call = {.method = "GET",
                           .bucket = stream->bucket,
                           .key = vg_slice_of(stream->key),
                           .is_stream = true,
                           .retry = &stream->retry};
    vg_buf match = {0};
    char range[40];
    if (etag) {
        vg_buf_addf(&match, "\"%s\"", etag);
        s3_call_header(&call, "if-match", vg_buf_view(&match));
    }
    if (stream->at > 0) {
        snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)stream->at);
        s3_call_header(&call, "range", vg_slice_of(range));
    }
    enum s3_status status = s3_call_send(stream->s3, &call, &stream->answer, err);
    vg_buf_release(&match);
    if (!status && stream->at > 0 &&
        (stream->answer.status != 206 ||
         !goes_on(stream, http_header(vg_buf_view(&stream->answer.head), "content-range"))))
        return fail(stream, S3_UNKNOWN, "the server does not go on where the connection was lost", err);
    return status;
}

enum s3_status s3_stream_open(struct s3 *s3, const char *bucket, const char *key, const char *etag,
                              struct s3_stream **out, vg_err *err)
{
    struct s3_stream *stream = vg_calloc(1, sizeof *stream);
    stream->s3 = s3;
    stream->bucket = vg_strdup(bucket);
    stream->key = vg_strdup(key);
    retry_start(&stream->retry, s3_settings(s3)->retry, (uint64_t)vg_clock_ns() ^ (uint64_t)(uintptr_t)stream);
    *out = NULL;
    enum s3_status status = ask(stream, etag, err);
    if (!status) {
        vg_slice head = vg_buf_view(&stream->answer.head);
        s3_info_read(&stream->info, head);
        if (!number_count(http_header(head, "content-length"), &stream->info.size))
            status = fail(stream, S3_UNKNOWN, "the answer does not say how large the object is", err);
    }
    if (status) {
        s3_stream_close(stream);
        return status;
    }
    if (stream->info.etag_is_md5) {
        stream->md5 = EVP_MD_CTX_new();
        VG_ASSERT(stream->md5 && EVP_DigestInit_ex(stream->md5, EVP_md5(), NULL) == 1);
    }
    *out = stream;
    return S3_OK;
}

const struct s3_info *s3_stream_info(const struct s3_stream *stream) { return &stream->info; }

static enum s3_status check_whole(struct s3_stream *stream, vg_err *err)
{
    if (stream->md5) {
        uint8_t digest[MD5_BYTES];
        char text[2 * MD5_BYTES];
        EVP_DigestFinal_ex(stream->md5, digest, NULL);
        EVP_MD_CTX_free(stream->md5);
        stream->md5 = NULL;
        vg_hex_encode(digest, MD5_BYTES, text);
        stream->damaged = memcmp(text, stream->info.etag, sizeof text) != 0;
    }
    if (!stream->damaged) return S3_OK;
    return fail(stream, S3_DAMAGED, "the bytes that arrived are not those of its MD5 (the ETag)", err);
}

/* Waits, and goes on with another connection. */
static enum s3_status resume(struct s3_stream *stream, vg_err *err)
{
    s3_answer_release(&stream->answer);
    if (stream->since_failure >= PROGRESS_BYTES) retry_progress(&stream->retry);
    stream->since_failure = 0;
    uint32_t delay_ms;
    if (!retry_next(&stream->retry, 0, &delay_ms)) {
        vg_err last = *err;
        char what[600];
        snprintf(what, sizeof what, "lost %u times: %.500s", stream->retry.failed, last.msg);
        return fail(stream, S3_LOST, what, err);
    }
    if (retry_wait(delay_ms, err)) return S3_STOPPED;
    atomic_fetch_add(&s3_counters(stream->s3)->retries, 1);
    return ask(stream, stream->info.etag[0] ? stream->info.etag : NULL, err);
}

enum s3_status s3_stream_read(struct s3_stream *stream, char *bytes, size_t room, size_t *n, vg_err *err)
{
    vg_err own;
    if (!err) err = &own;
    *n = 0;
    for (;;) {
        if (stream->at == stream->info.size) return check_whole(stream, err);
        if (!stream->answer.stream) return fail(stream, S3_LOST, "it was given up before", err);
        vg_code rc = http_stream_read(stream->answer.stream, bytes, room, n, err);
        if (!rc && *n == 0) rc = vg_fail(err, VG_EIO, "the body ended too early");
        if (!rc) break;
        if (rc != VG_EIO) return s3_status_of_http(rc);
        enum s3_status status = resume(stream, err);
        if (status) return status;
    }
    if (*n > stream->info.size - stream->at) return fail(stream, S3_DAMAGED, "more bytes arrive than it has", err);
    stream->at += *n;
    stream->since_failure += *n;
    atomic_fetch_add(&s3_counters(stream->s3)->bytes_in, *n);
    if (stream->md5) EVP_DigestUpdate(stream->md5, bytes, *n);
    return S3_OK;
}

void s3_stream_close(struct s3_stream *stream)
{
    if (!stream) return;
    s3_answer_release(&stream->answer);
    s3_info_release(&stream->info);
    EVP_MD_CTX_free(stream->md5);
    free(stream->bucket);
    free(stream->key);
    free(stream);
}

enum s3_status s3_get(struct s3 *s3, const char *bucket, const char *key, size_t limit, vg_buf *body, vg_err *err)
{
    struct s3_stream *stream;
    vg_buf_clear(body);
    enum s3_status status = s3_stream_open(s3, bucket, key, NULL, &stream, err);
    if (!status && stream->info.size > limit) {
        vg_fail(err, VG_ELIMIT, "s3://%s/%.300s has %llu bytes: more than %zu", bucket, key,
                (unsigned long long)stream->info.size, limit);
        status = S3_UNKNOWN;
    }
    if (!status) vg_buf_reserve(body, stream->info.size);
    for (size_t n = 1; n > 0 && !status; body->len += n)
        status = s3_stream_read(stream, body->data + body->len, stream->info.size - body->len, &n, err);
    if (body->data) body->data[body->len] = '\0';
    s3_stream_close(stream);
    return status;
}
