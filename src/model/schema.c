#include "model/schema.h"

#include "base/err.h"

const struct column fill_columns[FILL_COLUMNS] = {
    [FILL_TIME] = {"time", COLUMN_TIME, false, false, "time", "time of the fill, UTC, milliseconds", NULL},
    [FILL_USER_ADDRESS] = {"user_address", COLUMN_TEXT, false, true, "events[][0]", "the trader: 0x and 40 hex digits",
                           NULL},
    [FILL_COIN] = {"coin", COLUMN_TEXT, false, true, "coin",
                   "BTC perp, xyz:NVDA HIP-3 perp, @107 or A/B spot, #1 outcome", NULL},
    [FILL_PRICE] = {"price", COLUMN_DECIMAL, false, false, "px", "price in the coin's quote currency", NULL},
    [FILL_SIZE] = {"size", COLUMN_DECIMAL, false, false, "sz", "quantity in coins, always positive", NULL},
    [FILL_SIDE] = {"side", COLUMN_TEXT, false, true, "side", "B: this trader bought, A: sold", NULL},
    [FILL_DIRECTION] = {"direction", COLUMN_TEXT, true, true, "dir",
                        "the exchange's word: Open Long, Close Short, Buy, ...", NULL},
    [FILL_START_POSITION] = {"start_position", COLUMN_DECIMAL, false, false, "startPosition",
                             "signed position (spot: balance) before this fill", NULL},
    [FILL_CLOSED_PNL] = {"closed_pnl", COLUMN_DECIMAL, true, false, "closedPnl",
                         "profit of the closed part as the exchange booked it, before fees and funding", NULL},
    [FILL_FEE] = {"fee", COLUMN_DECIMAL, true, false, "fee",
                  "paid in fee_token, builder and deployer part included; negative: rebate", NULL},
    [FILL_FEE_TOKEN] = {"fee_token", COLUMN_TEXT, true, true, "feeToken", "unit of fee", NULL},
    [FILL_CROSSED] = {"crossed", COLUMN_BOOL, false, false, "crossed", "true: taker, false: maker", NULL},
    [FILL_TX_HASH] = {"tx_hash", COLUMN_TEXT, false, false, "hash",
                      "transaction; all zero for orders that the exchange made", NULL},
    [FILL_ORDER_ID] = {"order_id", COLUMN_INT64, false, false, "oid", "order", NULL},
    [FILL_TRADE_ID] = {"trade_id", COLUMN_INT64, true, false, "tid",
                       "the same on both rows of a trade; not unique for ever; 0 for dust conversions", NULL},
    [FILL_BLOCK_TIME] = {"block_time", COLUMN_TIME_NS, false, false, "block_time", "consensus time of the block, UTC",
                         NULL},
    [FILL_BLOCK_NUMBER] = {"block_number", COLUMN_INT64, false, false, "block_number",
                           "block; negative: surrogate of a source without block numbers", NULL},
    [FILL_EVENT_INDEX] = {"event_index", COLUMN_INT32, false, false, "events[]",
                          "place in the block, in execution order", NULL},
    [FILL_BUILDER] = {"builder", COLUMN_TEXT, true, true, "builder", "builder who routed the order", NULL},
    [FILL_BUILDER_FEE] = {"builder_fee", COLUMN_DECIMAL, true, false, "builderFee", "builder's part of fee", NULL},
    [FILL_DEPLOYER_FEE] = {"deployer_fee", COLUMN_DECIMAL, true, false, "deployerFee", "HIP-3 deployer's part of fee",
                           NULL},
    [FILL_CLOID] = {"cloid", COLUMN_TEXT, true, false, "cloid", "client order id: 0x and 32 hex digits", NULL},
    [FILL_TWAP_ID] = {"twap_id", COLUMN_INT64, true, false, "twapId", "TWAP order, on its owner's rows only", NULL},
    [FILL_LIQUIDATED_USER] = {"liquidated_user", COLUMN_TEXT, true, true, "liquidation.liquidatedUser",
                              "who was liquidated; on both rows of the trade; missing in about 7 %", NULL},
    [FILL_LIQUIDATION_MARK_PRICE] = {"liquidation_mark_price", COLUMN_DECIMAL, true, false, "liquidation.markPx",
                                     "mark price of the liquidation", NULL},
    [FILL_LIQUIDATION_METHOD] = {"liquidation_method", COLUMN_TEXT, true, true, "liquidation.method",
                                 "market or backstop", NULL},
    [FILL_EXTRA] = {"extra", COLUMN_TEXT, true, false, "(other keys)",
                    "JSON object: keys without a column, and values whose text the columns cannot give back", NULL},
};

const struct column block_columns[BLOCK_COLUMNS] = {
    [BLOCK_NUMBER] = {"block_number", COLUMN_INT64, false, false, "block_number", "block", NULL},
    [BLOCK_TIME] = {"block_time", COLUMN_TIME_NS, false, false, "block_time", "consensus time, UTC", NULL},
    [BLOCK_LOCAL_TIME] = {"local_time", COLUMN_TIME_NS, false, false, "local_time", "the node's clock, UTC", NULL},
    [BLOCK_FIRST_EVENT] = {"first_event", COLUMN_INT32, false, false, "", "index of the first event on these lines",
                           NULL},
    [BLOCK_EVENTS] = {"events", COLUMN_INT32, false, false, "events[]", "events on these lines, refused ones included",
                      NULL},
    [BLOCK_LINES] = {"lines", COLUMN_INT32, false, false, "", "source lines: 1, or one per event in the streaming form",
                     NULL},
    [BLOCK_DIGEST] = {"digest", COLUMN_INT64, false, false, "", "XXH3 chain over the texts of the block's events",
                      NULL},
};

const char *column_sql_type(enum column_type type)
{
    switch (type) {
    case COLUMN_TIME: return "TIMESTAMP WITH TIME ZONE";
    case COLUMN_TIME_NS: return "TIMESTAMP_NS";
    case COLUMN_TEXT: return "VARCHAR";
    case COLUMN_DECIMAL: return "DECIMAL(30,10)";
    case COLUMN_SUM: return "DECIMAL(38,20)";
    case COLUMN_DOUBLE: return "DOUBLE";
    case COLUMN_DATE: return "DATE";
    case COLUMN_BOOL: return "BOOLEAN";
    case COLUMN_INT32: return "INTEGER";
    case COLUMN_INT64: return "BIGINT";
    }
    VG_BUG("unknown column type");
}
