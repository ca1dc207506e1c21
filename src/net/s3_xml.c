#include "net/s3_xml.h"

#include "base/day.h"
#include "base/number.h"
#include "base/percent.h"
#include "net/xml.h"

/* The part of `path` behind `root`, or NULL. */
static const char *below(const char *path, const char *root)
{
    size_t n = strlen(root);
    return strncmp(path, root, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static vg_slice keep(struct arena *arena, vg_slice text)
{
    return (vg_slice){arena_copy(arena, text.p, text.n), text.n};
}

static vg_slice without_quotes(vg_slice text)
{
    if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"') return (vg_slice){text.p + 1, text.n - 2};
    return text;
}

static vg_code take_time(vg_slice text, int64_t *seconds, vg_err *err)
{
    int64_t ns;
    if (!vg_time_parse(text.p, text.n, &ns))
        return vg_fail(err, VG_EPARSE, "not a time: '%.*s'", (int)(text.n < 64 ? text.n : 64), text.p);
    *seconds = vg_floor_div(ns, VG_NS_PER_S);
    return VG_OK;
}

/* Room for one more item in an array that doubles. */
static void *grown(void *items, size_t n, size_t size)
{
    return n & (n - 1) ? items : vg_realloc(items, (n ? 2 * n : 1) * size);
}

/* Keys as they are; they are sent percent-encoded because XML cannot hold every byte. */
static vg_code decode_key(struct arena *arena, vg_slice *key, vg_err *err)
{
    vg_buf raw = {0};
    vg_code rc = percent_decode(&raw, *key, true)
                     ? VG_OK
                     : vg_fail(err, VG_EPARSE, "the key '%.*s' is not percent-encoded as announced",
                               (int)(key->n < 200 ? key->n : 200), key->p);
    if (!rc) *key = keep(arena, vg_buf_view(&raw));
    vg_buf_release(&raw);
    return rc;
}

/* --- listings --- */

struct page_walk {
    struct s3_page *page;
    struct s3_object object; /* that is being read */
    bool is_listing, truncated, encoded;
};

static vg_code add_object(struct page_walk *walk, bool is_prefix, vg_err *err)
{
    struct s3_page *page = walk->page;
    if (walk->object.key.n == 0) return vg_fail(err, VG_EPARSE, "an entry of the listing has no key");
    walk->object.is_prefix = is_prefix;
    page->items = grown(page->items, page->n, sizeof *page->items);
    page->items[page->n++] = walk->object;
    walk->object = (struct s3_object){0};
    return VG_OK;
}

static vg_code visit_page(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    struct page_walk *walk = ctx;
    struct arena *arena = &walk->page->arena;
    if (strcmp(path, "ListBucketResult") == 0) walk->is_listing = true;
    const char *name = below(path, "ListBucketResult");
    if (!name) return VG_OK;
    if (strcmp(name, "Contents/Key") == 0 || strcmp(name, "CommonPrefixes/Prefix") == 0)
        walk->object.key = keep(arena, text);
    else if (strcmp(name, "Contents/ETag") == 0)
        walk->object.etag = keep(arena, without_quotes(text));
    else if (strcmp(name, "Contents/LastModified") == 0)
        return take_time(text, &walk->object.modified_s, err);
    else if (strcmp(name, "Contents/Size") == 0)
        return number_count(text, &walk->object.size) ? VG_OK : vg_fail(err, VG_EPARSE, "a size is not a number");
    else if (strcmp(name, "Contents") == 0 || strcmp(name, "CommonPrefixes") == 0)
        return add_object(walk, name[1] == 'o' && name[2] == 'm', err);
    else if (strcmp(name, "IsTruncated") == 0)
        walk->truncated = vg_slice_is(text, "true");
    else if (strcmp(name, "NextContinuationToken") == 0)
        walk->page->next = keep(arena, text);
    else if (strcmp(name, "EncodingType") == 0)
        walk->encoded = vg_slice_is(text, "url");
    return VG_OK;
}

vg_code s3_xml_page(vg_slice document, struct s3_page *page, vg_err *err)
{
    *page = (struct s3_page){0};
    struct page_walk walk = {.page = page};
    vg_code rc = xml_walk(document, visit_page, &walk, err);
    if (!rc && !walk.is_listing) rc = vg_fail(err, VG_EPARSE, "the answer is no ListBucketResult");
    for (size_t i = 0; i < page->n && walk.encoded && !rc; i++)
        rc = decode_key(&page->arena, &page->items[i].key, err);
    if (!rc && walk.truncated && page->next.n == 0)
        rc = vg_fail(err, VG_EPARSE, "the listing says that it goes on, but not where");
    if (!walk.truncated) page->next = (vg_slice){0};
    if (rc) s3_page_release(page);
    return rc;
}

void s3_page_release(struct s3_page *page)
{
    free(page->items);
    arena_release(&page->arena);
    *page = (struct s3_page){0};
}

/* --- errors --- */

static vg_code visit_error(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    (void)err;
    struct s3_error *error = ctx;
    const char *name = below(path, "Error");
    vg_buf *field = !name                           ? NULL
                    : strcmp(name, "Code") == 0     ? &error->code
                    : strcmp(name, "Message") == 0  ? &error->message
                    : strcmp(name, "Region") == 0   ? &error->region
                    : strcmp(name, "Endpoint") == 0 ? &error->endpoint
                                                    : NULL;
    if (!field) return VG_OK;
    vg_buf_clear(field);
    vg_buf_add(field, text.p, text.n);
    return VG_OK;
}

vg_code s3_xml_error(vg_slice document, struct s3_error *error, vg_err *err)
{
    *error = (struct s3_error){0};
    vg_code rc = xml_walk(document, visit_error, error, err);
    if (!rc && error->code.len == 0) rc = vg_fail(err, VG_EPARSE, "the answer is no error document");
    if (rc) s3_error_release(error);
    return rc;
}

void s3_error_release(struct s3_error *error)
{
    vg_buf_release(&error->code);
    vg_buf_release(&error->message);
    vg_buf_release(&error->region);
    vg_buf_release(&error->endpoint);
}

/* --- multipart uploads --- */

static vg_code visit_upload_id(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    (void)err;
    vg_buf *id = ctx;
    if (strcmp(path, "InitiateMultipartUploadResult/UploadId") != 0) return VG_OK;
    vg_buf_clear(id);
    vg_buf_add(id, text.p, text.n);
    return VG_OK;
}

vg_code s3_xml_upload_id(vg_slice document, vg_buf *id, vg_err *err)
{
    vg_buf_clear(id);
    VG_TRY(xml_walk(document, visit_upload_id, id, err));
    return id->len ? VG_OK : vg_fail(err, VG_EPARSE, "the answer names no UploadId");
}

struct completed_walk {
    bool completed;
    vg_buf *etag;
};

static vg_code visit_completed(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    (void)err;
    struct completed_walk *walk = ctx;
    if (strcmp(path, "CompleteMultipartUploadResult") == 0) walk->completed = true;
    if (strcmp(path, "CompleteMultipartUploadResult/ETag") != 0) return VG_OK;
    vg_slice etag = without_quotes(text);
    vg_buf_clear(walk->etag);
    vg_buf_add(walk->etag, etag.p, etag.n);
    return VG_OK;
}

vg_code s3_xml_completed(vg_slice document, bool *completed, vg_buf *etag, vg_err *err)
{
    struct completed_walk walk = {.etag = etag};
    vg_buf_clear(etag);
    vg_code rc = xml_walk(document, visit_completed, &walk, err);
    *completed = !rc && walk.completed;
    return rc;
}

struct uploads_walk {
    struct s3_uploads *uploads;
    struct s3_upload upload; /* that is being read */
    bool is_listing, encoded;
};

static vg_code visit_uploads(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    struct uploads_walk *walk = ctx;
    struct s3_uploads *uploads = walk->uploads;
    if (strcmp(path, "ListMultipartUploadsResult") == 0) walk->is_listing = true;
    const char *name = below(path, "ListMultipartUploadsResult");
    if (!name) return VG_OK;
    if (strcmp(name, "Upload/Key") == 0) {
        walk->upload.key = keep(&uploads->arena, text);
    } else if (strcmp(name, "Upload/UploadId") == 0) {
        walk->upload.id = keep(&uploads->arena, text);
    } else if (strcmp(name, "Upload/Initiated") == 0) {
        return take_time(text, &walk->upload.begun_s, err);
    } else if (strcmp(name, "IsTruncated") == 0) {
        uploads->truncated = vg_slice_is(text, "true");
    } else if (strcmp(name, "NextKeyMarker") == 0) {
        uploads->next_key = keep(&uploads->arena, text);
    } else if (strcmp(name, "NextUploadIdMarker") == 0) {
        uploads->next_id = keep(&uploads->arena, text);
    } else if (strcmp(name, "EncodingType") == 0) {
        walk->encoded = vg_slice_is(text, "url");
    } else if (strcmp(name, "Upload") == 0) {
        if (walk->upload.key.n == 0 || walk->upload.id.n == 0)
            return vg_fail(err, VG_EPARSE, "an upload of the listing has no key or no id");
        uploads->items = grown(uploads->items, uploads->n, sizeof *uploads->items);
        uploads->items[uploads->n++] = walk->upload;
        walk->upload = (struct s3_upload){0};
    }
    return VG_OK;
}

vg_code s3_xml_uploads(vg_slice document, struct s3_uploads *uploads, vg_err *err)
{
    *uploads = (struct s3_uploads){0};
    struct uploads_walk walk = {.uploads = uploads};
    vg_code rc = xml_walk(document, visit_uploads, &walk, err);
    if (!rc && !walk.is_listing) rc = vg_fail(err, VG_EPARSE, "the answer is no ListMultipartUploadsResult");
    for (size_t i = 0; i < uploads->n && walk.encoded && !rc; i++)
        rc = decode_key(&uploads->arena, &uploads->items[i].key, err);
    if (!rc && walk.encoded && uploads->next_key.n) rc = decode_key(&uploads->arena, &uploads->next_key, err);
    if (!rc && uploads->truncated && uploads->next_key.n == 0)
        rc = vg_fail(err, VG_EPARSE, "the listing of uploads says that it goes on, but not where");
    if (rc) s3_uploads_release(uploads);
    return rc;
}

void s3_uploads_release(struct s3_uploads *uploads)
{
    free(uploads->items);
    arena_release(&uploads->arena);
    *uploads = (struct s3_uploads){0};
}
