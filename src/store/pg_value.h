/* pg_value.h: values in PostgreSQL's binary form, as COPY BINARY and the extended protocol carry them.
 *
 * Big-endian. Times count microseconds, dates days, since 2000-01-01. A NUMERIC is a number of digits in base 10,000,
 * the weight of the first, a sign, the digits shown after the point, and the digits without zeros at either end
 * (PostgreSQL's src/backend/utils/adt/numeric.c, numeric_recv).
 */
#ifndef VIGIL_STORE_PG_VALUE_H
#define VIGIL_STORE_PG_VALUE_H

#include "base/buf.h"
#include "model/feature_value.h"
#include "model/schema.h"

/* The SQL type of a column, and its number in PostgreSQL's catalog. Nanoseconds are a BIGINT, since TIMESTAMPTZ has
 * microseconds only. */
const char *pg_type_name(enum column_type type);
unsigned pg_type_oid(enum column_type type);

#define PG_NUMERIC_BYTES 40 /* at most, of 128 bits */

/* A decimal in units of 10^-scale (0 to 20) as NUMERIC; returns the length. */
size_t pg_put_numeric(unsigned char out[PG_NUMERIC_BYTES], __int128 value, unsigned scale);

/* False when it is not finite, has more fractional digits that are not 0, or does not fit. */
bool pg_get_numeric(vg_slice bytes, unsigned scale, __int128 *value);

/* Appends a value with its length before it: a field of COPY BINARY. */
void pg_add_value(vg_buf *out, enum column_type type, const struct feature_value *value);
void pg_add_time_of_ns(vg_buf *out, int64_t ns); /* as TIMESTAMPTZ, the nanoseconds cut off */

/* A value from its bytes; p NULL: NULL. Texts are borrowed. False when they are none of this type. */
bool pg_get_value(enum column_type type, vg_slice bytes, struct feature_value *value);

#endif
