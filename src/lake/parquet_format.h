/* parquet_format.h: what writer and reader of our Parquet files share: numbers of the format, and how
 * each type of column is stored.
 *
 * Format: https://github.com/apache/parquet-format (parquet.thrift)
 */
#ifndef VIGIL_LAKE_PARQUET_FORMAT_H
#define VIGIL_LAKE_PARQUET_FORMAT_H

#include "base/buf.h"
#include "model/schema.h"

#define PARQUET_MAGIC "PAR1"
#define PARQUET_CREATOR "vigil"
#define PARQUET_FILL_GROUP_ROWS 8192  /* of the row groups of fills that are written */
#define PARQUET_FILL_GROUP_MOST 65536 /* of those that are read: vigil 0.1 wrote such */

enum physical {
    PHYSICAL_BOOLEAN = 0,
    PHYSICAL_INT32 = 1,
    PHYSICAL_INT64 = 2,
    PHYSICAL_DOUBLE = 5,
    PHYSICAL_BYTES = 6,
    PHYSICAL_FIXED = 7
};
enum { PLAIN = 0, RLE = 3, DELTA_BINARY_PACKED = 5, DELTA_LENGTH_BYTE_ARRAY = 6, RLE_DICTIONARY = 8 };
enum { CODEC_ZSTD = 6 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };
enum { PAGE_HEADER_DATA = 5, PAGE_HEADER_DICTIONARY = 7 }; /* fields of the page's header */

#define DECIMAL_BYTES 13 /* the fewest that hold 30 digits and a sign */
#define SUM_BYTES 16

enum physical parquet_physical(enum column_type type);

/* Of the values in data pages. */
int32_t parquet_encoding(const struct column *column);

/* Bytes of a value that is kept as it is written, PLAIN; 0: of other types. */
static inline size_t parquet_fixed_width(enum column_type type)
{
    return type == COLUMN_DECIMAL ? DECIMAL_BYTES : type == COLUMN_SUM ? SUM_BYTES : type == COLUMN_DOUBLE ? 8 : 0;
}

/* Decimals are big-endian, doubles are not. */
static inline bool parquet_is_decimal(enum column_type type) { return type == COLUMN_DECIMAL || type == COLUMN_SUM; }

/* Appends how the footer of a file with these columns begins: the version and the schema, fields 1 and 2. */
void parquet_add_schema(const struct column *columns, size_t n, const char *table, vg_buf *out);

#endif
