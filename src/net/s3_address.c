#include "net/s3_address.h"

vg_code s3_endpoint_parse(const char *url, struct s3_endpoint *endpoint, vg_err *err)
{
    *endpoint = (struct s3_endpoint){.is_tls = true};
    if (!url || !*url) return VG_OK;
    bool plain = strncasecmp(url, "http://", 7) == 0;
    if (!plain && strncasecmp(url, "https://", 8) != 0)
        return vg_fail(err, VG_EUSAGE, "the S3 endpoint %.200s does not begin with http:// or https://", url);
    const char *host = url + (plain ? 7 : 8);
    size_t n = strcspn(host, "/?#");
    if (n == 0 || memchr(host, '@', n) || host[n + strspn(host + n, "/")] != '\0')
        return vg_fail(err, VG_EUSAGE, "the S3 endpoint is not of the form https://host[:port]");
    const char *own_port = plain ? ":80" : ":443"; /* that curl leaves out of the Host header */
    size_t port = strlen(own_port);
    if (n > port && strncmp(host + n - port, own_port, port) == 0) n -= port;
    *endpoint = (struct s3_endpoint){.is_tls = !plain, .host = strndup(host, n)};
    VG_ASSERT(endpoint->host);
    return VG_OK;
}

void s3_endpoint_release(struct s3_endpoint *endpoint)
{
    free(endpoint->host);
    *endpoint = (struct s3_endpoint){0};
}

static const char *aws_domain(const char *region)
{
    return strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";
}

/* Lower-case letters, digits and '-': a label of a host name that the certificate of the region covers. */
static bool is_label(const char *bucket)
{
    return strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(bucket) && strlen(bucket) <= 63;
}

static bool begins_with_label(const char *host, const char *bucket)
{
    size_t n = strlen(bucket);
    return strncmp(host, bucket, n) == 0 && host[n] == '.';
}

void s3_address_make(struct s3_address *address, const struct s3_endpoint *endpoint, const char *moved_to,
                     const char *bucket, const char *region, vg_slice key)
{
    bool in_host = false;
    vg_buf_clear(&address->host);
    if (moved_to) {
        vg_buf_adds(&address->host, moved_to);
        in_host = begins_with_label(moved_to, bucket);
    } else if (endpoint->host) {
        vg_buf_adds(&address->host, endpoint->host);
    } else {
        in_host = is_label(bucket);
        if (in_host) vg_buf_addf(&address->host, "%s.", bucket);
        vg_buf_addf(&address->host, "s3.%s.%s", region, aws_domain(region));
    }
    vg_buf_clear(&address->base);
    vg_buf_addf(&address->base, "%s://%s", endpoint->is_tls ? "https" : "http", address->host.data);
    vg_buf_clear(&address->path);
    if (!in_host) vg_buf_addf(&address->path, "/%s", bucket);
    if (key.n || in_host) vg_buf_addc(&address->path, '/');
    vg_buf_add(&address->path, key.p, key.n);
}

void s3_address_release(struct s3_address *address)
{
    vg_buf_release(&address->base);
    vg_buf_release(&address->host);
    vg_buf_release(&address->path);
}

/* The host is the domain, or ends with "." and the domain. */
static bool is_below(vg_slice host, const char *domain, size_t n)
{
    if (host.n < n || strncasecmp(host.p + host.n - n, domain, n) != 0) return false;
    return host.n == n || host.p[host.n - n - 1] == '.';
}

static vg_slice without_port(vg_slice host)
{
    size_t n = host.n;
    while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
        n--;
    return n > 0 && n < host.n && host.p[n - 1] == ':' ? (vg_slice){host.p, n - 1} : host;
}

bool s3_endpoint_moved(const struct s3_endpoint *endpoint, vg_slice host)
{
    for (size_t i = 0; i < host.n; i++) /* it goes into a URL */
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:", host.p[i]) || !host.p[i])
            return false;
    if (host.n == 0 || host.n > 255) return false;
    vg_slice name = without_port(host);
    if (endpoint->host) {
        vg_slice own = without_port(vg_slice_of(endpoint->host));
        return is_below(name, own.p, own.n);
    }
    return is_below(host, "amazonaws.com", 13) || is_below(host, "amazonaws.com.cn", 16);
}
