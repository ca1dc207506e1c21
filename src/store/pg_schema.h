/* pg_schema.h: Vigil's tables in PostgreSQL: made, brought up to date, and recognized. Private to src/store. */
#ifndef VIGIL_STORE_PG_SCHEMA_H
#define VIGIL_STORE_PG_SCHEMA_H

#include "store/pg.h"

enum pg_schema_state { PG_SCHEMA_NONE, PG_SCHEMA_OLDER, PG_SCHEMA_CURRENT };

/* What is there. VG_ESTATE: made by a newer vigil, or a step is not what was applied then. */
VG_MUST_USE vg_code pg_schema_look(struct pg *pg, enum pg_schema_state *state, vg_err *err);

/* Applies the steps that are missing, and makes the tables of figures anew, empty, where their columns are others than
 * feature_schema.h says. Only one process may do this at a time: the caller has the lock. *timescale: the fills are a
 * hypertable; a new database gets one when the extension is installed, or can be. */
VG_MUST_USE vg_code pg_schema_apply(struct pg *pg, bool *timescale, vg_err *err);

/* Where the rows of a table are, and what a column of the schema is called there. */
const char *pg_schema_table(unsigned table);
const char *pg_schema_column(unsigned table, size_t column);
enum column_type pg_schema_type(unsigned table, size_t column);

/* CREATE INDEX or DROP INDEX for all indexes of a table of figures. */
void pg_schema_create_indexes(unsigned table, vg_buf *sql);
void pg_schema_drop_indexes(unsigned table, vg_buf *sql);

#endif
