/* schema.h: the columns of the lake, once.
 *
 * Parquet files, SQL, exports and documentation are made from or checked against these tables.
 */
#ifndef VIGIL_MODEL_SCHEMA_H
#define VIGIL_MODEL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum column_type {
    COLUMN_TIME,    /* UTC, microseconds in Parquet (the source has milliseconds) */
    COLUMN_TIME_NS, /* UTC, nanoseconds */
    COLUMN_TEXT,
    COLUMN_DECIMAL, /* DECIMAL(30,10) */
    COLUMN_SUM,     /* DECIMAL(38,20): exact sums of products */
    COLUMN_DOUBLE,
    COLUMN_DATE,
    COLUMN_BOOL,
    COLUMN_INT32,
    COLUMN_INT64,
};

struct column {
    const char *name;
    enum column_type type;
    bool nullable;
    bool repeats;       /* text with few different values: worth a dictionary */
    const char *source; /* key in the source's JSON; NULL where computed */
    const char *meaning;
    const char *unit; /* of what is computed; NULL: none */
};

enum fill_column {
    FILL_TIME,
    FILL_USER_ADDRESS,
    FILL_COIN,
    FILL_PRICE,
    FILL_SIZE,
    FILL_SIDE,
    FILL_DIRECTION,
    FILL_START_POSITION,
    FILL_CLOSED_PNL,
    FILL_FEE,
    FILL_FEE_TOKEN,
    FILL_CROSSED,
    FILL_TX_HASH,
    FILL_ORDER_ID,
    FILL_TRADE_ID,
    FILL_BLOCK_TIME,
    FILL_BLOCK_NUMBER,
    FILL_EVENT_INDEX,
    FILL_BUILDER,
    FILL_BUILDER_FEE,
    FILL_DEPLOYER_FEE,
    FILL_CLOID,
    FILL_TWAP_ID,
    FILL_LIQUIDATED_USER,
    FILL_LIQUIDATION_MARK_PRICE,
    FILL_LIQUIDATION_METHOD,
    FILL_EXTRA,
    FILL_COLUMNS
};

enum block_column {
    BLOCK_NUMBER,
    BLOCK_TIME,
    BLOCK_LOCAL_TIME,
    BLOCK_FIRST_EVENT,
    BLOCK_EVENTS,
    BLOCK_LINES,
    BLOCK_DIGEST,
    BLOCK_COLUMNS
};

extern const struct column fill_columns[FILL_COLUMNS];
extern const struct column block_columns[BLOCK_COLUMNS];

/* The SQL type of a column: "DECIMAL(30,10)". */
const char *column_sql_type(enum column_type type);

#endif
