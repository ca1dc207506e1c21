/* rows_print.h: rows of the feature tables as JSON objects, and their values as words and numbers. */
#ifndef VIGIL_CMD_ROWS_PRINT_H
#define VIGIL_CMD_ROWS_PRINT_H

#include "cmd/table.h"
#include "flow/profile_flow.h"

/* Row `row` as {"column":value,…}: decimals are strings without needless zeros, numbers bare, NULL null. */
void rows_json_object(const struct sql_rows *rows, size_t row, vg_buf *out);

/* `"name":[{…},…]` */
void rows_json_array(const char *name, const struct sql_rows *rows, vg_buf *out);

/* Cells of a table; "–" for NULL. */
void rows_cell_text(struct table *table, const struct sql_rows *rows, size_t row, const char *column);
void rows_cell_money(struct table *table, const struct sql_rows *rows, size_t row, const char *column);
void rows_cell_percent(struct table *table, const struct sql_rows *rows, size_t row, const char *column);
void rows_cell_number(struct table *table, const struct sql_rows *rows, size_t row, const char *column, int decimals);

/* Six significant digits. */
void rows_cell_price(struct table *table, const struct sql_rows *rows, size_t row, const char *column);

/* Minutes as "3.2 h". */
void rows_cell_minutes(struct table *table, const struct sql_rows *rows, size_t row, const char *column);

/* The column of all rows as one line of eight heights; at most `width` characters, days drawn together. */
void rows_sparkline(const struct sql_rows *rows, const char *column, size_t width, vg_buf *out);

/* `"coverage":{…}`: what every answer that rests on data carries; and the same in words. */
void features_coverage_json(const struct lake_coverage *coverage, vg_buf *out);
void features_coverage_text(const struct lake_coverage *coverage, vg_buf *out);

#endif
