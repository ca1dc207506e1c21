#include "lake/part_read.h"

#include "lake/duck.h"
#include "lake/parquet_read.h"

/* A result that is fetched chunk by chunk while the query runs. */
struct stream_query {
    struct duck duck;
    duckdb_prepared_statement statement;
    duckdb_pending_result pending;
    duckdb_result result;
    bool has_result;
    duckdb_data_chunk chunk;
};

/* Two roads. Rows as they are stored come from our own reader, part after part; a part that it refuses, and rows
 * that are sorted or chosen by SQL, come from DuckDB. */
struct part_reader {
    struct parquet_reader *own; /* NULL: one query reads all parts */
    struct part_list parts;     /* own: all of them, of which those before next_part are read, or being read */
    size_t next_part;
    const struct lake *lake;
    struct read_options options; /* its list of parts may be gone */
    struct stream_query query;
    bool query_runs;
    uint64_t columns;
    vg_slice *texts[FILL_COLUMNS];
};

void part_list_sql(const struct lake *lake, enum lake_table table, const struct part_list *parts, vg_buf *sql)
{
    if (parts->n == 0) {
        const struct column *columns = table == TABLE_FILLS ? fill_columns : block_columns;
        size_t n = table == TABLE_FILLS ? FILL_COLUMNS : BLOCK_COLUMNS;
        vg_buf_adds(sql, "(SELECT ");
        for (size_t i = 0; i < n; i++)
            vg_buf_addf(sql, "%sNULL::%s AS \"%s\"", i ? ", " : "", column_sql_type(columns[i].type), columns[i].name);
        vg_buf_adds(sql, " WHERE false)");
        return;
    }
    vg_buf_adds(sql, "read_parquet([");
    for (size_t i = 0; i < parts->n; i++) {
        char *path = lake_path(lake, parts->items[i].path);
        if (i) vg_buf_addc(sql, ',');
        duck_literal(sql, path);
        free(path);
    }
    vg_buf_adds(sql, "], hive_partitioning=false)");
}

/* The first line of DuckDB's message names the file. */
static vg_code fail_reading(const char *message, vg_err *err)
{
    bool memory = strstr(message, "Out of Memory") != NULL;
    return vg_fail(err, VG_ESTATE, "DuckDB: %.*s%s", (int)strcspn(message, "\n"), message,
                   memory ? "" : " (`vigil verify` tells which files are damaged)");
}

static vg_code query_start(struct stream_query *q, const char *sql, const struct duck_options *options, vg_err *err)
{
    VG_TRY(duck_open(&q->duck, options, err));
    if (duckdb_prepare(q->duck.connection, sql, &q->statement) != DuckDBSuccess)
        return fail_reading(duckdb_prepare_error(q->statement), err);
    if (duckdb_pending_prepared_streaming(q->statement, &q->pending) != DuckDBSuccess)
        return fail_reading(duckdb_pending_error(q->pending), err);
    q->has_result = true;
    if (duckdb_execute_pending(q->pending, &q->result) != DuckDBSuccess) {
        const char *message = duckdb_result_error(&q->result);
        return fail_reading(message ? message : "the query failed", err);
    }
    return VG_OK;
}

static vg_code query_next(struct stream_query *q, vg_err *err)
{
    if (q->chunk) duckdb_destroy_data_chunk(&q->chunk);
    q->chunk = duckdb_fetch_chunk(q->result);
    if (q->chunk) return VG_OK;
    const char *message = duckdb_result_error(&q->result);
    return message ? fail_reading(message, err) : VG_OK;
}

static void query_stop(struct stream_query *q)
{
    if (q->chunk) duckdb_destroy_data_chunk(&q->chunk);
    if (q->has_result) duckdb_destroy_result(&q->result);
    if (q->pending) duckdb_destroy_pending(&q->pending);
    if (q->statement) duckdb_destroy_prepare(&q->statement);
    duck_close(&q->duck);
    *q = (struct stream_query){0};
}

/* Addresses are 0x and hex digits: anything else cannot be in the lake, nor get into SQL. */
static bool is_address(const char *text)
{
    return strlen(text) == ADDRESS_TEXT && strncmp(text, "0x", 2) == 0 &&
           strspn(text + 2, "0123456789abcdef") == ADDRESS_TEXT - 2;
}

static void build_sql(vg_buf *sql, const struct part_reader *r, const struct part_list *parts)
{
    const struct read_options *options = &r->options;
    const char *comma = "";
    vg_buf_adds(sql, "SELECT ");
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        if (!(r->columns & COLUMN_BIT(i))) continue;
        vg_buf_addf(sql, "%s%s", comma, fill_columns[i].name);
        comma = ", ";
    }
    vg_buf_adds(sql, " FROM ");
    part_list_sql(r->lake, TABLE_FILLS, parts, sql);
    vg_buf_addf(sql, " WHERE %s", options->condition ? options->condition : "true");
    if (options->user) vg_buf_addf(sql, " AND user_address = '%s'", options->user);
    if (options->order == READ_BY_BLOCK) vg_buf_adds(sql, " ORDER BY block_number, event_index");
    if (options->order == READ_BY_TRADER) vg_buf_adds(sql, " ORDER BY user_address, block_number, event_index");
}

static void end_query(struct part_reader *r)
{
    if (r->query_runs) query_stop(&r->query);
    r->query_runs = false;
}

/* Starts reading the parts by DuckDB. */
static vg_code start_query(struct part_reader *r, const struct part_list *parts, vg_err *err)
{
    VG_TRY(lake_need(r->lake, parts, err));
    for (size_t i = 0; i < FILL_COLUMNS; i++)
        if (r->columns & COLUMN_BIT(i) && fill_columns[i].type == COLUMN_TEXT && !r->texts[i])
            r->texts[i] = vg_alloc(duckdb_vector_size() * sizeof *r->texts[i]);
    vg_buf sql = {0};
    build_sql(&sql, r, parts);
    struct duck_options duck = {.threads = r->options.threads,
                                .memory_mib = r->options.memory_mib ? r->options.memory_mib : 1024,
                                .spill_directory = r->lake->tmp};
    r->query_runs = true;
    vg_code rc = query_start(&r->query, sql.data, &duck, err);
    vg_buf_release(&sql);
    return rc;
}

/* Opens the next part. What our reader does not take for its own, DuckDB does, or says what is wrong with it. */
static vg_code open_next_part(struct part_reader *r, vg_err *err)
{
    struct part_list one = {r->parts.items + r->next_part++, 1};
    VG_TRY(lake_need(r->lake, &one, err));
    char *path = lake_path(r->lake, one.items[0].path);
    vg_code rc = parquet_reader_open(r->own, path, err);
    free(path);
    return rc == VG_ESTATE ? start_query(r, &one, err) : rc;
}

void part_reader_again(struct part_reader *r, const struct lake *lake, const struct part_list *parts)
{
    VG_ASSERT(r->own);
    end_query(r);
    part_list_release(&r->parts);
    for (size_t i = 0; i < parts->n; i++)
        part_list_add(&r->parts, &parts->items[i]);
    r->next_part = 0;
    r->lake = lake;
    parquet_reader_close(r->own);
}

vg_code part_reader_new(struct part_reader **reader, const struct lake *lake, const struct read_options *options,
                        vg_err *err)
{
    *reader = NULL;
    if (options->user && !is_address(options->user))
        return vg_fail(err, VG_EUSAGE, "'%s' is no address: wanted are 0x and 40 lower-case hex digits", options->user);
    struct part_reader *r = vg_calloc(1, sizeof *r);
    r->lake = lake;
    r->options = *options;
    r->columns = options->columns ? options->columns : COLUMN_BIT(FILL_COLUMNS) - 1;
    vg_code rc = VG_OK;
    if (options->order != READ_AS_STORED || options->condition || options->user) {
        rc = start_query(r, options->parts, err);
    } else {
        r->own = parquet_reader_new(r->columns);
        part_reader_again(r, lake, options->parts);
    }
    if (rc)
        part_reader_free(r);
    else
        *reader = r;
    return rc;
}

static void read_texts(duckdb_vector vector, size_t n, const uint64_t *valid, vg_slice *out)
{
    duckdb_string_t *texts = duckdb_vector_get_data(vector);
    for (size_t i = 0; i < n; i++) {
        if (valid && !(valid[i / 64] >> (i % 64) & 1)) continue;
        out[i] = (vg_slice){duckdb_string_t_data(&texts[i]), duckdb_string_t_length(texts[i])};
    }
}

static vg_code next_of_query(struct part_reader *r, struct fill_batch *batch, vg_err *err)
{
    VG_TRY(query_next(&r->query, err));
    if (!r->query.chunk) return VG_OK;
    batch->n = duckdb_data_chunk_get_size(r->query.chunk);
    idx_t k = 0;
    for (size_t i = 0; i < FILL_COLUMNS; i++) {
        if (!(r->columns & COLUMN_BIT(i))) continue;
        duckdb_vector vector = duckdb_data_chunk_get_vector(r->query.chunk, k++);
        batch->valid[i] = duckdb_vector_get_validity(vector);
        if (r->texts[i]) {
            read_texts(vector, batch->n, batch->valid[i], r->texts[i]);
            batch->column[i] = r->texts[i];
        } else {
            batch->column[i] = duckdb_vector_get_data(vector);
        }
    }
    return VG_OK;
}

vg_code part_reader_next(struct part_reader *r, struct fill_batch *batch, vg_err *err)
{
    *batch = (struct fill_batch){0};
    for (;;) {
        VG_TRY(r->query_runs ? next_of_query(r, batch, err) : parquet_reader_next(r->own, batch, err));
        if (batch->n || !r->own || r->next_part == r->parts.n) return VG_OK;
        end_query(r);
        VG_TRY(open_next_part(r, err));
    }
}

void part_reader_free(struct part_reader *r)
{
    if (!r) return;
    end_query(r);
    parquet_reader_free(r->own);
    part_list_release(&r->parts);
    for (size_t i = 0; i < FILL_COLUMNS; i++)
        free(r->texts[i]);
    free(r);
}

static vg_code hand_blocks(duckdb_data_chunk chunk, vg_code (*block)(void *, const struct block *, vg_err *), void *ctx,
                           vg_err *err)
{
    const void *data[BLOCK_COLUMNS];
    for (size_t i = 0; i < BLOCK_COLUMNS; i++)
        data[i] = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, i));
    idx_t n = duckdb_data_chunk_get_size(chunk);
    for (idx_t i = 0; i < n; i++) {
        struct block b = {
            .number = ((const int64_t *)data[BLOCK_NUMBER])[i],
            .time_ns = ((const int64_t *)data[BLOCK_TIME])[i],
            .local_time_ns = ((const int64_t *)data[BLOCK_LOCAL_TIME])[i],
            .first_event = ((const uint32_t *)data[BLOCK_FIRST_EVENT])[i],
            .events = ((const uint32_t *)data[BLOCK_EVENTS])[i],
            .lines = ((const uint32_t *)data[BLOCK_LINES])[i],
            .digest = ((const uint64_t *)data[BLOCK_DIGEST])[i],
        };
        VG_TRY(block(ctx, &b, err));
    }
    return VG_OK;
}

vg_code part_read_blocks(const struct lake *lake, const struct part_list *parts,
                         vg_code (*block)(void *ctx, const struct block *block, vg_err *err), void *ctx, vg_err *err)
{
    struct stream_query query = {0};
    vg_buf sql = {0};
    VG_TRY(lake_need(lake, parts, err));
    vg_buf_adds(&sql, "SELECT * FROM ");
    part_list_sql(lake, TABLE_BLOCKS, parts, &sql);
    vg_buf_adds(&sql, " ORDER BY block_number, first_event");
    struct duck_options duck = {.memory_mib = 1024, .spill_directory = lake->tmp};
    vg_code rc = query_start(&query, sql.data, &duck, err);
    while (!rc) {
        rc = query_next(&query, err);
        if (rc || !query.chunk) break;
        rc = hand_blocks(query.chunk, block, ctx, err);
    }
    query_stop(&query);
    vg_buf_release(&sql);
    return rc;
}
