#include "net/s3_call.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"
#include "net/s3_private.h"

#define MAX_MOVES 2            /* to another region or host, in one call */
#define SLOWEST_RATE 1024      /* bytes a second of an object */
#define ANSWER_MS (10 * 60000) /* bound of an exchange that is no stream … */
#define BODY_BYTES_PER_MS 16   /* … and of its body: 16 kB/s */

void s3_call_query(struct s3_call *call, const char *name, vg_slice value)
{
    VG_ASSERT(call->query_count < S3_MAX_PAIRS);
    call->query[call->query_count++] = (struct net_pair){vg_slice_of(name), value};
}

void s3_call_header(struct s3_call *call, const char *name, vg_slice value)
{
    VG_ASSERT(call->header_count < S3_MAX_PAIRS);
    call->headers[call->header_count++] = (struct net_pair){vg_slice_of(name), value};
}

void s3_answer_release(struct s3_answer *answer)
{
    http_stream_close(answer->stream);
    if (answer->client) s3_client_give(answer->s3, answer->client);
    vg_buf_release(&answer->head);
    vg_buf_release(&answer->body);
    *answer = (struct s3_answer){0};
}

enum s3_status s3_unknown(const struct s3_call *call, const vg_err *what, vg_err *err)
{
    vg_fail(err, what->code, "s3://%s/%.*s: %s", call->bucket, call->key.n < 300 ? (int)call->key.n : 300, call->key.p,
            what->msg);
    return S3_UNKNOWN;
}

enum s3_status s3_status_of_http(vg_code rc)
{
    switch (rc) {
    case VG_OK: return S3_OK;
    case VG_EIO: return S3_LOST;
    case VG_ECANCEL: return S3_STOPPED;
    case VG_EUSAGE:
    case VG_ESTATE: return S3_LOCAL;
    default: return S3_UNKNOWN;
    }
}

/* One try of a call. */
struct exchange {
    struct s3 *s3;
    const struct s3_call *call;
    struct s3_answer *answer;
    struct s3_place place;
    bool moved;        /* the answer named another place, which `place` is now */
    uint64_t asked_ms; /* how long the server asks to wait */
};

static uint32_t patience_ms(uint64_t body_bytes)
{
    uint64_t ms = ANSWER_MS + body_bytes / BODY_BYTES_PER_MS;
    return ms < INT32_MAX ? (uint32_t)ms : INT32_MAX;
}

static vg_code open_signed(struct exchange *exchange, const struct aws_keys *keys, vg_err *err)
{
    const struct s3_call *call = exchange->call;
    const struct s3_settings *settings = s3_settings(exchange->s3);
    struct s3_address address = {0};
    s3_address_make(&address, &settings->endpoint, exchange->place.host[0] ? exchange->place.host : NULL, call->bucket,
                    exchange->place.region, call->key);
    struct sigv4_request request = {
        .method = call->method,
        .host = address.host.data,
        .path = vg_buf_view(&address.path),
        .query = call->query,
        .query_count = call->query_count,
        .headers = call->headers,
        .header_count = call->header_count,
        .payload_hash = call->payload_hash ? call->payload_hash : S3_EMPTY_HASH,
        .region = exchange->place.region,
        .service = "s3",
        .keys = keys,
        .time_s = time(NULL),
    };
    struct sigv4_signed sent = {0};
    sigv4_sign(&request, &sent);
    struct net_pair headers[S3_MAX_PAIRS + 4];
    memcpy(headers, sent.headers, sent.header_count * sizeof *headers);
    memcpy(headers + sent.header_count, call->headers, call->header_count * sizeof *headers);
    vg_buf_adds(&address.base, sent.target.data);
    uint64_t body_bytes = call->body.is_file ? call->body.length : call->body.bytes.n;
    struct http_request http = {
        .method = call->method,
        .url = address.base.data,
        .headers = headers,
        .header_count = sent.header_count + call->header_count,
        .body = call->body,
        .slowest_rate = call->is_stream ? SLOWEST_RATE : 0,
        .total_ms = call->is_stream ? 0 : patience_ms(body_bytes),
        .even_when_cancelled = call->even_when_cancelled,
    };
    vg_code rc = http_stream_open(exchange->answer->client, &http, &exchange->answer->stream, err);
    sigv4_signed_release(&sent);
    s3_address_release(&address);
    return rc;
}

static void count(struct s3 *s3, const struct s3_call *call)
{
    struct s3_budget *budget = s3_counters(s3);
    atomic_fetch_add(call->is_class_a ? &budget->class_a : &budget->class_b, 1);
    atomic_fetch_add(&budget->bytes_out, call->body.is_file ? call->body.length : call->body.bytes.n);
}

/* The rest of the answer into its body. */
static vg_code read_body(struct s3_answer *answer, size_t limit, vg_err *err)
{
    vg_buf *body = &answer->body;
    vg_buf_clear(body);
    for (size_t n = 1; n > 0; body->len += n) {
        vg_buf_reserve(body, 65536);
        VG_TRY(http_stream_read(answer->stream, body->data + body->len, 65536, &n, err));
        atomic_fetch_add(&s3_counters(answer->s3)->bytes_in, n);
        if (body->len + n > limit) return vg_fail(err, VG_ELIMIT, "the answer of S3 is larger than %zu bytes", limit);
    }
    body->data[body->len] = '\0';
    return VG_OK;
}

/* The host in "https://host/…". */
static vg_slice host_of(vg_slice url)
{
    const char *start = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
    if (!start) return (vg_slice){NULL, 0};
    start += 3;
    size_t n = 0, left = (size_t)(url.p + url.n - start);
    while (n < left && start[n] != '/')
        n++;
    return (vg_slice){start, n};
}

/* Writes `text` into a field of a place; false when it is there already, or too long or empty. */
static bool replace(char *field, size_t room, vg_slice text)
{
    if (text.n == 0 || text.n >= room || (strlen(field) == text.n && memcmp(field, text.p, text.n) == 0)) return false;
    memcpy(field, text.p, text.n);
    field[text.n] = '\0';
    return true;
}

static bool is_region(vg_slice text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || (text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == '-'))
            return false;
    return true;
}

/* Takes up what the answer says of the bucket's region, or else of its host. */
static void note_place(struct exchange *exchange, int status, const struct s3_error *error)
{
    bool redirect = status == 301 || status == 302 || status == 307 || status == 308;
    if (!redirect && status != 400) return;
    struct s3_place *place = &exchange->place;
    vg_slice head = vg_buf_view(&exchange->answer->head);
    vg_slice region = http_header(head, "x-amz-bucket-region");
    if (!region.n) region = vg_buf_view(&error->region);
    if (is_region(region) && replace(place->region, sizeof place->region, region)) {
        place->host[0] = '\0';
        exchange->moved = true;
        return;
    }
    if (!redirect) return;
    vg_slice host = vg_buf_view(&error->endpoint);
    if (!host.n) host = host_of(http_header(head, "location"));
    if (host.n && s3_endpoint_moved(&s3_settings(exchange->s3)->endpoint, host))
        exchange->moved = replace(place->host, sizeof place->host, host);
}

static enum s3_status refused(struct exchange *exchange, int status, vg_err *err)
{
    struct s3_answer *answer = exchange->answer;
    struct s3_error error = {0};
    exchange->asked_ms = http_retry_after_ms(vg_buf_view(&answer->head), time(NULL));
    vg_code rc = read_body(answer, S3_MAX_ANSWER, err);
    if (rc == VG_ECANCEL) return S3_STOPPED;
    /* A proxy's page instead of a document, or half of one: the status alone has to do. */
    if (!rc && answer->body.len && s3_xml_error(vg_buf_view(&answer->body), &error, NULL)) error = (struct s3_error){0};
    note_place(exchange, status, &error);
    enum s3_status result = s3_status_of(status, &error);
    s3_fail(result, exchange->call->bucket, exchange->call->key, status, &error, err);
    s3_error_release(&error);
    return result;
}

static enum s3_status try_once(struct exchange *exchange, vg_err *err)
{
    struct s3_answer *answer = exchange->answer;
    *answer = (struct s3_answer){.s3 = exchange->s3};
    struct aws_keys keys = {0};
    vg_code rc = credentials_get(s3_settings(exchange->s3)->credentials, &keys, err);
    if (rc) return rc == VG_ECANCEL ? S3_STOPPED : S3_CREDENTIALS;
    enum s3_status result = s3_client_take(exchange->s3, exchange->call->even_when_cancelled, &answer->client, err);
    if (!result) {
        count(exchange->s3, exchange->call);
        result = s3_status_of_http(open_signed(exchange, &keys, err));
    }
    aws_keys_release(&keys);
    if (result) return result;
    int status = http_stream_status(answer->stream);
    vg_slice head = http_stream_head(answer->stream);
    vg_buf_add(&answer->head, head.p, head.n);
    if (status < 200 || status > 299) return refused(exchange, status, err);
    answer->status = status;
    if (exchange->call->is_stream) return S3_OK;
    result = s3_status_of_http(read_body(answer, exchange->call->limit, err));
    if (result) return result;
    http_stream_close(answer->stream);
    answer->stream = NULL;
    s3_client_give(exchange->s3, answer->client);
    answer->client = NULL;
    return S3_OK;
}

/* True: wait is over, try again. False: *result is what it came to. */
static bool wait_to_try_again(struct s3 *s3, struct retry *retry, uint64_t asked_ms, enum s3_status *result,
                              vg_err *err)
{
    uint32_t delay_ms;
    if (!retry_next(retry, asked_ms, &delay_ms)) {
        if (!err) return false;
        size_t n = strlen(err->msg);
        snprintf(err->msg + n, sizeof err->msg - n, " (tried %u times)", retry->failed);
        return false;
    }
    if (retry_wait(delay_ms, err)) {
        *result = S3_STOPPED;
        return false;
    }
    atomic_fetch_add(&s3_counters(s3)->retries, 1);
    return true;
}

enum s3_status s3_call_send(struct s3 *s3, const struct s3_call *call, struct s3_answer *answer, vg_err *err)
{
    struct s3_call paid = *call;
    if (s3_settings(s3)->requester_pays) s3_call_header(&paid, "x-amz-request-payer", VG_SLICE("requester"));
    struct retry own;
    retry_start(&own, s3_settings(s3)->retry, (uint64_t)vg_clock_ns() ^ (uint64_t)(uintptr_t)&own);
    struct retry *retry = call->retry ? call->retry : &own;
    for (unsigned moves = 0;;) {
        struct exchange exchange = {.s3 = s3, .call = &paid, .answer = answer};
        s3_place_find(s3, call->bucket, &exchange.place);
        enum s3_status result = try_once(&exchange, err);
        if (!result) return S3_OK;
        s3_answer_release(answer);
        if (exchange.moved && moves < MAX_MOVES) {
            moves++;
            s3_place_set(s3, call->bucket, &exchange.place);
            continue;
        }
        if (result != S3_BUSY && result != S3_LOST) return result;
        if (!wait_to_try_again(s3, retry, exchange.asked_ms, &result, err)) return result;
    }
}
