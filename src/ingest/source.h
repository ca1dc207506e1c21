/* source.h: objects as a source lists them, and as streams of bytes.
 *
 * source_files.c serves files and directories, source_s3.c buckets; sources.h chooses by the name of the place.
 */
#ifndef VIGIL_INGEST_SOURCE_H
#define VIGIL_INGEST_SOURCE_H

#include "base/buf.h"
#include "base/day.h"

/* What the key says an object holds; the content decides line by line (decode.h). */
enum stream_kind { STREAM_BLOCKS, STREAM_STREAMING, STREAM_LEGACY, STREAM_TRADES, STREAM_OTHER };

/* One object, as listed. All text is owned. */
struct object {
    char *location; /* how to open it: an absolute path, or s3://bucket/key */
    char *key;      /* identity in the lake: "node_fills_by_block/hourly/20251101/7", or location when not so named */
    char *part;     /* stem of its parts' names: "20251101-07" */
    enum stream_kind kind;
    bool hourly; /* the key names a day and an hour */
    int32_t day;
    int hour;
    uint64_t size;
    int64_t mtime_ns;
    char *etag;   /* what the bucket calls its content; NULL: a file */
    bool growing; /* a plain file that was written to just now: ends with its last whole line */
};

struct object_list {
    struct object *items;
    size_t n;
};

/* Derives key, part, kind, day and hour from a path or key; sets location to a copy of it. */
void object_init(struct object *object, const char *location);
void object_release(struct object *object);
void object_list_release(struct object_list *list);
void object_list_add(struct object_list *list, const struct object *object); /* takes it over */

/* Whether a file or key of this name is an object: *.lz4, *.jsonl, *.ndjson, or an hour file of a node. */
bool object_name_fits(const char *path);

/* Adds the file, or every file below the directory `path`, that looks like an object; sorted by
 * key with hours in numeric order. A file given by name is always taken.
 * VG_EIO: unreadable; VG_EUSAGE: a directory without any object. */
VG_MUST_USE vg_code source_files_list(const char *path, struct object_list *list, vg_err *err);

/* Sorts by key and hour; drops an object listed twice. */
void object_list_sort(struct object_list *list);

/* An open object. */
struct stream {
    void *state;
    vg_code (*read)(void *state, char *bytes, size_t room, size_t *n, vg_err *err); /* *n = 0: end */
    void (*close)(void *state);
};

VG_MUST_USE vg_code source_files_open(const struct object *object, struct stream *stream, vg_err *err);

static inline vg_code stream_read(struct stream *stream, char *bytes, size_t room, size_t *n, vg_err *err)
{
    return stream->read(stream->state, bytes, room, n, err);
}

static inline void stream_close(struct stream *stream)
{
    if (stream->close) stream->close(stream->state);
    stream->close = NULL;
}

#endif
