/* coverage.h: what the tables of `vigil features` rest on, and which state of the lake this is. */
#ifndef VIGIL_LAKE_COVERAGE_H
#define VIGIL_LAKE_COVERAGE_H

#include "lake/feature_files.h"
#include "model/day_hours.h"

struct lake_coverage {
    int64_t first_time_ns, last_time_ns; /* block time of the fills in the tables */
    uint64_t fills, fills_in_lake;       /* more in the lake: features are behind */
    uint64_t hours_present, hours_span;  /* hours of that time that the lake has; from the first of them to the last */
    bool sharded;                        /* of some traders only */
    uint64_t version;                    /* of tables and fills: another content gives another number, never 0 */
};

/* Of tables that are there: files->generation is not 0. */
void lake_coverage(const struct lake *lake, const struct feature_files *files, struct lake_coverage *coverage);

/* The days of that time in their order, at least those of the first and the last hour; the caller frees *days. */
size_t lake_coverage_days(const struct lake *lake, const struct feature_files *files, struct day_hours **days);

/* Whether no hour is missing in between and all traders are there. */
static inline bool lake_coverage_is_complete(const struct lake_coverage *coverage)
{
    return coverage->hours_present && coverage->hours_present == coverage->hours_span && !coverage->sharded;
}

/* Which hours of the days from `from` to `to`, both counted, the lake has objects of, whatever the tables rest on:
 * HOUR_PRESENT; HOUR_UNTOLD, none of this hour, but one that names no hour has fills of its day; HOUR_ABSENT. One a
 * day; the caller frees them. */
struct day_hours *lake_hours_of_days(const struct lake *lake, int32_t from, int32_t to);

/* Hours that the lake is not known to have. */
struct hours_lacking {
    uint64_t missing, untold; /* HOUR_ABSENT, HOUR_UNTOLD */
};
struct hours_lacking hours_lacking(const struct day_hours *days, size_t n);

#endif
