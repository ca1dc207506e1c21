#include "model/fill_value.h"

struct feature_value fill_value(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    if (!batch_has(batch, column, row)) return feature_null();
    switch (fill_columns[column].type) {
    case COLUMN_TEXT: return feature_text(batch_text(batch, column, row));
    case COLUMN_DECIMAL: return feature_decimal(batch_decimal(batch, column, row));
    case COLUMN_BOOL: return feature_int(batch_bool(batch, column, row));
    case COLUMN_INT32: return feature_int(batch_int32(batch, column, row));
    case COLUMN_TIME:
    case COLUMN_TIME_NS:
    case COLUMN_INT64: return feature_int(batch_int64(batch, column, row));
    case COLUMN_SUM:
    case COLUMN_DOUBLE:
    case COLUMN_DATE: break;
    }
    VG_BUG("fills have no such column");
}
