#include "store/store.h"

#include "store/driver.h"
#include "store/select.h"

const struct column *store_columns(unsigned table, size_t *n)
{
    VG_ASSERT(table < STORE_TABLES);
    *n = table == STORE_FILLS ? FILL_COLUMNS : feature_tables[table].column_count;
    return table == STORE_FILLS ? fill_columns : feature_tables[table].columns;
}

const char *store_table_name(unsigned table)
{
    VG_ASSERT(table < STORE_TABLES);
    return table == STORE_FILLS ? "fills" : feature_tables[table].name;
}

static bool begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

vg_code store_open(struct store **store, const char *url, const char *lake, vg_err *err)
{
    *store = NULL;
    if (!url || !*url || begins(url, "sqlite:")) return embedded_open(store, lake, err);
    if (begins(url, "postgresql://") || begins(url, "postgres://")) return postgres_open(store, url, err);
    if (begins(url, "clickhouse://"))
        return vg_fail(err, VG_EUSAGE,
                       "DATABASE_URL names a ClickHouse server, which this version does not speak to yet: use "
                       "postgresql://…, or leave it out to use the lake itself");
    return vg_fail(err, VG_EUSAGE,
                   "DATABASE_URL is of a kind that is not known; there are sqlite:PATH and "
                   "postgresql://user@host/database");
}

void store_close(struct store *store)
{
    if (!store) return;
    char *name = store->name;
    store->driver->close(store);
    free(name);
}

const char *store_name(const struct store *store) { return store->name; }
vg_code store_ping(struct store *store, vg_err *err) { return store->driver->ping(store, err); }

vg_code store_coverage(struct store *store, struct store_coverage *coverage, vg_err *err)
{
    return store->driver->coverage(store, coverage, err);
}

vg_code store_hours(struct store *store, struct day_hours **days, size_t *n, struct store_coverage *coverage,
                    vg_err *err)
{
    return store->driver->hours(store, days, n, coverage, err);
}

vg_code store_rows(struct store *store, const struct store_query *query, const struct store_sink *sink,
                   struct store_coverage *coverage, vg_err *err)
{
    struct store_query q = *query;
    VG_TRY(select_check(query, err));
    if (q.timeout_ms == 0) q.timeout_ms = STORE_TIMEOUT_MS;
    return store->driver->rows(store, &q, sink, coverage, err);
}
