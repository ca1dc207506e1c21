#include "ingest/source_s3.h"

#include "net/s3_url.h"

struct listing {
    const char *bucket;
    const struct source_range *range;
    bool by_day; /* day folders follow the prefix, so keys are in the order of days */
    struct object_list *list;
};

static bool visit(void *ctx, const struct s3_object *item)
{
    struct listing *listing = ctx;
    vg_buf location = {0};
    vg_buf_addf(&location, "s3://%s/%.*s", listing->bucket, (int)item->key.n, item->key.p);
    bool wanted = object_name_fits(vg_buf_str(&location)), go_on = true;
    if (wanted) {
        struct object object;
        object_init(&object, location.data);
        object.size = item->size;
        object.mtime_ns = item->modified_s * VG_NS_PER_S;
        object.etag = strndup(item->etag.p, item->etag.n);
        VG_ASSERT(object.etag);
        bool after = object.hourly && listing->range->to != VG_NO_DATE && object.day > listing->range->to;
        go_on = !after || !listing->by_day;
        object_list_add(listing->list, &object);
    }
    vg_buf_release(&location);
    return go_on;
}

/* "…/hourly": what follows are folders of days. */
static bool is_hourly(const char *prefix)
{
    size_t n = strlen(prefix);
    if (n > 0 && prefix[n - 1] == '/') n--;
    return n >= 6 && memcmp(prefix + n - 6, "hourly", 6) == 0 && (n == 6 || prefix[n - 7] == '/');
}

/* A key that is meant alone has no slash behind it; a prefix gets one, so that "a" does not mean "ab". */
static void make_prefix(const char *key, vg_buf *prefix)
{
    vg_buf_adds(prefix, key);
    if (prefix->len && prefix->data[prefix->len - 1] != '/' && !object_name_fits(key)) vg_buf_addc(prefix, '/');
}

static vg_code list(struct s3 *s3, const struct s3_url *url, const struct source_range *range,
                    struct object_list *objects, vg_err *err)
{
    struct listing listing = {url->bucket, range, is_hourly(url->key), objects};
    vg_buf prefix = {0}, after = {0};
    make_prefix(url->key, &prefix);
    if (listing.by_day && range->from != VG_NO_DATE) {
        char date[VG_DATE_TEXT];
        vg_day_print(range->from, 0, date);
        vg_buf_addf(&after, "%s%s", prefix.data, date);
    }
    struct s3_list_options options = {.prefix = prefix.data, .start_after = after.data};
    vg_code rc = s3_code(s3_list(s3, url->bucket, &options, visit, &listing, err));
    vg_buf_release(&prefix);
    vg_buf_release(&after);
    return rc;
}

vg_code source_s3_list(struct s3 *s3, const char *place, const struct source_range *range, struct object_list *objects,
                       vg_err *err)
{
    struct s3_url url;
    size_t before = objects->n;
    VG_TRY(s3_url_parse(place, &url, err));
    vg_code rc = list(s3, &url, range, objects, err);
    bool bounded = range->from != VG_NO_DATE || range->to != VG_NO_DATE;
    if (!rc && objects->n == before && !bounded)
        rc = vg_fail(err, VG_EUSAGE, "%s: no objects here (wanted: *.lz4, *.jsonl, *.ndjson or hour files 0 to 23)",
                     place);
    s3_url_release(&url);
    return rc;
}

static vg_code read_stream(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    return s3_code(s3_stream_read(state, bytes, room, n, err));
}

static void close_stream(void *state) { s3_stream_close(state); }

vg_code source_s3_open(struct s3 *s3, const struct object *object, struct stream *stream, vg_err *err)
{
    struct s3_url url;
    struct s3_stream *body;
    VG_TRY(s3_url_parse(object->location, &url, err));
    vg_code rc = s3_code(s3_stream_open(s3, url.bucket, url.key, object->etag, &body, err));
    s3_url_release(&url);
    if (!rc) *stream = (struct stream){body, read_stream, close_stream};
    return rc;
}
