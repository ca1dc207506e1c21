#include "cmd/rows_print.h"

#include <math.h>
#include <stdio.h>

#include "base/day.h"
#include "base/json.h"

/* A decimal's text without the zeros at its end; one stays. */
static vg_slice trimmed(const char *text)
{
    size_t n = strlen(text);
    if (memchr(text, '.', n))
        while (n > 2 && text[n - 1] == '0' && text[n - 2] != '.')
            n--;
    return (vg_slice){text, n};
}

void rows_json_object(const struct sql_rows *rows, size_t row, vg_buf *out)
{
    for (size_t i = 0; i < rows->columns; i++) {
        const char *value = rows->cells[row * rows->columns + i];
        vg_buf_addc(out, i ? ',' : '{');
        json_add_string(out, vg_slice_of(rows->names[i]));
        vg_buf_addc(out, ':');
        if (!value)
            vg_buf_adds(out, "null");
        else if (rows->types[i] == SQL_DECIMAL)
            json_add_string(out, trimmed(value));
        else if (rows->types[i] == SQL_TEXT)
            json_add_string(out, vg_slice_of(value));
        else
            vg_buf_adds(out, strpbrk(value, "nN") && rows->types[i] == SQL_FLOAT ? "null" : value);
    }
    vg_buf_addc(out, '}');
}

void rows_json_array(const char *name, const struct sql_rows *rows, vg_buf *out)
{
    vg_buf_addf(out, "\"%s\":[", name);
    for (size_t i = 0; i < rows->n; i++) {
        if (i) vg_buf_addc(out, ',');
        rows_json_object(rows, i, out);
    }
    vg_buf_addc(out, ']');
}

static void no_value(struct table *table) { table_cellf(table, "–"); }

void rows_cell_text(struct table *table, const struct sql_rows *rows, size_t row, const char *column)
{
    const char *text = sql_rows_text(rows, row, column);
    if (text)
        table_cell(table, text, strlen(text));
    else
        no_value(table);
}

void rows_cell_price(struct table *table, const struct sql_rows *rows, size_t row, const char *column)
{
    double value = sql_rows_number(rows, row, column);
    if (isnan(value))
        no_value(table);
    else
        table_cellf(table, fabs(value) < 1e6 ? "%.6g" : "%.0f", value);
}

/* Thousands separated, two decimals, cut for display. */
static void add_money(const char *text, vg_buf *out)
{
    const char *digits = text + (*text == '-'), *point = strchr(text, '.');
    size_t whole = point ? (size_t)(point - digits) : strlen(digits);
    if (*text == '-') vg_buf_addc(out, '-');
    for (size_t i = 0; i < whole; i++) {
        vg_buf_addc(out, digits[i]);
        if ((whole - i) % 3 == 1 && i + 1 < whole) vg_buf_addc(out, ',');
    }
    vg_buf_addc(out, '.');
    vg_buf_addc(out, point && point[1] ? point[1] : '0');
    vg_buf_addc(out, point && point[1] && point[2] ? point[2] : '0');
}

void rows_cell_money(struct table *table, const struct sql_rows *rows, size_t row, const char *column)
{
    double value = sql_rows_number(rows, row, column);
    const char *text = sql_rows_text(rows, row, column);
    vg_buf out = {0}, plain = {0};
    if (isnan(value)) {
        no_value(table);
        return;
    }
    if (strpbrk(text, "eE")) { /* a small or large double */
        vg_buf_addf(&plain, "%.2f", value);
        text = plain.data;
    }
    add_money(text, &out);
    table_cell(table, out.data, out.len);
    vg_buf_release(&out);
    vg_buf_release(&plain);
}

void rows_cell_percent(struct table *table, const struct sql_rows *rows, size_t row, const char *column)
{
    table_percent(table, sql_rows_number(rows, row, column));
}

void rows_cell_number(struct table *table, const struct sql_rows *rows, size_t row, const char *column, int decimals)
{
    double value = sql_rows_number(rows, row, column);
    if (isnan(value))
        no_value(table);
    else
        table_cellf(table, "%.*f", decimals, value);
}

void rows_cell_minutes(struct table *table, const struct sql_rows *rows, size_t row, const char *column)
{
    double minutes = sql_rows_number(rows, row, column);
    if (isnan(minutes))
        no_value(table);
    else if (minutes < 1)
        table_cellf(table, "%.1f s", minutes * 60);
    else if (minutes < 60)
        table_cellf(table, "%.1f min", minutes);
    else if (minutes < 48 * 60)
        table_cellf(table, "%.1f h", minutes / 60);
    else
        table_cellf(table, "%.1f d", minutes / 1440);
}

void rows_sparkline(const struct sql_rows *rows, const char *column, size_t width, vg_buf *out)
{
    static const char *const heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t n = rows->n < width ? rows->n : width;
    double least = INFINITY, largest = -INFINITY;
    for (size_t i = 0; i < rows->n; i++) {
        double value = sql_rows_number(rows, i, column);
        if (value < least) least = value;
        if (value > largest) largest = value;
    }
    for (size_t i = 0; i < n; i++) {
        double value = sql_rows_number(rows, n == rows->n || n < 2 ? i : i * (rows->n - 1) / (n - 1), column);
        double height = largest > least ? (value - least) / (largest - least) * 7.999 : 3;
        vg_buf_adds(out, isnan(height) ? " " : heights[(int)height]);
    }
}

void features_coverage_json(const struct lake_coverage *c, vg_buf *out)
{
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT];
    vg_time_print(c->first_time_ns, 3, from);
    vg_time_print(c->last_time_ns, 3, to);
    vg_buf_addf(out,
                "\"coverage\":{\"from\":\"%sZ\",\"to\":\"%sZ\",\"fills\":%llu,\"fills_in_lake\":%llu,"
                "\"hours_present\":%llu,\"hours_span\":%llu,\"complete\":%s}",
                from, to, (unsigned long long)c->fills, (unsigned long long)c->fills_in_lake,
                (unsigned long long)c->hours_present, (unsigned long long)c->hours_span,
                lake_coverage_is_complete(c) ? "true" : "false");
}

void features_coverage_text(const struct lake_coverage *c, vg_buf *out)
{
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT];
    vg_time_print(c->first_time_ns, 0, from);
    vg_time_print(c->last_time_ns, 0, to);
    vg_buf_addf(out, "%llu fills from %s to %s UTC", (unsigned long long)c->fills, from, to);
    if (c->hours_span)
        vg_buf_addf(out, "; %llu of %llu hours are in the lake", (unsigned long long)c->hours_present,
                    (unsigned long long)c->hours_span);
    if (c->sharded) vg_buf_adds(out, "; traders of one shard only");
    vg_buf_adds(out, ". PnL is trading PnL, without funding.\n");
    if (c->fills_in_lake > c->fills)
        vg_buf_addf(out, "The lake has %llu fills more: `vigil features` takes them in.\n",
                    (unsigned long long)(c->fills_in_lake - c->fills));
}
