#include "lake/part_merge.h"

#include "lake/duck.h"
#include "lake/part_read.h"
#include "lake/part_write.h"

static void add_without(const struct lake *lake, const struct manifest_record *without, vg_buf *sql)
{
    if (without->surrogate) {
        vg_buf_addf(sql, " WHERE block_number NOT BETWEEN %lld AND %lld", (long long)without->first_block,
                    (long long)without->last_block);
        return;
    }
    struct part_list blocks = {0};
    for (size_t i = 0; i < without->parts.n; i++)
        if (without->parts.items[i].table == TABLE_BLOCKS) part_list_add(&blocks, &without->parts.items[i]);
    vg_buf_adds(sql, " WHERE block_number NOT IN (SELECT block_number FROM ");
    part_list_sql(lake, TABLE_BLOCKS, &blocks, sql);
    vg_buf_addc(sql, ')');
    part_list_release(&blocks);
}

vg_code part_merge(const struct lake *lake, const struct part_list *parts, const struct manifest_record *without,
                   const char *path, uint64_t *rows, vg_err *err)
{
    struct duck duck;
    struct duck_options options = {.threads = 1, .memory_mib = 384, .spill_directory = lake->tmp};
    VG_TRY(duck_open(&duck, &options, err));
    vg_buf sql = {0};
    duckdb_result result;
    vg_buf_adds(&sql, "COPY (SELECT * FROM ");
    part_list_sql(lake, TABLE_FILLS, parts, &sql);
    if (without) add_without(lake, without, &sql);
    vg_buf_adds(&sql, " ORDER BY user_address, block_number, event_index) TO ");
    duck_literal(&sql, path);
    vg_buf_addf(&sql, " %s", part_copy_options());
    vg_code rc = duck_query(&duck, sql.data, &result, err);
    if (!rc) {
        *rows = duckdb_rows_changed(&result);
        duckdb_destroy_result(&result);
    }
    vg_buf_release(&sql);
    duck_close(&duck);
    return rc ? vg_wrap(err, "writing %s", path) : VG_OK;
}
