#include "store/pg_schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/map.h"
#include "store/migrations.h"
#include "store/pg_value.h"
#include "store/store.h"

#define MANY 1000 /* steps that a database may have */

static const char extra_day[] = "part_day"; /* day of the file that a row came in, of tables by day */

/* The store's questions. */

const char *pg_schema_table(unsigned table)
{
    static const char *const names[STORE_TABLES] = {
        [TABLE_TRADERS] = "vigil_lake.traders",
        [TABLE_TRADER_DAILY] = "vigil_lake.trader_daily",
        [TABLE_COIN_DAILY] = "vigil_lake.coin_daily",
        [TABLE_EPISODES] = "vigil_lake.episodes",
        [TABLE_POSITIONS] = "vigil_lake.positions",
        [TABLE_TRADER_COINS] = "vigil_lake.trader_coins",
        [TABLE_CLASSES] = "vigil_lake.classes",
        [TABLE_CLUSTERS] = "vigil_lake.clusters",
        [TABLE_CLUSTER_PROFILES] = "vigil_lake.cluster_profiles",
        [STORE_FILLS] = "fills",
    };
    return names[table];
}

const char *pg_schema_column(unsigned table, size_t column)
{
    size_t n;
    if (table == STORE_FILLS && column == FILL_BLOCK_TIME) return "block_time_ns";
    return store_columns(table, &n)[column].name;
}

enum column_type pg_schema_type(unsigned table, size_t column)
{
    size_t n;
    return store_columns(table, &n)[column].type;
}

/* Indexes of the tables of figures: for one trader, one coin, the best and the worst, and for replacing a day. */
static const struct {
    unsigned table;
    const char *columns;
} indexes[] = {
    {TABLE_TRADERS, "user_address"},
    {TABLE_TRADERS, "net_pnl DESC"},
    {TABLE_TRADERS, "volume DESC"},
    {TABLE_TRADER_DAILY, "user_address, date"},
    {TABLE_TRADER_DAILY, "part_day"},
    {TABLE_COIN_DAILY, "coin, date"},
    {TABLE_COIN_DAILY, "part_day"},
    {TABLE_EPISODES, "user_address, close_time DESC"},
    {TABLE_EPISODES, "coin, close_time DESC"},
    {TABLE_EPISODES, "part_day"},
    {TABLE_POSITIONS, "user_address"},
    {TABLE_POSITIONS, "coin"},
    {TABLE_TRADER_COINS, "user_address"},
    {TABLE_TRADER_COINS, "coin, volume DESC"},
    {TABLE_TRADER_COINS, "coin, net_pnl DESC"},
    {TABLE_CLASSES, "user_address"},
    {TABLE_CLASSES, "profile, class"},
    {TABLE_CLUSTERS, "user_address"},
    {TABLE_CLUSTERS, "cluster_id"},
};

static void each_index(unsigned table, bool create, vg_buf *sql)
{
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        if (indexes[i].table != table) continue;
        const char *name = feature_tables[table].name;
        if (create)
            vg_buf_addf(sql, "CREATE INDEX IF NOT EXISTS %s_%zu ON vigil_lake.%s (%s); ", name, i, name,
                        indexes[i].columns);
        else
            vg_buf_addf(sql, "DROP INDEX IF EXISTS vigil_lake.%s_%zu; ", name, i);
    }
}

void pg_schema_create_indexes(unsigned table, vg_buf *sql) { each_index(table, true, sql); }
void pg_schema_drop_indexes(unsigned table, vg_buf *sql) { each_index(table, false, sql); }

/* Numbered steps. */

struct applied {
    int64_t numbers[MANY];
    char *checksums[MANY];
    size_t n;
    bool timescale;
};

static void applied_release(struct applied *a)
{
    for (size_t i = 0; i < a->n; i++)
        free(a->checksums[i]);
    free(a);
}

static vg_code take_applied(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct applied *a = ctx;
    if (a->n == MANY) return vg_fail(err, VG_ELIMIT, "vigil_schema has more than %d rows", MANY);
    a->numbers[a->n] = values[0].integer;
    a->checksums[a->n] = strndup(values[1].text.p, values[1].text.n);
    a->timescale = a->timescale || values[2].integer;
    a->n++;
    return VG_OK;
}

static vg_code read_applied(struct pg *pg, struct applied *a, vg_err *err)
{
    static const struct column columns[] = {{.type = COLUMN_INT64}, {.type = COLUMN_TEXT}, {.type = COLUMN_BOOL}};
    struct row_question question = {
        .sql = "SELECT version::BIGINT, checksum, name LIKE '%.timescale.sql' FROM vigil_schema ORDER BY version",
        .columns = columns,
        .column_count = 3,
        .deadline_ns = INT64_MAX,
    };
    return pg_ask(pg, "reading vigil_schema", &question, take_applied, a, err);
}

static vg_code take_integer(void *ctx, const struct feature_value *values, vg_err *err)
{
    (void)err;
    *(int64_t *)ctx = values[0].null ? 0 : values[0].integer;
    return VG_OK;
}

static vg_code ask_integer(struct pg *pg, const char *purpose, const char *sql, int64_t *value, vg_err *err)
{
    static const struct column column = {.type = COLUMN_INT64};
    struct row_question question = {.sql = sql, .columns = &column, .column_count = 1, .deadline_ns = INT64_MAX};
    *value = 0;
    return pg_ask(pg, purpose, &question, take_integer, value, err);
}

static bool is_for(const struct migration *m, bool timescale)
{
    return m->kind == MIGRATION_ANY || (m->kind == MIGRATION_TIMESCALE) == timescale;
}

/* The steps of the database are the first ones of ours, or ours the first of its. */
static vg_code compare(const struct applied *a, size_t *missing, vg_err *err)
{
    size_t done = 0;
    *missing = 0;
    for (size_t i = 0; i < migration_count; i++) {
        if (!is_for(&migrations[i], a->timescale)) continue;
        if (done == a->n) {
            ++*missing;
            continue;
        }
        if (a->numbers[done] != migrations[i].number || strcmp(a->checksums[done], migrations[i].sha256) != 0)
            return vg_fail(err, VG_ESTATE,
                           "the database's schema was made by another vigil: step %lld of vigil_schema is not %s of "
                           "this version; use a database of its own",
                           (long long)a->numbers[done], migrations[i].name);
        done++;
    }
    if (done < a->n)
        return vg_fail(err, VG_ESTATE,
                       "the database's schema is newer than this vigil: it has step %lld of vigil_schema; use the "
                       "version of vigil that made it, or a newer one",
                       (long long)a->numbers[done]);
    return VG_OK;
}

vg_code pg_schema_look(struct pg *pg, enum pg_schema_state *state, vg_err *err)
{
    int64_t there;
    size_t missing;
    VG_TRY(ask_integer(pg, "looking for tables", "SELECT (to_regclass('vigil_schema') IS NOT NULL)::INT::BIGINT",
                       &there, err));
    *state = PG_SCHEMA_NONE;
    if (!there) return VG_OK;
    struct applied *a = vg_calloc(1, sizeof *a);
    vg_code rc = read_applied(pg, a, err);
    if (!rc) rc = compare(a, &missing, err);
    if (!rc) *state = a->n == 0 ? PG_SCHEMA_NONE : missing ? PG_SCHEMA_OLDER : PG_SCHEMA_CURRENT;
    applied_release(a);
    return rc;
}

/* The library must be loaded with the server: creating the extension elsewhere ends the connection. */
static vg_code find_timescale(struct pg *pg, bool *found, vg_err *err)
{
    int64_t can;
    VG_TRY(ask_integer(pg, "looking for TimescaleDB",
                       "SELECT (EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') OR EXISTS (SELECT FROM "
                       "pg_available_extensions WHERE name = 'timescaledb') AND "
                       "current_setting('timescaledb.disable_load', true) IS NOT NULL)::INT::BIGINT",
                       &can, err));
    *found = can != 0;
    return can ? pg_run(pg, "creating the extension", "CREATE EXTENSION IF NOT EXISTS timescaledb", err) : VG_OK;
}

static vg_code apply_step(struct pg *pg, const struct migration *m, vg_err *err)
{
    vg_buf sql = {0}, purpose = {0};
    vg_buf_addf(&purpose, "applying %s", m->name);
    vg_buf_adds(&sql, m->sql);
    vg_buf_addf(&sql, ";\nINSERT INTO vigil_schema (version, name, checksum) VALUES (%d, '%s', '%s')", m->number,
                m->name, m->sha256);
    vg_code rc = pg_run(pg, purpose.data, sql.data, err);
    vg_buf_release(&sql);
    vg_buf_release(&purpose);
    return rc;
}

static vg_code apply_steps(struct pg *pg, bool *timescale, vg_err *err)
{
    size_t missing;
    struct applied *a = vg_calloc(1, sizeof *a);
    vg_code rc = read_applied(pg, a, err);
    if (!rc && a->n == 0) rc = find_timescale(pg, &a->timescale, err);
    if (!rc) rc = compare(a, &missing, err);
    for (size_t i = 0, skip = a->n; i < migration_count && !rc; i++) {
        if (!is_for(&migrations[i], a->timescale)) continue;
        if (skip)
            skip--;
        else
            rc = apply_step(pg, &migrations[i], err);
    }
    *timescale = a->timescale;
    applied_release(a);
    return rc;
}

/* The tables of figures. */

static void add_table(unsigned table, vg_buf *sql)
{
    const struct feature_table_schema *schema = &feature_tables[table];
    vg_buf_addf(sql, "CREATE TABLE vigil_lake.%s (", schema->name);
    for (size_t i = 0; i < schema->column_count; i++)
        vg_buf_addf(sql, "%s\"%s\" %s%s", i ? ", " : "", schema->columns[i].name, pg_type_name(schema->columns[i].type),
                    schema->columns[i].nullable ? "" : " NOT NULL");
    if (schema->by_day) vg_buf_addf(sql, ", %s DATE NOT NULL", extra_day);
    vg_buf_addf(sql, "); COMMENT ON TABLE vigil_lake.%s IS '%s'; ", schema->name, schema->meaning);
    pg_schema_create_indexes(table, sql);
}

static vg_code make_tables(struct pg *pg, const vg_buf *tables, const char *layout, vg_err *err)
{
    vg_buf sql = {0};
    vg_buf_adds(&sql, "DROP VIEW IF EXISTS trader_profiles; ");
    for (unsigned table = 0; table < FEATURE_TABLES; table++)
        vg_buf_addf(&sql, "DROP TABLE IF EXISTS vigil_lake.%s; ", feature_tables[table].name);
    vg_buf_add(&sql, tables->data, tables->len);
    vg_buf_adds(
        &sql,
        "; DELETE FROM vigil_lake.loaded_files WHERE table_name <> 'fills'; UPDATE vigil_lake.coverage SET version = "
        "version + 1, from_ns = NULL, to_ns = NULL, fills = 0, complete = false, layout = ");
    vg_buf_addf(&sql, "'%s'", layout);
    vg_code rc = pg_run(pg, "making the tables of figures", sql.data, err);
    vg_buf_release(&sql);
    return rc;
}

static vg_code apply_tables(struct pg *pg, vg_err *err)
{
    vg_buf tables = {0}, question = {0};
    uint64_t hash = 1;
    int64_t same = 0;
    char layout[17];
    for (unsigned table = 0; table < FEATURE_TABLES; table++)
        add_table(table, &tables);
    vg_buf_adds(&tables, migration_views);
    for (size_t i = 0; i < tables.len; i++)
        hash = hash_mix64(hash ^ (unsigned char)tables.data[i]);
    snprintf(layout, sizeof layout, "%016" PRIx64, hash);
    vg_buf_addf(&question, "SELECT count(*) FROM vigil_lake.coverage WHERE layout = '%s'", layout);
    vg_code rc = ask_integer(pg, "comparing the tables of figures", question.data, &same, err);
    if (!rc && !same) rc = make_tables(pg, &tables, layout, err);
    vg_buf_release(&tables);
    vg_buf_release(&question);
    return rc;
}

vg_code pg_schema_apply(struct pg *pg, bool *timescale, vg_err *err)
{
    VG_TRY(pg_run(
        pg, "making vigil_schema",
        "CREATE SCHEMA IF NOT EXISTS vigil_lake; CREATE TABLE IF NOT EXISTS vigil_schema (version INTEGER PRIMARY "
        "KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())",
        err));
    VG_TRY(apply_steps(pg, timescale, err));
    return apply_tables(pg, err);
}
