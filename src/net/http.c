#include "net/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/pool.h"

#define STEP_MS 100 /* how long a cancelled wait goes on at most */
#define CHUNK_BYTES (256 << 10)

struct http_client {
    struct http_options options;
    CURL *easy;
    CURLM *multi;
    bool busy;
};

struct http_stream {
    struct http_client *client;
    struct http_request request; /* url and method are copies: errors name them later */
    char *url, *method;
    struct curl_slist *headers;
    uint64_t sent; /* of the body */
    int status;
    vg_buf head;
    bool head_complete;
    vg_buf body; /* arrived and not read yet: from body_at */
    size_t body_at;
    bool paused;
    bool done;
    CURLcode result;   /* once done */
    uint64_t moved;    /* bytes in either direction in this stretch of waiting */
    int64_t waited_ns; /* length of the stretch */
    vg_err broken;     /* what went wrong inside a callback */
    char text[CURL_ERROR_SIZE];
};

static void init_library(void) { VG_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); }

struct http_client *http_client_new(const struct http_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    struct http_client *client = vg_calloc(1, sizeof *client);
    client->options = *options;
    if (!client->options.connect_ms) client->options.connect_ms = 10000;
    if (!client->options.stall_ms) client->options.stall_ms = 30000;
    client->easy = curl_easy_init();
    client->multi = curl_multi_init();
    VG_ASSERT(client->easy && client->multi);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 4L);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client) return;
    VG_ASSERT(!client->busy);
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    free(client);
}

/* --- what libcurl calls --- */

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct http_stream *stream = ctx;
    size_t n = size * count;
    stream->moved += n;
    if (stream->head_complete) return n; /* trailers */
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        vg_buf_clear(&stream->head); /* what came before was "100 Continue" */
        return n;
    }
    if (stream->head.len + n > HTTP_MAX_HEAD) {
        vg_fail(&stream->broken, VG_ELIMIT, "the headers of the answer are larger than %d bytes", HTTP_MAX_HEAD);
        return 0;
    }
    vg_buf_add(&stream->head, bytes, n);
    if (n > 2) return n;
    long status = 0;
    curl_easy_getinfo(stream->client->easy, CURLINFO_RESPONSE_CODE, &status);
    stream->status = (int)status;
    stream->head_complete = status >= 200;
    return n;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct http_stream *stream = ctx;
    size_t n = size * count;
    if (stream->body.len > 0 && stream->body.len + n > HTTP_STREAM_BUFFER) {
        stream->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    stream->moved += n;
    vg_buf_add(&stream->body, bytes, n);
    return n;
}

static uint64_t body_length(const struct http_body *body) { return body->is_file ? body->length : body->bytes.n; }

static size_t on_send(char *room, size_t size, size_t count, void *ctx)
{
    struct http_stream *stream = ctx;
    const struct http_body *body = &stream->request.body;
    uint64_t left = body_length(body) - stream->sent;
    size_t n = size * count;
    if (n > left) n = (size_t)left;
    if (n == 0) return 0;
    if (!body->is_file) {
        memcpy(room, body->bytes.p + stream->sent, n);
    } else {
        ssize_t got;
        do
            got = pread(body->fd, room, n, (off_t)(body->offset + stream->sent));
        while (got < 0 && errno == EINTR);
        if (got <= 0) {
            vg_fail(&stream->broken, VG_ESTATE, "reading the file to send: %s",
                    got < 0 ? strerror(errno) : "it became shorter meanwhile");
            return CURL_READFUNC_ABORT;
        }
        n = (size_t)got;
    }
    stream->sent += n;
    stream->moved += n;
    return n;
}

/* libcurl goes back to the start when a connection that was kept open turns out to be dead. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct http_stream *stream = ctx;
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    stream->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* --- a request --- */

static void set_request(struct http_stream *stream)
{
    CURL *easy = stream->client->easy;
    const struct http_request *request = &stream->request;
    vg_buf line = {0};
    for (size_t i = 0; i < request->header_count; i++) {
        const struct net_pair *header = &request->headers[i];
        vg_buf_clear(&line);
        vg_buf_addf(&line, "%.*s: %.*s", (int)header->name.n, header->name.p, (int)header->value.n, header->value.p);
        stream->headers = curl_slist_append(stream->headers, line.data);
        VG_ASSERT(stream->headers);
    }
    vg_buf_release(&line);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, stream->headers);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (strcmp(request->method, "HEAD") == 0) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body_length(&request->body));
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->total_ms);
}

static void set_callbacks(struct http_stream *stream)
{
    CURL *easy = stream->client->easy;
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, stream);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_READDATA, stream);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, stream);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, stream->text);
}

static void set_manners(struct http_client *client)
{
    CURL *easy = client->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    VG_ASSERT(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)client->options.connect_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)CHUNK_BYTES);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)CHUNK_BYTES);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "vigil");
    if (client->options.ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, client->options.ca_file);
    if (client->options.direct) curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

/* --- failures --- */

static vg_code code_of(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_NO_CONNECTION_AVAILABLE: return VG_EIO;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return VG_EUSAGE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return VG_ESTATE;
    default: return VG_EPARSE;
    }
}

/* Says which request it was, without its query. */
static vg_code fail(const struct http_stream *stream, vg_err *err, vg_code code, const char *format, ...)
    VG_PRINTF(4, 5);
static vg_code fail(const struct http_stream *stream, vg_err *err, vg_code code, const char *format, ...)
{
    char what[500];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const char *url = stream->request.url;
    size_t length = strcspn(url, "?");
    return vg_fail(err, code, "%s %.*s: %s", stream->request.method, length < 400 ? (int)length : 400, url, what);
}

static vg_code fail_done(const struct http_stream *stream, vg_err *err)
{
    if (stream->broken.code) return fail(stream, err, stream->broken.code, "%s", stream->broken.msg);
    const char *text = stream->text[0] ? stream->text : curl_easy_strerror(stream->result);
    vg_code code = code_of(stream->result);
    const char *advice = code == VG_ESTATE ? " (AWS_CA_BUNDLE can name the certificates to trust)" : "";
    return fail(stream, err, code, "%s%s", text, advice);
}

/* A stretch of waiting as long as stall_ms that moved too few bytes is the end. Time that the caller spends
 * elsewhere between two reads does not count. */
static vg_code check_pace(struct http_stream *stream, int64_t passed_ns, vg_err *err)
{
    uint32_t stall_ms = stream->client->options.stall_ms;
    stream->waited_ns += passed_ns;
    if (stream->waited_ns < (int64_t)stall_ms * 1000000) return VG_OK;
    if (stream->moved <= (uint64_t)stream->request.slowest_rate * stall_ms / 1000)
        return fail(stream, err, VG_EIO, "only %llu bytes in %u ms: the server or the network stalls",
                    (unsigned long long)stream->moved, stall_ms);
    stream->moved = 0;
    stream->waited_ns = 0;
    return VG_OK;
}

static void note_done(struct http_stream *stream)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(stream->client->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE) {
            stream->done = true;
            stream->result = message->data.result;
        }
}

/* Lets bytes flow until there is something for the caller: headers, or bytes of the body, or the end. */
static vg_code pump(struct http_stream *stream, bool for_head, vg_err *err)
{
    CURLM *multi = stream->client->multi;
    int64_t last_ns = vg_clock_ns();
    for (;;) {
        if (vg_cancelled() && !stream->request.even_when_cancelled)
            return vg_fail(err, VG_ECANCEL, "stopped on request");
        int running;
        VG_ASSERT(curl_multi_perform(multi, &running) == CURLM_OK);
        note_done(stream);
        if (stream->done || (for_head ? stream->head_complete : stream->body.len > 0)) return VG_OK;
        VG_ASSERT(curl_multi_poll(multi, NULL, 0, STEP_MS, NULL) == CURLM_OK);
        int64_t now_ns = vg_clock_ns();
        VG_TRY(check_pace(stream, now_ns - last_ns, err));
        last_ns = now_ns;
    }
}

/* A line break in a value would begin another header. */
static vg_code check_headers(const struct http_request *request, vg_err *err)
{
    for (size_t i = 0; i < request->header_count; i++)
        for (size_t k = 0; k < request->headers[i].value.n; k++)
            if ((unsigned char)request->headers[i].value.p[k] < 0x20 && request->headers[i].value.p[k] != '\t')
                return vg_fail(err, VG_EUSAGE, "the value of the header %.*s holds a control character",
                               (int)request->headers[i].name.n, request->headers[i].name.p);
    return VG_OK;
}

vg_code http_stream_open(struct http_client *client, const struct http_request *request, struct http_stream **out,
                         vg_err *err)
{
    VG_ASSERT(!client->busy);
    *out = NULL;
    VG_TRY(check_headers(request, err));
    client->busy = true;
    struct http_stream *stream = vg_calloc(1, sizeof *stream);
    stream->client = client;
    stream->request = *request;
    stream->request.url = stream->url = vg_strdup(request->url);
    stream->request.method = stream->method = vg_strdup(request->method);
    curl_easy_reset(client->easy);
    set_manners(client);
    set_request(stream);
    set_callbacks(stream);
    VG_ASSERT(curl_multi_add_handle(client->multi, client->easy) == CURLM_OK);
    vg_code rc = pump(stream, true, err);
    if (!rc && !stream->head_complete) rc = fail_done(stream, err);
    if (rc)
        http_stream_close(stream);
    else
        *out = stream;
    return rc;
}

int http_stream_status(const struct http_stream *stream) { return stream->status; }
vg_slice http_stream_head(const struct http_stream *stream) { return vg_buf_view(&stream->head); }

vg_code http_stream_read(struct http_stream *stream, char *bytes, size_t room, size_t *n, vg_err *err)
{
    *n = 0;
    if (stream->body_at == stream->body.len) {
        vg_buf_clear(&stream->body);
        stream->body_at = 0;
        if (stream->paused) {
            stream->paused = false;
            curl_easy_pause(stream->client->easy, CURLPAUSE_CONT);
        }
        if (!stream->done) VG_TRY(pump(stream, false, err));
    }
    size_t left = stream->body.len - stream->body_at;
    if (left == 0) return stream->result == CURLE_OK ? VG_OK : fail_done(stream, err);
    *n = left < room ? left : room;
    memcpy(bytes, stream->body.data + stream->body_at, *n);
    stream->body_at += *n;
    return VG_OK;
}

void http_stream_close(struct http_stream *stream)
{
    if (!stream) return;
    curl_multi_remove_handle(stream->client->multi, stream->client->easy);
    curl_slist_free_all(stream->headers);
    vg_buf_release(&stream->head);
    vg_buf_release(&stream->body);
    stream->client->busy = false;
    free(stream->url);
    free(stream->method);
    free(stream);
}

static vg_code read_whole(struct http_stream *stream, size_t limit, vg_buf *body, vg_err *err)
{
    for (size_t n = 1; n > 0; body->len += n) {
        vg_buf_reserve(body, 65536);
        VG_TRY(http_stream_read(stream, body->data + body->len, 65536, &n, err));
        if (body->len + n > limit) return fail(stream, err, VG_ELIMIT, "the answer is larger than %zu bytes", limit);
    }
    body->data[body->len] = '\0';
    return VG_OK;
}

vg_code http_fetch(struct http_client *client, const struct http_request *request, size_t limit,
                   struct http_response *response, vg_err *err)
{
    struct http_stream *stream;
    VG_TRY(http_stream_open(client, request, &stream, err));
    response->status = stream->status;
    vg_buf_clear(&response->head);
    vg_buf_clear(&response->body);
    vg_buf_add(&response->head, stream->head.data, stream->head.len);
    vg_code rc = read_whole(stream, limit, &response->body, err);
    http_stream_close(stream);
    return rc;
}

void http_response_release(struct http_response *response)
{
    vg_buf_release(&response->head);
    vg_buf_release(&response->body);
    *response = (struct http_response){0};
}
