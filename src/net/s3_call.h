/* s3_call.h: one request to S3, signed, sent, tried again, and its answer. Private to src/net. */
#ifndef VIGIL_NET_S3_CALL_H
#define VIGIL_NET_S3_CALL_H

#include "net/http.h"
#include "net/http_head.h"
#include "net/s3.h"
#include "net/sigv4.h"

#define S3_EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" /* SHA-256 of no bytes */
#define S3_MAX_ANSWER (64 << 10)  /* bytes of any answer but listings and objects */
#define S3_MAX_LISTING (16 << 20) /* bytes of a page of a listing: 1000 keys of 1 KiB, every byte as %XX, fit */
#define S3_MAX_PAIRS 8

struct s3_call {
    const char *method, *bucket;
    vg_slice key;
    struct net_pair query[S3_MAX_PAIRS];
    size_t query_count;
    struct net_pair headers[S3_MAX_PAIRS]; /* room for one more is left by callers */
    size_t header_count;
    struct http_body body;
    const char *payload_hash; /* of the body; NULL: there is none */
    bool is_class_a;          /* s3_budget.h */
    bool even_when_cancelled;
    bool is_stream;      /* the body of a good answer is left to be read */
    size_t limit;        /* else: bytes of it */
    struct retry *retry; /* attempts count here; NULL: in the call */
};

void s3_call_query(struct s3_call *call, const char *name, vg_slice value);
void s3_call_header(struct s3_call *call, const char *name, vg_slice value);

/* A good answer (status 2xx). Zeroed is valid; release follows. */
struct s3_answer {
    struct s3 *s3;
    int status;
    vg_buf head, body;
    struct http_client *client; /* while the body is a stream */
    struct http_stream *stream;
};

/* S3_OK: a good answer. */
VG_MUST_USE enum s3_status s3_call_send(struct s3 *s3, const struct s3_call *call, struct s3_answer *answer,
                                        vg_err *err);
void s3_answer_release(struct s3_answer *answer);

/* S3_UNKNOWN, with what a parser found wrong in the answer. */
enum s3_status s3_unknown(const struct s3_call *call, const vg_err *what, vg_err *err);

/* The status of a failure of http.h. */
enum s3_status s3_status_of_http(vg_code rc);

/* What the headers of an answer say of the object. */
void s3_info_read(struct s3_info *info, vg_slice head);

#endif
