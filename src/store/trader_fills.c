#include "store/trader_fills.h"

#include "base/arena.h"
#include "base/clock.h"
#include "model/fill_value.h"
#include "store/fill_parts.h"

/* A row that may belong to the answer. */
struct found {
    struct feature_value values[FILL_COLUMNS]; /* texts in the arena of its half */
};

struct finding {
    const struct store_query *query;
    bool down; /* the newest first */
    struct found *found;
    size_t n, from_part; /* of them, of the part at hand */
    struct arena texts;
};

/* The question. */

static bool is_user(const struct store_filter *f)
{
    return f->column == FILL_USER_ADDRESS && f->comparison == STORE_EQUAL && !f->value.null;
}

static const struct store_filter *find_user(const struct store_query *q)
{
    for (size_t i = 0; i < q->filter_count; i++)
        if (is_user(&q->filters[i])) return &q->filters[i];
    return NULL;
}

bool trader_fills_can(const struct store_query *q)
{
    const struct store_key *block = &q->keys[0], *event = &q->keys[1];
    return q->table == STORE_FILLS && find_user(q) && q->limit && q->limit <= TRADER_FILLS_MOST && q->given == 0 &&
           q->key_count == 2 && block->column == FILL_BLOCK_NUMBER && event->column == FILL_EVENT_INDEX &&
           block->descending == event->descending && !(q->resumes && (block->after.null || event->after.null));
}

static int order_of(enum column_type type, const struct feature_value *a, const struct feature_value *b)
{
    if (type == COLUMN_TEXT) {
        int order = memcmp(a->text.p, b->text.p, a->text.n < b->text.n ? a->text.n : b->text.n);
        return order ? order : (a->text.n > b->text.n) - (a->text.n < b->text.n);
    }
    if (type == COLUMN_DECIMAL) return (a->decimal > b->decimal) - (a->decimal < b->decimal);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

static bool passes(const struct store_filter *f, const struct feature_value *value)
{
    if (f->value.null || value->null) return false;
    int order = order_of(fill_columns[f->column].type, value, &f->value);
    return f->comparison == STORE_EQUAL ? order == 0 : f->comparison == STORE_AT_LEAST ? order >= 0 : order <= 0;
}

/* By block and event, as the answer is ordered. */
static int order_of_rows(bool down, const struct feature_value *a_block, const struct feature_value *a_event,
                         const struct feature_value *b_block, const struct feature_value *b_event)
{
    int order = order_of(COLUMN_INT64, a_block, b_block);
    if (!order) order = order_of(COLUMN_INT32, a_event, b_event);
    return down ? -order : order;
}

static bool is_wanted(const struct store_query *q, bool down, const struct fill_batch *batch, size_t row)
{
    for (size_t i = 0; i < q->filter_count; i++) {
        struct feature_value value = fill_value(batch, (enum fill_column)q->filters[i].column, row);
        if (!passes(&q->filters[i], &value)) return false;
    }
    if (!q->resumes) return true;
    struct feature_value block = fill_value(batch, FILL_BLOCK_NUMBER, row);
    struct feature_value event = fill_value(batch, FILL_EVENT_INDEX, row);
    return order_of_rows(down, &block, &event, &q->keys[0].after, &q->keys[1].after) > 0;
}

/* Rows. A part gives them in order, so that `limit` of each are enough. */

static void keep_row(struct finding *f, const struct fill_batch *batch, size_t row)
{
    struct found *found = &f->found[f->n++];
    f->from_part++;
    for (enum fill_column column = 0; column < FILL_COLUMNS; column++) {
        struct feature_value *value = &found->values[column];
        *value = fill_value(batch, column, row);
        if (fill_columns[column].type == COLUMN_TEXT && !value->null)
            value->text.p = arena_copy(&f->texts, value->text.p, value->text.n);
    }
}

static bool see_row(void *ctx, const struct fill_batch *batch, size_t row)
{
    struct finding *f = ctx;
    if (is_wanted(f->query, f->down, batch, row)) keep_row(f, batch, row);
    return f->from_part < f->query->limit;
}

static int order_of_found(const struct found *a, const struct found *b, bool down)
{
    return order_of_rows(down, &a->values[FILL_BLOCK_NUMBER], &a->values[FILL_EVENT_INDEX],
                         &b->values[FILL_BLOCK_NUMBER], &b->values[FILL_EVENT_INDEX]);
}

static int by_block_up(const void *a, const void *b) { return order_of_found(a, b, false); }
static int by_block_down(const void *a, const void *b) { return order_of_found(a, b, true); }

/* In order, without those beyond the limit. */
static void settle(struct finding *f)
{
    qsort(f->found, f->n, sizeof *f->found, f->down ? by_block_down : by_block_up);
    if (f->n > f->query->limit) f->n = (size_t)f->query->limit;
}

/* Parts. */

static int by_last_block(const void *a, const void *b)
{
    const struct timed_part *x = *(const struct timed_part *const *)a, *y = *(const struct timed_part *const *)b;
    return (x->last_block < y->last_block) - (x->last_block > y->last_block);
}

static int by_first_block(const void *a, const void *b)
{
    const struct timed_part *x = *(const struct timed_part *const *)a, *y = *(const struct timed_part *const *)b;
    return (x->first_block > y->first_block) - (x->first_block < y->first_block);
}

/* Whether the part, and so all behind it, has only rows that come after those found. */
static bool is_enough(const struct finding *f, const struct timed_part *part)
{
    if (f->n < f->query->limit) return false;
    int64_t block = f->found[f->n - 1].values[FILL_BLOCK_NUMBER].integer;
    return f->down ? part->last_block < block : part->first_block > block;
}

/* Whether all its rows were given before. */
static bool is_behind(const struct finding *f, const struct timed_part *part)
{
    if (!f->query->resumes) return false;
    int64_t block = f->query->keys[0].after.integer;
    return f->down ? part->first_block > block : part->last_block < block;
}

static vg_code may_go_on(const struct store_query *q, int64_t deadline_ns, vg_err *err)
{
    if (q->cancelled && atomic_load(q->cancelled)) return vg_fail(err, VG_ECANCEL, "the question was withdrawn");
    if (vg_clock_ns() > deadline_ns) return vg_fail(err, VG_ELIMIT, "the lake did not answer in time");
    return VG_OK;
}

static vg_code visit(struct finding *f, struct trader_rows *rows, const struct lake_state *state,
                     const struct part *part, vg_err *err)
{
    struct part_list one = {(struct part *)part, 1};
    f->from_part = 0;
    VG_TRY(lake_need(&state->lake, &one, err));
    VG_TRY(trader_rows_visit(rows, &state->lake, part, find_user(f->query)->value.text, f->down, see_row, f, err));
    settle(f);
    return VG_OK;
}

static vg_code find(struct finding *f, struct trader_rows *rows, const struct lake_state *state, int64_t deadline_ns,
                    vg_err *err)
{
    size_t n;
    const struct timed_part **parts = fill_parts_list(state, f->query, &n);
    vg_code rc = VG_OK;
    if (n) qsort(parts, n, sizeof *parts, f->down ? by_last_block : by_first_block);
    for (size_t i = 0; i < n && !rc && !is_enough(f, parts[i]); i++) {
        if (is_behind(f, parts[i])) continue;
        rc = may_go_on(f->query, deadline_ns, err);
        if (!rc) rc = visit(f, rows, state, parts[i]->part, err);
    }
    free(parts);
    return rc;
}

vg_code trader_fills_ask(struct trader_rows *rows, const struct lake_state *state, const struct store_query *q,
                         int64_t deadline_ns, const struct store_sink *sink, vg_err *err)
{
    struct finding f = {.query = q, .down = q->keys[0].descending};
    f.found = vg_calloc(2 * (size_t)q->limit, sizeof *f.found); /* the answer so far, and what a part has */
    vg_code rc = find(&f, rows, state, deadline_ns, err);
    for (size_t i = 0; i < f.n && !rc; i++)
        rc = sink->row(sink->ctx, f.found[i].values, err);
    arena_release(&f.texts);
    free(f.found);
    return rc;
}
