/* duck.h: one DuckDB in memory, with the settings that every use in Vigil shares. Private to src/lake. */
#ifndef VIGIL_LAKE_DUCK_H
#define VIGIL_LAKE_DUCK_H

#include <duckdb.h>

#include "lake/lake.h"

struct duck {
    duckdb_database database;
    duckdb_connection connection;
};

struct duck_options {
    unsigned threads;            /* 0: 1 */
    unsigned memory_mib;         /* 0: 256 */
    const char *spill_directory; /* NULL: no spilling */
};

/* Opens an empty in-memory database. It never reaches for the network or for extensions. */
VG_MUST_USE vg_code duck_open(struct duck *duck, const struct duck_options *options, vg_err *err);
void duck_close(struct duck *duck);

/* From here on only the parts and tables of this lake can be read, and nothing can be set. */
VG_MUST_USE vg_code duck_confine(struct duck *duck, const struct lake *lake, vg_err *err);

/* Runs one statement; `result` may be NULL. The message of a failure is DuckDB's first line. */
VG_MUST_USE vg_code duck_query(struct duck *duck, const char *sql, duckdb_result *result, vg_err *err);

/* Appends text as an SQL literal with its quotes. */
void duck_literal(vg_buf *sql, const char *text);

#endif
