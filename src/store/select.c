#include "store/select.h"

#include "base/json.h"

struct building {
    const struct store_query *query;
    const struct select_from *from;
    struct select_statement *statement;
};

/* PostgreSQL takes no other text. */
static bool is_text(const struct column *column, const struct feature_value *value)
{
    if (column->type != COLUMN_TEXT || value->null) return true;
    return utf8_valid(value->text.p, value->text.n) && !memchr(value->text.p, '\0', value->text.n);
}

static vg_code not_text(const char *name, vg_err *err)
{
    return vg_fail(err, VG_EUSAGE, "%s: the text to compare with is no UTF-8, or has a zero byte", name);
}

vg_code select_check(const struct store_query *q, vg_err *err)
{
    size_t n = 0;
    if (q->table >= STORE_TABLES) return vg_fail(err, VG_EUSAGE, "there is no table %u", q->table);
    const struct column *columns = store_columns(q->table, &n);
    if (q->filter_count > STORE_FILTERS || q->key_count > STORE_KEYS)
        return vg_fail(err, VG_EUSAGE, "%s: at most %d filters and %d keys", store_table_name(q->table), STORE_FILTERS,
                       STORE_KEYS);
    for (size_t i = 0; i < q->filter_count; i++) {
        if (q->filters[i].column >= n || q->filters[i].comparison > STORE_AT_MOST)
            return vg_fail(err, VG_EUSAGE, "%s: no such filter", store_table_name(q->table));
        const struct column *column = &columns[q->filters[i].column];
        if (!is_text(column, &q->filters[i].value)) return not_text(column->name, err);
    }
    for (size_t i = 0; i < q->key_count; i++) {
        if (q->keys[i].column >= n) return vg_fail(err, VG_EUSAGE, "%s: no such key", store_table_name(q->table));
        const struct column *column = &columns[q->keys[i].column];
        if (q->resumes && !is_text(column, &q->keys[i].after)) return not_text(column->name, err);
    }
    if (q->resumes && q->key_count == 0)
        return vg_fail(err, VG_EUSAGE, "%s: only what has an order can be resumed", store_table_name(q->table));
    return VG_OK;
}

static bool is_nullable(const struct building *b, size_t column)
{
    size_t n;
    return store_columns(b->query->table, &n)[column].nullable;
}

static void add_name(struct building *b, size_t column)
{
    vg_buf_addf(&b->statement->sql, "\"%s\"", b->from->column_name(b->query->table, column));
}

/* Binds the value, and refers to it. */
static void add_value(struct building *b, size_t column, struct feature_value value)
{
    struct select_statement *s = b->statement;
    VG_ASSERT(s->value_count < SELECT_VALUES);
    s->values[s->value_count++] = (struct row_value){b->from->column_type(b->query->table, column), value};
    vg_buf_addf(&s->sql, "$%zu", s->value_count);
}

static void add_comparison(struct building *b, size_t column, const char *comparison, struct feature_value value)
{
    add_name(b, column);
    vg_buf_addf(&b->statement->sql, " %s ", comparison);
    add_value(b, column, value);
}

static void add_equal(struct building *b, size_t column, struct feature_value value)
{
    if (!value.null) {
        add_comparison(b, column, "=", value);
        return;
    }
    add_name(b, column);
    vg_buf_adds(&b->statement->sql, " IS NULL");
}

/* Behind a value in the order: NULL is behind all others, nothing is behind NULL. */
static void add_behind(struct building *b, const struct store_key *key, bool or_at)
{
    vg_buf *sql = &b->statement->sql;
    if (key->after.null) {
        if (or_at)
            add_equal(b, key->column, key->after);
        else
            vg_buf_adds(sql, "false");
        return;
    }
    bool nullable = is_nullable(b, key->column);
    if (nullable) vg_buf_addc(sql, '(');
    add_comparison(b, key->column, key->descending ? (or_at ? "<=" : "<") : (or_at ? ">=" : ">"), key->after);
    if (!nullable) return;
    vg_buf_adds(sql, " OR ");
    add_name(b, key->column);
    vg_buf_adds(sql, " IS NULL)");
}

/* Behind the last row: (a, b) > (x, y) is a > x OR (a = x AND b > y). That a is at least x is said once more, because
 * it is what an index understands. */
static void add_resumption(struct building *b)
{
    const struct store_query *q = b->query;
    vg_buf *sql = &b->statement->sql;
    add_behind(b, &q->keys[0], true);
    vg_buf_adds(sql, " AND (");
    for (size_t i = 0; i < q->key_count; i++) {
        vg_buf_adds(sql, i ? " OR (" : "(");
        for (size_t k = 0; k < i; k++) {
            add_equal(b, q->keys[k].column, q->keys[k].after);
            vg_buf_adds(sql, " AND ");
        }
        add_behind(b, &q->keys[i], q->given && i + 1 == q->key_count);
        vg_buf_addc(sql, ')');
    }
    vg_buf_addc(sql, ')');
}

/* Ends in a condition, so that " AND …" may follow. */
static void add_from_where(struct building *b)
{
    static const char *const comparisons[] = {"=", ">=", "<="};
    const struct store_query *q = b->query;
    vg_buf *sql = &b->statement->sql;
    vg_buf_adds(sql, " FROM ");
    vg_buf_add(sql, b->from->from.p, b->from->from.n);
    vg_buf_adds(sql, " WHERE true");
    for (size_t i = 0; i < q->filter_count; i++) {
        const struct store_filter *f = &q->filters[i];
        vg_buf_adds(sql, " AND ");
        if (f->value.null)
            vg_buf_adds(sql, "false");
        else
            add_comparison(b, f->column, comparisons[f->comparison], f->value);
    }
    if (!q->resumes) return;
    vg_buf_adds(sql, " AND ");
    add_resumption(b);
}

/* What tells the rows of a table apart: it orders those that have the same keys, so that an order is the same in every
 * store, and each time. */
static const uint8_t own_keys[STORE_TABLES][STORE_KEYS + 1] = {
    [TABLE_TRADERS] = {1, TRADER_USER_ADDRESS},
    [TABLE_TRADER_DAILY] = {2, TRADER_DAILY_DATE, TRADER_DAILY_USER_ADDRESS},
    [TABLE_COIN_DAILY] = {2, COIN_DAILY_DATE, COIN_DAILY_COIN},
    [TABLE_EPISODES] = {5, EPISODE_USER_ADDRESS, EPISODE_COIN, EPISODE_OPEN_TIME, EPISODE_CLOSE_TIME, EPISODE_SIDE},
    [TABLE_POSITIONS] = {2, EPISODE_USER_ADDRESS, EPISODE_COIN},
    [TABLE_TRADER_COINS] = {2, TRADER_COIN_USER_ADDRESS, TRADER_COIN_COIN},
    [TABLE_CLASSES] = {2, CLASS_USER_ADDRESS, CLASS_PROFILE},
    [TABLE_CLUSTERS] = {1, CLUSTER_MEMBER_USER_ADDRESS},
    [TABLE_CLUSTER_PROFILES] = {1, CLUSTER_PROFILE_CLUSTER_ID},
    [STORE_FILLS] = {2, FILL_BLOCK_NUMBER, FILL_EVENT_INDEX},
};

static bool is_key(const struct store_query *q, size_t column)
{
    for (size_t i = 0; i < q->key_count; i++)
        if (q->keys[i].column == column) return true;
    return false;
}

static void add_order(struct building *b)
{
    const struct store_query *q = b->query;
    const uint8_t *own = own_keys[q->table];
    if (q->key_count == 0) return;
    for (size_t i = 0; i < q->key_count; i++) {
        vg_buf_adds(&b->statement->sql, i ? ", " : " ORDER BY ");
        add_name(b, q->keys[i].column);
        if (q->keys[i].descending) vg_buf_adds(&b->statement->sql, " DESC");
        if (is_nullable(b, q->keys[i].column)) vg_buf_adds(&b->statement->sql, " NULLS LAST");
    }
    for (size_t i = 1; i <= own[0]; i++) {
        if (is_key(q, own[i])) continue;
        vg_buf_adds(&b->statement->sql, ", ");
        add_name(b, own[i]);
    }
}

void select_rows(const struct store_query *q, const struct select_from *from, struct select_statement *statement)
{
    struct building b = {q, from, statement};
    vg_buf *sql = &statement->sql;
    size_t n;
    store_columns(q->table, &n);
    for (size_t i = 0; i < n; i++) {
        vg_buf_adds(sql, i ? ", " : "SELECT ");
        add_name(&b, i);
    }
    add_from_where(&b);
    add_order(&b);
    if (q->limit) vg_buf_addf(sql, " LIMIT %llu", (unsigned long long)q->limit);
    if (q->given) vg_buf_addf(sql, " OFFSET %llu", (unsigned long long)q->given);
}

void select_count(const struct store_query *q, const struct select_from *from, size_t column, bool below,
                  struct feature_value value, struct select_statement *statement)
{
    struct building b = {q, from, statement};
    vg_buf_adds(&statement->sql, "SELECT count(*)");
    add_from_where(&b);
    vg_buf_adds(&statement->sql, " AND ");
    add_comparison(&b, column, below ? "<" : ">", value);
}

void select_release(struct select_statement *statement)
{
    vg_buf_release(&statement->sql);
    statement->value_count = 0;
}
