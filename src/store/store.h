/* store.h: what a server asks of the data, whatever holds it.
 *
 * Behind it: the lake itself (embedded.c), or PostgreSQL that `vigil load` filled (postgres.c). A question names a
 * table, columns by their index in the schema, and values; values are bound to the statement, so no text from outside
 * ever becomes part of one. Both give the same rows in the same order: texts are ordered by their bytes, NULL is last.
 *
 * A store may be used by any number of threads at once; it keeps its connections itself, and threads wait for one.
 */
#ifndef VIGIL_STORE_STORE_H
#define VIGIL_STORE_STORE_H

#include <stdatomic.h>

#include "model/day_hours.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"

/* What can be asked for: the tables of feature_schema.h, and the fills. */
#define STORE_FILLS FEATURE_TABLES
#define STORE_TABLES (FEATURE_TABLES + 1)

/* Columns of a table, in the order in which rows have them. */
const struct column *store_columns(unsigned table, size_t *n);
const char *store_table_name(unsigned table);
#define STORE_COLUMNS_MOST TRADER_COLUMN_COUNT /* no table has more */

enum store_comparison { STORE_EQUAL, STORE_AT_LEAST, STORE_AT_MOST };

struct store_filter {
    size_t column;
    enum store_comparison comparison;
    struct feature_value value; /* of the column's type; NULL: no row */
};

#define STORE_FILTERS 8
#define STORE_KEYS 5
#define STORE_TIMEOUT_MS 30000

struct store_query {
    unsigned table;
    struct store_filter filters[STORE_FILTERS]; /* all hold */
    size_t filter_count;
    struct store_key {
        size_t column;
        bool descending;            /* NULL is last, either way */
        struct feature_value after; /* with `resumes` */
    } keys[STORE_KEYS];             /* the order, then the table's own key; none: any */
    size_t key_count;
    bool resumes;                 /* only rows behind the keys' values of `after` … */
    uint64_t given;               /* … or at them, without the first so many: for keys that rows share; 0: behind */
    uint64_t limit;               /* 0: all */
    unsigned timeout_ms;          /* 0: STORE_TIMEOUT_MS; then VG_ELIMIT */
    const atomic_bool *cancelled; /* becomes true: VG_ECANCEL, soon; NULL: never */
};

/* What the answers rest on. */
struct store_coverage {
    uint64_t version;              /* changes whenever a job publishes something; 0: there are no tables yet */
    int64_t from_ns, to_ns;        /* block time of the first and the last fill in the tables */
    uint64_t fills, fills_in_lake; /* more in the lake: the tables are behind */
    uint64_t hours_present, hours_span;
    bool complete; /* no hour is missing in between, nothing is behind, all traders are there */
};

struct store;

/* `url`: "sqlite:PATH", NULL or "": the embedded store over `lake`; postgresql://… or postgres://…: that database.
 * VG_EUSAGE: another kind, or no such URL. Nothing is connected to before the first question. The file of sqlite: is
 * for tables that jobs and servers write; there are none yet, so it is not opened. */
VG_MUST_USE vg_code store_open(struct store **store, const char *url, const char *lake, vg_err *err);
void store_close(struct store *store);

/* What it is, for people: the lake's name, or the database's URL without the password. Lives as long as the store. */
const char *store_name(const struct store *store);

/* Whether it answers. Like any question: VG_EIO where the database cannot be reached, VG_ESTATE where its tables are
 * not there or of another version. It recovers by itself when the database does. */
VG_MUST_USE vg_code store_ping(struct store *store, vg_err *err);

VG_MUST_USE vg_code store_coverage(struct store *store, struct store_coverage *coverage, vg_err *err);

/* Which hours the answers rest on: days in their order, none before there are tables; the caller frees *days. Both are
 * of one state of the data. */
VG_MUST_USE vg_code store_hours(struct store *store, struct day_hours **days, size_t *n,
                                struct store_coverage *coverage, vg_err *err);

struct store_sink {
    void *ctx;
    void (*begin)(void *ctx);
    vg_code (*row)(void *ctx, const struct feature_value *values, vg_err *err);
};

/* Calls `row` with the values of all columns for each row, in order; texts live until it returns. All rows are of one
 * state of the data, the one that `coverage` (may be NULL) tells. When `row` fails its code is returned. A job that
 * publishes meanwhile makes it begin again: `begin` is called before the first row, each time. */
VG_MUST_USE vg_code store_rows(struct store *store, const struct store_query *query, const struct store_sink *sink,
                               struct store_coverage *coverage, vg_err *err);

#endif
