/* sql_rows.h: the few rows of a question to the lake, held in memory. */
#ifndef VIGIL_FLOW_SQL_ROWS_H
#define VIGIL_FLOW_SQL_ROWS_H

#include "flow/sql.h"

struct sql_rows {
    size_t columns, n;
    char **names;
    enum sql_type *types;
    char **cells; /* row by row; NULL for NULL */
};

/* Replaces what `rows` holds. The statement is ours: nothing from outside but checked names and addresses. */
VG_MUST_USE vg_code sql_rows_read(const char *lake, const char *statement, struct sql_rows *rows, vg_err *err);
void sql_rows_release(struct sql_rows *rows);

/* The text of a value; NULL for NULL. The column must be there. */
const char *sql_rows_text(const struct sql_rows *rows, size_t row, const char *column);

/* As a number, for display; NAN for NULL. */
double sql_rows_number(const struct sql_rows *rows, size_t row, const char *column);

#endif
