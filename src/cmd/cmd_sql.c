#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "flow/sql.h"

#define TABLE_ROWS_MAX 10000

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };

/* A result on its way to stdout: rows of JSON and CSV go out as they come, a table needs them all. */
struct printer {
    const struct command *self;
    enum output output;
    enum sql_type *types;
    size_t columns;
    uint64_t rows;
    struct table table;
    char **names; /* titles of the table */
    vg_buf out;
};

/* Numbers that JSON holds exactly stand bare; decimals are strings, as everywhere in Vigil. */
static void add_json_value(vg_slice value, enum sql_type type, vg_buf *out)
{
    bool finite = type != SQL_FLOAT || (value.p && !memchr(value.p, 'n', value.n)); /* nan, inf */
    if (!value.p || !finite)
        vg_buf_adds(out, "null");
    else if (type == SQL_TEXT || type == SQL_DECIMAL)
        json_add_string(out, value);
    else
        vg_buf_add(out, value.p, value.n);
}

static void add_csv_value(vg_slice value, vg_buf *out)
{
    bool quote = false;
    for (size_t i = 0; i < value.n; i++)
        quote = quote || value.p[i] == ',' || value.p[i] == '"' || value.p[i] == '\n' || value.p[i] == '\r';
    if (quote) vg_buf_addc(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"') vg_buf_addc(out, '"');
        vg_buf_addc(out, value.p[i]);
    }
    if (quote) vg_buf_addc(out, '"');
}

static vg_code take_columns(void *ctx, const struct sql_column *columns, size_t n, vg_err *err)
{
    struct printer *printer = ctx;
    if (printer->output == OUTPUT_TABLE && n > TABLE_COLUMNS_MAX)
        return vg_fail(err, VG_EUSAGE, "more than %d columns: use --csv or --json", TABLE_COLUMNS_MAX);
    printer->columns = n;
    printer->types = vg_calloc(n, sizeof *printer->types);
    printer->names = vg_calloc(n, sizeof *printer->names);
    if (printer->output == OUTPUT_JSON) vg_buf_adds(&printer->out, "{\"columns\":[");
    for (size_t i = 0; i < n; i++) {
        printer->types[i] = columns[i].type;
        printer->names[i] = vg_strdup(columns[i].name);
        if (printer->output == OUTPUT_TABLE)
            table_column(&printer->table, printer->names[i], columns[i].type != SQL_TEXT);
        if (printer->output != OUTPUT_TABLE && i) vg_buf_addc(&printer->out, ',');
        if (printer->output == OUTPUT_JSON) json_add_string(&printer->out, vg_slice_of(columns[i].name));
        if (printer->output == OUTPUT_CSV) add_csv_value(vg_slice_of(columns[i].name), &printer->out);
    }
    if (printer->output == OUTPUT_JSON) vg_buf_adds(&printer->out, "],\"rows\":[");
    if (printer->output == OUTPUT_CSV) vg_buf_addc(&printer->out, '\n');
    return VG_OK;
}

static vg_code flush(struct printer *printer, vg_err *err)
{
    if (command_print(printer->self, &printer->out) != EXIT_DONE) return vg_fail(err, VG_EIO, "the output stopped");
    vg_buf_clear(&printer->out);
    return VG_OK;
}

static vg_code take_row(void *ctx, const vg_slice *values, vg_err *err)
{
    struct printer *printer = ctx;
    vg_buf *out = &printer->out;
    if (printer->output == OUTPUT_TABLE && printer->rows == TABLE_ROWS_MAX)
        return vg_fail(err, VG_ELIMIT, "more than %d rows: add LIMIT, or use --csv or --json", TABLE_ROWS_MAX);
    if (printer->output == OUTPUT_JSON) vg_buf_adds(out, printer->rows ? ",[" : "[");
    for (size_t i = 0; i < printer->columns; i++) {
        if (printer->output == OUTPUT_TABLE) table_cell(&printer->table, values[i].p ? values[i].p : "", values[i].n);
        if (printer->output != OUTPUT_TABLE && i) vg_buf_addc(out, ',');
        if (printer->output == OUTPUT_JSON) add_json_value(values[i], printer->types[i], out);
        if (printer->output == OUTPUT_CSV) add_csv_value(values[i], out);
    }
    if (printer->output == OUTPUT_JSON) vg_buf_addc(out, ']');
    if (printer->output == OUTPUT_CSV) vg_buf_addc(out, '\n');
    printer->rows++;
    return out->len > (1u << 20) ? flush(printer, err) : VG_OK;
}

static vg_code finish(struct printer *printer, vg_err *err)
{
    if (printer->output == OUTPUT_JSON) vg_buf_adds(&printer->out, "]}\n");
    if (printer->output == OUTPUT_TABLE) table_print(&printer->table, &printer->out);
    return flush(printer, err);
}

static void printer_release(struct printer *printer)
{
    table_release(&printer->table);
    for (size_t i = 0; i < printer->columns; i++)
        free(printer->names[i]);
    free(printer->names);
    free(printer->types);
    vg_buf_release(&printer->out);
}

static int run_sql(const struct command *self, int argc, char **argv)
{
    const char *lake_flag = NULL;
    bool json = false, csv = false;
    const struct vg_option options[] = {
        {"lake", VG_OPT_TEXT, &lake_flag, "LAKE", NULL, "the lake to read"},
        {"csv", VG_OPT_FLAG, &csv, NULL, NULL, "comma-separated values, any number of rows"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document: columns, rows; decimals as strings"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals != 1) return command_usage(self, "wants one statement, in quotes");
    if (json && csv) return command_usage(self, "--json or --csv, not both");

    vg_buf storage = {0};
    vg_err err = {0};
    struct printer printer = {.self = self, .output = json ? OUTPUT_JSON : csv ? OUTPUT_CSV : OUTPUT_TABLE};
    struct sql_sink sink = {&printer, take_columns, take_row};
    vg_code rc = sql_run(command_lake(lake_flag, &storage), argv[0], &sink, &err);
    if (!rc) rc = finish(&printer, &err);
    printer_release(&printer);
    vg_buf_release(&storage);
    return rc ? command_fail(self, &err) : EXIT_DONE;
}

const struct command cmd_sql = {
    .name = "sql",
    .summary = "SQL over the lake (DuckDB, read-only)",
    .usage = "'SELECT …' [--csv | --json]",
    .help = "Runs one reading statement over the views fills and blocks. Nothing outside the lake can be\n"
            "reached and nothing can be changed. Columns: docs/lake.md, or `vigil sql 'DESCRIBE fills'`.\n"
            "\n"
            "  vigil sql 'SELECT coin, count(*) AS fills, sum(closed_pnl) AS pnl FROM fills GROUP BY coin'\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage or wrong SQL",
    .run = run_sql,
};
