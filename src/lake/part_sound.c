#include "lake/part_sound.h"

#include <unistd.h>

#include "lake/duck.h"

/* The record of the object that the file came from; NULL: of a compaction. */
static const struct manifest_record *owner(const struct manifest *manifest, const char *path)
{
    for (size_t i = 0; i < manifest->n; i++)
        if (lake_record_names(&manifest->records[i], path)) return &manifest->records[i];
    return NULL;
}

/* A damaged compaction must go with its record, so that its objects count as lost and are fetched again. */
static void add_way_out(const struct lake *lake, const struct part *part, const char *path, vg_buf *out)
{
    bool there = access(path, F_OK) == 0;
    const struct compaction *compaction = manifest_compaction(&lake->manifest, part->day);
    const struct manifest_record *record = owner(&lake->manifest, part->path);
    if (compaction && strcmp(compaction->part.path, part->path) == 0) {
        char *relative = compaction_path(part->day), *merged = lake_path(lake, relative);
        vg_buf_addf(out, "remove %s%s, then fetch all objects of that day again: `vigil fetch SOURCE… --lake %s`",
                    there ? "it and " : "", merged, lake->name);
        free(relative);
        free(merged);
    } else {
        vg_buf_addf(out, "%sfetch its object again: `vigil fetch %s --lake %s`", there ? "remove it, then " : "",
                    record ? record->location : "SOURCE", lake->name);
    }
}

static vg_code fail(const struct lake *lake, const struct part *part, const char *path, const char *what, vg_err *err)
{
    vg_buf way_out = {0};
    add_way_out(lake, part, path, &way_out);
    vg_code rc = vg_fail(err, VG_ESTATE, "%s: %s", what, way_out.data);
    vg_buf_release(&way_out);
    return rc;
}

/* Fills `what` with the trouble; false: there is none. */
static bool differs(const char *path, const char *expected, vg_buf *what)
{
    char sha256[65];
    uint64_t bytes;
    vg_err err = {0};
    if (lake_checksum(path, sha256, &bytes, &err)) {
        vg_buf_adds(what, err.msg);
        return true;
    }
    if (strcmp(sha256, expected) == 0) return false;
    vg_buf_addf(what, "%s is not the file that was committed (sha256 %.12s…, expected %.12s…)", path, sha256, expected);
    return true;
}

vg_code part_sound(const struct lake *lake, const struct part *part, vg_err *err)
{
    VG_TRY(lake_need_file(lake, part->path, part->bytes, part->sha256, err));
    char *path = lake_path(lake, part->path);
    vg_buf what = {0};
    vg_code rc = differs(path, part->sha256, &what) ? fail(lake, part, path, what.data, err) : VG_OK;
    vg_buf_release(&what);
    free(path);
    return rc;
}

static vg_code has_its_rows(const struct lake *lake, struct duck *duck, const struct part *part, vg_err *err)
{
    duckdb_result result;
    char *path = lake_path(lake, part->path);
    vg_buf text = {0};
    vg_buf_adds(&text, "SELECT num_rows FROM parquet_file_metadata(");
    duck_literal(&text, path);
    vg_buf_addc(&text, ')');
    vg_code rc = duck_query(duck, text.data, &result, err);
    if (!rc) {
        uint64_t rows = (uint64_t)duckdb_value_int64(&result, 0, 0);
        duckdb_destroy_result(&result);
        vg_buf_clear(&text);
        vg_buf_addf(&text, "%s has %llu rows, its record says %llu", path, (unsigned long long)rows,
                    (unsigned long long)part->rows);
        if (rows != part->rows) rc = fail(lake, part, path, text.data, err);
    }
    vg_buf_release(&text);
    free(path);
    return rc;
}

vg_code parts_have_their_rows(const struct lake *lake, const struct part_list *parts, vg_err *err)
{
    struct duck duck;
    struct duck_options options = {0};
    VG_TRY(duck_open(&duck, &options, err));
    vg_code rc = VG_OK;
    for (size_t i = 0; i < parts->n && !rc; i++)
        rc = has_its_rows(lake, &duck, &parts->items[i], err);
    duck_close(&duck);
    return rc;
}
