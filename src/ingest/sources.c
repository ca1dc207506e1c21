#include "ingest/sources.h"

#include "ingest/archive.h"
#include "ingest/source_s3.h"
#include "net/s3_url.h"

struct sources {
    struct s3 *s3; /* made when the first bucket is listed */
};

struct sources *sources_new(void) { return vg_calloc(1, sizeof(struct sources)); }

void sources_free(struct sources *sources)
{
    if (!sources) return;
    s3_free(sources->s3);
    free(sources);
}

/* The exchange's buckets answer only to those who pay; others do not mind the offer. */
static vg_code need_s3(struct sources *sources, vg_err *err)
{
    struct s3_options options = {.requester_pays = true, .connections = 256};
    return sources->s3 ? VG_OK : s3_code(s3_new(&options, &sources->s3, err));
}

static bool is_wanted(const struct source_range *range, const struct object *object)
{
    if (!object->hourly) return true;
    if (range->before_hour && archive_hour(object->day, object->hour) >= range->before_hour) return false;
    return (range->from == VG_NO_DATE || object->day >= range->from) &&
           (range->to == VG_NO_DATE || object->day <= range->to);
}

/* From the `first` on, keeps those that are wanted; `archive` may be NULL. */
static void select_objects(struct object_list *list, size_t first, const struct source_range *range,
                           const struct archive *archive)
{
    size_t kept = first;
    for (size_t i = first; i < list->n; i++) {
        struct object *object = &list->items[i];
        bool wanted = is_wanted(range, object) &&
                      (!archive || (object->hourly && archive_has_hour(archive, object->day, object->hour)));
        if (wanted)
            list->items[kept++] = *object;
        else
            object_release(object);
    }
    list->n = kept;
}

vg_code sources_list(struct sources *sources, const char *place, const struct source_range *range,
                     struct object_list *list, vg_err *err)
{
    size_t first = list->n;
    if (s3_url_is(place)) {
        VG_TRY(need_s3(sources, err));
        VG_TRY(source_s3_list(sources->s3, place, range, list, err));
    } else {
        VG_TRY(source_files_list(place, list, err));
    }
    select_objects(list, first, range, NULL);
    return VG_OK;
}

vg_code sources_list_exchange(struct sources *sources, const struct source_range *range, struct object_list *list,
                              vg_err *err)
{
    VG_TRY(need_s3(sources, err));
    for (size_t i = 0; i < ARCHIVES; i++) {
        size_t first = list->n;
        if (!archive_has_days(&archives[i], range->from, range->to)) continue;
        vg_buf place = {0};
        vg_buf_addf(&place, "s3://%s/%s", ARCHIVE_BUCKET, archives[i].prefix);
        vg_code rc = source_s3_list(sources->s3, place.data, range, list, err);
        vg_buf_release(&place);
        if (rc) return rc;
        select_objects(list, first, range, &archives[i]);
    }
    return VG_OK;
}

vg_code sources_open(const struct sources *sources, const struct object *object, struct stream *stream, vg_err *err)
{
    if (!s3_url_is(object->location)) return source_files_open(object, stream, err);
    VG_ASSERT(sources->s3);
    return source_s3_open(sources->s3, object, stream, err);
}

const struct s3_budget *sources_budget(const struct sources *sources)
{
    return sources->s3 ? s3_budget(sources->s3) : NULL;
}
