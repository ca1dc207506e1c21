#include "store/store_sql.h"

#include "base/day.h"
#include "base/number.h"

static void add_literal(vg_buf *sql, vg_slice text)
{
    vg_buf_addc(sql, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'') vg_buf_addc(sql, '\'');
        vg_buf_addc(sql, text.p[i]);
    }
    vg_buf_addc(sql, '\'');
}

static void add_value(vg_buf *sql, enum column_type type, const struct feature_value *value)
{
    char text[VG_DEC_TEXT];
    switch (type) {
    case COLUMN_TEXT: add_literal(sql, value->text); return;
    case COLUMN_TIME: vg_buf_addf(sql, "make_timestamptz(%lld)", (long long)value->integer); return;
    case COLUMN_TIME_NS: vg_buf_addf(sql, "make_timestamp_ns(%lld)", (long long)value->integer); return;
    case COLUMN_DATE:
        vg_day_print((int32_t)value->integer, '-', text);
        vg_buf_addf(sql, "DATE '%s'", text);
        return;
    case COLUMN_DECIMAL: vg_buf_add(sql, text, vg_dec_print(value->decimal, text)); return;
    case COLUMN_SUM: vg_buf_add(sql, text, vg_dec20_print(value->decimal, text)); return;
    case COLUMN_DOUBLE: vg_buf_addf(sql, "CAST(%.17g AS DOUBLE)", value->number); return;
    case COLUMN_BOOL: vg_buf_adds(sql, value->integer ? "true" : "false"); return;
    case COLUMN_INT32:
    case COLUMN_INT64: vg_buf_addf(sql, "%lld", (long long)value->integer); return;
    }
}

static void add_columns(vg_buf *sql, const struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum column_type type = columns[i].type;
        vg_buf_adds(sql, i ? ", " : "");
        vg_buf_adds(sql, type == COLUMN_TIME      ? "epoch_us("
                         : type == COLUMN_TIME_NS ? "epoch_ns("
                         : type == COLUMN_DATE    ? "date_diff('day', DATE '1970-01-01', "
                                                  : "(");
        vg_buf_addf(sql, "%s) AS %s", columns[i].name, columns[i].name);
    }
}

/* (a, b) behind the last row: a > x OR (a = x AND (b > y)); at it, too, where some of the rows there were given. */
static void add_behind(vg_buf *sql, const struct store_query *q, const struct column *columns)
{
    for (size_t i = 0; i < q->key_count; i++) {
        const struct store_key *key = &q->keys[i];
        const struct column *column = &columns[key->column];
        vg_buf_addf(sql, "(%s %c%s ", column->name, key->descending ? '<' : '>',
                    i + 1 == q->key_count && q->given ? "=" : "");
        add_value(sql, column->type, &key->after);
        if (i + 1 == q->key_count) break;
        vg_buf_addf(sql, " OR (%s = ", column->name);
        add_value(sql, column->type, &key->after);
        vg_buf_adds(sql, " AND ");
    }
    for (size_t i = 0; i < q->key_count; i++)
        vg_buf_adds(sql, i ? "))" : ")");
}

void store_sql(const struct store_query *q, vg_buf *sql)
{
    static const char *const comparisons[] = {"=", ">=", "<="};
    size_t n;
    const struct column *columns = store_columns(q->table, &n);
    vg_buf_adds(sql, "SELECT ");
    add_columns(sql, columns, n);
    /* Names of results must not hide those of columns. */
    vg_buf_addf(sql, " FROM (SELECT * FROM %s", store_table_name(q->table));
    for (size_t i = 0; i < q->filter_count; i++) {
        const struct store_filter *f = &q->filters[i];
        vg_buf_addf(sql, " %s %s %s ", i ? "AND" : "WHERE", columns[f->column].name, comparisons[f->comparison]);
        add_value(sql, columns[f->column].type, &f->value);
    }
    if (q->resumes) {
        vg_buf_adds(sql, q->filter_count ? " AND " : " WHERE ");
        add_behind(sql, q, columns);
    }
    for (size_t i = 0; i < q->key_count; i++)
        vg_buf_addf(sql, "%s %s%s", i ? "," : " ORDER BY", columns[q->keys[i].column].name,
                    q->keys[i].descending ? " DESC" : "");
    if (q->limit) vg_buf_addf(sql, " LIMIT %llu", (unsigned long long)q->limit);
    if (q->given) vg_buf_addf(sql, " OFFSET %llu", (unsigned long long)q->given);
    vg_buf_adds(sql, ")");
}

/* Values. */

static bool take_integer(vg_slice text, int64_t *value)
{
    bool negative = text.n > 1 && text.p[0] == '-';
    uint64_t count;
    if (negative) text = (vg_slice){text.p + 1, text.n - 1};
    if (!number_count(text, &count) || count > (uint64_t)INT64_MAX) return false;
    *value = negative ? -(int64_t)count : (int64_t)count;
    return true;
}

/* With at most `scale` fractional digits, in units of the last of them. */
static bool take_decimal(vg_slice text, unsigned scale, __int128 *value)
{
    bool negative = text.n > 1 && text.p[0] == '-', point = false;
    unsigned fraction = 0;
    *value = 0;
    for (size_t i = negative; i < text.n; i++) {
        char c = text.p[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || (point && ++fraction > scale)) return false;
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, c - '0', value)) return false;
    }
    for (; fraction < scale; fraction++)
        if (__builtin_mul_overflow(*value, 10, value)) return false;
    if (negative) *value = -*value;
    return text.n > negative;
}

bool store_sql_value(enum column_type type, vg_slice text, struct feature_value *value)
{
    *value = (struct feature_value){.null = !text.p};
    if (!text.p) return true;
    switch (type) {
    case COLUMN_TEXT: value->text = text; return true;
    case COLUMN_DECIMAL: return take_decimal(text, VG_DEC_SCALE, &value->decimal);
    case COLUMN_SUM: return take_decimal(text, 2 * VG_DEC_SCALE, &value->decimal);
    case COLUMN_DOUBLE: *value = feature_number(number_parse(text)); return !value->null;
    case COLUMN_BOOL: value->integer = vg_slice_is(text, "true"); return value->integer || vg_slice_is(text, "false");
    default: return take_integer(text, &value->integer);
    }
}
