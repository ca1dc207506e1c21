#include "flow/traders_flow.h"

#include "base/opt.h"
#include "base/pool.h"
#include "lake/part_read.h"

static void cover(const struct manifest *manifest, int32_t from, int32_t to, struct traders_coverage *coverage)
{
    int64_t first_hour = INT64_MAX, last_hour = INT64_MIN;
    *coverage = (struct traders_coverage){.first_time_ns = INT64_MAX, .last_time_ns = INT64_MIN};
    for (size_t i = 0; i < manifest->n; i++) {
        const struct manifest_record *record = &manifest->records[i];
        if (record->fills == 0) continue;
        if (vg_day_of_ns(record->last_time_ns) < from || vg_day_of_ns(record->first_time_ns) > to) continue;
        if (record->first_time_ns < coverage->first_time_ns) coverage->first_time_ns = record->first_time_ns;
        if (record->last_time_ns > coverage->last_time_ns) coverage->last_time_ns = record->last_time_ns;
        if (!record->hourly) continue;
        int64_t hour = record->day * INT64_C(24) + record->hour;
        coverage->hours_present++;
        if (hour < first_hour) first_hour = hour;
        if (hour > last_hour) last_hour = hour;
    }
    if (coverage->first_time_ns > coverage->last_time_ns) coverage->first_time_ns = coverage->last_time_ns = 0;
    if (first_hour <= last_hour) coverage->hours_span = (uint64_t)(last_hour - first_hour + 1);
}

static vg_code read_all(struct part_reader *reader, struct traders *traders, struct vg_progress *progress, vg_err *err)
{
    struct fill_batch batch;
    for (;;) {
        VG_TRY(part_reader_next(reader, &batch, err));
        if (batch.n == 0) return VG_OK;
        VG_TRY(traders_add(traders, &batch, err));
        vg_progress_add(progress, batch.n, batch.n);
        if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request");
    }
}

vg_code traders_run(const struct traders_options *options, struct traders **traders, struct traders_coverage *coverage,
                    vg_err *err)
{
    struct lake lake;
    struct part_list parts;
    int32_t from = options->from == VG_NO_DATE ? INT32_MIN : options->from;
    int32_t to = options->to == VG_NO_DATE ? INT32_MAX : options->to;
    *traders = NULL;
    VG_TRY(lake_open(&lake, options->lake, LAKE_READ, err));
    manifest_live_parts(&lake.manifest, TABLE_FILLS, from, to, &parts);
    cover(&lake.manifest, from, to, coverage);
    for (size_t i = 0; i < parts.n; i++)
        coverage->fills += parts.items[i].rows;
    if (options->progress) options->progress->total = coverage->fills;

    struct part_reader *reader = NULL;
    struct read_options read = {
        .parts = &parts, .columns = traders_columns(), .user = options->user, .order = READ_AS_STORED, .threads = 1};
    vg_code rc = part_reader_new(&reader, &lake, &read, err);
    if (!rc) {
        *traders = traders_new();
        rc = read_all(reader, *traders, options->progress, err);
    }
    part_reader_free(reader);
    part_list_release(&parts);
    lake_close(&lake);
    if (rc) {
        traders_free(*traders);
        *traders = NULL;
    }
    return rc;
}
