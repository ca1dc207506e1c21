/* feature_files.h: the tables that `vigil features` computes, and what they rest on.
 *
 *     features/traders/part-3.parquet                     one file, of the third generation
 *     features/trader_daily/date=2025-11-01/part-1.parquet
 *     features/coin_daily/…, episodes/…                   likewise; positions/ like traders
 *     features/state/part-3-0.state                       checkpoints
 *     features/features.json                              names the live files: the commit
 *
 * A run writes files of a new generation beside the old ones and then replaces features.json, so readers
 * that opened the lake before see the old tables, and later ones the new. Files that features.json does
 * not name are leftovers, removed by the next run.
 */
#ifndef VIGIL_LAKE_FEATURE_FILES_H
#define VIGIL_LAKE_FEATURE_FILES_H

#include "base/state_bytes.h"
#include "lake/lake.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"

struct feature_file {
    enum feature_table table; /* FEATURE_TABLES: a checkpoint */
    int32_t day;              /* of tables by day */
    char *path;               /* below the lake */
    uint64_t rows, bytes;
    char sha256[65];
    uint64_t inputs; /* parts whose rows are in it, or were before it; of labels: 0 when the figures are newer */
    uint64_t prices; /* checkpoints: parts whose prices are in it */
};

struct feature_files {
    uint64_t generation; /* 0: none yet */
    int32_t from, to;    /* days asked for; VG_NO_DATE: no bound */
    unsigned shard, shards;
    uint64_t fills; /* rows that were read */
    int64_t first_time_ns, last_time_ns;
    struct part_list inputs; /* parts in the order in which they were read; path and sha256 count */
    struct feature_file *files;
    size_t n;
};

/* What the lake has; generation 0 when there is nothing. VG_EPARSE: damaged, or of a newer vigil;
 * VG_ESTATE: of an older one. */
VG_MUST_USE vg_code feature_files_load(const struct lake *lake, struct feature_files *files, vg_err *err);

/* The same, for the run that makes the figures: of an older vigil's record the generation and the files of labels. */
VG_MUST_USE vg_code feature_files_load_to_rewrite(const struct lake *lake, struct feature_files *files, vg_err *err);
void feature_files_release(struct feature_files *files);

/* The text of features.json to a record and back; errors begin with `name`. */
VG_MUST_USE vg_code feature_files_parse(const char *name, vg_slice text, struct feature_files *files, vg_err *err);
void feature_files_print(const struct feature_files *files, vg_buf *out);

/* Takes over the file's text. */
void feature_files_add(struct feature_files *files, const struct feature_file *file);

/* Drops the files of a table, which is to be written anew. */
void feature_files_drop(struct feature_files *files, enum feature_table table);

/* Writes features.json and removes files of earlier generations that it does not name. */
VG_MUST_USE vg_code feature_files_commit(const struct lake *lake, const struct feature_files *files, vg_err *err);

/* Writes tables of one generation; they are in place, but not live, before the commit. */
struct feature_writer;
struct feature_writer *feature_writer_new(const struct lake *lake, uint64_t generation);
void feature_writer_free(struct feature_writer *writer);
/* VG_ELIMIT: a number has more digits than its column. */
VG_MUST_USE vg_code feature_writer_row(struct feature_writer *writer, enum feature_table table,
                                       const struct feature_value *values, vg_err *err);

/* Begins a table that shall have a file even without rows; others begin with their first. */
VG_MUST_USE vg_code feature_writer_begin(struct feature_writer *writer, enum feature_table table, vg_err *err);

/* The order of the table's rows begins again; readers see that by row groups. */
VG_MUST_USE vg_code feature_writer_restart(struct feature_writer *writer, enum feature_table table, vg_err *err);

/* Finishes the files that were begun, as those of `day` where the table has one a day, and adds them to
 * `files`. */
VG_MUST_USE vg_code feature_writer_finish(struct feature_writer *writer, int32_t day, struct feature_files *files,
                                          vg_err *err);

/* A checkpoint: `save` writes to what it is given. */
VG_MUST_USE vg_code feature_state_write(const struct lake *lake, struct feature_file *file,
                                        vg_code (*save)(void *ctx, const struct state_writer *out, vg_err *err),
                                        void *ctx, vg_err *err);

/* VG_EPARSE: not what the record says. */
VG_MUST_USE vg_code feature_state_read(const struct lake *lake, const struct feature_file *file,
                                       vg_code (*load)(void *ctx, struct state_reader *in, vg_err *err), void *ctx,
                                       vg_err *err);

/* Makes sure that the live files of a table are on this machine (lake_need). */
VG_MUST_USE vg_code feature_files_need(const struct lake *lake, const struct feature_files *files,
                                       enum feature_table table, vg_err *err);

/* Appends a FROM-clause for the live files of a table: an empty relation when there are none. */
void feature_files_sql(const struct lake *lake, const struct feature_files *files, enum feature_table table,
                       vg_buf *sql);

#endif
