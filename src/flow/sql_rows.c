#include "flow/sql_rows.h"

#include <string.h>

#include "base/number.h"

void sql_rows_release(struct sql_rows *rows)
{
    for (size_t i = 0; i < rows->columns; i++)
        free(rows->names[i]);
    for (size_t i = 0; i < rows->columns * rows->n; i++)
        free(rows->cells[i]);
    free(rows->names);
    free(rows->types);
    free(rows->cells);
    *rows = (struct sql_rows){0};
}

static vg_code take_columns(void *ctx, const struct sql_column *columns, size_t n, vg_err *err)
{
    struct sql_rows *rows = ctx;
    (void)err;
    rows->columns = n;
    rows->names = vg_calloc(n, sizeof *rows->names);
    rows->types = vg_calloc(n, sizeof *rows->types);
    for (size_t i = 0; i < n; i++) {
        rows->names[i] = vg_strdup(columns[i].name);
        rows->types[i] = columns[i].type;
    }
    return VG_OK;
}

static vg_code take_row(void *ctx, const vg_slice *values, vg_err *err)
{
    struct sql_rows *rows = ctx;
    (void)err;
    rows->cells = vg_realloc(rows->cells, (rows->n + 1) * rows->columns * sizeof *rows->cells);
    for (size_t i = 0; i < rows->columns; i++) {
        char *cell = NULL;
        if (values[i].p) {
            cell = vg_alloc(values[i].n + 1);
            memcpy(cell, values[i].p, values[i].n);
            cell[values[i].n] = '\0';
        }
        rows->cells[rows->n * rows->columns + i] = cell;
    }
    rows->n++;
    return VG_OK;
}

vg_code sql_rows_read(const char *lake, const char *statement, struct sql_rows *rows, vg_err *err)
{
    struct sql_sink sink = {rows, take_columns, take_row};
    sql_rows_release(rows);
    return sql_run(lake, statement, &sink, err);
}

const char *sql_rows_text(const struct sql_rows *rows, size_t row, const char *column)
{
    for (size_t i = 0; i < rows->columns; i++)
        if (strcmp(rows->names[i], column) == 0) return rows->cells[row * rows->columns + i];
    VG_BUG("no such column in a result");
}

double sql_rows_number(const struct sql_rows *rows, size_t row, const char *column)
{
    const char *text = sql_rows_text(rows, row, column);
    return number_parse(text ? vg_slice_of(text) : (vg_slice){NULL, 0});
}
