#include "base/number.h"
#include "net/s3_call.h"

static char *text_of(vg_slice value)
{
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') value = (vg_slice){value.p + 1, value.n - 2};
    char *text = strndup(value.p ? value.p : "", value.n);
    VG_ASSERT(text);
    return text;
}

/* 32 hexadecimal digits are the MD5 of an object that came in one piece and is not encrypted with a key of its own
 * ("Common response headers", ETag). */
static bool is_md5(const char *etag, vg_slice head)
{
    vg_slice encryption = http_header(head, "x-amz-server-side-encryption");
    bool plain = (!encryption.p || vg_slice_is(encryption, "AES256")) &&
                 !http_header(head, "x-amz-server-side-encryption-customer-algorithm").p;
    return plain && strlen(etag) == 32 && strspn(etag, "0123456789abcdef") == 32;
}

void s3_info_read(struct s3_info *info, vg_slice head)
{
    *info = (struct s3_info){
        .modified_s = http_date(http_header(head, "last-modified")),
        .etag = text_of(http_header(head, "etag")),
        .version = text_of(http_header(head, "x-amz-version-id")),
        .storage_class = text_of(http_header(head, "x-amz-storage-class")),
    };
    info->etag_is_md5 = is_md5(info->etag, head);
}

void s3_info_release(struct s3_info *info)
{
    free(info->etag);
    free(info->version);
    free(info->storage_class);
    *info = (struct s3_info){0};
}

static enum s3_status ask(struct s3 *s3, const char *bucket, const char *key, struct s3_info *info, vg_err *err)
{
    struct s3_call call = {.method = "HEAD", .bucket = bucket, .key = vg_slice_of(key), .limit = S3_MAX_ANSWER};
    struct s3_answer answer = {0};
    enum s3_status status = s3_call_send(s3, &call, &answer, err);
    if (!status) {
        vg_slice head = vg_buf_view(&answer.head);
        s3_info_read(info, head);
        vg_err what;
        if (!number_count(http_header(head, "content-length"), &info->size)) {
            vg_fail(&what, VG_EPARSE, "the answer does not say how large the object is");
            status = s3_unknown(&call, &what, err);
        }
    }
    s3_answer_release(&answer);
    return status;
}

/* The answer to HEAD has no body, so it cannot say why it is a refusal, or in which region the bucket is: that to GET
 * can. What is not read of the object costs little. S3_OK: no reason was found (any more). */
static enum s3_status ask_why(struct s3 *s3, const char *bucket, const char *key, vg_err *err)
{
    struct s3_call call = {.method = "GET", .bucket = bucket, .key = vg_slice_of(key), .is_stream = true};
    struct s3_answer answer = {0};
    enum s3_status status = s3_call_send(s3, &call, &answer, err);
    s3_answer_release(&answer);
    return status;
}

enum s3_status s3_head(struct s3 *s3, const char *bucket, const char *key, struct s3_info *info, vg_err *err)
{
    *info = (struct s3_info){0};
    enum s3_status status = ask(s3, bucket, key, info, err);
    if (status != S3_FORBIDDEN && status != S3_REFUSED) return status;
    enum s3_status why = ask_why(s3, bucket, key, err);
    return why ? why : ask(s3, bucket, key, info, err);
}
