/* The store that needs no server: DuckDB in memory over the lake's files, and for a trader's fills, which are asked for
 * most, a look into the few row groups that have them. A question reads the files that one reading
 * of the records named; when a job publishes meanwhile, files may be gone, and it is asked again. */
#include <pthread.h>

#include "base/clock.h"
#include "base/pool.h"
#include "lake/coverage.h"
#include "lake/part_read.h"
#include "store/driver.h"
#include "store/fill_parts.h"
#include "store/select.h"
#include "store/trader_fills.h"

#define ATTEMPTS 6
#define PAUSE_NS (20 * VG_NS_PER_MS)

struct embedded {
    struct store store;   /* its name is the lake's */
    pthread_mutex_t lock; /* over what follows */
    struct lake_state *state;
    struct row_source *rows; /* NULL before the first question */
    struct trader_rows *trader_rows;
};

static const char *column_name(unsigned table, size_t column)
{
    size_t n;
    return store_columns(table, &n)[column].name;
}

static enum column_type column_type(unsigned table, size_t column)
{
    size_t n;
    return store_columns(table, &n)[column].type;
}

/* The lake as it is now. */
static vg_code current_state(struct embedded *e, struct lake_state **state, vg_err *err)
{
    vg_code rc = VG_OK;
    pthread_mutex_lock(&e->lock);
    if (!e->state || lake_state_is_old(e->state)) {
        struct lake_state *fresh;
        rc = lake_state_read(e->store.name, &fresh, err);
        if (!rc && !e->rows) rc = row_source_new(&e->rows, &fresh->lake, err);
        if (!rc) {
            lake_state_release(e->state);
            e->state = fresh;
        }
    }
    if (!rc) {
        *state = e->state;
        atomic_fetch_add(&e->state->users, 1);
    }
    pthread_mutex_unlock(&e->lock);
    return rc;
}

/* One asking of a question. */
struct asking {
    struct embedded *store;
    const struct lake_state *state;
    const struct store_query *query;
    int64_t deadline_ns;
};

static vg_code ask(const struct asking *a, const struct select_statement *statement, const struct column *columns,
                   size_t column_count, vg_code (*row)(void *, const struct feature_value *, vg_err *), void *ctx,
                   vg_err *err)
{
    struct row_question question = {statement->sql.data, statement->values, statement->value_count, columns,
                                    column_count,        a->deadline_ns,    a->query->cancelled};
    return row_source_ask(a->store->rows, &question, row, ctx, err);
}

/* What follows FROM for some parts of the fills, which are then on this machine. */
static vg_code from_parts(const struct asking *a, const struct timed_part *const *parts, size_t n, vg_buf *from,
                          vg_err *err)
{
    struct part_list list = {0};
    for (size_t i = 0; i < n; i++)
        part_list_add(&list, parts[i]->part);
    vg_code rc = lake_need(&a->state->lake, &list, err);
    if (!rc) part_list_sql(&a->state->lake, TABLE_FILLS, &list, from);
    part_list_release(&list);
    return rc;
}

static vg_code take_count(void *ctx, const struct feature_value *values, vg_err *err)
{
    (void)err;
    *(uint64_t *)ctx += (uint64_t)values[0].integer;
    return VG_OK;
}

/* How many rows of these parts come before all rows of the others. */
static vg_code count_before(const struct asking *a, const struct timed_part *const *parts, size_t n,
                            struct feature_value bound, uint64_t *count, vg_err *err)
{
    static const struct column counted = {.name = "count", .type = COLUMN_INT64};
    const struct store_key *key = &a->query->keys[0];
    struct select_statement statement = {0};
    vg_buf from = {0};
    vg_code rc = from_parts(a, parts, n, &from, err);
    if (!rc) {
        struct select_from place = {vg_buf_view(&from), column_name, column_type};
        select_count(a->query, &place, key->column, !key->descending, bound, &statement);
        rc = ask(a, &statement, &counted, 1, take_count, count, err);
    }
    select_release(&statement);
    vg_buf_release(&from);
    return rc;
}

/* The first rows in the order of time are in the first parts: looks at 1, 2, 4, … of them until they have enough.
 * Counting reads a few columns only, so *n becomes the number of parts that must be read whole. */
static vg_code enough_parts(const struct asking *a, const struct timed_part *const *parts, size_t *n, vg_err *err)
{
    uint64_t wanted = a->query->limit + a->query->given, count = 0;
    if (a->query->limit == 0 || !fill_parts_ordered(a->query) || wanted < a->query->limit) return VG_OK;
    for (size_t done = 0, step = 1; done < *n; step *= 2) {
        size_t end = done + step < *n ? done + step : *n;
        if (end == *n) return VG_OK;
        struct feature_value bound = fill_parts_bound(parts + end, *n - end, a->query);
        VG_TRY(count_before(a, parts + done, end - done, bound, &count, err));
        done = end;
        if (count >= wanted) *n = done;
    }
    return VG_OK;
}

static vg_code from_fills(const struct asking *a, vg_buf *from, vg_err *err)
{
    size_t n;
    const struct timed_part **parts = fill_parts_list(a->state, a->query, &n);
    vg_code rc = enough_parts(a, parts, &n, err);
    if (!rc) rc = from_parts(a, parts, n, from, err);
    free(parts);
    return rc;
}

static vg_code from_table(const struct asking *a, enum feature_table table, vg_buf *from, vg_err *err)
{
    const vg_buf *files = &a->state->from[table];
    vg_buf_add(from, files->data, files->len);
    return feature_files_need(&a->state->lake, &a->state->files, table, err);
}

static vg_code ask_sql(const struct asking *a, const struct store_sink *sink, vg_err *err)
{
    unsigned table = a->query->table;
    struct select_statement statement = {0};
    vg_buf from = {0};
    size_t n;
    const struct column *columns = store_columns(table, &n);
    vg_code rc = table == STORE_FILLS ? from_fills(a, &from, err) : from_table(a, table, &from, err);
    if (!rc) {
        struct select_from place = {vg_buf_view(&from), column_name, column_type};
        select_rows(a->query, &place, &statement);
        rc = ask(a, &statement, columns, n, sink->row, sink->ctx, err);
    }
    select_release(&statement);
    vg_buf_release(&from);
    return rc;
}

/* Remembers whether it was the caller who gave up. */
struct watched_sink {
    const struct store_sink *sink;
    bool gave_up;
};

/* What the quick look does not take for its own, DuckDB may; files that are gone it will miss, too. */
static vg_code ask_rows(const struct asking *a, const struct watched_sink *watched, const struct store_sink *sink,
                        vg_err *err)
{
    vg_err ignored;
    if (trader_fills_can(a->query)) {
        vg_code rc = trader_fills_ask(a->store->trader_rows, a->state, a->query, a->deadline_ns, sink, &ignored);
        if (watched->gave_up || (rc != VG_ESTATE && rc != VG_EIO)) {
            if (rc && err) *err = ignored;
            return rc;
        }
    }
    return ask_sql(a, sink, err);
}

static vg_code watch_row(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct watched_sink *w = ctx;
    vg_code rc = w->sink->row(w->sink->ctx, values, err);
    w->gave_up = rc != VG_OK;
    return rc;
}

static vg_code embedded_rows(struct store *store, const struct store_query *q, const struct store_sink *sink,
                             struct store_coverage *coverage, vg_err *err)
{
    struct embedded *e = (struct embedded *)store;
    struct watched_sink watched = {sink, false};
    struct store_sink watching = {&watched, NULL, watch_row};
    int64_t deadline = vg_clock_ns() + q->timeout_ms * VG_NS_PER_MS;
    for (unsigned attempt = 1;; attempt++) {
        struct lake_state *state;
        VG_TRY(current_state(e, &state, err));
        struct asking a = {e, state, q, deadline};
        sink->begin(sink->ctx);
        vg_code rc = ask_rows(&a, &watched, &watching, err);
        if (!rc && coverage) *coverage = state->coverage;
        /* What went wrong may be that a job replaced the files, before or after its record was there. */
        bool may_help = rc == VG_ESTATE && !watched.gave_up && attempt < ATTEMPTS;
        lake_state_release(state);
        if (!may_help) return rc;
        vg_wait_until(vg_now_ns() + PAUSE_NS);
    }
}

static vg_code embedded_coverage(struct store *store, struct store_coverage *coverage, vg_err *err)
{
    struct lake_state *state;
    VG_TRY(current_state((struct embedded *)store, &state, err));
    *coverage = state->coverage;
    lake_state_release(state);
    return VG_OK;
}

static vg_code embedded_hours(struct store *store, struct day_hours **days, size_t *n, struct store_coverage *coverage,
                              vg_err *err)
{
    struct lake_state *state;
    VG_TRY(current_state((struct embedded *)store, &state, err));
    *coverage = state->coverage;
    *days = NULL;
    *n = state->files.generation ? lake_coverage_days(&state->lake, &state->files, days) : 0;
    lake_state_release(state);
    return VG_OK;
}

static vg_code embedded_ping(struct store *store, vg_err *err)
{
    struct store_coverage coverage;
    return embedded_coverage(store, &coverage, err);
}

static void embedded_close(struct store *store)
{
    struct embedded *e = (struct embedded *)store;
    lake_state_release(e->state);
    row_source_free(e->rows);
    trader_rows_free(e->trader_rows);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

static const struct store_driver driver = {embedded_close, embedded_ping, embedded_coverage, embedded_hours,
                                           embedded_rows};

vg_code embedded_open(struct store **store, const char *lake, vg_err *err)
{
    if (!lake || !*lake) return vg_fail(err, VG_EUSAGE, "the embedded store needs a lake");
    struct embedded *e = vg_calloc(1, sizeof *e);
    e->store = (struct store){&driver, vg_strdup(lake)};
    e->trader_rows = trader_rows_new();
    pthread_mutex_init(&e->lock, NULL);
    *store = &e->store;
    return VG_OK;
}
