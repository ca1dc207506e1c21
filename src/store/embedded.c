/* The store that needs no server: DuckDB in memory over the lake's files. What a question reads is named by one reading
 * of the lake's records; when a job publishes meanwhile, files may be gone, and the question is asked again. */
#include <pthread.h>
#include <sys/stat.h>

#include "base/map.h"
#include "lake/feature_files.h"
#include "lake/query.h"
#include "store/store.h"
#include "store/store_sql.h"

#define ATTEMPTS 5
#define QUERY_THREADS 1 /* questions run beside each other */

struct store {
    char *lake;
    pthread_mutex_t lock;
    bool is_known; /* `coverage` is of the state that `stamp` shows */
    uint64_t stamp;
    struct store_coverage coverage;
};

const struct column *store_columns(unsigned table, size_t *n)
{
    if (table == STORE_FILLS) {
        *n = FILL_COLUMNS;
        return fill_columns;
    }
    *n = feature_tables[table].column_count;
    return feature_tables[table].columns;
}

const char *store_table_name(unsigned table) { return table == STORE_FILLS ? "fills" : feature_tables[table].name; }

vg_code store_open(struct store **out, const char *url, const char *lake, vg_err *err)
{
    if (url && *url && strncmp(url, "sqlite:", 7) != 0)
        return vg_fail(err, VG_EUSAGE,
                       "only the embedded store over the lake can be served from yet: leave DATABASE_URL unset");
    struct store *store = vg_calloc(1, sizeof *store);
    store->lake = vg_strdup(lake);
    pthread_mutex_init(&store->lock, NULL);
    *out = store;
    return VG_OK;
}

const char *store_name(const struct store *store) { return store->lake; }

vg_code store_ping(struct store *store, vg_err *err)
{
    struct store_coverage coverage;
    return store_coverage(store, &coverage, err);
}

void store_close(struct store *store)
{
    if (!store) return;
    pthread_mutex_destroy(&store->lock);
    free(store->lake);
    free(store);
}

/* Coverage. */

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = hash_mix64(hash ^ ((const unsigned char *)bytes)[i]);
    return hash;
}

/* Records appear by rename, which changes their folder: as long as this is the same, so is the lake. */
static uint64_t stamp_of(const struct lake *lake)
{
    static const char *const places[] = {"manifest", "features/features.json"};
    uint64_t stamp = 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct stat info = {0};
        char *path = lake_path(lake, places[i]);
        if (stat(path, &info) == 0) {
            stamp = mix_bytes(stamp, &info.st_mtim, sizeof info.st_mtim);
            stamp = mix_bytes(stamp, &info.st_ino, sizeof info.st_ino);
        }
        free(path);
    }
    return stamp;
}

static uint64_t version_of(const struct feature_files *files, const struct part_list *parts)
{
    vg_buf record = {0};
    feature_files_print(files, &record);
    uint64_t version = mix_bytes(1, record.data, record.len);
    for (size_t i = 0; i < parts->n; i++)
        version = mix_bytes(version, parts->items[i].sha256, 64);
    vg_buf_release(&record);
    return version ? version : 1;
}

static void count_hours(const struct manifest *manifest, struct store_coverage *c)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < manifest->n; i++) {
        const struct manifest_record *r = &manifest->records[i];
        if (!r->hourly || r->fills == 0 || r->last_time_ns < c->from_ns || r->first_time_ns > c->to_ns) continue;
        int64_t hour = r->day * INT64_C(24) + r->hour;
        c->hours_present++;
        if (hour < first) first = hour;
        if (hour > last) last = hour;
    }
    if (first <= last) c->hours_span = (uint64_t)(last - first + 1);
}

static void describe(const struct lake *lake, const struct feature_files *files, struct store_coverage *c)
{
    struct part_list parts;
    *c = (struct store_coverage){0};
    if (files->generation == 0) return;
    c->from_ns = files->first_time_ns;
    c->to_ns = files->last_time_ns;
    c->fills = files->fills;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, files->from == VG_NO_DATE ? INT32_MIN : files->from,
                        files->to == VG_NO_DATE ? INT32_MAX : files->to, &parts);
    for (size_t i = 0; i < parts.n; i++)
        c->fills_in_lake += parts.items[i].rows;
    c->version = version_of(files, &parts);
    part_list_release(&parts);
    count_hours(&lake->manifest, c);
    c->complete = c->hours_present == c->hours_span && c->fills == c->fills_in_lake && files->shards <= 1;
}

static vg_code read_coverage(const struct lake *lake, struct store_coverage *c, vg_err *err)
{
    struct feature_files files;
    VG_TRY(feature_files_load(lake, &files, err));
    describe(lake, &files, c);
    feature_files_release(&files);
    return VG_OK;
}

vg_code store_coverage(struct store *store, struct store_coverage *coverage, vg_err *err)
{
    struct lake lake, place = {.root = store->lake};
    uint64_t stamp = stamp_of(&place);
    pthread_mutex_lock(&store->lock);
    bool is_known = store->is_known && store->stamp == stamp;
    if (is_known) *coverage = store->coverage;
    pthread_mutex_unlock(&store->lock);
    if (is_known) return VG_OK;
    VG_TRY(lake_open(&lake, store->lake, LAKE_READ, err));
    vg_code rc = read_coverage(&lake, coverage, err);
    lake_close(&lake);
    if (rc) return rc;
    pthread_mutex_lock(&store->lock);
    store->is_known = stamp_of(&place) == stamp;
    store->stamp = stamp;
    store->coverage = *coverage;
    pthread_mutex_unlock(&store->lock);
    return VG_OK;
}

/* Rows. */

static vg_code give_rows(struct query *query, unsigned table, const struct store_sink *sink, vg_err *err)
{
    struct feature_value values[TRADER_COLUMN_COUNT + FILL_COLUMNS];
    size_t n;
    const struct column *columns = store_columns(table, &n);
    for (;;) {
        bool more;
        VG_TRY(query_next(query, &more, err));
        if (!more) return VG_OK;
        for (size_t i = 0; i < n; i++) {
            vg_slice text = query_value(query, i);
            if (!store_sql_value(columns[i].type, text, &values[i]))
                return vg_fail(err, VG_EPARSE, "%s.%s: '%.*s' is no value of its type", store_table_name(table),
                               columns[i].name, (int)(text.n < 40 ? text.n : 40), text.p);
        }
        VG_TRY(sink->row(sink->ctx, values, err));
    }
}

static vg_code ask(struct store *store, const char *sql, unsigned table, const struct store_sink *sink, vg_err *err)
{
    struct lake lake;
    struct query *query = NULL;
    sink->begin(sink->ctx);
    VG_TRY(lake_open(&lake, store->lake, LAKE_READ, err));
    vg_code rc = query_new(&query, &lake, sql, QUERY_THREADS, err);
    if (rc == VG_EUSAGE) rc = err->code = VG_ESTATE; /* the statement is ours: what is wrong with it is the lake's */
    if (!rc) rc = give_rows(query, table, sink, err);
    query_free(query);
    lake_close(&lake);
    return rc;
}

vg_code store_rows(struct store *store, const struct store_query *query, const struct store_sink *sink,
                   struct store_coverage *coverage, vg_err *err)
{
    struct store_coverage before, after = {0};
    vg_err failure = {0};
    vg_buf sql = {0};
    vg_code rc = store_coverage(store, &after, &failure);
    store_sql(query, &sql);
    for (unsigned attempt = 0; !failure.code && attempt < ATTEMPTS; attempt++) {
        before = after;
        rc = ask(store, sql.data, query->table, sink, &failure);
        if (store_coverage(store, &after, failure.code ? NULL : &failure) || after.version == before.version) break;
        failure = (vg_err){0};
        rc = vg_fail(err, VG_ESTATE, "the lake %s changed while it was read, %d times: try again", store->lake,
                     ATTEMPTS);
    }
    if (failure.code) rc = vg_fail(err, failure.code, "%s", failure.msg);
    if (!rc && coverage) *coverage = after;
    vg_buf_release(&sql);
    return rc;
}
