/* parquet_read.h: reads the Parquet files that parquet.c writes, and no others.
 *
 * Only the columns that are asked for are read, a row group at a time. Everything in the file is
 * checked against its bounds. Memory: the columns of one row group. For why not DuckDB: docs/lake.md.
 */
#ifndef VIGIL_LAKE_PARQUET_READ_H
#define VIGIL_LAKE_PARQUET_READ_H

#include "model/fill_batch.h"

struct parquet_reader;

/* `columns`: bit per enum fill_column. A reader keeps its memory from file to file. */
struct parquet_reader *parquet_reader_new(uint64_t columns);

/* The file to read from now on. VG_EPARSE: not a file of fills that Vigil wrote. */
VG_MUST_USE vg_code parquet_reader_open(struct parquet_reader *reader, const char *path, vg_err *err);

/* The next row group; batch->n is 0 at the end. Valid until the next call. */
VG_MUST_USE vg_code parquet_reader_next(struct parquet_reader *reader, struct fill_batch *batch, vg_err *err);
void parquet_reader_free(struct parquet_reader *reader);

#endif
