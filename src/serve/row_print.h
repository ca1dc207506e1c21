/* row_print.h: rows of typed values as JSON and CSV.
 *
 * Exact numbers (decimals, sums) are texts in JSON, never floating-point; times are RFC 3339 in UTC, as exact as the
 * column; a double is the shortest text that reads back as itself. CSV follows RFC 4180: NULL is an empty field.
 */
#ifndef VIGIL_SERVE_ROW_PRINT_H
#define VIGIL_SERVE_ROW_PRINT_H

#include "model/feature_value.h"
#include "model/schema.h"

/* Appends {"name":value,…}; without its braces as `members`. */
void row_print_json(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values);
void row_print_members(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values);

/* Appends one value as JSON. */
void row_print_value(vg_buf *out, enum column_type type, const struct feature_value *value);

/* Appends the names, or a row, with the line's end. */
void row_print_csv_head(vg_buf *out, const struct column *columns, size_t n);
void row_print_csv(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values);

/* Appends what values of this column look like, as JSON Schema with the column's meaning. */
void row_print_schema(vg_buf *out, const struct column *column);

#endif
