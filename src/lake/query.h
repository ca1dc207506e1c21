/* query.h: SQL over the lake, for reading only.
 *
 * Views: fills, blocks, and the tables of feature_schema.h. One statement that reads (SELECT, WITH, FROM, DESCRIBE,
 * SUMMARIZE, SHOW); no file or network is reachable but the lake's own parts, and settings are locked.
 */
#ifndef VIGIL_LAKE_QUERY_H
#define VIGIL_LAKE_QUERY_H

#include "lake/lake.h"

struct query;

enum query_type { QUERY_TEXT, QUERY_INTEGER, QUERY_DECIMAL, QUERY_FLOAT, QUERY_BOOL };

/* VG_EUSAGE: the statement is wrong or does not only read; VG_ESTATE: it fails on what the lake holds. */
VG_MUST_USE vg_code query_new(struct query **query, const struct lake *lake, const char *sql, unsigned threads,
                              vg_err *err);
void query_free(struct query *query);

size_t query_columns(const struct query *query);
const char *query_column_name(const struct query *query, size_t column);
enum query_type query_column_type(const struct query *query, size_t column);

/* Moves to the next row; *more is false at the end. */
VG_MUST_USE vg_code query_next(struct query *query, bool *more, vg_err *err);

/* A value of the row at hand as text; p is NULL for NULL. Lives until the next query_next. */
vg_slice query_value(const struct query *query, size_t column);

const char *query_library_version(void);
VG_MUST_USE vg_code query_self_test(vg_err *err);

#endif
