#include "net/sigv4.h"

#include <ctype.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/percent.h"

#define HASH_BYTES 32
#define ALGORITHM "AWS4-HMAC-SHA256"

void sigv4_hash(vg_slice body, char out[SIGV4_HASH_TEXT])
{
    uint8_t hash[HASH_BYTES];
    VG_ASSERT(EVP_Digest(body.p, body.n, hash, NULL, EVP_sha256(), NULL) == 1);
    vg_hex_encode(hash, HASH_BYTES, out);
    out[SIGV4_HASH_TEXT - 1] = '\0';
}

static void hmac(const uint8_t *key, size_t key_bytes, const char *text, size_t n, uint8_t out[HASH_BYTES])
{
    VG_ASSERT(HMAC(EVP_sha256(), key, (int)key_bytes, (const uint8_t *)text, n, out, NULL));
}

static int slice_order(vg_slice a, vg_slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int pair_order(const void *a, const void *b)
{
    const struct net_pair *x = a, *y = b;
    int order = slice_order(x->name, y->name);
    return order ? order : slice_order(x->value, y->value);
}

/* Encoded names and values in the order of their encoded bytes: so the query is both signed and sent. */
static void add_query(const struct sigv4_request *request, vg_buf *out)
{
    struct net_pair *pairs = vg_calloc(request->query_count, sizeof *pairs);
    vg_buf *texts = vg_calloc(2 * request->query_count, sizeof *texts);
    for (size_t i = 0; i < request->query_count; i++) {
        percent_add(&texts[2 * i], request->query[i].name, false);
        percent_add(&texts[2 * i + 1], request->query[i].value, false);
        pairs[i] = (struct net_pair){vg_buf_view(&texts[2 * i]), vg_buf_view(&texts[2 * i + 1])};
    }
    qsort(pairs, request->query_count, sizeof *pairs, pair_order);
    for (size_t i = 0; i < request->query_count; i++) {
        if (i > 0) vg_buf_addc(out, '&');
        vg_buf_add(out, pairs[i].name.p, pairs[i].name.n);
        vg_buf_addc(out, '=');
        vg_buf_add(out, pairs[i].value.p, pairs[i].value.n);
    }
    for (size_t i = 0; i < 2 * request->query_count; i++)
        vg_buf_release(&texts[i]);
    free(texts);
    free(pairs);
}

/* Without blanks at both ends; several blanks inside become one. */
static void add_header_value(vg_buf *out, vg_slice value)
{
    size_t start = out->len;
    bool blank = false;
    for (size_t i = 0; i < value.n; i++) {
        if (isspace((unsigned char)value.p[i])) {
            blank = true;
            continue;
        }
        if (blank && out->len > start) vg_buf_addc(out, ' ');
        blank = false;
        vg_buf_addc(out, value.p[i]);
    }
}

/* Lower-case names in their order: the lines "name:value" into `lines`, the names into `names`. */
static void add_headers(const struct sigv4_request *request, const struct sigv4_signed *out, vg_buf *lines,
                        vg_buf *names)
{
    size_t count = 1 + out->header_count + request->header_count;
    struct net_pair *pairs = vg_calloc(count, sizeof *pairs);
    vg_buf *lower = vg_calloc(count, sizeof *lower);
    pairs[0] = NET_PAIR("host", vg_slice_of(request->host));
    memcpy(pairs + 1, out->headers, out->header_count * sizeof *pairs);
    if (request->header_count)
        memcpy(pairs + 1 + out->header_count, request->headers, request->header_count * sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < pairs[i].name.n; k++)
            vg_buf_addc(&lower[i], (char)tolower((unsigned char)pairs[i].name.p[k]));
        pairs[i].name = vg_buf_view(&lower[i]);
    }
    qsort(pairs, count, sizeof *pairs, pair_order);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) vg_buf_addc(names, ';');
        vg_buf_add(names, pairs[i].name.p, pairs[i].name.n);
        vg_buf_add(lines, pairs[i].name.p, pairs[i].name.n);
        vg_buf_addc(lines, ':');
        add_header_value(lines, pairs[i].value);
        vg_buf_addc(lines, '\n');
    }
    for (size_t i = 0; i < count; i++)
        vg_buf_release(&lower[i]);
    free(lower);
    free(pairs);
}

static void print_date(int64_t time_s, char out[17])
{
    int year;
    unsigned month, day, second = (unsigned)(time_s % 86400);
    vg_day_to_civil((int32_t)(time_s / 86400), &year, &month, &day);
    snprintf(out, 17, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)year % 10000, month % 100, day % 100, second / 3600 % 24,
             second / 60 % 60, second % 60);
}

/* The key of a day, region and service signs the text. */
static void add_signature(const struct sigv4_request *request, const char *date, vg_slice text, vg_buf *out)
{
    vg_buf secret = {0};
    vg_buf_reserve(&secret, 4 + strlen(request->keys->secret_key)); /* so that it is never moved: it is wiped below */
    vg_buf_adds(&secret, "AWS4");
    vg_buf_adds(&secret, request->keys->secret_key);
    uint8_t key[HASH_BYTES], next[HASH_BYTES];
    hmac((const uint8_t *)secret.data, secret.len, date, 8, key);
    hmac(key, HASH_BYTES, request->region, strlen(request->region), next);
    hmac(next, HASH_BYTES, request->service, strlen(request->service), key);
    hmac(key, HASH_BYTES, "aws4_request", 12, next);
    hmac(next, HASH_BYTES, text.p, text.n, key);
    char signature[2 * HASH_BYTES];
    vg_hex_encode(key, HASH_BYTES, signature);
    vg_buf_add(out, signature, sizeof signature);
    explicit_bzero(secret.data, secret.len);
    explicit_bzero(key, sizeof key);
    explicit_bzero(next, sizeof next);
    vg_buf_release(&secret);
}

/* The headers that signing adds, but for the authorization itself. */
static void add_amz_headers(const struct sigv4_request *request, bool is_s3, struct sigv4_signed *out)
{
    out->headers[out->header_count++] = NET_PAIR("x-amz-date", vg_slice_of(out->date));
    if (is_s3) out->headers[out->header_count++] = NET_PAIR("x-amz-content-sha256", vg_slice_of(request->payload_hash));
    if (request->keys->session_token)
        out->headers[out->header_count++] = NET_PAIR("x-amz-security-token", vg_slice_of(request->keys->session_token));
}

void sigv4_sign(const struct sigv4_request *request, struct sigv4_signed *out)
{
    bool is_s3 = strcmp(request->service, "s3") == 0;
    *out = (struct sigv4_signed){0};
    print_date(request->time_s, out->date);
    add_amz_headers(request, is_s3, out);

    vg_buf canonical = {0}, query = {0}, names = {0}, text = {0};
    percent_add(&out->target, request->path, true);
    add_query(request, &query);
    vg_buf_addf(&canonical, "%s\n", request->method);
    if (is_s3)
        vg_buf_add(&canonical, out->target.data, out->target.len);
    else
        percent_add(&canonical, vg_buf_view(&out->target), true);
    vg_buf_addf(&canonical, "\n%s\n", vg_buf_str(&query));
    add_headers(request, out, &canonical, &names);
    vg_buf_addf(&canonical, "\n%s\n%s", vg_buf_str(&names), request->payload_hash);

    char hash[SIGV4_HASH_TEXT];
    sigv4_hash(vg_buf_view(&canonical), hash);
    vg_buf_addf(&text, ALGORITHM "\n%s\n%.8s/%s/%s/aws4_request\n%s", out->date, out->date, request->region,
                request->service, hash);
    vg_buf_addf(&out->authorization, ALGORITHM " Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, Signature=",
                request->keys->access_key, out->date, request->region, request->service, vg_buf_str(&names));
    add_signature(request, out->date, vg_buf_view(&text), &out->authorization);
    out->headers[out->header_count++] = NET_PAIR("authorization", vg_buf_view(&out->authorization));

    if (query.len) vg_buf_addf(&out->target, "?%s", query.data);
    vg_buf_release(&query);
    vg_buf_release(&names);
    vg_buf_release(&text);
    if (canonical.data) explicit_bzero(canonical.data, canonical.len); /* it holds the session token */
    vg_buf_release(&canonical);
}

void sigv4_signed_release(struct sigv4_signed *out)
{
    vg_buf_release(&out->target);
    vg_buf_release(&out->authorization);
    *out = (struct sigv4_signed){0};
}
