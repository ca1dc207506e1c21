#include "lake/part_merge.h"

#include "lake/part_read.h"
#include "lake/part_sound.h"
#include "lake/part_write.h"

/* By the object's blocks; by its range where it has none, or where their file is lost or damaged. */
static void add_without(const struct lake *lake, const struct manifest_record *without, vg_buf *sql)
{
    struct part_list blocks = {0};
    bool by_range = without->surrogate;
    for (size_t i = 0; i < without->parts.n && !by_range; i++) {
        const struct part *part = &without->parts.items[i];
        if (part->table != TABLE_BLOCKS) continue;
        part_list_add(&blocks, part);
        by_range = part_sound(lake, part, NULL) != VG_OK;
    }
    if (by_range) {
        vg_buf_addf(sql, "block_number NOT BETWEEN %lld AND %lld", (long long)without->first_block,
                    (long long)without->last_block);
    } else {
        vg_buf_adds(sql, "block_number NOT IN (SELECT block_number FROM ");
        part_list_sql(lake, TABLE_BLOCKS, &blocks, sql);
        vg_buf_addc(sql, ')');
    }
    part_list_release(&blocks);
}

/* Memory: as fetch, one run of packed rows; DuckDB only reads. */
#define MERGE_RUN_BYTES (64u << 20)

static vg_code sort_rows(struct part_reader *reader, struct fill_sorter *sorter, vg_err *err)
{
    struct fill_batch batch;
    for (;;) {
        VG_TRY(part_reader_next(reader, &batch, err));
        if (batch.n == 0) return fill_sorter_finish(sorter, err);
        for (size_t i = 0; i < batch.n; i++) {
            struct fill fill;
            VG_TRY(batch_fill(&batch, i, &fill, err));
            VG_TRY(fill_sorter_add(sorter, &fill, err));
        }
    }
}

vg_code part_merge(const struct lake *lake, const struct part_list *parts, const struct manifest_record *without,
                   const char *path, uint64_t *rows, vg_err *err)
{
    struct part_reader *reader = NULL;
    struct part_writer *writer = part_writer_new();
    struct fill_sorter *sorter = fill_sorter_new(lake->tmp, MERGE_RUN_BYTES);
    vg_buf condition = {0};
    if (without) add_without(lake, without, &condition);
    struct read_options options = {
        .parts = parts, .condition = condition.data, .order = READ_AS_STORED, .threads = 1, .memory_mib = 256};
    vg_code rc = part_reader_new(&reader, lake, &options, err);
    if (!rc) rc = sort_rows(reader, sorter, err);
    if (!rc) rc = part_write_fills(writer, sorter, path, rows, err);
    part_writer_free(writer);
    part_reader_free(reader);
    fill_sorter_free(sorter);
    vg_buf_release(&condition);
    return rc;
}
