#include "lake/query.h"

#include "lake/duck.h"
#include "lake/feature_files.h"
#include "lake/part_read.h"

struct query {
    struct duck duck;
    duckdb_prepared_statement statement; /* the user's own: names and types */
    duckdb_prepared_statement as_text;   /* the same, every column cast to text */
    duckdb_pending_result pending;
    duckdb_result result;
    bool has_result;
    duckdb_data_chunk chunk;
    idx_t row, rows;
    size_t columns;
    char **names;
    enum query_type *types;
};

/* The files of a lake in a bucket come to this machine for the tables that the question names. */
static bool may_ask(const struct lake *lake, const char *sql, const char *table)
{
    return !lake->remote || strcasestr(sql, table) != NULL;
}

static vg_code create_view(struct duck *duck, const struct lake *lake, enum lake_table table, const char *name,
                           vg_err *err)
{
    struct part_list parts;
    vg_buf sql = {0};
    manifest_live_parts(&lake->manifest, table, INT32_MIN, INT32_MAX, &parts);
    vg_buf_addf(&sql, "CREATE VIEW %s AS SELECT * FROM ", name);
    part_list_sql(lake, table, &parts, &sql);
    vg_code rc = lake_need(lake, &parts, err);
    if (!rc) rc = duck_query(duck, sql.data, NULL, err);
    vg_buf_release(&sql);
    part_list_release(&parts);
    return rc;
}

/* The tables of the latest `vigil features`; empty ones before the first. */
static vg_code create_feature_views(struct duck *duck, const struct lake *lake, const char *question, vg_err *err)
{
    struct feature_files files;
    vg_buf sql = {0};
    vg_code rc = feature_files_load(lake, &files, err);
    for (enum feature_table table = 0; table < FEATURE_TABLES && !rc; table++) {
        if (!may_ask(lake, question, feature_tables[table].name)) continue;
        rc = feature_files_need(lake, &files, table, err);
        if (rc) break;
        vg_buf_clear(&sql);
        vg_buf_addf(&sql, "CREATE VIEW %s AS SELECT * FROM ", feature_tables[table].name);
        feature_files_sql(lake, &files, table, &sql);
        rc = duck_query(duck, sql.data, NULL, err);
    }
    feature_files_release(&files);
    vg_buf_release(&sql);
    return rc;
}

static vg_code prepare(struct query *q, const char *sql, duckdb_prepared_statement *statement, vg_err *err)
{
    duckdb_extracted_statements statements = NULL;
    idx_t n = duckdb_extract_statements(q->duck.connection, sql, &statements);
    vg_code rc = VG_OK;
    if (n == 0) {
        const char *message = duckdb_extract_statements_error(statements);
        rc = vg_fail(err, VG_EUSAGE, "%s", message ? message : "no SQL statement");
    } else if (n > 1) {
        rc = vg_fail(err, VG_EUSAGE, "one statement at a time");
    } else if (duckdb_prepare_extracted_statement(q->duck.connection, statements, 0, statement) != DuckDBSuccess) {
        rc = vg_fail(err, VG_EUSAGE, "%s", duckdb_prepare_error(*statement));
    } else if (duckdb_prepared_statement_type(*statement) != DUCKDB_STATEMENT_TYPE_SELECT) {
        rc = vg_fail(err, VG_EUSAGE, "only statements that read are allowed: SELECT, WITH, FROM, DESCRIBE, SUMMARIZE");
    }
    duckdb_destroy_extracted(&statements);
    return rc;
}

static enum query_type type_of(duckdb_type type)
{
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return QUERY_BOOL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT: return QUERY_INTEGER;
    case DUCKDB_TYPE_DECIMAL: return QUERY_DECIMAL;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return QUERY_FLOAT;
    default: return QUERY_TEXT;
    }
}

static void describe(struct query *q)
{
    q->columns = duckdb_prepared_statement_column_count(q->statement);
    q->names = vg_calloc(q->columns, sizeof *q->names);
    q->types = vg_calloc(q->columns, sizeof *q->types);
    for (size_t i = 0; i < q->columns; i++) {
        const char *name = duckdb_prepared_statement_column_name(q->statement, i);
        q->names[i] = vg_strdup(name ? name : "");
        q->types[i] = type_of(duckdb_prepared_statement_column_type(q->statement, i));
        duckdb_free((void *)name);
    }
}

static bool prepare_as_text(struct query *q, const char *sql, size_t n)
{
    vg_buf text = {0};
    vg_buf_addf(&text, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (%.*s\n)", (int)n, sql);
    bool ok = prepare(q, text.data, &q->as_text, NULL) == VG_OK;
    if (!ok && q->as_text) duckdb_destroy_prepare(&q->as_text);
    vg_buf_release(&text);
    return ok;
}

/* The statement stands alone and is sound, but its text may end in semicolons and comments, which must not get
 * into the brackets: it is cut at its last semicolon, then at the one before, until it fits. */
static vg_code wrap(struct query *q, const char *sql, vg_err *err)
{
    for (size_t n = strlen(sql); n > 0; n--)
        if ((sql[n] == '\0' || sql[n] == ';') && prepare_as_text(q, sql, n)) return VG_OK;
    return vg_fail(err, VG_EUSAGE,
                   "this statement has no rows that could be selected from: ask with SELECT, FROM, DESCRIBE, SUMMARIZE "
                   "or SHOW (PRAGMA x(…) is FROM pragma_x(…))");
}

/* What fails from here on is no fault of the statement's form. DuckDB's further lines show our brackets. */
static vg_code fail_running(const char *message, vg_err *err)
{
    if (!message) message = "the query failed";
    return vg_fail(err, VG_ESTATE, "%.*s", (int)strcspn(message, "\n"), message);
}

static vg_code start(struct query *q, const char *sql, vg_err *err)
{
    VG_TRY(prepare(q, sql, &q->statement, err));
    describe(q);
    VG_TRY(wrap(q, sql, err));
    if (duckdb_pending_prepared_streaming(q->as_text, &q->pending) != DuckDBSuccess)
        return fail_running(duckdb_pending_error(q->pending), err);
    q->has_result = true;
    if (duckdb_execute_pending(q->pending, &q->result) == DuckDBSuccess) return VG_OK;
    return fail_running(duckdb_result_error(&q->result), err);
}

vg_code query_new(struct query **query, const struct lake *lake, const char *sql, unsigned threads, vg_err *err)
{
    struct query *q = vg_calloc(1, sizeof *q);
    struct duck_options options = {.threads = threads, .memory_mib = 2048, .spill_directory = NULL};
    vg_code rc = duck_open(&q->duck, &options, err);
    if (!rc && may_ask(lake, sql, "fills")) rc = create_view(&q->duck, lake, TABLE_FILLS, "fills", err);
    if (!rc && may_ask(lake, sql, "blocks")) rc = create_view(&q->duck, lake, TABLE_BLOCKS, "blocks", err);
    if (!rc) rc = create_feature_views(&q->duck, lake, sql, err);
    if (!rc) rc = duck_confine(&q->duck, lake, err);
    if (!rc) rc = start(q, sql, err);
    if (rc) {
        query_free(q);
        q = NULL;
    }
    *query = q;
    return rc;
}

void query_free(struct query *q)
{
    if (!q) return;
    if (q->chunk) duckdb_destroy_data_chunk(&q->chunk);
    if (q->has_result) duckdb_destroy_result(&q->result);
    if (q->pending) duckdb_destroy_pending(&q->pending);
    if (q->as_text) duckdb_destroy_prepare(&q->as_text);
    if (q->statement) duckdb_destroy_prepare(&q->statement);
    duck_close(&q->duck);
    for (size_t i = 0; i < q->columns; i++)
        free(q->names[i]);
    free(q->names);
    free(q->types);
    free(q);
}

size_t query_columns(const struct query *q) { return q->columns; }
const char *query_column_name(const struct query *q, size_t column) { return q->names[column]; }
enum query_type query_column_type(const struct query *q, size_t column) { return q->types[column]; }

vg_code query_next(struct query *q, bool *more, vg_err *err)
{
    *more = true;
    if (q->chunk && ++q->row < q->rows) return VG_OK;
    do {
        if (q->chunk) duckdb_destroy_data_chunk(&q->chunk);
        q->chunk = duckdb_fetch_chunk(q->result);
        q->row = 0;
        q->rows = q->chunk ? duckdb_data_chunk_get_size(q->chunk) : 0;
    } while (q->chunk && q->rows == 0);
    if (q->chunk) return VG_OK;
    *more = false;
    const char *message = duckdb_result_error(&q->result);
    return message && *message ? fail_running(message, err) : VG_OK;
}

vg_slice query_value(const struct query *q, size_t column)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(q->chunk, column);
    uint64_t *valid = duckdb_vector_get_validity(vector);
    if (valid && !duckdb_validity_row_is_valid(valid, q->row)) return (vg_slice){NULL, 0};
    duckdb_string_t *text = (duckdb_string_t *)duckdb_vector_get_data(vector) + q->row;
    return (vg_slice){duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

const char *query_library_version(void) { return duckdb_library_version(); }

vg_code query_self_test(vg_err *err)
{
    struct duck duck;
    struct duck_options options = {0};
    VG_TRY(duck_open(&duck, &options, err));
    vg_code rc = duck_query(&duck, "SELECT sum(i) FROM range(1000) t(i)", NULL, err);
    duck_close(&duck);
    return rc;
}
