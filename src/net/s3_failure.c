#include "net/s3_failure.h"

#include <stdio.h>

#include "net/retry.h"

static const struct {
    const char *code;
    enum s3_status status;
} codes[] = {
    {"NoSuchKey", S3_MISSING},
    {"NoSuchVersion", S3_MISSING},
    {"NoSuchBucket", S3_NO_BUCKET},
    {"NoSuchUpload", S3_NO_UPLOAD},
    {"AccessDenied", S3_FORBIDDEN},
    {"AllAccessDisabled", S3_FORBIDDEN},
    {"SignatureDoesNotMatch", S3_CREDENTIALS},
    {"InvalidAccessKeyId", S3_CREDENTIALS},
    {"InvalidToken", S3_CREDENTIALS},
    {"ExpiredToken", S3_CREDENTIALS},
    {"TokenRefreshRequired", S3_CREDENTIALS},
    {"RequestTimeTooSkewed", S3_CLOCK},
    {"PreconditionFailed", S3_CHANGED},
    {"NotImplemented", S3_UNSUPPORTED},
    {"BadDigest", S3_DAMAGED},
    {"XAmzContentSHA256Mismatch", S3_DAMAGED},
    {"XAmzContentChecksumMismatch", S3_DAMAGED},
};

/* What to do, by the server's code first, else by status. */
static const struct {
    const char *code;
    enum s3_status status;
    const char *advice;
} advices[] = {
    {"ExpiredToken", S3_OK, "the session has expired: get new credentials"},
    {"SignatureDoesNotMatch", S3_OK, "check the secret access key, and that no proxy changes requests"},
    {"InvalidAccessKeyId", S3_OK, "check the access key, and that it belongs to this service"},
    {"AuthorizationHeaderMalformed", S3_OK, "check the region (AWS_REGION)"},
    {"PermanentRedirect", S3_OK, "check the region (AWS_REGION) and the endpoint"},
    {"EntityTooLarge", S3_OK, "the object is larger than the server takes"},
    {NULL, S3_MISSING, "check the key"},
    {NULL, S3_NO_BUCKET, "check the name of the bucket, and that the credentials belong to its service"},
    {NULL, S3_FORBIDDEN,
     "the credentials may not do this (or the key does not exist and they may not list; or the bucket wants the "
     "requester to pay)"},
    {NULL, S3_CREDENTIALS, "check the credentials"},
    {NULL, S3_CLOCK, "set this machine's clock: S3 accepts 15 minutes of difference"},
    {NULL, S3_CHANGED, "it was replaced meanwhile: list it again"},
    {NULL, S3_BUSY, "try again later, or with fewer connections"},
};

vg_code s3_code(enum s3_status status)
{
    switch (status) {
    case S3_OK: return VG_OK;
    case S3_STOPPED: return VG_ECANCEL;
    case S3_LOST:
    case S3_BUSY: return VG_EIO;
    case S3_UNKNOWN:
    case S3_DAMAGED: return VG_EPARSE;
    case S3_LOCAL:
    case S3_UNSUPPORTED: return VG_EUSAGE;
    default: return VG_ESTATE;
    }
}

enum s3_status s3_status_of(int http_status, const struct s3_error *error)
{
    vg_slice code = vg_buf_view(&error->code);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (vg_slice_is(code, codes[i].code)) return codes[i].status;
    if (retry_status(http_status) || retry_code(code)) return S3_BUSY;
    switch (http_status) {
    case 403: return S3_FORBIDDEN;
    case 404: return S3_MISSING; /* HEAD has no document */
    case 412: return S3_CHANGED;
    case 501: return S3_UNSUPPORTED;
    default: return S3_REFUSED;
    }
}

static const char *advice_for(enum s3_status status, vg_slice code)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (advices[i].code ? vg_slice_is(code, advices[i].code) : status == advices[i].status)
            return advices[i].advice;
    return NULL;
}

/* At most 200 bytes of what the server says, as one line. */
static void add_words(vg_buf *out, vg_slice words)
{
    for (size_t i = 0; i < words.n && i < 200; i++)
        vg_buf_addc(out, (unsigned char)words.p[i] < 0x20 ? ' ' : words.p[i]);
}

enum s3_status s3_fail(enum s3_status status, const char *bucket, vg_slice key, int http_status,
                       const struct s3_error *error, vg_err *err)
{
    vg_buf text = {0};
    vg_slice code = vg_buf_view(&error->code), message = vg_buf_view(&error->message);
    vg_buf_addf(&text, "s3://%s/%.*s: HTTP status %d", bucket, key.n < 300 ? (int)key.n : 300, key.p, http_status);
    if (code.n) vg_buf_adds(&text, ", ");
    add_words(&text, code);
    if (message.n) vg_buf_adds(&text, ": ");
    add_words(&text, message);
    const char *advice = advice_for(status, code);
    if (advice) vg_buf_addf(&text, " - %s", advice);
    vg_fail(err, s3_code(status), "%s", text.data);
    vg_buf_release(&text);
    return status;
}
