#include "net/credentials_endpoint.h"

#include <arpa/inet.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/percent.h"
#include "net/http.h"
#include "net/http_head.h"
#include "net/retry.h"

#define MAX_ANSWER (64 << 10)
#define MAX_TOKEN (16 << 10)
#define CONTAINER_ADDRESS "http://169.254.170.2"
#define INSTANCE_ADDRESS "http://169.254.169.254"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"

/* These endpoints are near: what does not answer soon is not there. */
static const struct http_options near_options = {.connect_ms = 1000, .stall_ms = 2000, .direct = true};
static const struct retry_policy near_policy = {.attempts = 3, .first_ms = 100, .longest_ms = 1000, .total_ms = 2000};

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* One answer of status 200, tried again as near_policy says. */
static vg_code ask(struct http_client *client, const char *method, const char *url, const struct net_pair *header,
                   vg_buf *body, vg_err *err)
{
    struct http_request request = {
        .method = method, .url = url, .headers = header, .header_count = header ? 1 : 0, .total_ms = 5000};
    struct http_response response = {0};
    struct retry retry;
    retry_start(&retry, &near_policy, (uint64_t)vg_clock_ns());
    vg_code rc;
    for (uint32_t delay_ms;;) {
        rc = http_fetch(client, &request, MAX_ANSWER, &response, err);
        bool again = rc ? rc == VG_EIO : retry_status(response.status);
        if (!again || !retry_next(&retry, http_retry_after_ms(vg_buf_view(&response.head), time(NULL)), &delay_ms))
            break;
        rc = retry_wait(delay_ms, err);
        if (rc) break;
    }
    if (!rc && response.status != 200) rc = vg_fail(err, VG_ESTATE, "%s answers with status %d", url, response.status);
    if (!rc) {
        aws_wipe(body);
        *body = response.body;
        response.body = (vg_buf){0};
    }
    aws_wipe(&response.body);
    http_response_release(&response);
    return rc;
}

/* --- container --- */

bool container_endpoint_named(void)
{
    return setting("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || setting("AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

/* This machine, or an address that ECS or EKS gives to its agent. */
static bool is_near(const char *host, size_t n)
{
    char text[64];
    if (n == 0 || n >= sizeof text) return false;
    memcpy(text, host, n);
    text[n] = '\0';
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        uint32_t address = ntohl(v4.s_addr);
        return address >> 24 == 127 || strcmp(text, "169.254.170.2") == 0 || strcmp(text, "169.254.170.23") == 0;
    }
    return strcmp(text, "localhost") == 0 || strcmp(text, "[::1]") == 0 || strcmp(text, "[fd00:ec2::23]") == 0;
}

/* The token goes there, so it must be TLS or a place nobody else can be. */
static bool may_be_asked(const char *url)
{
    if (strncmp(url, "https://", 8) == 0) return true;
    if (strncmp(url, "http://", 7) != 0) return false;
    const char *host = url + 7;
    size_t n = strcspn(host, "/?#");
    const char *close = host[0] == '[' ? memchr(host, ']', n) : NULL;
    size_t name = close ? (size_t)(close - host) + 1 : strcspn(host, ":/?#");
    if (name < n && host[name] != ':') return false;
    for (size_t i = name + 1; i < n; i++)
        if (host[i] < '0' || host[i] > '9') return false;
    return is_near(host, name);
}

static vg_code read_token(vg_buf *token, vg_err *err)
{
    const char *path = setting("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *text = setting("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (path) {
        VG_TRY(file_read_all(path, MAX_TOKEN, token, err));
        while (token->len > 0 && (token->data[token->len - 1] == '\n' || token->data[token->len - 1] == '\r'))
            token->data[--token->len] = '\0';
    } else if (text) {
        vg_buf_adds(token, text);
    }
    for (size_t i = 0; i < token->len; i++)
        if ((unsigned char)token->data[i] < 0x20)
            return vg_fail(err, VG_EUSAGE, "the container authorization token holds a line break or control character");
    return VG_OK;
}

vg_code container_endpoint_ask(struct aws_keys *keys, vg_err *err)
{
    const char *relative = setting("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = setting("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    vg_buf url = {0}, token = {0}, body = {0};
    if (relative)
        vg_buf_addf(&url, "%s%s", CONTAINER_ADDRESS, relative);
    else
        vg_buf_adds(&url, full);
    struct http_client *client = http_client_new(&near_options);
    vg_code rc = VG_OK;
    if (!relative && !may_be_asked(url.data))
        rc = vg_fail(err, VG_EUSAGE,
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI is %.300s: only https, or http on this machine, is asked",
                     url.data);
    if (!rc) rc = read_token(&token, err);
    struct net_pair header = NET_PAIR("Authorization", vg_buf_view(&token));
    if (!rc) rc = ask(client, "GET", url.data, token.len ? &header : NULL, &body, err);
    if (!rc) rc = aws_keys_parse(vg_buf_view(&body), keys, err);
    http_client_free(client);
    vg_buf_release(&url);
    aws_wipe(&token);
    aws_wipe(&body);
    return rc;
}

/* --- instance --- */

bool instance_endpoint_allowed(void)
{
    const char *disabled = setting("AWS_EC2_METADATA_DISABLED");
    return !disabled || strcasecmp(disabled, "true") != 0;
}

/* The role's name is a line of its own; it goes into the next URL. */
static vg_code add_role(struct http_client *client, vg_buf *url, const struct net_pair *token, vg_err *err)
{
    vg_buf body = {0};
    vg_code rc = ask(client, "GET", url->data, token, &body, err);
    if (!rc) {
        vg_slice role = {vg_buf_str(&body), strcspn(vg_buf_str(&body), "\r\n")};
        if (role.n == 0)
            rc = vg_fail(err, VG_ESTATE, "this instance has no role");
        else
            percent_add(url, role, false);
    }
    vg_buf_release(&body);
    return rc;
}

vg_code instance_endpoint_ask(struct aws_keys *keys, vg_err *err)
{
    const char *address = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!address) address = INSTANCE_ADDRESS;
    size_t n = strlen(address);
    if (address[n - 1] == '/') n--;
    vg_buf url = {0}, token = {0}, body = {0};
    struct http_client *client = http_client_new(&near_options);
    struct net_pair lifetime = NET_PAIR("X-aws-ec2-metadata-token-ttl-seconds", VG_SLICE("300"));
    vg_buf_addf(&url, "%.*s/latest/api/token", (int)n, address);
    vg_code rc = ask(client, "PUT", url.data, &lifetime, &token, err);
    struct net_pair header = NET_PAIR("X-aws-ec2-metadata-token", vg_buf_view(&token));
    for (size_t i = 0; i < token.len && !rc; i++)
        if (token.data[i] < 0x21 || token.data[i] > 0x7e)
            rc = vg_fail(err, VG_EPARSE, "instance metadata: the token is not a plain text");
    if (!rc) {
        vg_buf_clear(&url);
        vg_buf_addf(&url, "%.*s" ROLE_PATH, (int)n, address);
        rc = add_role(client, &url, &header, err);
    }
    if (!rc) rc = ask(client, "GET", url.data, &header, &body, err);
    if (!rc) rc = aws_keys_parse(vg_buf_view(&body), keys, err);
    http_client_free(client);
    vg_buf_release(&url);
    aws_wipe(&token);
    aws_wipe(&body);
    return rc;
}
