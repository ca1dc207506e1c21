/* parquet.h: columns into a Parquet file.
 *
 * Only what the lake needs: the column types of schema.h, one data page a column and row group, zstd.
 * Values that repeat are written as dictionaries, integers and times as packed deltas, other text
 * with its lengths apart. Statistics of every column let readers skip row groups. The same rows give
 * the same bytes. Why not DuckDB's COPY: docs/lake.md has the measurements.
 * Format: https://github.com/apache/parquet-format
 */
#ifndef VIGIL_LAKE_PARQUET_H
#define VIGIL_LAKE_PARQUET_H

#include "base/dec.h"
#include "model/schema.h"

/* Bytes of texts of a row group, at most. */
#define PARQUET_GROUP_BYTES (32u << 20)

struct parquet;

/* `columns` must outlive the writer; the first `sorted` of them are declared as the order of the rows
 * by their numbers in `order`. Row groups have `group_rows` rows, fewer when texts are long. Memory: about
 * 16 bytes a column and row of the group. */
struct parquet *parquet_new(const struct column *columns, size_t n, const char *table, const uint8_t *order,
                            size_t sorted, size_t group_rows);
void parquet_free(struct parquet *parquet);

VG_MUST_USE vg_code parquet_open(struct parquet *parquet, const char *path, vg_err *err);

/* One value for each column, in any order of columns, then parquet_end_row. Texts are copied. */
void parquet_int(struct parquet *parquet, size_t column, int64_t value);      /* integers, times, dates, booleans */
void parquet_decimal(struct parquet *parquet, size_t column, __int128 value); /* decimals and sums */
void parquet_double(struct parquet *parquet, size_t column, double value);
void parquet_text(struct parquet *parquet, size_t column, const char *text, size_t n);
void parquet_null(struct parquet *parquet, size_t column);
VG_MUST_USE vg_code parquet_end_row(struct parquet *parquet, vg_err *err);

/* Begins a new row group, when the order of rows begins again. */
VG_MUST_USE vg_code parquet_end_group(struct parquet *parquet, vg_err *err);

/* Writes what is left and the footer, and closes the file; *rows tells how many it has. */
VG_MUST_USE vg_code parquet_close(struct parquet *parquet, uint64_t *rows, vg_err *err);

/* Closes without a footer, after a failure. */
void parquet_abandon(struct parquet *parquet);

#endif
