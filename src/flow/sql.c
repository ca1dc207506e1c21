#include "flow/sql.h"

#include "base/pool.h"
#include "lake/query.h"

static enum sql_type type_of(enum query_type type)
{
    switch (type) {
    case QUERY_INTEGER: return SQL_INTEGER;
    case QUERY_DECIMAL: return SQL_DECIMAL;
    case QUERY_FLOAT: return SQL_FLOAT;
    case QUERY_BOOL: return SQL_BOOL;
    case QUERY_TEXT: break;
    }
    return SQL_TEXT;
}

static vg_code hand_out(struct query *query, const struct sql_sink *sink, vg_err *err)
{
    size_t n = query_columns(query);
    struct sql_column *columns = vg_calloc(n, sizeof *columns);
    vg_slice *values = vg_calloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct sql_column){query_column_name(query, i), type_of(query_column_type(query, i))};
    vg_code rc = sink->columns(sink->ctx, columns, n, err);
    while (!rc) {
        bool more;
        rc = query_next(query, &more, err);
        if (rc || !more) break;
        for (size_t i = 0; i < n; i++)
            values[i] = query_value(query, i);
        rc = sink->row(sink->ctx, values, err);
        if (!rc && vg_cancelled()) rc = vg_fail(err, VG_ECANCEL, "stopped on request");
    }
    free(columns);
    free(values);
    return rc;
}

vg_code sql_run(const char *root, const char *statement, const struct sql_sink *sink, vg_err *err)
{
    struct lake lake;
    struct query *query = NULL;
    VG_TRY(lake_open(&lake, root, LAKE_READ, err));
    vg_code rc = query_new(&query, &lake, statement, vg_processors(), err);
    if (!rc) rc = hand_out(query, sink, err);
    query_free(query);
    lake_close(&lake);
    return rc;
}
