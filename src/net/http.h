/* http.h: an HTTP/1.1 client, one a thread, on libcurl.
 *
 * TLS certificates are always checked; redirects are not followed; only http and https are spoken; the URL is sent
 * as it is. Connections stay open for the next request. A proxy is taken from the environment as curl does
 * (https_proxy, http_proxy, no_proxy). Waiting ends when vg_cancelled().
 *
 * Failures: VG_EIO may pass (no connection, connection lost, too slow, an answer cut short): the request may be
 * tried again where it does no harm twice. VG_ESTATE will not (the certificate is not accepted, a file changed);
 * VG_EUSAGE: no such URL, or a header that cannot be sent; VG_EPARSE: this is not HTTP; VG_ELIMIT: more bytes than
 * allowed; VG_ECANCEL.
 */
#ifndef VIGIL_NET_HTTP_H
#define VIGIL_NET_HTTP_H

#include "net/pair.h"

#define HTTP_MAX_HEAD (64 << 10)     /* bytes of all headers of an answer */
#define HTTP_STREAM_BUFFER (1 << 20) /* bytes that arrive before they are read */

/* Zero means default. Borrowed: must outlive the client. */
struct http_options {
    const char *ca_file; /* certificates to trust instead of the system's; NULL: the system's */
    uint32_t connect_ms; /* name look-up, connection and TLS: 10 s */
    uint32_t stall_ms;   /* longest time without a byte, or below the request's slowest_rate: 30 s */
    bool direct;         /* never through a proxy */
};

struct http_client;
struct http_client *http_client_new(const struct http_options *options);
void http_client_free(struct http_client *client);

/* What to send: bytes, or a range of a file; both must stay until the answer is closed. Zeroed: no body. */
struct http_body {
    vg_slice bytes;
    bool is_file; /* then fd, offset and length count; the file's own position does not matter and stays */
    int fd;
    uint64_t offset, length;
};

struct http_request {
    const char *method; /* "GET"; PUT and POST send a body, if an empty one */
    const char *url;    /* encoded */
    const struct net_pair *headers;
    size_t header_count;
    struct http_body body;
    uint32_t slowest_rate;    /* bytes a second, 0: any byte shows that the server lives */
    uint32_t total_ms;        /* bound of the whole exchange, 0: none */
    bool even_when_cancelled; /* for cleaning up */
};

/* An answer whose body is read as the caller wants it. It keeps the client busy until it is closed. */
struct http_stream;

/* Sends the request and waits for status and headers; *stream is NULL on failure. */
VG_MUST_USE vg_code http_stream_open(struct http_client *client, const struct http_request *request,
                                     struct http_stream **stream, vg_err *err);
int http_stream_status(const struct http_stream *stream);
vg_slice http_stream_head(const struct http_stream *stream); /* lines of the headers; see http_head.h */

/* Up to `room` bytes of the body, at least one; *n = 0: the end, and the answer was whole. */
VG_MUST_USE vg_code http_stream_read(struct http_stream *stream, char *bytes, size_t room, size_t *n, vg_err *err);

/* May be called at any time; NULL is fine. A connection whose answer was not read to the end is given up. */
void http_stream_close(struct http_stream *stream);

/* A whole answer. Zeroed is valid; release follows in any case. */
struct http_response {
    int status;
    vg_buf head, body;
};

/* Request and answer in one, with a body of at most `limit` bytes. */
VG_MUST_USE vg_code http_fetch(struct http_client *client, const struct http_request *request, size_t limit,
                               struct http_response *response, vg_err *err);
void http_response_release(struct http_response *response);

#endif
