#include "lake/part_check.h"

#include <stdio.h>

#include "lake/duck.h"
#include "lake/part_read.h"

/* Rows that must have a counterpart, by their trade key. */
static const char trades_sql[] = "CREATE TEMP TABLE trade AS"
                                 " SELECT coin, block_number, trade_id, count(*) AS n,"
                                 "  count(*) FILTER (side = 'B') AS buys, count(*) FILTER (crossed) AS takers,"
                                 "  min(price) = max(price) AND min(size) = max(size) AS alike"
                                 " FROM fill WHERE exception = 0 GROUP BY ALL";

static const char trade_counts_sql[] =
    "SELECT count(*) FILTER (good), count(*) FILTER (half), count(*) FILTER (NOT good AND NOT half),"
    " first(coin || ' trade ' || trade_id || ' in block ' || block_number || ': ' || n || ' rows, ' || buys || "
    "' buys, ' || takers || ' takers' ORDER BY block_number, coin, trade_id) FILTER (NOT good AND NOT half)"
    " FROM (SELECT *, n = 2 AND buys = 1 AND takers = 1 AND alike AS good, n = 1 AND block_number < 0 AS half"
    " FROM trade)";

/* Rows without block numbers may lack their other side, so only complete trades of theirs are summed. */
static const char balance_sql[] =
    "SELECT count(*), count(*) FILTER (difference <> 0),"
    " first(coin || ' in block ' || block_number || ': buyers paid ' || difference || ' more than sellers got'"
    "  ORDER BY block_number, coin) FILTER (difference <> 0)"
    " FROM (SELECT coin, block_number,"
    "  sum(CASE side WHEN 'B' THEN price * size ELSE -(price * size) END) AS difference"
    "  FROM fill WHERE exception = 0 AND (block_number >= 0 OR (coin, block_number, trade_id) IN"
    "   (SELECT (coin, block_number, trade_id) FROM trade WHERE n = 2)) GROUP BY ALL)";

static uint64_t value_at(duckdb_result *result, idx_t column)
{
    return (uint64_t)duckdb_value_int64(result, column, 0);
}

static void keep_example(duckdb_result *result, idx_t column, struct trade_check *check)
{
    if (*check->example || duckdb_value_is_null(result, column, 0)) return;
    char *text = duckdb_value_varchar(result, column, 0);
    snprintf(check->example, sizeof check->example, "%s", text);
    duckdb_free(text);
}

static vg_code count_rows(struct duck *duck, struct trade_check *check, vg_err *err)
{
    duckdb_result result;
    VG_TRY(duck_query(duck,
                      "SELECT count(*), count(*) FILTER (exception = 1), count(*) FILTER (exception = 2),"
                      " count(*) FILTER (exception = 3) FROM fill",
                      &result, err));
    check->rows += value_at(&result, 0);
    check->dust_rows += value_at(&result, 1);
    check->one_sided_rows += value_at(&result, 2);
    check->unkeyed_rows += value_at(&result, 3);
    duckdb_destroy_result(&result);
    return VG_OK;
}

static vg_code count_trades(struct duck *duck, struct trade_check *check, vg_err *err)
{
    duckdb_result result;
    VG_TRY(duck_query(duck, trades_sql, NULL, err));
    VG_TRY(duck_query(duck, trade_counts_sql, &result, err));
    check->trades += value_at(&result, 0);
    check->half_trades += value_at(&result, 1);
    check->irregular += value_at(&result, 2);
    keep_example(&result, 3, check);
    duckdb_destroy_result(&result);
    return VG_OK;
}

static vg_code balance(struct duck *duck, struct trade_check *check, vg_err *err)
{
    duckdb_result result;
    VG_TRY(duck_query(duck, balance_sql, &result, err));
    check->groups += value_at(&result, 0);
    check->unequal += value_at(&result, 1);
    keep_example(&result, 2, check);
    duckdb_destroy_result(&result);
    return VG_OK;
}

vg_code part_check_trades(const struct lake *lake, const struct part_list *parts, struct trade_check *check,
                          vg_err *err)
{
    struct duck duck;
    struct duck_options options = {.threads = 2, .memory_mib = 1024, .spill_directory = lake->tmp};
    VG_TRY(lake_need(lake, parts, err));
    VG_TRY(duck_open(&duck, &options, err));
    vg_buf sql = {0};
    vg_buf_adds(&sql, "CREATE TEMP VIEW fill AS SELECT coin, block_number, trade_id, side, crossed, price, size,"
                      " CASE WHEN direction = 'Spot Dust Conversion' THEN 1"
                      " WHEN direction IN ('Split Outcome', 'Merge Outcome', 'Merge Question', 'Negate Outcome') THEN 2"
                      " WHEN trade_id IS NULL THEN 3 ELSE 0 END AS exception FROM ");
    part_list_sql(lake, TABLE_FILLS, parts, &sql);
    vg_code rc = duck_query(&duck, sql.data, NULL, err);
    if (!rc) rc = count_rows(&duck, check, err);
    if (!rc) rc = count_trades(&duck, check, err);
    if (!rc) rc = balance(&duck, check, err);
    vg_buf_release(&sql);
    duck_close(&duck);
    return rc;
}
