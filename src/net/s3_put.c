#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/s3_call.h"
#include "net/s3_private.h"
#include "net/s3_upload.h"

enum s3_status s3_put_call(struct s3 *s3, struct s3_call *call, char **etag, vg_err *err)
{
    call->method = "PUT";
    call->is_class_a = true;
    call->limit = S3_MAX_ANSWER;
    struct s3_answer answer = {0};
    enum s3_status status = s3_call_send(s3, call, &answer, err);
    if (!status && etag) {
        struct s3_info info;
        s3_info_read(&info, vg_buf_view(&answer.head));
        *etag = info.etag;
        info.etag = NULL;
        s3_info_release(&info);
    }
    s3_answer_release(&answer);
    return status;
}

enum s3_status s3_put(struct s3 *s3, const char *bucket, const char *key, vg_slice bytes, bool only_new, char **etag,
                      vg_err *err)
{
    char hash[SIGV4_HASH_TEXT];
    sigv4_hash(bytes, hash);
    struct s3_call call = {.bucket = bucket, .key = vg_slice_of(key), .body = {.bytes = bytes}, .payload_hash = hash};
    if (only_new) s3_call_header(&call, "if-none-match", VG_SLICE("*"));
    enum s3_status status = s3_put_call(s3, &call, etag, err);
    if (status != S3_CHANGED || !only_new) return status;
    vg_fail(err, VG_ESTATE, "s3://%s/%.300s: there is such an object already", bucket, key);
    return S3_EXISTS;
}

static enum s3_status put_whole(const struct s3_upload_source *source, char **etag, vg_err *err)
{
    char hash[SIGV4_HASH_TEXT];
    enum s3_status status = s3_hash_range(source, 0, source->size, hash, err);
    if (status) return status;
    struct s3_call call = {
        .bucket = source->bucket,
        .key = vg_slice_of(source->key),
        .body = {.is_file = true, .fd = source->fd, .length = source->size},
        .payload_hash = hash,
    };
    return s3_put_call(source->s3, &call, etag, err);
}

enum s3_status s3_put_file(struct s3 *s3, const char *bucket, const char *key, const char *path, char **etag,
                           vg_err *err)
{
    struct s3_upload_source source = {.s3 = s3, .bucket = bucket, .key = key, .path = path};
    source.fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (source.fd < 0 || fstat(source.fd, &info) != 0) {
        vg_fail_errno(err, "opening %s", path);
        if (source.fd >= 0) close(source.fd);
        return S3_LOCAL;
    }
    source.size = (uint64_t)info.st_size;
    enum s3_status status =
        source.size < s3_settings(s3)->part_bytes ? put_whole(&source, etag, err) : s3_put_parts(&source, etag, err);
    close(source.fd);
    return status;
}

enum s3_status s3_delete(struct s3 *s3, const char *bucket, const char *key, vg_err *err)
{
    struct s3_call call = {.method = "DELETE", .bucket = bucket, .key = vg_slice_of(key), .limit = S3_MAX_ANSWER};
    struct s3_answer answer = {0};
    enum s3_status status = s3_call_send(s3, &call, &answer, err);
    s3_answer_release(&answer);
    return status == S3_MISSING ? S3_OK : status;
}
