/* select.h: a question to the store as an SQL statement, for DuckDB and PostgreSQL alike. Private to src/store. */
#ifndef VIGIL_STORE_SELECT_H
#define VIGIL_STORE_SELECT_H

#include "lake/row_source.h"
#include "store/store.h"

/* Filters with their values, and the keys of `after` compared up to twice for each key before them. */
#define SELECT_VALUES (STORE_FILTERS + STORE_KEYS * (STORE_KEYS + 1) + 1)

struct select_statement {
    vg_buf sql;
    struct row_value values[SELECT_VALUES]; /* of $1, $2, …; texts are the question's */
    size_t value_count;
};

/* Where the rows are, and what a column of the schema is called there. */
struct select_from {
    vg_slice from; /* what follows FROM */
    const char *(*column_name)(unsigned table, size_t column);
    enum column_type (*column_type)(unsigned table, size_t column);
};

/* VG_EUSAGE: the question has columns or tables that there are not, or too much of something. */
VG_MUST_USE vg_code select_check(const struct store_query *query, vg_err *err);

/* The rows, all columns of the table in the order of its schema. The statement is zeroed before, released after. */
void select_rows(const struct store_query *query, const struct select_from *from, struct select_statement *statement);

/* How many rows, without order and limit, have `column` beyond a value: above it, or with `below` below it. */
void select_count(const struct store_query *query, const struct select_from *from, size_t column, bool below,
                  struct feature_value value, struct select_statement *statement);

void select_release(struct select_statement *statement);

#endif
