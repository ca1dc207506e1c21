/* lake.h: a lake on disk: its folders, its lock, its commit.
 *
 *     fills/date=2025-11-01/part-20251101-07.parquet    fills, by day of block_time
 *     blocks/date=2025-11-01/part-20251101-07.parquet   blocks, empty ones included
 *     manifest/20251101-07.json                         what became of each source object: the commit
 *     quarantine/20251101-07.jsonl                      what was refused, with its bytes and the reason
 *     tmp/                                              files being written; emptied by the next writer
 *     .vigil-lake                                       marks the folder: no other is ever touched
 *
 * One process writes at a time, any number read. Files appear by rename. A lake in a bucket is the same, worked on
 * by way of a mirror on disk (remote.h): call lake_need before reading files of parts.
 */
#ifndef VIGIL_LAKE_LAKE_H
#define VIGIL_LAKE_LAKE_H

#include "lake/checksum.h"
#include "lake/manifest.h"
#include "net/s3_budget.h"

struct lake {
    char *name;            /* as the user says it: a folder, or s3://bucket/prefix */
    char *root;            /* the folder; of a lake in a bucket its mirror */
    char *tmp;             /* root/tmp */
    struct remote *remote; /* NULL: all is on disk */
    int lock;              /* file descriptor, or -1 when reading */
    struct manifest manifest;
};

enum lake_mode { LAKE_READ, LAKE_WRITE, LAKE_CREATE /* write, and make it where there is none */ };

/* VG_ESTATE when there is no lake of this name (LAKE_CREATE: when the folder has other files). Writing takes
 * the lock (VG_ESTATE says who has it), and removes leftovers of a killed run. */
VG_MUST_USE vg_code lake_open(struct lake *lake, const char *name, enum lake_mode mode, vg_err *err);
void lake_close(struct lake *lake);

/* What was asked of the bucket so far; NULL: the lake is on disk. */
const struct s3_budget *lake_budget(const struct lake *lake);

/* root/relative; the caller frees. */
char *lake_path(const struct lake *lake, const char *relative);

/* "fills/date=2025-11-01/part-<stem>.parquet"; the caller frees. */
char *lake_part_path(enum lake_table table, int32_t day, const char *stem);

/* Whether the record names the file: a part of it, or its quarantine. */
bool lake_record_names(const struct manifest_record *record, const char *path);

/* Whether all files of this object are there: parts that readers need, by their size, and its quarantine. */
bool lake_has_parts(const struct lake *lake, const struct manifest_record *record);

/* Makes sure that the files of these parts are on this machine. VG_ESTATE: the bucket has another file, or none. */
VG_MUST_USE vg_code lake_need(const struct lake *lake, const struct part_list *parts, vg_err *err);
VG_MUST_USE vg_code lake_need_file(const struct lake *lake, const char *relative, uint64_t bytes, const char *sha256,
                                   vg_err *err);

/* Writes a small file whole, after those it names: the bucket's first, then the one on disk. */
VG_MUST_USE vg_code lake_write_record(const struct lake *lake, const char *relative, const vg_buf *text, vg_err *err);

/* Removes a file that no record names any more; what stays is a leftover that the next writer removes. */
void lake_remove_file(const struct lake *lake, const char *relative);

/* Moves a finished temporary file to part->path and fills bytes and sha256. */
VG_MUST_USE vg_code lake_publish_part(const struct lake *lake, const char *temporary, struct part *part, vg_err *err);

/* Writes the record, which commits the object, and removes files of an older record of the same
 * object that the new one does not name. `record` moves into lake->manifest. Not thread-safe. */
VG_MUST_USE vg_code lake_commit(struct lake *lake, struct manifest_record *record, vg_err *err);

/* Writes the record of a compacted day and removes the parts that it replaces. `compaction` moves
 * into lake->manifest. */
VG_MUST_USE vg_code lake_commit_compaction(struct lake *lake, struct compaction *compaction, vg_err *err);

/* Version of the checksum library as loaded. */
const char *lake_library_version(void);

#endif
