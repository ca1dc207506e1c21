/* fill_parts.h: which parts of the lake a question about fills must read. Private to src/store. */
#ifndef VIGIL_STORE_FILL_PARTS_H
#define VIGIL_STORE_FILL_PARTS_H

#include "store/lake_state.h"

/* Block times that the rows of an answer may have. */
struct time_range {
    int64_t from_ns, to_ns;
};

/* What filters on `time` and `block_time` leave, and where the question goes on. `time` is the block's time in
 * milliseconds; where a source ever gave another one, it may differ by a minute. */
struct time_range fill_parts_range(const struct store_query *query);
#define FILL_TIME_SLACK_NS (60 * VG_NS_PER_S)

/* Whether the order of the rows begins with a time, so that the parts of one end are enough when there is a limit. */
bool fill_parts_ordered(const struct store_query *query);

/* The state's parts that may have rows in the range: the newest first when the order begins with a time going down,
 * else the oldest first. The caller frees. */
const struct timed_part **fill_parts_list(const struct lake_state *state, const struct store_query *query, size_t *n);

/* No row of these parts has a later time than this (the query's order goes down), or an earlier one (up), in the unit
 * of the first key's column. */
struct feature_value fill_parts_bound(const struct timed_part *const *parts, size_t n, const struct store_query *query);

#endif
