/* table.h: rows of text as an aligned table for people. Zeroed struct = empty table. */
#ifndef VIGIL_CMD_TABLE_H
#define VIGIL_CMD_TABLE_H

#include "base/buf.h"
#include "base/dec.h"

#define TABLE_COLUMNS_MAX 64

struct table {
    const char *titles[TABLE_COLUMNS_MAX];
    bool right[TABLE_COLUMNS_MAX];
    size_t columns;
    char **cells; /* row by row */
    size_t count, capacity;
};

/* `title` must outlive the table. */
void table_column(struct table *table, const char *title, bool right);

/* Cells are added row by row, left to right; `n` bytes of text are copied. */
void table_cell(struct table *table, const char *text, size_t n);
void table_cellf(struct table *table, const char *format, ...) VG_PRINTF(2, 3);

/* A cell of money: thousands separated, two decimals, cut (not rounded) for display. */
void table_money(struct table *table, vg_dec20 value);

/* A share of 1 as "63.2 %", "–" when it is no number. */
void table_percent(struct table *table, double share);

void table_print(const struct table *table, vg_buf *out);
void table_release(struct table *table);

#endif
