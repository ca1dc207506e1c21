/* sql.h: one reading statement over the lake, row by row to whoever prints it. */
#ifndef VIGIL_FLOW_SQL_H
#define VIGIL_FLOW_SQL_H

#include "base/buf.h"

enum sql_type { SQL_TEXT, SQL_INTEGER, SQL_DECIMAL, SQL_FLOAT, SQL_BOOL };

struct sql_column {
    const char *name;
    enum sql_type type;
};

/* Called once with the columns, then with each row's values as text (p is NULL for NULL). */
struct sql_sink {
    void *ctx;
    vg_code (*columns)(void *ctx, const struct sql_column *columns, size_t n, vg_err *err);
    vg_code (*row)(void *ctx, const vg_slice *values, vg_err *err);
};

/* Views: fills, blocks, traders, trader_daily, coin_daily, episodes, positions. VG_EUSAGE: the statement is wrong or
 * does not only read; VG_ESTATE: it fails on the way. */
VG_MUST_USE vg_code sql_run(const char *lake, const char *statement, const struct sql_sink *sink, vg_err *err);

#endif
