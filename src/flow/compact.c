#include "flow/compact.h"

#include <unistd.h>

#include "base/opt.h"
#include "base/pool.h"
#include "lake/part_merge.h"
#include "lake/part_sound.h"

#define COMPACTED_STEM "0000"
#define COMPACTED_OTHER_STEM "0001" /* used in turn, so that a new file never takes the name of a live one */

static const char *free_stem(const struct compaction *old)
{
    return old && strstr(old->part.path, "part-" COMPACTED_STEM) ? COMPACTED_OTHER_STEM : COMPACTED_STEM;
}

/* A damaged part must not be merged: nobody would see the damage any more. */
static vg_code check_parts(const struct lake *lake, const struct part_list *parts, vg_err *err)
{
    for (size_t i = 0; i < parts->n; i++)
        VG_TRY(part_sound(lake, &parts->items[i], err));
    return parts_have_their_rows(lake, parts, err);
}

static vg_code check_rows(const struct lake *lake, const struct compaction *next, uint64_t rows, vg_err *err)
{
    if (next->part.rows == rows) return VG_OK;
    char date[VG_DATE_TEXT], *relative = compaction_path(next->day), *record = lake_path(lake, relative);
    vg_day_print(next->day, '-', date);
    vg_buf way_out = {0};
    if (manifest_compaction(&lake->manifest, next->day))
        vg_buf_addf(&way_out, "remove %s, then fetch all objects of that day again: `vigil fetch SOURCE… --lake %s`",
                    record, lake->name);
    else
        vg_buf_addf(&way_out, "see what `vigil verify --lake %s` says", lake->name);
    vg_code rc = vg_fail(err, VG_ESTATE, "%s: %llu rows are left of %llu that should be, so nothing was changed: %s",
                         date, (unsigned long long)next->part.rows, (unsigned long long)rows, way_out.data);
    vg_buf_release(&way_out);
    free(relative);
    free(record);
    return rc;
}

/* Merges `parts`, without those of `without`, into `rows` rows and commits the result as `next`. */
static vg_code merge_and_commit(struct lake *lake, int32_t day, const struct part_list *parts,
                                const struct manifest_record *without, uint64_t rows, struct compaction *next,
                                vg_err *err)
{
    char *temporary = vg_path_join(lake->tmp, "compact.parquet");
    next->day = day;
    next->part = (struct part){.table = TABLE_FILLS, .day = day};
    next->part.path = lake_part_path(TABLE_FILLS, day, free_stem(manifest_compaction(&lake->manifest, day)));
    vg_code rc = check_parts(lake, parts, err);
    if (!rc) rc = part_merge(lake, parts, without, temporary, &next->part.rows, err);
    if (!rc) rc = check_rows(lake, next, rows, err);
    if (!rc) rc = lake_publish_part(lake, temporary, &next->part, err);
    if (!rc) rc = lake_commit_compaction(lake, next, err);
    if (rc) unlink(temporary);
    free(temporary);
    return rc;
}

static vg_code compact_day(struct lake *lake, int32_t day, struct compact_report *report, vg_err *err)
{
    struct part_list parts;
    struct compaction next = {0};
    uint64_t rows = 0;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, day, day, &parts);
    const struct compaction *old = manifest_compaction(&lake->manifest, day);
    for (size_t i = 0; i < parts.n; i++) {
        rows += parts.items[i].rows;
        report->bytes_before += parts.items[i].bytes;
        if (!old || strcmp(parts.items[i].path, old->part.path) != 0) part_list_add(&next.replaced, &parts.items[i]);
    }
    for (size_t i = 0; old && i < old->replaced.n; i++)
        part_list_add(&next.replaced, &old->replaced.items[i]);
    vg_code rc = merge_and_commit(lake, day, &parts, NULL, rows, &next, err);
    if (!rc) {
        report->days++;
        report->parts_before += parts.n;
        report->rows += rows;
        report->bytes_after += manifest_compaction(&lake->manifest, day)->part.bytes;
    }
    compaction_release(&next);
    part_list_release(&parts);
    return rc;
}

vg_code compact_run(const struct compact_options *options, struct compact_report *report, vg_err *err)
{
    struct lake lake;
    struct part_list all;
    *report = (struct compact_report){0};
    VG_TRY(lake_open(&lake, options->lake, LAKE_WRITE, err));
    int32_t from = options->from == VG_NO_DATE ? INT32_MIN : options->from;
    int32_t to = options->to == VG_NO_DATE ? INT32_MAX : options->to;
    manifest_live_parts(&lake.manifest, TABLE_FILLS, from, to, &all);
    if (options->progress) options->progress->total = all.n;
    vg_code rc = VG_OK;
    for (size_t i = 0, n; i < all.n && !rc; i += n) {
        uint64_t rows = 0;
        for (n = 0; i + n < all.n && all.items[i + n].day == all.items[i].day; n++)
            rows += all.items[i + n].rows;
        if (vg_cancelled()) rc = vg_fail(err, VG_ECANCEL, "stopped on request");
        if (!rc && n > 1) rc = compact_day(&lake, all.items[i].day, report, err);
        vg_progress_add(options->progress, n, rows);
    }
    part_list_release(&all);
    lake_close(&lake);
    return rc;
}

/* Whether the compaction holds the rows of this part. */
static bool holds(const struct compaction *compaction, const struct part *part)
{
    for (size_t i = 0; i < compaction->replaced.n; i++)
        if (strcmp(compaction->replaced.items[i].path, part->path) == 0) return true;
    return false;
}

vg_code compact_evict(struct lake *lake, const char *part, const struct part_list *now, vg_err *err)
{
    const struct manifest_record *record = manifest_find(&lake->manifest, part);
    vg_code rc = VG_OK;
    for (size_t i = 0; record && i < record->parts.n && !rc; i++) {
        const struct part *old = &record->parts.items[i];
        struct compaction *compaction = manifest_compaction(&lake->manifest, old->day);
        if (old->table != TABLE_FILLS || !compaction || !holds(compaction, old)) continue;
        if (part_list_has(now, old)) {
            lake_remove_file(lake, old->path);
            continue;
        }
        struct part_list merged = {0};
        struct compaction next = {0};
        part_list_add(&merged, &compaction->part);
        for (size_t k = 0; k < compaction->replaced.n; k++)
            if (strcmp(compaction->replaced.items[k].path, old->path) != 0)
                part_list_add(&next.replaced, &compaction->replaced.items[k]);
        rc = merge_and_commit(lake, old->day, &merged, record, compaction->part.rows - old->rows, &next, err);
        compaction_release(&next);
        part_list_release(&merged);
    }
    return rc;
}
