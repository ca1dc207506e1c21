#include "lake/block_gaps.h"

#include "lake/duck.h"
#include "lake/part_read.h"

vg_code block_gaps_find(const struct lake *lake, const struct part_list *parts, int64_t from, int64_t to,
                        struct block_gaps *gaps, vg_err *err)
{
    struct duck duck;
    duckdb_result result;
    struct duck_options options = {.memory_mib = 1024, .spill_directory = lake->tmp};
    *gaps = (struct block_gaps){0};
    VG_TRY(lake_need(lake, parts, err));
    VG_TRY(duck_open(&duck, &options, err));
    vg_buf sql = {0};
    vg_buf_adds(&sql, "SELECT sum(behind - number - 1)::BIGINT, first(number + 1 ORDER BY number),"
                      " first(behind - 1 ORDER BY number) FROM (SELECT block_number AS number,"
                      "  lead(block_number) OVER (ORDER BY block_number) AS behind FROM ");
    part_list_sql(lake, TABLE_BLOCKS, parts, &sql);
    vg_buf_addf(&sql, " WHERE block_number BETWEEN %lld AND %lld) WHERE behind > number + 1", (long long)from,
                (long long)to);
    vg_code rc = duck_query(&duck, sql.data, &result, err);
    if (!rc) {
        gaps->missing = (uint64_t)duckdb_value_int64(&result, 0, 0); /* NULL reads as 0 */
        gaps->first = duckdb_value_int64(&result, 1, 0);
        gaps->last = duckdb_value_int64(&result, 2, 0);
        duckdb_destroy_result(&result);
    }
    vg_buf_release(&sql);
    duck_close(&duck);
    return rc;
}
