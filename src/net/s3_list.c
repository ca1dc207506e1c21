#include <stdio.h>

#include "net/s3_call.h"

/* Turns to the next page; false at the end, or where the server turns in a circle. */
static bool turn(const struct s3_page *page, vg_buf *token)
{
    if (page->next.n == 0 || vg_slice_eq(page->next, vg_buf_view(token))) return false;
    vg_buf_clear(token);
    vg_buf_add(token, page->next.p, page->next.n);
    return true;
}

static struct s3_call list_call(const char *bucket, const struct s3_list_options *options, const vg_buf *token,
                                const char *page_keys)
{
    struct s3_call call = {
        .method = "GET", .bucket = bucket, .key = VG_SLICE(""), .is_class_a = true, .limit = S3_MAX_LISTING};
    s3_call_query(&call, "list-type", VG_SLICE("2"));
    s3_call_query(&call, "encoding-type", VG_SLICE("url"));
    s3_call_query(&call, "prefix", vg_slice_of(options->prefix ? options->prefix : ""));
    if (options->delimiter) s3_call_query(&call, "delimiter", vg_slice_of(options->delimiter));
    if (options->start_after) s3_call_query(&call, "start-after", vg_slice_of(options->start_after));
    if (token->len) s3_call_query(&call, "continuation-token", vg_buf_view(token));
    if (options->page_keys) s3_call_query(&call, "max-keys", vg_slice_of(page_keys));
    return call;
}

enum s3_status s3_list(struct s3 *s3, const char *bucket, const struct s3_list_options *options, s3_visit visit,
                       void *ctx, vg_err *err)
{
    char page_keys[16];
    snprintf(page_keys, sizeof page_keys, "%u", options->page_keys);
    vg_buf token = {0};
    enum s3_status status;
    for (bool more = true; more;) {
        struct s3_call call = list_call(bucket, options, &token, page_keys);
        struct s3_answer answer = {0};
        struct s3_page page = {0};
        vg_err what;
        more = false;
        status = s3_call_send(s3, &call, &answer, err);
        if (!status && s3_xml_page(vg_buf_view(&answer.body), &page, &what)) status = s3_unknown(&call, &what, err);
        s3_answer_release(&answer);
        if (!status) {
            bool wanted = true;
            for (size_t i = 0; i < page.n && wanted; i++)
                wanted = visit(ctx, &page.items[i]);
            more = wanted && turn(&page, &token);
        }
        s3_page_release(&page);
    }
    vg_buf_release(&token);
    return status;
}
