#include "store/loader.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/pool.h"
#include "store/loader_core.h"
#include "store/pg_schema.h"

#define LOCK_KEY "8319386201" /* of the advisory lock: any number that others do not take */
#define LOCK_ATTEMPTS 20
#define LOCK_PAUSE_NS (250 * VG_NS_PER_MS)

const char loader_new_version[] = "UPDATE vigil_lake.coverage SET loaded_at = now(), version = greatest(version + 1, "
                                  "(extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT); ";

bool fill_sums_add(struct fill_sums *sums, const struct fill_sums *more)
{
    sums->rows += more->rows;
    return vg_dec_add(sums->notional, more->notional, &sums->notional) &&
           vg_dec_add(sums->closed_pnl, more->closed_pnl, &sums->closed_pnl) &&
           vg_dec_add(sums->fee, more->fee, &sums->fee);
}

struct pg *loader_control(struct loader *l) { return l->workers[0].pg; }
const char *loader_name(const struct loader *l) { return l->name; }
bool loader_has_timescale(const struct loader *l) { return l->timescale; }
bool loader_is_conflict(const struct loader *l) { return l->conflict; }

const struct loaded_file *loader_files(const struct loader *l, size_t *n)
{
    *n = l->file_count;
    return l->files;
}

vg_code loader_note(struct loader *l, const struct pg *pg, vg_code rc)
{
    if (rc) l->conflict = strcmp(pg_state(pg), "23505") == 0;
    return rc;
}

void loader_record(vg_buf *sql, const char *path, const char *sha256, unsigned table, int32_t day, uint64_t rows,
                   const struct fill_sums *sums)
{
    char date[VG_DATE_TEXT];
    vg_buf_adds(sql,
                "INSERT INTO vigil_lake.loaded_files (path, sha256, table_name, day, rows, notional, closed_pnl, fee) "
                "VALUES ('");
    for (const char *p = path; *p; p++) {
        if (*p == '\'') vg_buf_addc(sql, '\'');
        vg_buf_addc(sql, *p);
    }
    vg_buf_addf(sql, "', '%s', '%s', ", sha256, store_table_name(table));
    if (day == VG_NO_DATE) {
        vg_buf_adds(sql, "NULL");
    } else {
        vg_day_print(day, '-', date);
        vg_buf_addf(sql, "DATE '%s'", date);
    }
    vg_buf_addf(sql, ", %llu", (unsigned long long)rows);
    if (sums) {
        vg_buf_adds(sql, ", ");
        vg_buf_add_dec20(sql, sums->notional);
        vg_buf_adds(sql, ", ");
        vg_buf_add_dec(sql, sums->closed_pnl);
        vg_buf_adds(sql, ", ");
        vg_buf_add_dec(sql, sums->fee);
    } else {
        vg_buf_adds(sql, ", NULL, NULL, NULL");
    }
    vg_buf_adds(sql, "); ");
}

bool loader_url_has_password(const char *url) { return pg_url_has_password(url); }

/* Opening. */

static vg_code take_bool(void *ctx, const struct feature_value *values, vg_err *err)
{
    (void)err;
    *(bool *)ctx = values[0].integer != 0;
    return VG_OK;
}

static vg_code ask_bool(struct pg *pg, const char *purpose, const char *sql, bool *value, vg_err *err)
{
    static const struct column column = {.type = COLUMN_BOOL};
    struct row_question question = {.sql = sql, .columns = &column, .column_count = 1, .deadline_ns = INT64_MAX};
    return pg_ask(pg, purpose, &question, take_bool, value, err);
}

/* A killed load's connection may hold the lock for a moment, until the server notices. */
static vg_code take_lock(struct loader *l, vg_err *err)
{
    bool has = false;
    for (unsigned attempt = 0; attempt < LOCK_ATTEMPTS && !has && !vg_cancelled(); attempt++) {
        if (attempt) vg_wait_until(vg_now_ns() + LOCK_PAUSE_NS);
        VG_TRY(ask_bool(loader_control(l), "taking the lock", "SELECT pg_try_advisory_lock(" LOCK_KEY ")", &has, err));
    }
    return has ? VG_OK : vg_fail(err, VG_ESTATE, "%s: another load is at work there: wait until it is done", l->name);
}

/* Tables that a killed load was building. */
static const char drop_leftovers[] =
    "DO $$ DECLARE t TEXT; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'vigil_lake' AND "
    "tablename ~ "
    "'^fills_[0-9]{8}_new$' LOOP EXECUTE format('DROP TABLE vigil_lake.%I', t); END LOOP; END $$";

static unsigned table_of(vg_slice name)
{
    for (unsigned table = 0; table < STORE_TABLES; table++)
        if (vg_slice_is(name, store_table_name(table))) return table;
    return STORE_TABLES;
}

static vg_code take_file(void *ctx, const struct feature_value *v, vg_err *err)
{
    struct loader *l = ctx;
    struct loaded_file file = {.table = table_of(v[2].text), .day = v[3].null ? VG_NO_DATE : (int32_t)v[3].integer};
    if (v[1].text.n != 64 || file.table == STORE_TABLES)
        return vg_fail(err, VG_ESTATE, "vigil_lake.loaded_files has a row that is not ours: '%.*s'", (int)v[0].text.n,
                       v[0].text.p);
    memcpy(file.sha256, v[1].text.p, 64);
    file.path = strndup(v[0].text.p, v[0].text.n);
    if ((l->file_count & (l->file_count - 1)) == 0)
        l->files = vg_realloc(l->files, (l->file_count ? l->file_count * 2 : 1) * sizeof *l->files);
    l->files[l->file_count++] = file;
    return VG_OK;
}

static vg_code read_files(struct loader *l, vg_err *err)
{
    static const struct column columns[] = {
        {.type = COLUMN_TEXT}, {.type = COLUMN_TEXT}, {.type = COLUMN_TEXT}, {.type = COLUMN_DATE}};
    struct row_question question = {
        .sql = "SELECT path, sha256, table_name, day FROM vigil_lake.loaded_files ORDER BY path",
        .columns = columns,
        .column_count = 4,
        .deadline_ns = INT64_MAX,
    };
    return pg_ask(loader_control(l), "reading vigil_lake.loaded_files", &question, take_file, l, err);
}

static vg_code take_version(void *ctx, const struct feature_value *v, vg_err *err)
{
    (void)err;
    ((struct loader *)ctx)->lake_version = (uint64_t)v[0].integer;
    return VG_OK;
}

static vg_code read_version(struct loader *l, vg_err *err)
{
    static const struct column column = {.type = COLUMN_INT64};
    struct row_question question = {.sql = "SELECT lake_version FROM vigil_lake.coverage",
                                    .columns = &column,
                                    .column_count = 1,
                                    .deadline_ns = INT64_MAX};
    return pg_ask(loader_control(l), "reading vigil_lake.coverage", &question, take_version, l, err);
}

uint64_t loader_lake_version(const struct loader *l) { return l->lake_version; }

/* Row by row, indexes cost several times what the rows do: a hypertable that has none yet gets them at the end. */
static vg_code lay_bare(struct loader *l, vg_err *err)
{
    bool has_rows = false;
    VG_TRY(ask_bool(loader_control(l), "looking for rows", "SELECT EXISTS (SELECT FROM fills)", &has_rows, err));
    if (has_rows) return VG_OK;
    l->bare = true;
    return pg_run(loader_control(l), "dropping indexes of the empty table",
                  "DROP INDEX IF EXISTS fills_key, idx_fills_user_time, idx_fills_coin_time", err);
}

static vg_code prepare(struct loader *l, vg_err *err)
{
    VG_TRY(take_lock(l, err));
    VG_TRY(pg_schema_apply(loader_control(l), &l->timescale, err));
    VG_TRY(pg_run(loader_control(l), "removing what a killed load left", drop_leftovers, err));
    VG_TRY(read_files(l, err));
    VG_TRY(read_version(l, err));
    if (!l->timescale) return VG_OK;
    VG_TRY(lay_bare(l, err));
    return loader_rollups_rest(l, err);
}

static vg_code connect_worker(struct loader_worker *w, const char *url, vg_err *err)
{
    VG_TRY(pg_connect(&w->pg, url, err));
    return pg_run(w->pg, "preparing the session", "SET maintenance_work_mem = '256MB'", err);
}

vg_code loader_open(struct loader **loader, const char *url, unsigned connections, vg_err *err)
{
    *loader = NULL;
    VG_TRY(pg_check_url(url, err));
    struct loader *l = vg_calloc(1, sizeof *l);
    l->name = pg_url_name(url);
    l->worker_count = connections ? connections : 1;
    l->workers = vg_calloc(l->worker_count, sizeof *l->workers);
    pthread_mutex_init(&l->lock, NULL);
    vg_code rc = connect_worker(&l->workers[0], url, err);
    if (!rc) rc = prepare(l, err);
    for (unsigned i = 1; i < l->worker_count && !rc; i++)
        rc = connect_worker(&l->workers[i], url, err);
    if (rc)
        loader_close(l);
    else
        *loader = l;
    return rc;
}

void loader_close(struct loader *l)
{
    if (!l) return;
    for (unsigned i = 0; i < l->worker_count; i++) {
        pg_close(l->workers[i].pg);
        vg_buf_release(&l->workers[i].rows);
    }
    for (size_t i = 0; i < l->file_count; i++)
        free(l->files[i].path);
    pthread_mutex_destroy(&l->lock);
    free(l->files);
    free(l->workers);
    free(l->parts);
    free(l->name);
    free(l);
}

static const char policies[] =
    "SELECT add_continuous_aggregate_policy('trader_daily', start_offset => NULL, end_offset => INTERVAL '1 hour', "
    "schedule_interval => INTERVAL '1 hour', if_not_exists => true); "
    "SELECT add_continuous_aggregate_policy('coin_daily', start_offset => NULL, end_offset => INTERVAL '1 hour', "
    "schedule_interval => INTERVAL '1 hour', if_not_exists => true)";

vg_code loader_finish(struct loader *l, vg_err *err)
{
    if (!l->timescale) return VG_OK;
    VG_TRY(pg_run(loader_control(l), "making the indexes of fills",
                  "CREATE UNIQUE INDEX IF NOT EXISTS fills_key ON fills (block_number, event_index, time); "
                  "CREATE INDEX IF NOT EXISTS idx_fills_user_time ON fills (user_address, time DESC); "
                  "CREATE INDEX IF NOT EXISTS idx_fills_coin_time ON fills (coin, time DESC)",
                  err));
    l->bare = false;
    return pg_run(loader_control(l), "adding the policies of rollups", policies, err);
}
