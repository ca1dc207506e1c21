#include "lake/parquet_format.h"

#include "base/dec.h"
#include "lake/thrift.h"

enum { REQUIRED = 0, OPTIONAL = 1 };
enum { CONVERTED_UTF8 = 0, CONVERTED_DECIMAL = 5, CONVERTED_DATE = 6, CONVERTED_MICROS = 10 };

enum physical parquet_physical(enum column_type type)
{
    switch (type) {
    case COLUMN_TIME:
    case COLUMN_TIME_NS:
    case COLUMN_INT64: return PHYSICAL_INT64;
    case COLUMN_DATE:
    case COLUMN_INT32: return PHYSICAL_INT32;
    case COLUMN_BOOL: return PHYSICAL_BOOLEAN;
    case COLUMN_TEXT: return PHYSICAL_BYTES;
    case COLUMN_SUM:
    case COLUMN_DECIMAL: return PHYSICAL_FIXED;
    case COLUMN_DOUBLE: return PHYSICAL_DOUBLE;
    }
    VG_BUG("unknown column type");
}

int32_t parquet_encoding(const struct column *column)
{
    switch (column->type) {
    case COLUMN_TEXT: return column->repeats ? RLE_DICTIONARY : DELTA_LENGTH_BYTE_ARRAY;
    case COLUMN_BOOL:
    case COLUMN_DECIMAL:
    case COLUMN_SUM:
    case COLUMN_DOUBLE: return PLAIN;
    case COLUMN_TIME:
    case COLUMN_TIME_NS:
    case COLUMN_DATE:
    case COLUMN_INT32:
    case COLUMN_INT64: break;
    }
    return DELTA_BINARY_PACKED;
}

static int32_t scale_of(enum column_type type) { return type == COLUMN_SUM ? 2 * VG_DEC_SCALE : VG_DEC_SCALE; }
static int32_t precision_of(enum column_type type) { return type == COLUMN_SUM ? VG_DEC20_WIDTH : VG_DEC_WIDTH; }

static void add_logical_type(struct thrift *t, const struct column *column)
{
    if (column->type == COLUMN_TEXT) {
        thrift_struct(t, 10);
        thrift_struct(t, 1); /* STRING */
    } else if (parquet_is_decimal(column->type)) {
        thrift_struct(t, 10);
        thrift_struct(t, 5); /* DECIMAL */
        thrift_i32(t, 1, scale_of(column->type));
        thrift_i32(t, 2, precision_of(column->type));
    } else if (column->type == COLUMN_DATE) {
        thrift_struct(t, 10);
        thrift_struct(t, 6); /* DATE */
    } else if (column->type == COLUMN_TIME || column->type == COLUMN_TIME_NS) {
        thrift_struct(t, 10);
        thrift_struct(t, 8);                            /* TIMESTAMP */
        thrift_bool(t, 1, column->type == COLUMN_TIME); /* readers have no zoned nanoseconds */
        thrift_struct(t, 2);
        thrift_struct(t, column->type == COLUMN_TIME ? 2 : 3); /* MICROS, NANOS */
        thrift_end(t);
        thrift_end(t);
    } else {
        return;
    }
    thrift_end(t);
    thrift_end(t);
}

static void add_column(struct thrift *t, const struct column *column)
{
    thrift_element(t);
    thrift_i32(t, 1, (int32_t)parquet_physical(column->type));
    if (parquet_is_decimal(column->type)) thrift_i32(t, 2, (int32_t)parquet_fixed_width(column->type));
    thrift_i32(t, 3, column->nullable ? OPTIONAL : REQUIRED);
    thrift_text(t, 4, column->name);
    if (column->type == COLUMN_TEXT) thrift_i32(t, 6, CONVERTED_UTF8);
    if (column->type == COLUMN_TIME) thrift_i32(t, 6, CONVERTED_MICROS);
    if (column->type == COLUMN_DATE) thrift_i32(t, 6, CONVERTED_DATE);
    if (parquet_is_decimal(column->type)) {
        thrift_i32(t, 6, CONVERTED_DECIMAL);
        thrift_i32(t, 7, scale_of(column->type));
        thrift_i32(t, 8, precision_of(column->type));
    }
    add_logical_type(t, column);
    thrift_end(t);
}

void parquet_add_schema(const struct column *columns, size_t n, const char *table, vg_buf *out)
{
    struct thrift t;
    thrift_begin(&t, out);
    thrift_i32(&t, 1, 2);
    thrift_list(&t, 2, THRIFT_STRUCT, n + 1);
    thrift_element(&t);
    thrift_text(&t, 4, table);
    thrift_i32(&t, 5, (int32_t)n);
    thrift_end(&t);
    for (size_t i = 0; i < n; i++)
        add_column(&t, &columns[i]);
}
