#include "store/fill_parts.h"

static bool is_time(size_t column) { return column == FILL_TIME || column == FILL_BLOCK_TIME; }

/* Unlikely numbers stay in bounds. */
static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static int64_t ns_of(size_t column, int64_t value)
{
    int64_t ns;
    if (column == FILL_BLOCK_TIME) return value;
    if (__builtin_mul_overflow(value, 1000, &ns)) return value < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

static void narrow(struct time_range *range, size_t column, int64_t value, bool from, bool to)
{
    int64_t ns = ns_of(column, value);
    int64_t slack = column == FILL_TIME ? FILL_TIME_SLACK_NS : 0;
    if (from && add(ns, -slack) > range->from_ns) range->from_ns = add(ns, -slack);
    if (to && add(ns, slack) < range->to_ns) range->to_ns = add(ns, slack);
}

bool fill_parts_ordered(const struct store_query *q) { return q->key_count && is_time(q->keys[0].column); }

struct time_range fill_parts_range(const struct store_query *q)
{
    struct time_range range = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < q->filter_count; i++) {
        const struct store_filter *f = &q->filters[i];
        if (is_time(f->column) && !f->value.null)
            narrow(&range, f->column, f->value.integer, f->comparison != STORE_AT_MOST,
                   f->comparison != STORE_AT_LEAST);
    }
    if (q->resumes && fill_parts_ordered(q) && !q->keys[0].after.null)
        narrow(&range, q->keys[0].column, q->keys[0].after.integer, !q->keys[0].descending, q->keys[0].descending);
    return range;
}

/* The state's list is ordered by the latest time, for an order that goes down. */
static int by_from(const void *a, const void *b)
{
    const struct timed_part *const *x = a, *const *y = b;
    if ((*x)->from_ns != (*y)->from_ns) return (*x)->from_ns < (*y)->from_ns ? -1 : 1;
    return strcmp((*x)->part->path, (*y)->part->path);
}

const struct timed_part **fill_parts_list(const struct lake_state *state, const struct store_query *q, size_t *n)
{
    struct time_range range = fill_parts_range(q);
    bool down = fill_parts_ordered(q) && q->keys[0].descending;
    const struct timed_part **list = vg_calloc(state->part_count + 1, sizeof *list);
    *n = 0;
    for (size_t i = 0; i < state->part_count; i++) {
        const struct timed_part *part = &state->parts[down ? state->part_count - 1 - i : i];
        if (part->to_ns >= range.from_ns && part->from_ns <= range.to_ns) list[(*n)++] = part;
    }
    if (!down && *n) qsort(list, *n, sizeof *list, by_from);
    return list;
}

struct feature_value fill_parts_bound(const struct timed_part *const *parts, size_t n, const struct store_query *q)
{
    const struct store_key *key = &q->keys[0];
    int64_t slack = key->column == FILL_TIME ? FILL_TIME_SLACK_NS : 0;
    int64_t bound = key->descending ? INT64_MIN : INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        int64_t ns = key->descending ? add(parts[i]->to_ns, slack) : add(parts[i]->from_ns, -slack);
        if (key->descending ? ns > bound : ns < bound) bound = ns;
    }
    return feature_int(key->column == FILL_TIME ? vg_floor_div(bound, 1000) : bound);
}
