/* manifest.h: what the lake holds, one record per source object, and why it can be trusted.
 *
 * A record is a JSON file manifest/<part>.json that appears by rename after all of the object's parts
 * have: the record is the commit. Parts that no record names are leftovers of a killed run. A
 * compacted day has a record of its own, manifest/compacted-<date>.json, that replaces parts of the
 * objects by one.
 */
#ifndef VIGIL_LAKE_MANIFEST_H
#define VIGIL_LAKE_MANIFEST_H

#include "base/buf.h"
#include "base/day.h"

enum lake_table { TABLE_FILLS, TABLE_BLOCKS, LAKE_TABLES };

/* One Parquet file of the lake. */
struct part {
    enum lake_table table;
    int32_t day;
    char *path; /* below the lake: "fills/date=2025-11-01/part-20251101-07.parquet" */
    uint64_t rows, bytes;
    char sha256[65];
};

struct part_list {
    struct part *items;
    size_t n;
};

/* Objects that had some of this one's blocks when it was taken: those are kept there only. */
struct share {
    char *part;
    char etag[40]; /* of that object's record, then */
};

struct share_list {
    struct share *items; /* ordered by part */
    size_t n;
};

/* What became of one source object. Text is owned. */
struct manifest_record {
    char *part;        /* stem of the record's and the parts' names */
    char *key;         /* identity of the object */
    char *location;    /* where it was read from */
    char *source_etag; /* what the bucket called it; NULL: a file */
    char etag[40];     /* "xxh3-" and 32 hex digits: hash of the object's bytes */
    uint64_t size;
    int64_t mtime_ns;
    bool hourly;
    int32_t day;
    int hour;
    uint64_t lines, lines_fast, lines_strict, lines_block, lines_streaming, lines_legacy, lines_trade;
    uint64_t fills, blocks, empty_blocks, duplicate_blocks, quarantined, unknown_line_keys;
    int64_t first_block, last_block; /* meaningless when fills and blocks are 0 */
    int64_t first_time_ns, last_time_ns;
    bool surrogate;   /* some rows have no real block number */
    char *quarantine; /* path below the lake, or NULL */
    char quarantine_sha256[65];
    struct share_list shares_with;
    struct part_list parts;
};

/* A day whose parts were merged. */
struct compaction {
    int32_t day;
    struct part part;
    struct part_list replaced; /* of these, path and sha256 count */
};

struct manifest {
    struct manifest_record *records; /* ordered by first_time_ns, then key */
    size_t n;
    struct compaction *compactions; /* ordered by day */
    size_t compaction_count;
};

/* Reads all records of the lake at `root`. A missing folder is an empty manifest; VG_EPARSE names a
 * file that is no record, VG_ESTATE a compacted day that holds rows of an object without a record. */
VG_MUST_USE vg_code manifest_load(const char *root, struct manifest *manifest, vg_err *err);
void manifest_release(struct manifest *manifest);

void manifest_record_release(struct manifest_record *record);
void compaction_release(struct compaction *compaction);
void part_list_release(struct part_list *list);
void part_list_add(struct part_list *list, const struct part *part);       /* copies */
bool part_list_has(const struct part_list *list, const struct part *part); /* the same path and content */

void share_list_release(struct share_list *list);
void share_list_add(struct share_list *list, const char *part, const char *etag); /* keeps the order */

/* NULL if there is none. */
struct manifest_record *manifest_find(const struct manifest *manifest, const char *part);
struct compaction *manifest_compaction(const struct manifest *manifest, int32_t day);

/* An object that the record shares blocks with and that is gone or has changed since, so that those blocks may be
 * in the lake no more: the record's object must be taken again. NULL: all are what they were. */
const struct share *manifest_stale_share(const struct manifest *manifest, const struct manifest_record *record);

/* Whether readers read this part of an object: false when a compacted day took its rows over. */
bool manifest_part_is_live(const struct manifest *manifest, const struct part *part);

/* The parts of `table` that readers must read, for days in [from, to], ordered by day, then by time. */
void manifest_live_parts(const struct manifest *manifest, enum lake_table table, int32_t from, int32_t to,
                         struct part_list *out);

/* The text of a record, as manifest_load reads it. */
void manifest_record_print(const struct manifest_record *record, vg_buf *out);
void compaction_print(const struct compaction *compaction, vg_buf *out);

/* File names below the lake; the caller frees. */
char *manifest_record_path(const char *part);
char *compaction_path(int32_t day);

#endif
