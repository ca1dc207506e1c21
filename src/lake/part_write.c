#include "lake/part_write.h"

#include "base/hex.h"
#include "lake/duck.h"
#include "model/schema.h"

/* Room for the hex texts of one chunk: they must outlive the call that made them. */
struct hex_row {
    char user[ADDRESS_TEXT];
    char hash[2 + 2 * HASH_BYTES];
    char builder[ADDRESS_TEXT];
    char liquidated_user[ADDRESS_TEXT];
    char cloid[2 + 2 * CLOID_BYTES];
};

struct part_writer {
    struct duck duck;
    vg_err failure; /* why a table function gave up */

    struct fill_sorter *sorter;
    int32_t day;
    uint64_t rows;
    struct hex_row *hex;
    vg_buf texts; /* copies of what lives in the packed row: sized once per chunk, so that it stays put */

    const struct block *blocks;
    size_t block_count, block_at;
};

const char *part_copy_options(void)
{
    return "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2, ROW_GROUP_SIZE 61440)";
}

static void bind_columns(duckdb_bind_info info, const struct column *columns, size_t n)
{
    static const duckdb_type types[] = {
        [COLUMN_TIME] = DUCKDB_TYPE_TIMESTAMP_TZ, [COLUMN_TIME_NS] = DUCKDB_TYPE_TIMESTAMP_NS,
        [COLUMN_TEXT] = DUCKDB_TYPE_VARCHAR,      [COLUMN_BOOL] = DUCKDB_TYPE_BOOLEAN,
        [COLUMN_INT32] = DUCKDB_TYPE_INTEGER,     [COLUMN_INT64] = DUCKDB_TYPE_BIGINT,
    };
    for (size_t i = 0; i < n; i++) {
        duckdb_logical_type type = columns[i].type == COLUMN_DECIMAL
                                       ? duckdb_create_decimal_type(VG_DEC_WIDTH, VG_DEC_SCALE)
                                       : duckdb_create_logical_type(types[columns[i].type]);
        duckdb_bind_add_result_column(info, columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
}

static void bind_fills(duckdb_bind_info info) { bind_columns(info, fill_columns, FILL_COLUMNS); }
static void bind_blocks(duckdb_bind_info info) { bind_columns(info, block_columns, BLOCK_COLUMNS); }
static void init_single(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

/* Pointers into the vectors of one chunk. */
struct columns {
    duckdb_vector vector[FILL_COLUMNS];
    void *data[FILL_COLUMNS];
    uint64_t *valid[FILL_COLUMNS]; /* nullable columns only */
};

static void open_chunk(duckdb_data_chunk chunk, const struct column *table, size_t n, struct columns *columns)
{
    for (size_t i = 0; i < n; i++) {
        columns->vector[i] = duckdb_data_chunk_get_vector(chunk, i);
        columns->data[i] = duckdb_vector_get_data(columns->vector[i]);
        columns->valid[i] = NULL;
        if (!table[i].nullable) continue;
        duckdb_vector_ensure_validity_writable(columns->vector[i]);
        columns->valid[i] = duckdb_vector_get_validity(columns->vector[i]);
    }
}

static void set_null(struct columns *c, enum fill_column column, idx_t row)
{
    c->valid[column][row / 64] &= ~(UINT64_C(1) << (row % 64));
}

static void set_int64(struct columns *c, int column, idx_t row, int64_t value)
{
    ((int64_t *)c->data[column])[row] = value;
}

static void set_int32(struct columns *c, int column, idx_t row, int32_t value)
{
    ((int32_t *)c->data[column])[row] = value;
}

static void set_decimal(struct columns *c, enum fill_column column, idx_t row, vg_dec value)
{
    memcpy((char *)c->data[column] + row * sizeof value, &value, sizeof value);
}

static void set_hex(struct columns *c, enum fill_column column, idx_t row, const uint8_t *bytes, size_t n, char *text)
{
    text[0] = '0';
    text[1] = 'x';
    vg_hex_encode(bytes, n, text + 2);
    duck_set_text(c->vector[column], row, text, 2 * n + 2);
}

/* Short texts lie inside the vector; longer ones are copied into `texts`, which has the room. */
static void set_text(struct part_writer *w, struct columns *c, enum fill_column column, idx_t row, vg_slice text)
{
    const char *kept = text.p;
    if (text.n > 12) {
        kept = w->texts.data + w->texts.len;
        memcpy(w->texts.data + w->texts.len, text.p, text.n);
        w->texts.len += text.n;
    }
    duck_set_text(c->vector[column], row, kept, text.n);
}

static void set_fill_options(struct part_writer *w, struct columns *c, idx_t row, const struct fill *f)
{
    struct hex_row *hex = &w->hex[row];
    uint32_t has = f->has;
#define OPTIONAL(flag, column, set)   \
    do {                              \
        if (has & (flag)) {           \
            set;                      \
        } else {                      \
            set_null(c, column, row); \
        }                             \
    } while (0)
    OPTIONAL(FILL_HAS_DIRECTION, FILL_DIRECTION, set_text(w, c, FILL_DIRECTION, row, f->direction));
    OPTIONAL(FILL_HAS_CLOSED_PNL, FILL_CLOSED_PNL, set_decimal(c, FILL_CLOSED_PNL, row, f->closed_pnl));
    OPTIONAL(FILL_HAS_FEE, FILL_FEE, set_decimal(c, FILL_FEE, row, f->fee));
    OPTIONAL(FILL_HAS_FEE_TOKEN, FILL_FEE_TOKEN, set_text(w, c, FILL_FEE_TOKEN, row, f->fee_token));
    OPTIONAL(FILL_HAS_TRADE_ID, FILL_TRADE_ID, set_int64(c, FILL_TRADE_ID, row, f->trade_id));
    OPTIONAL(FILL_HAS_BUILDER, FILL_BUILDER, set_hex(c, FILL_BUILDER, row, f->builder, ADDRESS_BYTES, hex->builder));
    OPTIONAL(FILL_HAS_BUILDER_FEE, FILL_BUILDER_FEE, set_decimal(c, FILL_BUILDER_FEE, row, f->builder_fee));
    OPTIONAL(FILL_HAS_DEPLOYER_FEE, FILL_DEPLOYER_FEE, set_decimal(c, FILL_DEPLOYER_FEE, row, f->deployer_fee));
    OPTIONAL(FILL_HAS_CLOID, FILL_CLOID, set_hex(c, FILL_CLOID, row, f->cloid, CLOID_BYTES, hex->cloid));
    OPTIONAL(FILL_HAS_TWAP_ID, FILL_TWAP_ID, set_int64(c, FILL_TWAP_ID, row, f->twap_id));
    OPTIONAL(FILL_HAS_LIQUIDATED_USER, FILL_LIQUIDATED_USER,
             set_hex(c, FILL_LIQUIDATED_USER, row, f->liquidated_user, ADDRESS_BYTES, hex->liquidated_user));
    OPTIONAL(FILL_HAS_LIQUIDATION_MARK, FILL_LIQUIDATION_MARK_PRICE,
             set_decimal(c, FILL_LIQUIDATION_MARK_PRICE, row, f->liquidation_mark));
    OPTIONAL(FILL_HAS_LIQUIDATION_METHOD, FILL_LIQUIDATION_METHOD,
             set_text(w, c, FILL_LIQUIDATION_METHOD, row, f->liquidation_method));
    OPTIONAL(FILL_HAS_EXTRA, FILL_EXTRA, set_text(w, c, FILL_EXTRA, row, f->extra));
#undef OPTIONAL
}

static void set_fill(struct part_writer *w, struct columns *c, idx_t row, const struct fill *f)
{
    struct hex_row *hex = &w->hex[row];
    set_int64(c, FILL_TIME, row, f->time_ms * 1000);
    set_hex(c, FILL_USER_ADDRESS, row, f->user, ADDRESS_BYTES, hex->user);
    set_text(w, c, FILL_COIN, row, f->coin);
    set_decimal(c, FILL_PRICE, row, f->price);
    set_decimal(c, FILL_SIZE, row, f->size);
    duck_set_text(c->vector[FILL_SIDE], row, f->has & FILL_IS_BUY ? "B" : "A", 1);
    set_decimal(c, FILL_START_POSITION, row, f->start_position);
    ((bool *)c->data[FILL_CROSSED])[row] = (f->has & FILL_IS_TAKER) != 0;
    set_hex(c, FILL_TX_HASH, row, f->hash, HASH_BYTES, hex->hash);
    set_int64(c, FILL_ORDER_ID, row, f->order_id);
    set_int64(c, FILL_BLOCK_TIME, row, f->block_time_ns);
    set_int64(c, FILL_BLOCK_NUMBER, row, f->block_number);
    set_int32(c, FILL_EVENT_INDEX, row, (int32_t)f->event_index);
    set_fill_options(w, c, row, f);
}

/* Bytes of a row's texts that may have to be copied. */
static size_t text_bytes(const struct fill *f)
{
    return f->coin.n + (f->has & FILL_HAS_DIRECTION ? f->direction.n : 0) +
           (f->has & FILL_HAS_FEE_TOKEN ? f->fee_token.n : 0) +
           (f->has & FILL_HAS_LIQUIDATION_METHOD ? f->liquidation_method.n : 0) +
           (f->has & FILL_HAS_EXTRA ? f->extra.n : 0);
}

#define CHUNK_TEXT_BYTES (1u << 20)

static vg_code next_fills(struct part_writer *w, duckdb_data_chunk chunk, vg_err *err)
{
    struct columns columns;
    open_chunk(chunk, fill_columns, FILL_COLUMNS, &columns);
    idx_t row = 0, room = duckdb_vector_size();
    vg_buf_clear(&w->texts);
    vg_buf_reserve(&w->texts, CHUNK_TEXT_BYTES);
    while (row < room) {
        const struct fill *fill;
        VG_TRY(fill_sorter_peek(w->sorter, &fill, err));
        if (!fill || vg_day_of_ns(fill->block_time_ns) != w->day) break;
        size_t bytes = text_bytes(fill);
        if (w->texts.len + bytes > CHUNK_TEXT_BYTES && row > 0) break; /* goes into the next chunk */
        if (row == 0) vg_buf_reserve(&w->texts, bytes);
        set_fill(w, &columns, row++, fill);
        fill_sorter_pop(w->sorter);
    }
    duckdb_data_chunk_set_size(chunk, row);
    w->rows += row;
    return VG_OK;
}

static void fills_function(duckdb_function_info info, duckdb_data_chunk chunk)
{
    struct part_writer *w = duckdb_function_get_extra_info(info);
    if (next_fills(w, chunk, &w->failure)) duckdb_function_set_error(info, "the sorter failed");
}

static void blocks_function(duckdb_function_info info, duckdb_data_chunk chunk)
{
    struct part_writer *w = duckdb_function_get_extra_info(info);
    struct columns c;
    open_chunk(chunk, block_columns, BLOCK_COLUMNS, &c);
    idx_t row = 0, room = duckdb_vector_size();
    for (; row < room && w->block_at < w->block_count; row++, w->block_at++) {
        const struct block *block = &w->blocks[w->block_at];
        set_int64(&c, BLOCK_NUMBER, row, block->number);
        set_int64(&c, BLOCK_TIME, row, block->time_ns);
        set_int64(&c, BLOCK_LOCAL_TIME, row, block->local_time_ns);
        set_int32(&c, BLOCK_FIRST_EVENT, row, (int32_t)block->first_event);
        set_int32(&c, BLOCK_EVENTS, row, (int32_t)block->events);
        set_int32(&c, BLOCK_LINES, row, (int32_t)block->lines);
        set_int64(&c, BLOCK_DIGEST, row, (int64_t)block->digest);
    }
    duckdb_data_chunk_set_size(chunk, row);
}

static vg_code add_function(struct part_writer *w, const char *name, duckdb_table_function_bind_t bind,
                            duckdb_table_function_t function, vg_err *err)
{
    duckdb_table_function table = duckdb_create_table_function();
    duckdb_table_function_set_name(table, name);
    duckdb_table_function_set_extra_info(table, w, NULL);
    duckdb_table_function_set_bind(table, bind);
    duckdb_table_function_set_init(table, init_single);
    duckdb_table_function_set_function(table, function);
    bool ok = duckdb_register_table_function(w->duck.connection, table) == DuckDBSuccess;
    duckdb_destroy_table_function(&table);
    return ok ? VG_OK : vg_fail(err, VG_ESTATE, "DuckDB does not take the table function %s", name);
}

vg_code part_writer_new(struct part_writer **writer, const char *spill_directory, vg_err *err)
{
    struct part_writer *w = vg_calloc(1, sizeof *w);
    w->hex = vg_alloc(duckdb_vector_size() * sizeof *w->hex);
    struct duck_options options = {.threads = 1, .memory_mib = 256, .spill_directory = spill_directory};
    vg_code rc = duck_open(&w->duck, &options, err);
    if (!rc) rc = add_function(w, "sorted_fills", bind_fills, fills_function, err);
    if (!rc) rc = add_function(w, "source_blocks", bind_blocks, blocks_function, err);
    if (rc) {
        part_writer_free(w);
        w = NULL;
    }
    *writer = w;
    return rc;
}

void part_writer_free(struct part_writer *w)
{
    if (!w) return;
    duck_close(&w->duck);
    vg_buf_release(&w->texts);
    free(w->hex);
    free(w);
}

static vg_code copy(struct part_writer *w, const char *table, const char *path, vg_err *err)
{
    vg_buf sql = {0};
    w->failure = (vg_err){0};
    vg_buf_addf(&sql, "COPY (SELECT * FROM %s()) TO ", table);
    duck_literal(&sql, path);
    vg_buf_addf(&sql, " %s", part_copy_options());
    vg_code rc = duck_query(&w->duck, sql.data, NULL, err);
    vg_buf_release(&sql);
    if (rc && w->failure.code && err) *err = w->failure;
    return rc ? vg_wrap(err, "writing %s", path) : VG_OK;
}

vg_code part_write_fills(struct part_writer *w, struct fill_sorter *sorter, const char *path, uint64_t *rows,
                         vg_err *err)
{
    const struct fill *first;
    VG_TRY(fill_sorter_peek(sorter, &first, err));
    VG_ASSERT(first);
    w->sorter = sorter;
    w->day = vg_day_of_ns(first->block_time_ns);
    w->rows = 0;
    VG_TRY(copy(w, "sorted_fills", path, err));
    *rows = w->rows;
    return VG_OK;
}

vg_code part_write_blocks(struct part_writer *w, const struct block *blocks, size_t n, const char *path, vg_err *err)
{
    w->blocks = blocks;
    w->block_count = n;
    w->block_at = 0;
    return copy(w, "source_blocks", path, err);
}
