/* raw_copy.h: the bytes of an object, kept untouched as they pass.
 *
 *     raw/node_fills_by_block/hourly/20251101/7.lz4
 *
 * The file appears by rename when the stream was read to its end.
 */
#ifndef VIGIL_INGEST_RAW_COPY_H
#define VIGIL_INGEST_RAW_COPY_H

#include "ingest/source.h"

struct raw_copy;

/* Puts itself between `stream` and its reader. Releasing follows in any case, after the stream is closed. */
VG_MUST_USE vg_code raw_copy_begin(struct raw_copy **copy, const char *folder, const struct object *object,
                                   struct stream *stream, vg_err *err);

/* The stream was read to its end: the file appears. */
VG_MUST_USE vg_code raw_copy_finish(struct raw_copy *copy, vg_err *err);
void raw_copy_release(struct raw_copy *copy); /* NULL is fine; removes what did not appear */

#endif
