#include "net/s3_url.h"

bool s3_url_is(const char *text) { return strncasecmp(text, "s3://", 5) == 0; }

static bool is_bucket_name(const char *name, size_t n)
{
    if (n < 3 || n > 255) return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i < n - 1 && (c == '-' || c == '_' || (c == '.' && name[i - 1] != '.'));
        if (!letter && !inside) return false;
    }
    return true;
}

vg_code s3_url_parse(const char *text, struct s3_url *url, vg_err *err)
{
    *url = (struct s3_url){0};
    if (!s3_url_is(text)) return vg_fail(err, VG_EUSAGE, "%.200s: not of the form s3://bucket/prefix", text);
    const char *bucket = text + 5;
    size_t n = strcspn(bucket, "/");
    if (!is_bucket_name(bucket, n))
        return vg_fail(err, VG_EUSAGE, "%.200s: '%.*s' cannot be the name of a bucket", text, n < 200 ? (int)n : 200,
                       bucket);
    url->bucket = strndup(bucket, n);
    VG_ASSERT(url->bucket);
    url->key = vg_strdup(bucket[n] ? bucket + n + 1 : "");
    return VG_OK;
}

void s3_url_release(struct s3_url *url)
{
    free(url->bucket);
    free(url->key);
    *url = (struct s3_url){0};
}
