/* source_s3.h: objects in a bucket, read as they arrive. */
#ifndef VIGIL_INGEST_SOURCE_S3_H
#define VIGIL_INGEST_SOURCE_S3_H

#include "ingest/sources.h"
#include "net/s3.h"

/* Adds the objects at s3://bucket/prefix that look like objects; the prefix may be one of them. Where day folders
 * follow the prefix ("…/hourly"), only the days of the range are listed. VG_EUSAGE: none at all, and no range. */
VG_MUST_USE vg_code source_s3_list(struct s3 *s3, const char *place, const struct source_range *range,
                                   struct object_list *list, vg_err *err);

/* The object as it was listed: a change since is an error. */
VG_MUST_USE vg_code source_s3_open(struct s3 *s3, const struct object *object, struct stream *stream, vg_err *err);

#endif
