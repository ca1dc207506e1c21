/* store_sql.h: a question to the store as an SQL statement for DuckDB. Private to src/store. */
#ifndef VIGIL_STORE_STORE_SQL_H
#define VIGIL_STORE_STORE_SQL_H

#include "store/store.h"

/* Appends the statement; its columns are whole numbers for times (in the schema's unit) and dates (days since 1970). */
void store_sql(const struct store_query *query, vg_buf *sql);

/* A value of an answer from its text; p NULL: NULL. False when it is none of this type. */
VG_MUST_USE bool store_sql_value(enum column_type type, vg_slice text, struct feature_value *value);

#endif
