#include "serve/row_print.h"

#include "base/day.h"
#include "base/json.h"
#include "base/number.h"

#define NS_PER_US 1000

/* With all nine digits, or three: then as many more as the time has. */
static void add_time(vg_buf *out, int64_t ns, bool all_digits)
{
    char text[VG_TIME_TEXT];
    size_t n = vg_time_print(ns, 9, text);
    if (!all_digits) n -= ns % VG_NS_PER_MS ? 3 : 6;
    vg_buf_add(out, text, n);
    vg_buf_addc(out, 'Z');
}

/* Without quotes: as CSV has it. Texts are for the caller. */
static void add_plain(vg_buf *out, enum column_type type, const struct feature_value *value)
{
    char text[VG_DEC_TEXT];
    switch (type) {
    case COLUMN_TIME: add_time(out, value->integer * NS_PER_US, false); return;
    case COLUMN_TIME_NS: add_time(out, value->integer, true); return;
    case COLUMN_DECIMAL: vg_buf_add(out, text, vg_dec_print(value->decimal, text)); return;
    case COLUMN_SUM: vg_buf_add(out, text, vg_dec20_print(value->decimal, text)); return;
    case COLUMN_DOUBLE: vg_buf_add(out, text, number_print(value->number, text)); return;
    case COLUMN_DATE: vg_day_print((int32_t)value->integer, '-', text); break;
    case COLUMN_BOOL: vg_buf_adds(out, value->integer ? "true" : "false"); return;
    case COLUMN_INT32:
    case COLUMN_INT64: vg_buf_addf(out, "%lld", (long long)value->integer); return;
    case COLUMN_TEXT: VG_BUG("a text has quotes");
    }
    vg_buf_adds(out, text);
}

static bool is_bare(enum column_type type)
{
    return type == COLUMN_DOUBLE || type == COLUMN_BOOL || type == COLUMN_INT32 || type == COLUMN_INT64;
}

void row_print_value(vg_buf *out, enum column_type type, const struct feature_value *value)
{
    if (value->null) {
        vg_buf_adds(out, "null");
    } else if (type == COLUMN_TEXT) {
        json_add_string(out, value->text);
    } else if (is_bare(type)) {
        add_plain(out, type, value);
    } else {
        vg_buf_addc(out, '"');
        add_plain(out, type, value);
        vg_buf_addc(out, '"');
    }
}

void row_print_members(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values)
{
    for (size_t i = 0; i < n; i++) {
        if (i) vg_buf_addc(out, ',');
        vg_buf_addc(out, '"');
        vg_buf_adds(out, columns[i].name);
        vg_buf_add(out, "\":", 2);
        row_print_value(out, columns[i].type, &values[i]);
    }
}

void row_print_json(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values)
{
    vg_buf_addc(out, '{');
    row_print_members(out, columns, n, values);
    vg_buf_addc(out, '}');
}

/* CSV. */

static void add_csv_text(vg_buf *out, vg_slice text)
{
    bool plain = true;
    for (size_t i = 0; i < text.n && plain; i++)
        plain = text.p[i] != '"' && text.p[i] != ',' && text.p[i] != '\r' && text.p[i] != '\n';
    if (plain) {
        vg_buf_add(out, text.p, text.n);
        return;
    }
    vg_buf_addc(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') vg_buf_addc(out, '"');
        vg_buf_addc(out, text.p[i]);
    }
    vg_buf_addc(out, '"');
}

void row_print_csv_head(vg_buf *out, const struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(out, "%s%s", i ? "," : "", columns[i].name);
    vg_buf_adds(out, "\r\n");
}

void row_print_csv(vg_buf *out, const struct column *columns, size_t n, const struct feature_value *values)
{
    for (size_t i = 0; i < n; i++) {
        if (i) vg_buf_addc(out, ',');
        if (values[i].null) continue;
        if (columns[i].type == COLUMN_TEXT)
            add_csv_text(out, values[i].text);
        else
            add_plain(out, columns[i].type, &values[i]);
    }
    vg_buf_adds(out, "\r\n");
}

/* Schemas. */

static const char *json_type(enum column_type type)
{
    switch (type) {
    case COLUMN_DOUBLE: return "number";
    case COLUMN_BOOL: return "boolean";
    case COLUMN_INT32:
    case COLUMN_INT64: return "integer";
    default: return "string";
    }
}

void row_print_schema(vg_buf *out, const struct column *column)
{
    const char *type = json_type(column->type);
    if (column->nullable)
        vg_buf_addf(out, "{\"type\":[\"%s\",\"null\"]", type);
    else
        vg_buf_addf(out, "{\"type\":\"%s\"", type);
    switch (column->type) {
    case COLUMN_TIME:
    case COLUMN_TIME_NS: vg_buf_adds(out, ",\"format\":\"date-time\""); break;
    case COLUMN_DATE: vg_buf_adds(out, ",\"format\":\"date\""); break;
    case COLUMN_DECIMAL:
    case COLUMN_SUM: vg_buf_adds(out, ",\"pattern\":\"^-?[0-9]+\\\\.[0-9]+$\""); break;
    default: break;
    }
    if (column->meaning) {
        vg_buf_adds(out, ",\"description\":");
        json_add_string(out, vg_slice_of(column->meaning));
    }
    if (column->unit) {
        vg_buf_adds(out, ",\"x-unit\":");
        json_add_string(out, vg_slice_of(column->unit));
    }
    vg_buf_addc(out, '}');
}
