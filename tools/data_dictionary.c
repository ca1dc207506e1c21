/* Prints docs/data-dictionary.md: every column of every table, from the schema that writes them. */
#include <stdio.h>

#include "model/feature_schema.h"

static const char *type_name(const struct column *column)
{
    switch (column->type) {
    case COLUMN_TIME: return "timestamp";
    case COLUMN_TIME_NS: return "timestamp, ns";
    case COLUMN_TEXT: return "text";
    case COLUMN_DECIMAL: return "decimal(30,10)";
    case COLUMN_SUM: return "decimal(38,20)";
    case COLUMN_DOUBLE: return "double";
    case COLUMN_DATE: return "date";
    case COLUMN_BOOL: return "boolean";
    case COLUMN_INT32:
    case COLUMN_INT64: return "integer";
    }
    return "";
}

/* Bars would end the cell. */
static void print_cell(const char *text)
{
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

static void print_table(const char *name, const char *meaning, const struct column *columns, size_t n,
                        const char *files)
{
    printf("\n## %s\n\n%s. Files: `%s`.\n\n| column | type | unit | null | definition |\n|---|---|---|---|---|\n", name,
           meaning, files);
    for (size_t i = 0; i < n; i++) {
        printf("| `%s` | %s | %s | %s | ", columns[i].name, type_name(&columns[i]),
               columns[i].unit ? columns[i].unit : "", columns[i].nullable ? "yes" : "");
        print_cell(columns[i].meaning);
        printf(" |\n");
    }
}

int main(void)
{
    printf(
        "# Data dictionary\n\n"
        "Made from the schema in `src/model` by `./dev format`; the same units and definitions stand in the metadata\n"
        "of the Parquet files of features. Money is exact, as decimals; ratios are doubles, made once from exact\n"
        "sums; what is undefined is NULL, never infinite. All times are UTC.\n"
        "\n"
        "c closed_pnl, p price, z size, v = p z, s +1 for a buy and -1 for a sell, P start_position, k the part of z\n"
        "that closes, o = z - k the part that opens, t the time of the fill, M(u) the price of the coin's last taker\n"
        "print at or before u. Trade rows are all but those that no order made: dust conversions, vault nettings,\n"
        "settlements, legs of outcomes. Perps include HIP-3. How figures are read where a formula leaves a choice:\n"
        "[metrics.md](metrics.md).\n");
    print_table("fills", "One row a fill, as the source has it", fill_columns, FILL_COLUMNS,
                "fills/date=*/part-*.parquet");
    print_table("blocks", "One row a block of the source", block_columns, BLOCK_COLUMNS,
                "blocks/date=*/part-*.parquet");
    for (enum feature_table table = 0; table < FEATURE_TABLES; table++) {
        const struct feature_table_schema *s = &feature_tables[table];
        char files[100];
        snprintf(files, sizeof files, "features/%s/%spart-*.parquet", s->name, s->by_day ? "date=*/" : "");
        print_table(s->name, s->meaning, s->columns, s->column_count, files);
    }
    return 0;
}
