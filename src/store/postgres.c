/* The store in PostgreSQL, as `vigil load` fills it. Threads share a few connections, which are made when they are
 * needed and thrown away when something was wrong with them. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "store/driver.h"
#include "store/pg_schema.h"
#include "store/select.h"

#define CONNECTIONS 8

struct postgres {
    struct store store;
    char *url;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t returned;
    struct pg *idle[CONNECTIONS];
    unsigned idle_count, busy_count;
};

/* Connections. */

static vg_code no_tables(const struct postgres *p, vg_err *err)
{
    return vg_fail(err, VG_ESTATE, "%s has no tables of this version of vigil: `vigil load` makes and fills them",
                   p->store.name);
}

static vg_code connect_and_look(struct postgres *p, struct pg **pg, int64_t deadline_ns, vg_err *err)
{
    enum pg_schema_state state;
    VG_TRY(pg_connect(pg, p->url, err));
    pg_limit(*pg, deadline_ns, NULL);
    vg_code rc = pg_schema_look(*pg, &state, err);
    if (!rc && state != PG_SCHEMA_CURRENT) rc = no_tables(p, err);
    if (!rc) return VG_OK;
    pg_close(*pg);
    *pg = NULL;
    return rc;
}

/* A connection that is idle, or *pg NULL and room for a new one. VG_ELIMIT: all are busy until the deadline. */
static vg_code take_turn(struct postgres *p, struct pg **pg, int64_t deadline_ns, vg_err *err)
{
    struct timespec until = {deadline_ns / VG_NS_PER_S, deadline_ns % VG_NS_PER_S};
    int waited = 0;
    *pg = NULL;
    pthread_mutex_lock(&p->lock);
    while (p->idle_count + p->busy_count >= CONNECTIONS && p->idle_count == 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&p->returned, &p->lock, &until);
    bool has_turn = p->idle_count || p->busy_count < CONNECTIONS;
    if (p->idle_count) *pg = p->idle[--p->idle_count];
    if (has_turn) p->busy_count++;
    pthread_mutex_unlock(&p->lock);
    return has_turn ? VG_OK : vg_fail(err, VG_ELIMIT, "all connections to %s are busy", p->store.name);
}

/* Gives the turn back, and the connection when there is one and it is sound. */
static void end_turn(struct postgres *p, struct pg *pg)
{
    bool keep = pg && !pg_is_broken(pg);
    pthread_mutex_lock(&p->lock);
    p->busy_count--;
    if (keep) p->idle[p->idle_count++] = pg;
    pthread_cond_signal(&p->returned);
    pthread_mutex_unlock(&p->lock);
    if (!keep) pg_close(pg);
}

/* Questions. */

static vg_code take_coverage(void *ctx, const struct feature_value *v, vg_err *err)
{
    (void)err;
    bool has_figures = !v[1].null;
    *(struct store_coverage *)ctx = (struct store_coverage){
        .version = has_figures ? (uint64_t)v[0].integer : 0,
        .from_ns = has_figures ? v[1].integer : 0,
        .to_ns = has_figures ? v[2].integer : 0,
        .fills = (uint64_t)v[3].integer,
        .fills_in_lake = (uint64_t)v[4].integer,
        .hours_present = (uint64_t)v[5].integer,
        .hours_span = (uint64_t)v[6].integer,
        .complete = v[7].integer != 0,
    };
    return VG_OK;
}

static vg_code read_coverage(struct pg *pg, struct store_coverage *coverage, int64_t deadline_ns, vg_err *err)
{
    static const struct column columns[] = {{.type = COLUMN_INT64}, {.type = COLUMN_INT64}, {.type = COLUMN_INT64},
                                            {.type = COLUMN_INT64}, {.type = COLUMN_INT64}, {.type = COLUMN_INT64},
                                            {.type = COLUMN_INT64}, {.type = COLUMN_BOOL}};
    struct row_question question = {
        .sql = "SELECT version, from_ns, to_ns, fills, fills_in_lake, hours_present, hours_span, complete "
               "FROM vigil_lake.coverage",
        .columns = columns,
        .column_count = sizeof columns / sizeof *columns,
        .deadline_ns = deadline_ns,
    };
    return pg_ask(pg, "reading the coverage", &question, take_coverage, coverage, err);
}

struct day_list {
    struct day_hours *days;
    size_t n;
};

static vg_code take_day(void *ctx, const struct feature_value *v, vg_err *err)
{
    struct day_list *list = ctx;
    if (v[1].text.n != HOURS_OF_DAY)
        return vg_fail(err, VG_ESTATE, "vigil_lake.coverage_hours has a row that is not ours: '%.*s'", (int)v[1].text.n,
                       v[1].text.p);
    if ((list->n & (list->n - 1)) == 0)
        list->days = vg_realloc(list->days, (list->n ? list->n * 2 : 1) * sizeof *list->days);
    struct day_hours *day = &list->days[list->n++];
    *day = (struct day_hours){.day = (int32_t)v[0].integer};
    memcpy(day->hours, v[1].text.p, HOURS_OF_DAY);
    return VG_OK;
}

static vg_code read_hours(struct pg *pg, struct day_list *list, int64_t deadline_ns, vg_err *err)
{
    static const struct column columns[] = {{.type = COLUMN_DATE}, {.type = COLUMN_TEXT}};
    struct row_question question = {
        .sql = "SELECT date, hours FROM vigil_lake.coverage_hours ORDER BY date",
        .columns = columns,
        .column_count = sizeof columns / sizeof *columns,
        .deadline_ns = deadline_ns,
    };
    list->n = 0;
    return pg_ask(pg, "reading the hours", &question, take_day, list, err);
}

/* One question, with its coverage, in one transaction that sees one state of the data. */
struct asking {
    struct postgres *store;
    const struct store_query *query; /* NULL: only the coverage */
    const struct store_sink *sink;
    struct store_coverage *coverage;
    int64_t deadline_ns;
    struct day_list *hours; /* NULL: not wanted */
};

static vg_code ask_rows(const struct asking *a, struct pg *pg, vg_err *err)
{
    const struct store_query *q = a->query;
    struct select_statement statement = {0};
    struct select_from place = {vg_slice_of(pg_schema_table(q->table)), pg_schema_column, pg_schema_type};
    size_t n;
    const struct column *columns = store_columns(q->table, &n);
    select_rows(q, &place, &statement);
    struct row_question question = {statement.sql.data, statement.values, statement.value_count, columns, n,
                                    a->deadline_ns,     q->cancelled};
    vg_code rc = pg_ask(pg, store_table_name(q->table), &question, a->sink->row, a->sink->ctx, err);
    select_release(&statement);
    return rc;
}

/* The server's own limit ends what our message to stop did not reach: a little later, so that ours comes first. */
static vg_code begin(struct pg *pg, int64_t deadline_ns, vg_err *err)
{
    int64_t left_ms = (deadline_ns - vg_clock_ns()) / VG_NS_PER_MS;
    return pg_runf(pg, "beginning", err,
                   "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = %lld",
                   (long long)(left_ms < 0 ? 0 : left_ms) + 2000);
}

static vg_code ask_in_transaction(const struct asking *a, struct pg *pg, vg_err *err)
{
    vg_err ignored;
    VG_TRY(begin(pg, a->deadline_ns, err));
    vg_code rc = a->coverage ? read_coverage(pg, a->coverage, a->deadline_ns, err) : VG_OK;
    if (!rc && a->hours) rc = read_hours(pg, a->hours, a->deadline_ns, err);
    if (!rc && a->query) rc = ask_rows(a, pg, err);
    if (!rc) rc = pg_run(pg, "ending", "COMMIT", err);
    if (rc && !pg_is_broken(pg) && pg_run(pg, "ending", "ROLLBACK", &ignored)) VG_ASSERT(pg_is_broken(pg));
    return rc;
}

/* A table or column that is not there: the tables are of another version, or are being made just now. */
static bool is_missing(const struct pg *pg)
{
    return strcmp(pg_state(pg), "42P01") == 0 || strcmp(pg_state(pg), "42703") == 0;
}

static vg_code ask_once(const struct asking *a, bool *again, vg_err *err)
{
    struct postgres *p = a->store;
    struct pg *pg;
    VG_TRY(take_turn(p, &pg, a->deadline_ns, err));
    /* An idle connection may have died long ago: what fails at once on it is asked again on another. */
    bool was_idle = pg != NULL, begun = false;
    vg_code rc = pg ? VG_OK : connect_and_look(p, &pg, a->deadline_ns, err);
    if (!rc) {
        begun = true;
        pg_limit(pg, a->deadline_ns, a->query ? a->query->cancelled : NULL);
        if (a->sink) a->sink->begin(a->sink->ctx);
        rc = ask_in_transaction(a, pg, err);
    }
    *again = rc == VG_EIO && was_idle;
    if (begun && rc == VG_ESTATE && is_missing(pg)) rc = no_tables(p, err);
    end_turn(p, pg);
    return rc;
}

static vg_code ask(const struct asking *a, vg_err *err)
{
    bool again = true;
    vg_code rc = VG_OK;
    for (unsigned attempt = 0; again && attempt <= CONNECTIONS; attempt++)
        rc = ask_once(a, &again, err);
    return rc;
}

static vg_code postgres_rows(struct store *store, const struct store_query *query, const struct store_sink *sink,
                             struct store_coverage *coverage, vg_err *err)
{
    struct asking a = {
        (struct postgres *)store, query, sink, coverage, vg_clock_ns() + query->timeout_ms * VG_NS_PER_MS, NULL};
    return ask(&a, err);
}

static vg_code postgres_coverage(struct store *store, struct store_coverage *coverage, vg_err *err)
{
    struct asking a = {.store = (struct postgres *)store,
                       .coverage = coverage,
                       .deadline_ns = vg_clock_ns() + STORE_TIMEOUT_MS * VG_NS_PER_MS};
    return ask(&a, err);
}

static vg_code postgres_hours(struct store *store, struct day_hours **days, size_t *n, struct store_coverage *coverage,
                              vg_err *err)
{
    struct day_list list = {0};
    struct asking a = {.store = (struct postgres *)store,
                       .coverage = coverage,
                       .hours = &list,
                       .deadline_ns = vg_clock_ns() + STORE_TIMEOUT_MS * VG_NS_PER_MS};
    vg_code rc = ask(&a, err);
    if (rc) {
        free(list.days);
        list = (struct day_list){0};
    }
    *days = list.days;
    *n = list.n;
    return rc;
}

static vg_code postgres_ping(struct store *store, vg_err *err)
{
    struct store_coverage coverage;
    return postgres_coverage(store, &coverage, err);
}

static void postgres_close(struct store *store)
{
    struct postgres *p = (struct postgres *)store;
    VG_ASSERT(p->busy_count == 0);
    for (unsigned i = 0; i < p->idle_count; i++)
        pg_close(p->idle[i]);
    pthread_cond_destroy(&p->returned);
    pthread_mutex_destroy(&p->lock);
    free(p->url);
    free(p);
}

static const struct store_driver driver = {postgres_close, postgres_ping, postgres_coverage, postgres_hours,
                                           postgres_rows};

vg_code postgres_open(struct store **store, const char *url, vg_err *err)
{
    pthread_condattr_t monotonic;
    VG_TRY(pg_check_url(url, err));
    struct postgres *p = vg_calloc(1, sizeof *p);
    p->store = (struct store){&driver, pg_url_name(url)};
    p->url = vg_strdup(url);
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* the deadlines' clock */
    pthread_cond_init(&p->returned, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *store = &p->store;
    return VG_OK;
}
