/* The loader's days of fills. */
#include <pthread.h>
#include <stdio.h>

#include "model/fill_value.h"
#include "store/loader_core.h"
#include "store/pg_schema.h"
#include "store/pg_value.h"

#define COPIED_COLUMNS (FILL_COLUMNS + 1) /* block_time, which has no nanoseconds, is the last */

/* The day's first and last moment, as SQL. */
struct day_bounds {
    char from[VG_DATE_TEXT], to[VG_DATE_TEXT], compact[VG_DATE_TEXT];
};

static struct day_bounds bounds_of(int32_t day)
{
    struct day_bounds b;
    vg_day_print(day, '-', b.from);
    vg_day_print(day + 1, '-', b.to);
    vg_day_print(day, 0, b.compact);
    return b;
}

#define OF_DAY "time >= '%s 00:00+00' AND time < '%s 00:00+00'"

vg_code loader_day_begin(struct loader *l, int32_t day, bool whole, vg_err *err)
{
    struct day_bounds b = bounds_of(day);
    struct pg *pg = loader_control(l);
    l->day = day;
    l->whole = whole;
    l->in_transaction = l->timescale || !whole;
    l->part_count = 0;
    l->conflict = false;
    if (l->in_transaction) {
        snprintf(l->target, sizeof l->target, "fills");
        VG_TRY(pg_run(pg, "beginning a day of fills", "BEGIN", err));
        if (!whole) return VG_OK;
        return pg_runf(pg, "removing the day's old fills", err, "DELETE FROM fills WHERE " OF_DAY, b.from, b.to);
    }
    snprintf(l->target, sizeof l->target, "vigil_lake.fills_%s_new", b.compact);
    /* The check spares PostgreSQL to look at each row again when the table becomes a partition. */
    return pg_runf(pg, "making the day's table", err,
                   "DROP TABLE IF EXISTS %s; CREATE TABLE %s (LIKE fills INCLUDING DEFAULTS, CONSTRAINT of_day CHECK "
                   "(" OF_DAY "))",
                   l->target, l->target, b.from, b.to);
}

unsigned loader_day_workers(const struct loader *l) { return l->in_transaction ? 1 : l->worker_count; }

vg_code loader_part_begin(struct loader *l, unsigned worker, const struct part *part, vg_err *err)
{
    struct loader_worker *w = &l->workers[worker];
    struct day_bounds b = bounds_of(l->day);
    vg_buf sql = {0};
    w->part = part;
    w->sums = (struct fill_sums){0};
    snprintf(w->purpose, sizeof w->purpose, "loading fills of %s", b.from);
    vg_buf_clear(&w->rows);
    vg_buf_addf(&sql, "COPY %s (", l->target);
    for (size_t i = 0; i < FILL_COLUMNS; i++)
        vg_buf_addf(&sql, "\"%s\", ", pg_schema_column(STORE_FILLS, i));
    vg_buf_adds(&sql, "block_time) FROM STDIN BINARY");
    vg_code rc = pg_copy_begin(w->pg, w->purpose, sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

static vg_code add_sums(struct loader_worker *w, const struct fill_batch *batch, size_t row, vg_err *err)
{
    struct fill_sums one = {.rows = 1};
    if (batch_has(batch, FILL_CLOSED_PNL, row)) one.closed_pnl = batch_decimal(batch, FILL_CLOSED_PNL, row);
    if (batch_has(batch, FILL_FEE, row)) one.fee = batch_decimal(batch, FILL_FEE, row);
    if (vg_dec_mul(batch_decimal(batch, FILL_PRICE, row), batch_decimal(batch, FILL_SIZE, row), &one.notional) &&
        fill_sums_add(&w->sums, &one))
        return VG_OK;
    return vg_fail(err, VG_ELIMIT, "%s: a sum has more than %d digits", w->part->path, VG_DEC20_WIDTH);
}

static vg_code add_row(struct loader *l, struct loader_worker *w, const struct fill_batch *batch, size_t row,
                       vg_err *err)
{
    const unsigned char fields[2] = {0, COPIED_COLUMNS};
    if (vg_floor_div(batch_int64(batch, FILL_TIME, row), VG_NS_PER_DAY / 1000) != l->day)
        return vg_fail(err, VG_ESTATE,
                       "%s: the fill of block %lld, event %d, has a time of another day than its block: the database "
                       "keeps fills by their time, and cannot hold this one in its day",
                       w->part->path, (long long)batch_int64(batch, FILL_BLOCK_NUMBER, row),
                       (int)batch_int32(batch, FILL_EVENT_INDEX, row));
    vg_buf_add(&w->rows, fields, sizeof fields);
    for (enum fill_column column = 0; column < FILL_COLUMNS; column++) {
        struct feature_value value = fill_value(batch, column, row);
        pg_add_value(&w->rows, fill_columns[column].type, &value);
    }
    pg_add_time_of_ns(&w->rows, batch_int64(batch, FILL_BLOCK_TIME, row));
    return add_sums(w, batch, row, err);
}

static vg_code send_rows(struct loader_worker *w, vg_err *err)
{
    VG_TRY(pg_copy_put(w->pg, w->purpose, &w->rows, err));
    vg_buf_clear(&w->rows);
    return VG_OK;
}

vg_code loader_part_rows(struct loader *l, unsigned worker, const struct fill_batch *batch, vg_err *err)
{
    struct loader_worker *w = &l->workers[worker];
    for (size_t row = 0; row < batch->n; row++) {
        VG_TRY(add_row(l, w, batch, row, err));
        if (w->rows.len >= COPY_BYTES) VG_TRY(send_rows(w, err));
    }
    return VG_OK;
}

static void add_part(struct loader *l, const struct loader_worker *w)
{
    pthread_mutex_lock(&l->lock);
    l->parts = vg_realloc(l->parts, (l->part_count + 1) * sizeof *l->parts);
    l->parts[l->part_count++] = (struct loaded_part){w->part, w->sums};
    pthread_mutex_unlock(&l->lock);
}

vg_code loader_part_end(struct loader *l, unsigned worker, vg_err *err)
{
    struct loader_worker *w = &l->workers[worker];
    uint64_t rows = 0;
    VG_TRY(send_rows(w, err));
    VG_TRY(loader_note(l, w->pg, pg_copy_finish(w->pg, w->purpose, &rows, err)));
    if (rows != w->sums.rows || rows != w->part->rows)
        return vg_fail(err, VG_ESTATE,
                       "%s: the lake's record says %llu rows, the file has %llu, the database took %llu", w->part->path,
                       (unsigned long long)w->part->rows, (unsigned long long)w->sums.rows, (unsigned long long)rows);
    add_part(l, w);
    w->part = NULL;
    return VG_OK;
}

vg_code loader_day_index(struct loader *l, vg_err *err)
{
    if (l->in_transaction) return VG_OK;
    return loader_note(l, loader_control(l),
                       pg_runf(loader_control(l), "making the indexes of a day", err,
                               "CREATE UNIQUE INDEX ON %s (block_number, event_index, time); CREATE INDEX ON %s "
                               "(user_address, time DESC); CREATE INDEX ON %s (coin, time DESC); ANALYZE %s",
                               l->target, l->target, l->target, l->target));
}

/* Sums. */

static vg_code take_sums(void *ctx, const struct feature_value *v, vg_err *err)
{
    (void)err;
    *(struct fill_sums *)ctx = (struct fill_sums){(uint64_t)v[0].integer, v[1].decimal, v[2].decimal, v[3].decimal};
    return VG_OK;
}

static vg_code ask_sums(struct loader *l, const char *purpose, const vg_buf *sql, struct fill_sums *sums, vg_err *err)
{
    static const struct column columns[] = {
        {.type = COLUMN_INT64}, {.type = COLUMN_SUM}, {.type = COLUMN_DECIMAL}, {.type = COLUMN_DECIMAL}};
    struct row_question question = {.sql = sql->data, .columns = columns, .column_count = 4, .deadline_ns = INT64_MAX};
    return pg_ask(loader_control(l), purpose, &question, take_sums, sums, err);
}

/* Of the parts that came, and of those that were there before. */
static vg_code expected_sums(struct loader *l, const char *date, struct fill_sums *sums, vg_err *err)
{
    vg_buf sql = {0};
    vg_code rc = VG_OK;
    *sums = (struct fill_sums){0};
    if (!l->whole) {
        vg_buf_addf(&sql,
                    "SELECT coalesce(sum(rows), 0)::BIGINT, coalesce(sum(notional), 0), coalesce(sum(closed_pnl), 0), "
                    "coalesce(sum(fee), 0) FROM vigil_lake.loaded_files WHERE table_name = 'fills' AND day = '%s'",
                    date);
        rc = ask_sums(l, "reading the day's sums", &sql, sums, err);
        vg_buf_release(&sql);
    }
    for (size_t i = 0; i < l->part_count && !rc; i++)
        if (!fill_sums_add(sums, &l->parts[i].sums))
            rc = vg_fail(err, VG_ELIMIT, "fills of %s: a sum has more than %d digits", date, VG_DEC20_WIDTH);
    return rc;
}

static void describe_sums(const struct fill_sums *s, vg_buf *out)
{
    vg_buf_addf(out, "%llu rows, price x size ", (unsigned long long)s->rows);
    vg_buf_add_dec20(out, s->notional);
    vg_buf_adds(out, ", closed_pnl ");
    vg_buf_add_dec(out, s->closed_pnl);
    vg_buf_adds(out, ", fee ");
    vg_buf_add_dec(out, s->fee);
}

vg_code loader_day_check(struct loader *l, vg_err *err)
{
    struct day_bounds b = bounds_of(l->day);
    struct fill_sums expected, found = {0};
    vg_buf sql = {0}, here = {0}, there = {0};
    VG_TRY(expected_sums(l, b.from, &expected, err));
    vg_buf_addf(&sql,
                "SELECT count(*), coalesce(sum(price * size), 0), coalesce(sum(closed_pnl), 0), coalesce(sum(fee), 0) "
                "FROM %s WHERE " OF_DAY,
                l->target, b.from, b.to);
    vg_code rc = ask_sums(l, "checking the day's sums", &sql, &found, err);
    if (!rc && (found.rows != expected.rows || found.notional != expected.notional ||
                found.closed_pnl != expected.closed_pnl || found.fee != expected.fee)) {
        describe_sums(&expected, &here);
        describe_sums(&found, &there);
        rc =
            vg_fail(err, VG_ESTATE, "fills of %s: the lake has %s; the database has %s: nothing of the day was changed",
                    b.from, here.data, there.data);
    }
    vg_buf_release(&sql);
    vg_buf_release(&here);
    vg_buf_release(&there);
    return rc;
}

/* Publishing. */

static void add_records(const struct loader *l, vg_buf *sql)
{
    for (size_t i = 0; i < l->part_count; i++) {
        const struct part *part = l->parts[i].part;
        loader_record(sql, part->path, part->sha256, STORE_FILLS, part->day, part->rows, &l->parts[i].sums);
    }
}

static void add_attachment(const struct loader *l, const struct day_bounds *b, vg_buf *sql)
{
    vg_buf_addf(sql,
                "DROP TABLE IF EXISTS vigil_lake.fills_%s; ALTER TABLE %s RENAME TO fills_%s; ALTER TABLE fills ATTACH "
                "PARTITION vigil_lake.fills_%s FOR VALUES FROM ('%s 00:00+00') TO ('%s 00:00+00'); ALTER TABLE "
                "vigil_lake.fills_%s DROP CONSTRAINT of_day; ",
                b->compact, l->target, b->compact, b->compact, b->from, b->to, b->compact);
}

vg_code loader_day_publish(struct loader *l, vg_err *err)
{
    struct day_bounds b = bounds_of(l->day);
    vg_buf sql = {0};
    if (!l->in_transaction) {
        vg_buf_adds(&sql, "BEGIN; ");
        add_attachment(l, &b, &sql);
    }
    if (l->whole)
        vg_buf_addf(&sql, "DELETE FROM vigil_lake.loaded_files WHERE table_name = 'fills' AND day = '%s'; ", b.from);
    add_records(l, &sql);
    loader_rollups_note(l, b.from, &sql);
    if (!l->timescale) vg_buf_addf(&sql, "SELECT vigil_lake.refresh_rollups('%s 00:00+00'); ", b.from);
    vg_buf_adds(&sql, loader_new_version);
    vg_buf_adds(&sql, "COMMIT");
    vg_code rc = pg_run(loader_control(l), "publishing a day of fills", sql.data, err);
    vg_buf_release(&sql);
    return rc ? rc : loader_rollups_refresh(l, l->day, err);
}

void loader_day_abandon(struct loader *l)
{
    vg_err ignored;
    for (unsigned i = 0; i < l->worker_count; i++) {
        if (l->workers[i].part) pg_copy_cancel(l->workers[i].pg);
        l->workers[i].part = NULL;
    }
    struct pg *pg = loader_control(l);
    if (pg_is_broken(pg)) return;
    /* What cannot be tidied up now, the next load does. */
    if (pg_run(pg, "giving a day up", "ROLLBACK", &ignored)) return;
    if (!l->in_transaction && pg_runf(pg, "giving a day up", &ignored, "DROP TABLE IF EXISTS %s", l->target)) return;
}

vg_code loader_day_remove(struct loader *l, int32_t day, vg_err *err)
{
    struct day_bounds b = bounds_of(day);
    vg_buf sql = {0};
    vg_buf_adds(&sql, "BEGIN; ");
    if (l->timescale)
        vg_buf_addf(&sql, "DELETE FROM fills WHERE " OF_DAY "; ", b.from, b.to);
    else
        vg_buf_addf(&sql,
                    "DROP TABLE IF EXISTS vigil_lake.fills_%s; SELECT vigil_lake.refresh_rollups('%s 00:00+00'); ",
                    b.compact, b.from);
    loader_rollups_note(l, b.from, &sql);
    vg_buf_addf(&sql, "DELETE FROM vigil_lake.loaded_files WHERE table_name = 'fills' AND day = '%s'; %s COMMIT",
                b.from, loader_new_version);
    vg_code rc = pg_run(loader_control(l), "removing a day that the lake has no more", sql.data, err);
    vg_buf_release(&sql);
    return rc ? rc : loader_rollups_refresh(l, day, err);
}
