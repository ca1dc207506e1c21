/* The loader's tables of figures: all in one transaction. */
#include <stdio.h>

#include "store/loader_core.h"
#include "store/pg_schema.h"
#include "store/pg_value.h"

vg_code loader_figures_begin(struct loader *l, vg_err *err)
{
    for (unsigned table = 0; table < FEATURE_TABLES; table++)
        l->fresh[table] = true;
    for (size_t i = 0; i < l->file_count; i++)
        if (l->files[i].table < FEATURE_TABLES) l->fresh[l->files[i].table] = false;
    vg_buf sql = {0};
    vg_buf_adds(&sql, "BEGIN; ");
    for (unsigned table = 0; table < FEATURE_TABLES; table++)
        if (l->fresh[table]) pg_schema_drop_indexes(table, &sql);
    vg_code rc = pg_run(loader_control(l), "beginning the tables of figures", sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

/* The condition that chooses the rows of a file, or of its record. */
static void add_condition(vg_buf *sql, const char *column, int32_t day)
{
    char date[VG_DATE_TEXT];
    if (day == VG_NO_DATE) {
        vg_buf_adds(sql, "true");
        return;
    }
    vg_day_print(day, '-', date);
    vg_buf_addf(sql, "%s = DATE '%s'", column, date);
}

vg_code loader_table_remove(struct loader *l, unsigned table, int32_t day, vg_err *err)
{
    vg_buf sql = {0};
    vg_buf_addf(&sql, "DELETE FROM %s WHERE ", pg_schema_table(table));
    add_condition(&sql, "part_day", day);
    vg_buf_addf(&sql, "; DELETE FROM vigil_lake.loaded_files WHERE table_name = '%s' AND ", store_table_name(table));
    add_condition(&sql, "day", day);
    vg_code rc = pg_run(loader_control(l), "removing old figures", sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

vg_code loader_table_begin(struct loader *l, const struct feature_file *file, vg_err *err)
{
    struct loader_worker *w = &l->workers[0];
    const struct feature_table_schema *schema = &feature_tables[file->table];
    vg_buf sql = {0};
    if (!l->fresh[file->table]) VG_TRY(loader_table_remove(l, file->table, file->day, err));
    l->file = file;
    w->sums = (struct fill_sums){0};
    vg_buf_clear(&w->rows);
    snprintf(w->purpose, sizeof w->purpose, "loading %s", schema->name);
    vg_buf_addf(&sql, "COPY vigil_lake.%s (", schema->name);
    for (size_t i = 0; i < schema->column_count; i++)
        vg_buf_addf(&sql, "%s\"%s\"", i ? ", " : "", schema->columns[i].name);
    vg_buf_addf(&sql, "%s) FROM STDIN BINARY", schema->by_day ? ", part_day" : "");
    vg_code rc = pg_copy_begin(w->pg, w->purpose, sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

vg_code loader_table_row(struct loader *l, const struct feature_value *values, vg_err *err)
{
    struct loader_worker *w = &l->workers[0];
    const struct feature_table_schema *schema = &feature_tables[l->file->table];
    size_t n = schema->column_count + schema->by_day;
    const unsigned char fields[2] = {(unsigned char)(n >> 8), (unsigned char)n};
    vg_buf_add(&w->rows, fields, sizeof fields);
    for (size_t i = 0; i < schema->column_count; i++)
        pg_add_value(&w->rows, schema->columns[i].type, &values[i]);
    struct feature_value day = feature_int(l->file->day);
    if (schema->by_day) pg_add_value(&w->rows, COLUMN_DATE, &day);
    w->sums.rows++;
    if (w->rows.len < COPY_BYTES) return VG_OK;
    VG_TRY(pg_copy_put(w->pg, w->purpose, &w->rows, err));
    vg_buf_clear(&w->rows);
    return VG_OK;
}

vg_code loader_table_end(struct loader *l, vg_err *err)
{
    struct loader_worker *w = &l->workers[0];
    const struct feature_file *file = l->file;
    vg_buf sql = {0};
    uint64_t rows = 0;
    l->file = NULL;
    VG_TRY(pg_copy_put(w->pg, w->purpose, &w->rows, err));
    VG_TRY(pg_copy_finish(w->pg, w->purpose, &rows, err));
    if (rows != file->rows)
        return vg_fail(err, VG_ESTATE, "%s: the lake's record says %llu rows, the database took %llu", file->path,
                       (unsigned long long)file->rows, (unsigned long long)rows);
    loader_record(&sql, file->path, file->sha256, file->table, file->day, rows, NULL);
    vg_code rc = pg_run(w->pg, w->purpose, sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

static void add_coverage(vg_buf *sql, const struct store_coverage *c)
{
    if (!c) {
        vg_buf_adds(sql, "UPDATE vigil_lake.coverage SET from_ns = NULL, to_ns = NULL, fills = 0, complete = false; ");
        return;
    }
    vg_buf_addf(sql,
                "UPDATE vigil_lake.coverage SET from_ns = %lld, to_ns = %lld, fills = %llu, fills_in_lake = %llu, "
                "hours_present = %llu, hours_span = %llu, lake_version = %lld, complete = %s AND (SELECT "
                "coalesce(sum(rows), 0) >= %llu FROM "
                "vigil_lake.loaded_files WHERE table_name = 'fills'); ",
                (long long)c->from_ns, (long long)c->to_ns, (unsigned long long)c->fills,
                (unsigned long long)c->fills_in_lake, (unsigned long long)c->hours_present,
                (unsigned long long)c->hours_span, (long long)c->version, c->complete ? "true" : "false",
                (unsigned long long)c->fills_in_lake);
}

static void add_hours(vg_buf *sql, const struct day_hours *days, size_t n)
{
    vg_buf_adds(sql, "DELETE FROM vigil_lake.coverage_hours; ");
    for (size_t i = 0; i < n; i++) {
        char date[VG_DATE_TEXT];
        vg_day_print(days[i].day, '-', date);
        vg_buf_addf(sql, "%s(DATE '%s', '%s')", i ? ", " : "INSERT INTO vigil_lake.coverage_hours VALUES ", date,
                    days[i].hours);
    }
    if (n) vg_buf_adds(sql, "; ");
}

vg_code loader_figures_publish(struct loader *l, const struct store_coverage *coverage, const struct day_hours *days,
                               size_t n, vg_err *err)
{
    vg_buf sql = {0};
    for (unsigned table = 0; table < FEATURE_TABLES; table++)
        if (l->fresh[table]) pg_schema_create_indexes(table, &sql);
    add_coverage(&sql, coverage);
    add_hours(&sql, days, n);
    vg_buf_addf(&sql, "%s COMMIT", loader_new_version);
    vg_code rc = pg_run(loader_control(l), "publishing the tables of figures", sql.data, err);
    vg_buf_release(&sql);
    return rc;
}
