/* part_write.h: sorted fills, and blocks, into Parquet files in the order of the lake. */
#ifndef VIGIL_LAKE_PART_WRITE_H
#define VIGIL_LAKE_PART_WRITE_H

#include "lake/fill_sort.h"

/* A writer keeps its buffers from file to file; use one a thread. */
struct part_writer;

struct part_writer *part_writer_new(void);
void part_writer_free(struct part_writer *writer);

/* Writes the sorter's rows of the day at hand to the file at `path`; *rows tells how many. Without any
 * row left the file is an empty table. */
VG_MUST_USE vg_code part_write_fills(struct part_writer *writer, struct fill_sorter *sorter, const char *path,
                                     uint64_t *rows, vg_err *err);

/* Writes n blocks, ordered by number and first_event, to the file at `path`. */
VG_MUST_USE vg_code part_write_blocks(struct part_writer *writer, const struct block *blocks, size_t n,
                                      const char *path, vg_err *err);

#endif
