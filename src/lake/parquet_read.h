/* parquet_read.h: the fills of a Parquet file of ours as columns, row group by row group.
 *
 * Reads exactly the files that parquet.c writes, several times faster than DuckDB does (docs/lake.md has
 * the figures), and refuses all others. Only the columns that were asked for are read and unpacked.
 * Input is not trusted: every length, place, count and id is checked before it is used. A page has no
 * checksum of its own: bytes that were changed within the format may give other values, which
 * `vigil verify` finds by the file's checksum.
 *
 * Memory: 16 bytes a row and column of one row group (8,192 rows as vigil writes them, at most 65,536), 4 more where
 * there is a dictionary, and the group's texts: about 10 MiB ordinarily, at most PARQUET_READ_TEXTS, and as
 * much again while a page of such a length is unpacked. The footer: 3 KiB a row group while it is read, then 1.
 */
#ifndef VIGIL_LAKE_PARQUET_READ_H
#define VIGIL_LAKE_PARQUET_READ_H

#include "lake/parquet_map.h"
#include "model/fill_batch.h"

/* Bytes of the texts of a row group, at most: what the writer puts into one, and the longest line. */
#define PARQUET_READ_TEXTS (128u << 20)

struct parquet_reader;

/* For these columns, a bit per enum fill_column; goes from file to file. One a thread. */
struct parquet_reader *parquet_reader_new(uint64_t columns);
void parquet_reader_free(struct parquet_reader *reader);

/* VG_ESTATE: not a file of fills as vigil writes it. Closes the file before, if any. */
VG_MUST_USE vg_code parquet_reader_open(struct parquet_reader *reader, const char *path, vg_err *err);

/* The same, without reading the footer again: `map` is of this file, and outlives its use. VG_ESTATE: the file is
 * another by now. */
VG_MUST_USE vg_code parquet_reader_open_mapped(struct parquet_reader *reader, const char *path,
                                               const struct parquet_map *map, vg_err *err);

/* No further rows. */
void parquet_reader_close(struct parquet_reader *reader);

/* The next row group; batch->n is 0 at the end. VG_ESTATE: the file is damaged. */
VG_MUST_USE vg_code parquet_reader_next(struct parquet_reader *reader, struct fill_batch *batch, vg_err *err);

struct row_range {
    size_t begin, end;
};

/* Row group `group`, when it has rows of this trader: `rows` are those. Else `rows` is empty, and at most his column
 * was read. The reader's columns include FILL_USER_ADDRESS. */
VG_MUST_USE vg_code parquet_reader_trader(struct parquet_reader *reader, size_t group, vg_slice user,
                                          struct fill_batch *batch, struct row_range *rows, vg_err *err);

#endif
