/* sources.h: where objects come from: files, directories, and buckets of S3.
 *
 * A place is a path or s3://bucket/prefix. Objects are listed first and opened later, by any thread.
 */
#ifndef VIGIL_INGEST_SOURCES_H
#define VIGIL_INGEST_SOURCES_H

#include "ingest/source.h"
#include "net/s3_budget.h"

/* What is wanted of a place. Objects whose key names no hour are always wanted. */
struct source_range {
    int32_t from, to;    /* days; VG_NO_DATE: no bound */
    int64_t before_hour; /* hours before this one since 1970; 0: no bound */
};

/* Shared by threads. */
struct sources;
struct sources *sources_new(void);
void sources_free(struct sources *sources); /* NULL is fine */

/* Adds the objects of a place. VG_EUSAGE: a place without any object, whatever its hour. */
VG_MUST_USE vg_code sources_list(struct sources *sources, const char *place, const struct source_range *range,
                                 struct object_list *list, vg_err *err);

/* Adds those of the exchange's own archives (archive.h). */
VG_MUST_USE vg_code sources_list_exchange(struct sources *sources, const struct source_range *range,
                                          struct object_list *list, vg_err *err);

/* Opens an object that was listed. */
VG_MUST_USE vg_code sources_open(const struct sources *sources, const struct object *object, struct stream *stream,
                                 vg_err *err);

/* What was asked of S3 so far; NULL: nothing. */
const struct s3_budget *sources_budget(const struct sources *sources);

#endif
