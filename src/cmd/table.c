#include "cmd/table.h"

#include <math.h>
#include <stdio.h>

void table_column(struct table *table, const char *title, bool right)
{
    VG_ASSERT(table->columns < TABLE_COLUMNS_MAX);
    table->titles[table->columns] = title;
    table->right[table->columns++] = right;
}

void table_cell(struct table *table, const char *text, size_t n)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 64;
        table->cells = vg_realloc(table->cells, table->capacity * sizeof *table->cells);
    }
    char *cell = vg_alloc(n + 1);
    memcpy(cell, text, n);
    cell[n] = '\0';
    table->cells[table->count++] = cell;
}

void table_cellf(struct table *table, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    table_cell(table, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void table_money(struct table *table, vg_dec20 value)
{
    char plain[VG_DEC_TEXT], out[VG_DEC_TEXT * 2];
    size_t n = vg_dec20_print(value, plain), k = 0, i = 0;
    size_t point = (size_t)((char *)memchr(plain, '.', n) - plain);
    if (plain[0] == '-') out[k++] = plain[i++];
    for (; i < point; i++) {
        out[k++] = plain[i];
        if ((point - i) % 3 == 1 && i + 1 < point) out[k++] = ',';
    }
    out[k++] = '.';
    out[k++] = plain[point + 1];
    out[k++] = point + 2 < n ? plain[point + 2] : '0';
    table_cell(table, out, k);
}

void table_percent(struct table *table, double share)
{
    if (isnan(share))
        table_cellf(table, "–");
    else
        table_cellf(table, "%.1f %%", share * 100);
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void add_cell(const struct table *table, size_t column, const char *text, size_t room, vg_buf *out)
{
    size_t pad = room - width(text);
    if (column) vg_buf_adds(out, "  ");
    if (table->right[column]) vg_buf_addf(out, "%*s", (int)pad, "");
    vg_buf_adds(out, text);
    if (!table->right[column] && column + 1 < table->columns) vg_buf_addf(out, "%*s", (int)pad, "");
}

void table_print(const struct table *table, vg_buf *out)
{
    size_t room[TABLE_COLUMNS_MAX];
    if (table->columns == 0) return;
    for (size_t i = 0; i < table->columns; i++)
        room[i] = width(table->titles[i]);
    for (size_t i = 0; i < table->count; i++) {
        size_t n = width(table->cells[i]), column = i % table->columns;
        if (n > room[column]) room[column] = n;
    }
    for (size_t i = 0; i < table->columns; i++)
        add_cell(table, i, table->titles[i], room[i], out);
    vg_buf_addc(out, '\n');
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        add_cell(table, column, table->cells[i], room[column], out);
        if (column + 1 == table->columns) vg_buf_addc(out, '\n');
    }
}

void table_release(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}
