/* Makes the network layer callable from tests in Python; built with the tests, never installed. Output: JSON lines.
 *
 *     net_tool sign                           requests on stdin, one JSON object a line: what to send
 *     net_tool credentials [TIMES]            the keys that were found, after each asking
 *     net_tool list BUCKET [PREFIX]           an object a line
 *     net_tool head BUCKET KEY
 *     net_tool get BUCKET KEY FILE            as a stream, into the file
 *     net_tool small BUCKET KEY FILE          with --limit, into the file
 *     net_tool sums BUCKET PREFIX             SHA-256 of every object, read by --threads
 *     net_tool put BUCKET KEY FILE            from memory
 *     net_tool upload BUCKET KEY FILE         from the file
 *     net_tool delete BUCKET KEY
 *     net_tool abort BUCKET PREFIX            uploads older than --age seconds
 *
 * The last line of an operation has its status, the text of the error, and the budget. Exit: 0 S3_OK, else 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "base/number.h"
#include "base/opt.h"
#include "base/pool.h"
#include "net/credentials.h"
#include "net/s3.h"
#include "net/sigv4.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* [["name", "value"], …] */
static struct net_pair *pairs_of(const json_t *array, size_t *n)
{
    *n = json_array_size(array);
    struct net_pair *pairs = vg_calloc(*n, sizeof *pairs);
    for (size_t i = 0; i < *n; i++) {
        json_t *pair = json_array_get(array, i);
        pairs[i] = (struct net_pair){vg_slice_of(json_string_value(json_array_get(pair, 0))),
                                     vg_slice_of(json_string_value(json_array_get(pair, 1)))};
    }
    return pairs;
}

static void print_and_free(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(object);
}

static json_t *sign(const json_t *line)
{
    const char *token = json_string_value(json_object_get(line, "session_token"));
    struct aws_keys keys = {(char *)text_of(line, "access_key"), (char *)text_of(line, "secret_key"), (char *)token,
                            AWS_KEYS_FOREVER};
    struct sigv4_request request = {
        .method = text_of(line, "method"),
        .host = text_of(line, "host"),
        .path = vg_slice_of(text_of(line, "path")),
        .payload_hash = text_of(line, "payload_hash"),
        .region = text_of(line, "region"),
        .service = text_of(line, "service"),
        .keys = &keys,
        .time_s = json_integer_value(json_object_get(line, "time")),
    };
    struct net_pair *query = pairs_of(json_object_get(line, "query"), &request.query_count);
    struct net_pair *headers = pairs_of(json_object_get(line, "headers"), &request.header_count);
    request.query = query;
    request.headers = headers;
    struct sigv4_signed out = {0};
    sigv4_sign(&request, &out);
    json_t *added = json_object();
    for (size_t i = 0; i < out.header_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)out.headers[i].name.n, out.headers[i].name.p);
        json_object_set_new(added, name, json_stringn(out.headers[i].value.p, out.headers[i].value.n));
    }
    json_t *result = json_pack("{s:s, s:o}", "target", out.target.data, "headers", added);
    sigv4_signed_release(&out);
    free(query);
    free(headers);
    return result;
}

static int sign_lines(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        json_error_t error;
        json_t *request = json_loads(line, 0, &error);
        if (!request) {
            fprintf(stderr, "net_tool: %s\n", error.text);
            return 2;
        }
        print_and_free(sign(request));
        json_decref(request);
    }
    free(line);
    return 0;
}

/* --- credentials --- */

static int show_credentials(const char *times)
{
    struct credentials *credentials = credentials_new();
    uint64_t n = 1;
    if (times && !number_count(vg_slice_of(times), &n)) return 2;
    int code = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct aws_keys keys = {0};
        vg_err err;
        if (credentials_get(credentials, &keys, &err)) {
            print_and_free(json_pack("{s:s}", "error", err.msg));
            code = 1;
        } else {
            print_and_free(json_pack("{s:s, s:s, s:s?, s:I}", "access_key", keys.access_key, "secret_key",
                                     keys.secret_key, "session_token", keys.session_token, "expires",
                                     (json_int_t)keys.expires_s));
            aws_keys_release(&keys);
        }
    }
    credentials_free(credentials);
    return code;
}

/* --- S3 --- */

static struct s3_options options;
static struct retry_policy policy;
static struct s3_list_options listing;
static const char *etag_wanted;
static bool only_new;
static uint64_t connections, stall_ms, attempts = 6, first_ms = 5, page_keys, limit = 1 << 20, threads = 4, age_s,
                                       chunk = 65536, stop_after = UINT64_MAX;

static const struct vg_option table[] = {
    {"requester-pays", VG_OPT_FLAG, &options.requester_pays, NULL, NULL, ""},
    {"part-bytes", VG_OPT_COUNT, &options.part_bytes, "N", NULL, ""},
    {"connections", VG_OPT_COUNT, &connections, "N", NULL, ""},
    {"stall-ms", VG_OPT_COUNT, &stall_ms, "N", NULL, ""},
    {"attempts", VG_OPT_COUNT, &attempts, "N", NULL, ""},
    {"first-ms", VG_OPT_COUNT, &first_ms, "N", NULL, ""},
    {"delimiter", VG_OPT_TEXT, &listing.delimiter, "TEXT", NULL, ""},
    {"start-after", VG_OPT_TEXT, &listing.start_after, "KEY", NULL, ""},
    {"page-keys", VG_OPT_COUNT, &page_keys, "N", NULL, ""},
    {"etag", VG_OPT_TEXT, &etag_wanted, "ETAG", NULL, ""},
    {"only-new", VG_OPT_FLAG, &only_new, NULL, NULL, ""},
    {"limit", VG_OPT_COUNT, &limit, "N", NULL, ""},
    {"threads", VG_OPT_COUNT, &threads, "N", NULL, ""},
    {"age", VG_OPT_COUNT, &age_s, "S", NULL, ""},
    {"chunk", VG_OPT_COUNT, &chunk, "N", NULL, ""},
    {"stop-after", VG_OPT_COUNT, &stop_after, "N", NULL, ""},
    {NULL, VG_OPT_FLAG, NULL, NULL, NULL, NULL},
};

static const char *const status_names[] = {
    "S3_OK",    "S3_MISSING", "S3_NO_BUCKET", "S3_NO_UPLOAD",   "S3_FORBIDDEN", "S3_CREDENTIALS",
    "S3_CLOCK", "S3_CHANGED", "S3_EXISTS",    "S3_UNSUPPORTED", "S3_REFUSED",   "S3_BUSY",
    "S3_LOST",  "S3_DAMAGED", "S3_UNKNOWN",   "S3_LOCAL",       "S3_STOPPED",
};

static json_t *info_of(const struct s3_info *info)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:b}", "size", (json_int_t)info->size, "modified",
                     (json_int_t)info->modified_s, "etag", info->etag, "version", info->version, "storage_class",
                     info->storage_class, "etag_is_md5", info->etag_is_md5);
}

struct listed {
    char **keys;
    size_t n;
    bool print;
};

static bool on_object(void *ctx, const struct s3_object *object)
{
    struct listed *listed = ctx;
    listed->keys = vg_realloc(listed->keys, (listed->n + 1) * sizeof *listed->keys);
    listed->keys[listed->n] = strndup(object->key.p, object->key.n);
    if (listed->print)
        print_and_free(json_pack("{s:s%, s:s%, s:I, s:I, s:b}", "key", object->key.p, object->key.n, "etag",
                                 object->etag.p ? object->etag.p : "", object->etag.n, "size", (json_int_t)object->size,
                                 "modified", (json_int_t)object->modified_s, "is_prefix", object->is_prefix));
    return ++listed->n < stop_after;
}

static enum s3_status list(struct s3 *s3, char **words, struct listed *listed, vg_err *err)
{
    listing.prefix = words[1];
    listing.page_keys = (unsigned)page_keys;
    return s3_list(s3, words[0], &listing, on_object, listed, err);
}

static void listed_release(struct listed *listed)
{
    for (size_t i = 0; i < listed->n; i++)
        free(listed->keys[i]);
    free(listed->keys);
}

static enum s3_status get(struct s3 *s3, char **words, vg_err *err)
{
    struct s3_stream *stream;
    enum s3_status status = s3_stream_open(s3, words[0], words[1], etag_wanted, &stream, err);
    if (status) return status;
    print_and_free(info_of(s3_stream_info(stream)));
    FILE *file = fopen(words[2], "wb");
    char *bytes = vg_alloc(chunk);
    uint64_t total = 0;
    for (size_t n = 1; n > 0 && !status && total < stop_after; total += n) {
        status = s3_stream_read(stream, bytes, chunk, &n, err);
        fwrite(bytes, 1, n, file);
    }
    fclose(file);
    free(bytes);
    s3_stream_close(stream);
    return status;
}

struct summing {
    struct s3 *s3;
    const char *bucket;
    struct listed listed;
    enum s3_status *statuses;
    char (*hashes)[SIGV4_HASH_TEXT];
};

static void sum_one(void *ctx, unsigned worker, size_t task)
{
    (void)worker;
    struct summing *summing = ctx;
    vg_buf body = {0};
    vg_err err;
    summing->statuses[task] = s3_get(summing->s3, summing->bucket, summing->listed.keys[task], limit, &body, &err);
    sigv4_hash(vg_buf_view(&body), summing->hashes[task]);
    vg_buf_release(&body);
}

static enum s3_status sums(struct s3 *s3, char **words, vg_err *err)
{
    struct summing summing = {.s3 = s3, .bucket = words[0]};
    enum s3_status status = list(s3, words, &summing.listed, err);
    summing.statuses = vg_calloc(summing.listed.n, sizeof *summing.statuses);
    summing.hashes = vg_calloc(summing.listed.n, sizeof *summing.hashes);
    vg_pool_run((unsigned)threads, summing.listed.n, sum_one, &summing);
    for (size_t i = 0; i < summing.listed.n; i++)
        print_and_free(json_pack("{s:s, s:s, s:s}", "key", summing.listed.keys[i], "sha256", summing.hashes[i],
                                 "status", status_names[summing.statuses[i]]));
    free(summing.statuses);
    free(summing.hashes);
    listed_release(&summing.listed);
    return status;
}

static enum s3_status run(struct s3 *s3, const char *verb, char **words, json_t *result, vg_err *err)
{
    char *etag = NULL;
    vg_buf bytes = {0};
    struct s3_info info = {0};
    struct listed listed = {.print = true};
    unsigned removed = 0;
    enum s3_status status = S3_LOCAL;
    if (strcmp(verb, "list") == 0) status = list(s3, words, &listed, err);
    if (strcmp(verb, "head") == 0) {
        status = s3_head(s3, words[0], words[1], &info, err);
        if (!status) print_and_free(info_of(&info));
    }
    if (strcmp(verb, "get") == 0) status = get(s3, words, err);
    if (strcmp(verb, "small") == 0) {
        status = s3_get(s3, words[0], words[1], limit, &bytes, err);
        FILE *file = fopen(words[2], "wb");
        fwrite(vg_buf_str(&bytes), 1, bytes.len, file);
        fclose(file);
    }
    if (strcmp(verb, "sums") == 0) status = sums(s3, words, err);
    if (strcmp(verb, "put") == 0 && file_read_all(words[2], 1 << 30, &bytes, err) == VG_OK)
        status = s3_put(s3, words[0], words[1], vg_buf_view(&bytes), only_new, &etag, err);
    if (strcmp(verb, "upload") == 0) status = s3_put_file(s3, words[0], words[1], words[2], &etag, err);
    if (strcmp(verb, "delete") == 0) status = s3_delete(s3, words[0], words[1], err);
    if (strcmp(verb, "abort") == 0) {
        status = s3_abort_uploads(s3, words[0], words[1], (int64_t)age_s, &removed, err);
        json_object_set_new(result, "removed", json_integer(removed));
    }
    if (etag) json_object_set_new(result, "etag", json_string(etag));
    free(etag);
    vg_buf_release(&bytes);
    s3_info_release(&info);
    listed_release(&listed);
    return status;
}

static int run_s3(const char *verb, char **words)
{
    policy = retry_default;
    policy.attempts = (unsigned)attempts;
    policy.first_ms = (uint32_t)first_ms;
    options.retry = &policy;
    options.connections = (unsigned)connections;
    options.stall_ms = (uint32_t)stall_ms;
    struct s3 *s3;
    vg_err err = {0};
    json_t *result = json_object();
    enum s3_status status = s3_new(&options, &s3, &err);
    if (!status) {
        status = run(s3, verb, words, result, &err);
        const struct s3_budget *budget = s3_budget(s3);
        json_object_set_new(result, "budget",
                            json_pack("{s:I, s:I, s:I, s:I, s:I}", "class_a", (json_int_t)budget->class_a, "class_b",
                                      (json_int_t)budget->class_b, "bytes_in", (json_int_t)budget->bytes_in,
                                      "bytes_out", (json_int_t)budget->bytes_out, "retries",
                                      (json_int_t)budget->retries));
    }
    json_object_set_new(result, "status", json_string(status_names[status]));
    if (status) json_object_set_new(result, "error", json_string(err.msg));
    print_and_free(result);
    s3_free(s3);
    return status != S3_OK;
}

int main(int argc, char **argv)
{
    vg_err err;
    int n = 0;
    vg_cancel_on_signals();
    if (vg_opt_parse(table, argc - 1, argv + 1, &n, &err)) {
        fprintf(stderr, "net_tool: %s\n", err.msg);
        return 2;
    }
    char *words[5] = {0};
    memcpy(words, argv + 1, (size_t)(n < 4 ? n : 4) * sizeof *words);
    if (n == 1 && strcmp(words[0], "sign") == 0) return sign_lines();
    if (n >= 1 && strcmp(words[0], "credentials") == 0) return show_credentials(words[1]);
    if (n >= 2) return run_s3(words[0], words + 1);
    fprintf(stderr, "usage: net_tool VERB BUCKET [KEY [FILE]]: see its source\n");
    return 2;
}
