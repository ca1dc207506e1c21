/* part_write.h: sorted fills, and blocks, into Parquet files.
 *
 * Rows stream through a table function into DuckDB's COPY: no table is built in between. The choice
 * of compression, encoding and row-group size, with measurements: docs/lake.md.
 */
#ifndef VIGIL_LAKE_PART_WRITE_H
#define VIGIL_LAKE_PART_WRITE_H

#include "lake/fill_sort.h"

/* A writer holds one DuckDB; use one a thread. */
struct part_writer;

VG_MUST_USE vg_code part_writer_new(struct part_writer **writer, const char *spill_directory, vg_err *err);
void part_writer_free(struct part_writer *writer);

/* Writes the sorter's rows of the day at hand to the file at `path`; *rows tells how many. */
VG_MUST_USE vg_code part_write_fills(struct part_writer *writer, struct fill_sorter *sorter, const char *path,
                                     uint64_t *rows, vg_err *err);

/* Writes n blocks, ordered by number and first_event, to the file at `path`. */
VG_MUST_USE vg_code part_write_blocks(struct part_writer *writer, const struct block *blocks, size_t n,
                                      const char *path, vg_err *err);

/* SQL options of COPY … TO for every Parquet file of the lake: "(FORMAT parquet, …)". */
const char *part_copy_options(void);

#endif
