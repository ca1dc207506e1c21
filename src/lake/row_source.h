/* row_source.h: typed rows of the lake's tables, for questions that come again and again.
 *
 * One DuckDB in memory serves all questions of a process and remembers the footers of files. Values are bound to the
 * statement, and it sees nothing but the parts and tables of its lake. Any number of threads may ask at once.
 */
#ifndef VIGIL_LAKE_ROW_SOURCE_H
#define VIGIL_LAKE_ROW_SOURCE_H

#include <stdatomic.h>

#include "lake/lake.h"
#include "model/feature_value.h"
#include "model/schema.h"

struct row_source;

VG_MUST_USE vg_code row_source_new(struct row_source **source, const struct lake *lake, vg_err *err);
void row_source_free(struct row_source *source);

/* A value bound to $1, $2, … */
struct row_value {
    enum column_type type;
    struct feature_value value; /* not NULL */
};

struct row_question {
    const char *sql; /* one SELECT of ours */
    const struct row_value *values;
    size_t value_count;
    const struct column *columns; /* what it selects; of a count: one of COLUMN_INT64 */
    size_t column_count;
    int64_t deadline_ns;          /* vg_clock_ns(); then VG_ELIMIT */
    const atomic_bool *cancelled; /* VG_ECANCEL; may be NULL */
};

/* Calls `row` for each row; texts live until it returns. VG_ESTATE: a file is not there, or not what the schema says.
 */
VG_MUST_USE vg_code row_source_ask(struct row_source *source, const struct row_question *question,
                                   vg_code (*row)(void *ctx, const struct feature_value *values, vg_err *err),
                                   void *ctx, vg_err *err);

#endif
