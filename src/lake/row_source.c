#include "lake/row_source.h"

#include "base/clock.h"
#include "lake/duck.h"

/* Questions of several threads run beside each other; one alone may use two processors. */
#define THREADS 2
#define MEMORY_MIB 2048

struct row_source {
    struct duck duck; /* its connection is only used to set it up */
};

vg_code row_source_new(struct row_source **source, const struct lake *lake, vg_err *err)
{
    struct row_source *s = vg_calloc(1, sizeof *s);
    struct duck_options options = {.threads = THREADS, .memory_mib = MEMORY_MIB};
    vg_code rc = duck_open(&s->duck, &options, err);
    if (!rc) rc = duck_query(&s->duck, "SET parquet_metadata_cache = true", NULL, err);
    if (!rc) rc = duck_confine(&s->duck, lake, err);
    if (rc) {
        row_source_free(s);
        s = NULL;
    }
    *source = s;
    return rc;
}

void row_source_free(struct row_source *s)
{
    if (!s) return;
    duck_close(&s->duck);
    free(s);
}

/* One question on its way. */
struct asking {
    const struct row_question *question;
    duckdb_connection connection;
    duckdb_prepared_statement statement;
    duckdb_pending_result pending;
    duckdb_result result;
    bool has_result;
    duckdb_data_chunk chunk;
};

static vg_code fail(const char *message, vg_err *err)
{
    if (!message) message = "the query failed";
    return vg_fail(err, VG_ESTATE, "DuckDB: %.*s", (int)strcspn(message, "\n"), message);
}

static duckdb_value value_of(const struct row_value *v)
{
    switch (v->type) {
    case COLUMN_TEXT: return duckdb_create_varchar_length(v->value.text.p, v->value.text.n);
    case COLUMN_TIME: return duckdb_create_timestamp_tz((duckdb_timestamp){v->value.integer});
    case COLUMN_TIME_NS: return duckdb_create_timestamp_ns((duckdb_timestamp_ns){v->value.integer});
    case COLUMN_DATE: return duckdb_create_date((duckdb_date){(int32_t)v->value.integer});
    case COLUMN_DECIMAL:
    case COLUMN_SUM: {
        bool sum = v->type == COLUMN_SUM;
        unsigned __int128 bits = (unsigned __int128)v->value.decimal;
        duckdb_hugeint huge = {(uint64_t)bits, (int64_t)(bits >> 64)};
        return duckdb_create_decimal((duckdb_decimal){sum ? VG_DEC20_WIDTH : VG_DEC_WIDTH, sum ? 20 : 10, huge});
    }
    case COLUMN_DOUBLE: return duckdb_create_double(v->value.number);
    case COLUMN_BOOL: return duckdb_create_bool(v->value.integer != 0);
    case COLUMN_INT32:
    case COLUMN_INT64: return duckdb_create_int64(v->value.integer);
    }
    VG_BUG("unknown column type");
}

static vg_code bind(struct asking *a, vg_err *err)
{
    for (size_t i = 0; i < a->question->value_count; i++) {
        duckdb_value value = value_of(&a->question->values[i]);
        duckdb_state state = duckdb_bind_value(a->statement, i + 1, value);
        duckdb_destroy_value(&value);
        if (state != DuckDBSuccess) return fail(duckdb_prepare_error(a->statement), err);
    }
    return VG_OK;
}

static vg_code may_go_on(const struct row_question *q, vg_err *err)
{
    if (q->cancelled && atomic_load(q->cancelled)) return vg_fail(err, VG_ECANCEL, "the question was withdrawn");
    if (vg_clock_ns() > q->deadline_ns) return vg_fail(err, VG_ELIMIT, "the lake did not answer in time");
    return VG_OK;
}

static vg_code execute(struct asking *a, vg_err *err)
{
    duckdb_pending_state state;
    if (duckdb_pending_prepared_streaming(a->statement, &a->pending) != DuckDBSuccess)
        return fail(duckdb_pending_error(a->pending), err);
    do {
        VG_TRY(may_go_on(a->question, err));
        state = duckdb_pending_execute_task(a->pending);
        if (state == DUCKDB_PENDING_ERROR) return fail(duckdb_pending_error(a->pending), err);
    } while (!duckdb_pending_execution_is_finished(state));
    a->has_result = true;
    if (duckdb_execute_pending(a->pending, &a->result) == DuckDBSuccess) return VG_OK;
    return fail(duckdb_result_error(&a->result), err);
}

/* A file of another writer, or of another version, may have a column of this name and of another type. */
static bool has_type(duckdb_result *result, idx_t column, enum column_type type)
{
    static const duckdb_type types[] = {
        [COLUMN_TIME] = DUCKDB_TYPE_TIMESTAMP_TZ, [COLUMN_TIME_NS] = DUCKDB_TYPE_TIMESTAMP_NS,
        [COLUMN_TEXT] = DUCKDB_TYPE_VARCHAR,      [COLUMN_DECIMAL] = DUCKDB_TYPE_DECIMAL,
        [COLUMN_SUM] = DUCKDB_TYPE_DECIMAL,       [COLUMN_DOUBLE] = DUCKDB_TYPE_DOUBLE,
        [COLUMN_DATE] = DUCKDB_TYPE_DATE,         [COLUMN_BOOL] = DUCKDB_TYPE_BOOLEAN,
        [COLUMN_INT32] = DUCKDB_TYPE_INTEGER,     [COLUMN_INT64] = DUCKDB_TYPE_BIGINT,
    };
    if (duckdb_column_type(result, column) != types[type]) return false;
    if (type != COLUMN_DECIMAL && type != COLUMN_SUM) return true;
    duckdb_logical_type logical = duckdb_column_logical_type(result, column);
    bool same = duckdb_decimal_scale(logical) == (type == COLUMN_SUM ? 20 : 10) &&
                duckdb_decimal_internal_type(logical) == DUCKDB_TYPE_HUGEINT;
    duckdb_destroy_logical_type(&logical);
    return same;
}

static vg_code check_types(struct asking *a, vg_err *err)
{
    const struct row_question *q = a->question;
    if (duckdb_column_count(&a->result) != q->column_count) return fail("another number of columns", err);
    for (size_t i = 0; i < q->column_count; i++)
        if (!has_type(&a->result, i, q->columns[i].type))
            return vg_fail(err, VG_ESTATE, "the lake's column %s is not %s: its files are another version's",
                           q->columns[i].name, column_sql_type(q->columns[i].type));
    return VG_OK;
}

static struct feature_value take(enum column_type type, const void *data, idx_t row)
{
    struct feature_value value = {0};
    switch (type) {
    case COLUMN_TEXT: {
        duckdb_string_t *text = (duckdb_string_t *)data + row;
        value.text = (vg_slice){duckdb_string_t_data(text), duckdb_string_t_length(*text)};
        break;
    }
    case COLUMN_DECIMAL:
    case COLUMN_SUM:
        memcpy(&value.decimal, (const char *)data + row * sizeof value.decimal, sizeof value.decimal);
        break;
    case COLUMN_DOUBLE: return feature_number(((const double *)data)[row]);
    case COLUMN_BOOL: value.integer = ((const bool *)data)[row]; break;
    case COLUMN_DATE:
    case COLUMN_INT32: value.integer = ((const int32_t *)data)[row]; break;
    case COLUMN_TIME:
    case COLUMN_TIME_NS:
    case COLUMN_INT64: value.integer = ((const int64_t *)data)[row]; break;
    }
    return value;
}

static vg_code give_chunk(struct asking *a, struct feature_value *values,
                          vg_code (*row)(void *, const struct feature_value *, vg_err *), void *ctx, vg_err *err)
{
    const struct row_question *q = a->question;
    idx_t n = duckdb_data_chunk_get_size(a->chunk);
    for (idx_t i = 0; i < n; i++) {
        for (size_t k = 0; k < q->column_count; k++) {
            duckdb_vector vector = duckdb_data_chunk_get_vector(a->chunk, k);
            uint64_t *valid = duckdb_vector_get_validity(vector);
            bool has = !valid || duckdb_validity_row_is_valid(valid, i);
            values[k] = has ? take(q->columns[k].type, duckdb_vector_get_data(vector), i) : feature_null();
        }
        VG_TRY(row(ctx, values, err));
    }
    return VG_OK;
}

static vg_code give_rows(struct asking *a, vg_code (*row)(void *, const struct feature_value *, vg_err *), void *ctx,
                         vg_err *err)
{
    struct feature_value *values = vg_calloc(a->question->column_count, sizeof *values);
    vg_code rc = VG_OK;
    while (!rc) {
        a->chunk = duckdb_fetch_chunk(a->result);
        if (!a->chunk) break;
        rc = give_chunk(a, values, row, ctx, err);
        duckdb_destroy_data_chunk(&a->chunk);
        if (!rc) rc = may_go_on(a->question, err);
    }
    free(values);
    const char *message = rc ? NULL : duckdb_result_error(&a->result);
    return message && *message ? fail(message, err) : rc;
}

vg_code row_source_ask(struct row_source *s, const struct row_question *question,
                       vg_code (*row)(void *ctx, const struct feature_value *values, vg_err *err), void *ctx,
                       vg_err *err)
{
    struct asking a = {.question = question};
    if (duckdb_connect(s->duck.database, &a.connection) != DuckDBSuccess) return fail("no connection", err);
    vg_code rc = VG_OK;
    if (duckdb_prepare(a.connection, question->sql, &a.statement) != DuckDBSuccess)
        rc = fail(duckdb_prepare_error(a.statement), err);
    if (!rc) rc = bind(&a, err);
    if (!rc) rc = execute(&a, err);
    if (!rc) rc = check_types(&a, err);
    if (!rc) rc = give_rows(&a, row, ctx, err);
    if (a.has_result) duckdb_destroy_result(&a.result);
    if (a.pending) duckdb_destroy_pending(&a.pending);
    if (a.statement) duckdb_destroy_prepare(&a.statement);
    duckdb_disconnect(&a.connection);
    return rc;
}
