/* Makes the store callable from tests in Python; built with the tests, never installed.
 *
 *     store_tool LAKE        DATABASE_URL as the environment says; questions on stdin, one JSON object a line
 *
 * {"ask": "rows", "table": "traders", "filters": [["coin", "=", "BTC"], …], "keys": [["net_pnl", "desc", after], …],
 *  "given": 0, "limit": 10, "timeout_ms": 0, "quiet": false}
 * {"ask": "coverage"}, {"ask": "ping"}, {"ask": "name"}
 *
 * Values are texts, exact, or null, in questions and answers. "resumes" is true when keys have a third member. With
 * "quiet" only the number of rows is told. An answer a line: {"rows": […], "coverage": {…}, "begun": 1} or {"error":
 * …}.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/number.h"
#include "store/store.h"

static struct {
    char *texts[64];
    size_t n;
} held; /* decoded values of one question */

static size_t column_of(unsigned table, const char *name)
{
    size_t n;
    const struct column *columns = store_columns(table, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(columns[i].name, name) == 0) return i;
    return 10000; /* the store is to refuse it */
}

static unsigned table_of(const char *name)
{
    for (unsigned table = 0; table < STORE_TABLES; table++)
        if (strcmp(store_table_name(table), name) == 0) return table;
    return 10000;
}

static __int128 decimal_of(const char *text, unsigned scale)
{
    bool negative = *text == '-', point = false;
    unsigned fraction = 0;
    __int128 value = 0;
    for (text += negative; *text; text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        value = value * 10 + (*text - '0');
        fraction += point;
    }
    for (; fraction < scale; fraction++)
        value *= 10;
    return negative ? -value : value;
}

static vg_slice hold(const char *text, size_t n)
{
    char *copy = vg_calloc(n + 1, 1);
    memcpy(copy, text, n);
    held.texts[held.n++] = copy;
    return (vg_slice){copy, n};
}

static struct feature_value value_of(unsigned table, size_t column, const json_t *json)
{
    size_t n;
    const struct column *columns = store_columns(table, &n);
    const char *text = json_string_value(json);
    if (!text || column >= n) return feature_null();
    switch (columns[column].type) {
    case COLUMN_TEXT: return feature_text(hold(text, json_string_length(json)));
    case COLUMN_DECIMAL: return feature_decimal(decimal_of(text, 10));
    case COLUMN_SUM: return feature_decimal(decimal_of(text, 20));
    case COLUMN_DOUBLE: return feature_number(number_parse(vg_slice_of(text)));
    case COLUMN_BOOL: return feature_int(strcmp(text, "true") == 0);
    default: return feature_int(strtoll(text, NULL, 10));
    }
}

static json_t *json_of(enum column_type type, const struct feature_value *value)
{
    char text[VG_DEC_TEXT];
    if (value->null) return json_null();
    switch (type) {
    case COLUMN_TEXT: return json_stringn(value->text.p, value->text.n);
    case COLUMN_DECIMAL: return json_stringn(text, vg_dec_print(value->decimal, text));
    case COLUMN_SUM: return json_stringn(text, vg_dec20_print(value->decimal, text));
    case COLUMN_DOUBLE: snprintf(text, sizeof text, "%.17g", value->number); break;
    case COLUMN_BOOL: return json_string(value->integer ? "true" : "false");
    default: snprintf(text, sizeof text, "%" PRId64, value->integer); break;
    }
    return json_string(text);
}

struct answer {
    unsigned table;
    bool quiet;
    size_t n, begun;
    json_t *rows;
};

static void begin(void *ctx)
{
    struct answer *a = ctx;
    a->n = 0;
    a->begun++;
    json_array_clear(a->rows);
}

static vg_code take_row(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct answer *a = ctx;
    size_t n;
    const struct column *columns = store_columns(a->table, &n);
    (void)err;
    a->n++;
    if (a->quiet) return VG_OK;
    json_t *row = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(row, json_of(columns[i].type, &values[i]));
    json_array_append_new(a->rows, row);
    return VG_OK;
}

static void read_filters(const json_t *line, struct store_query *q)
{
    const json_t *filter;
    size_t i;
    json_array_foreach(json_object_get(line, "filters"), i, filter)
    {
        const char *comparison = json_string_value(json_array_get(filter, 1));
        size_t column = column_of(q->table, json_string_value(json_array_get(filter, 0)));
        q->filters[q->filter_count++] = (struct store_filter){column,
                                                              strcmp(comparison, "=") == 0    ? STORE_EQUAL
                                                              : strcmp(comparison, ">=") == 0 ? STORE_AT_LEAST
                                                                                              : STORE_AT_MOST,
                                                              value_of(q->table, column, json_array_get(filter, 2))};
    }
}

static void read_keys(const json_t *line, struct store_query *q)
{
    const json_t *key;
    size_t i;
    json_array_foreach(json_object_get(line, "keys"), i, key)
    {
        size_t column = column_of(q->table, json_string_value(json_array_get(key, 0)));
        bool descending = strcmp(json_string_value(json_array_get(key, 1)), "desc") == 0;
        q->keys[q->key_count++] =
            (struct store_key){column, descending, value_of(q->table, column, json_array_get(key, 2))};
        q->resumes = q->resumes || json_array_size(key) > 2;
    }
}

static void read_question(const json_t *line, struct store_query *q)
{
    *q = (struct store_query){
        .table = table_of(json_string_value(json_object_get(line, "table"))),
        .given = (uint64_t)json_integer_value(json_object_get(line, "given")),
        .limit = (uint64_t)json_integer_value(json_object_get(line, "limit")),
        .timeout_ms = (unsigned)json_integer_value(json_object_get(line, "timeout_ms")),
    };
    if (q->table >= STORE_TABLES) return;
    read_filters(line, q);
    read_keys(line, q);
}

static json_t *coverage_json(const struct store_coverage *c)
{
    char version[24];
    snprintf(version, sizeof version, "%" PRIu64, c->version);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "version", version, "from", (json_int_t)c->from_ns,
                     "to", (json_int_t)c->to_ns, "fills", (json_int_t)c->fills, "fills_in_lake",
                     (json_int_t)c->fills_in_lake, "hours_present", (json_int_t)c->hours_present, "hours_span",
                     (json_int_t)c->hours_span, "complete", c->complete);
}

static json_t *error_json(vg_code code, const vg_err *err)
{
    return json_pack("{s:s, s:i}", "error", err->msg, "code", (int)code);
}

static json_t *ask_rows(struct store *store, const json_t *line)
{
    struct store_query q;
    struct store_coverage coverage = {0};
    vg_err err = {0};
    read_question(line, &q);
    struct answer answer = {q.table, json_is_true(json_object_get(line, "quiet")), 0, 0, json_array()};
    struct store_sink sink = {&answer, begin, take_row};
    int64_t start = vg_clock_ns();
    vg_code rc = store_rows(store, &q, &sink, &coverage, &err);
    double ms = (double)(vg_clock_ns() - start) / 1e6;
    while (held.n)
        free(held.texts[--held.n]);
    if (rc) {
        json_decref(answer.rows);
        return error_json(rc, &err);
    }
    return json_pack("{s:o, s:I, s:o, s:I, s:f}", "rows", answer.rows, "n", (json_int_t)answer.n, "coverage",
                     coverage_json(&coverage), "begun", (json_int_t)answer.begun, "ms", ms);
}

static json_t *ask(struct store *store, const json_t *line)
{
    const char *what = json_string_value(json_object_get(line, "ask"));
    struct store_coverage coverage = {0};
    vg_err err = {0};
    if (strcmp(what, "rows") == 0) return ask_rows(store, line);
    if (strcmp(what, "name") == 0) return json_pack("{s:s}", "name", store_name(store));
    bool ping = strcmp(what, "ping") == 0;
    vg_code rc = ping ? store_ping(store, &err) : store_coverage(store, &coverage, &err);
    if (rc) return error_json(rc, &err);
    return ping ? json_pack("{s:b}", "ok", 1) : coverage_json(&coverage);
}

int main(int argc, char **argv)
{
    struct store *store;
    vg_err err = {0};
    char *line = NULL;
    size_t room = 0;
    if (argc != 2) return 2;
    if (store_open(&store, getenv("DATABASE_URL"), argv[1], &err)) {
        fprintf(stderr, "store_tool: %s\n", err.msg);
        return 1;
    }
    while (getline(&line, &room, stdin) > 0) {
        json_t *question = json_loads(line, JSON_ALLOW_NUL, NULL);
        if (!question) return 2;
        json_t *answer = ask(store, question);
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        json_decref(answer);
        json_decref(question);
    }
    free(line);
    store_close(store);
    return 0;
}
