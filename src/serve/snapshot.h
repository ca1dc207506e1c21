/* snapshot.h: what is asked for most, ready to be sent, in memory.
 *
 * What a snapshot says never changes; texts are printed when they are first asked for. A thread of its own looks for a
 * new version of the store, builds another snapshot beside the one in use and puts it in its place; who is still
 * sending from the old one holds a reference.
 *
 * Memory: about 2.5 KiB a trader, and 4 KiB more for each who was asked for; 2.5 KiB again while a new one is built.
 * Answers are kept as JSON only: compressing one of them takes 60 µs, keeping them compressed beside would take a third
 * more memory.
 */
#ifndef VIGIL_SERVE_SNAPSHOT_H
#define VIGIL_SERVE_SNAPSHOT_H

#include "serve/trader_index.h"
#include "store/store.h"

/* What there is to know about a coin in the whole window; the table of `/assets`. */
#define ASSET_COLUMNS(X)                                                                                    \
    X(COIN, "coin", TEXT, false, NULL, "the coin")                                                          \
    X(KIND, "kind", TEXT, false, NULL, "perp, hip3, spot or outcome")                                       \
    X(FIRST_DATE, "first_date", DATE, false, NULL, "first UTC day with a fill")                             \
    X(LAST_DATE, "last_date", DATE, false, NULL, "last UTC day with a fill")                                \
    X(ACTIVE_DAYS, "active_days", INT64, false, "1", "days with a fill")                                    \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows: two a trade")                                     \
    X(TRADE_COUNT, "trade_count", INT64, false, "1", "taker rows of trades")                                \
    X(VOLUME, "volume", SUM, false, "USD", "one-sided, of all days")                                        \
    X(TAKER_BUY_VOLUME, "taker_buy_volume", SUM, false, "USD", "of this, takers bought")                    \
    X(TAKER_SELL_VOLUME, "taker_sell_volume", SUM, false, "USD", "of this, takers sold")                    \
    X(LIQUIDATED_NOTIONAL, "liquidated_notional", SUM, false, "USD", "of rows whose trader was liquidated") \
    X(LAST_DAY_VOLUME, "last_day_volume", SUM, false, "USD", "of last_date alone")                          \
    X(LAST_DAY_TRADERS, "last_day_traders", INT64, false, "1", "distinct traders of last_date")             \
    X(CLOSE, "close", DECIMAL, true, "quote", "last price of a taker print")                                \
    X(PREVIOUS_CLOSE, "previous_close", DECIMAL, true, "quote", "the same at the end of the active day before")

#define ASSET_ENUM(NAME, ...) ASSET_##NAME,
enum asset_column { ASSET_COLUMNS(ASSET_ENUM) ASSET_COLUMN_COUNT };
extern const struct column asset_columns[ASSET_COLUMN_COUNT];

struct asset {
    struct feature_value values[ASSET_COLUMN_COUNT];
};

/* What there is to know about a day of the whole market; the table of `/market/daily`. */
#define MARKET_COLUMNS(X)                                                                          \
    X(DATE, "date", DATE, false, NULL, "UTC day; one row for each day from the first to the last") \
    X(COINS, "coins", INT64, false, "1", "coins with a fill")                                      \
    X(TRADERS, "traders", INT64, true, "1", "traders with a fill; NULL but for the last 30 days")  \
    X(TRADE_COUNT, "trade_count", INT64, false, "1", "taker rows of trades")                       \
    X(VOLUME, "volume", SUM, false, "USD", "one-sided")                                            \
    X(TAKER_BUY_VOLUME, "taker_buy_volume", SUM, false, "USD", "of this, takers bought")           \
    X(TAKER_SELL_VOLUME, "taker_sell_volume", SUM, false, "USD", "of this, takers sold")           \
    X(LIQUIDATED_NOTIONAL, "liquidated_notional", SUM, false, "USD", "of rows whose trader was liquidated")

#define MARKET_ENUM(NAME, ...) MARKET_##NAME,
enum market_column { MARKET_COLUMNS(MARKET_ENUM) MARKET_COLUMN_COUNT };
extern const struct column market_columns[MARKET_COLUMN_COUNT];

struct market_day {
    struct feature_value values[MARKET_COLUMN_COUNT];
};

struct snapshot;

/* Building: reads the store whole. VG_ESTATE: there are no tables yet; VG_ECANCEL: `cancelled` has become true. */
VG_MUST_USE vg_code snapshot_build(struct snapshot **snapshot, struct store *store, const atomic_bool *cancelled,
                                   vg_err *err);

/* Prints the answers about those who were asked for before, so that nobody waits for it behind a publication. */
void snapshot_warm(struct snapshot *snapshot, const struct snapshot *before, const atomic_bool *cancelled);

struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_release(void *snapshot); /* a struct snapshot *; NULL is fine */

const struct store_coverage *snapshot_coverage(const struct snapshot *snapshot);

/* "coverage":{…} without a comma behind: a member of every answer. */
vg_slice snapshot_coverage_json(const struct snapshot *snapshot);
void coverage_print(const struct store_coverage *coverage, vg_buf *out);

/* The answer of /traders/{address}; p NULL: no such trader. Lives as long as the snapshot. */
vg_slice snapshot_profile(struct snapshot *snapshot, vg_slice address);

/* The row of this trader in lists, as JSON: what `traders` has, his classes and his cluster. */
vg_slice snapshot_trader_row(struct snapshot *snapshot, uint32_t trader);

/* The same as values: TRADER_COLUMN_COUNT of `traders`, the class by each profile, and the cluster. */
enum { LISTED_CLASSES = TRADER_COLUMN_COUNT, LISTED_CLUSTER_ID = LISTED_CLASSES + CLASS_PROFILES, LISTED_CLUSTER_NAME };
#define LISTED_COLUMN_COUNT (LISTED_CLUSTER_NAME + 1)
const struct column *listed_columns(void);
void snapshot_trader_values(const struct snapshot *snapshot, uint32_t trader,
                            struct feature_value values[LISTED_COLUMN_COUNT]);

/* Whether the trader is in the cluster with this id. */
bool snapshot_in_cluster(const struct snapshot *snapshot, uint32_t trader, int64_t id);

/* Answers of /clusters and /clusters/map behind their coverage; live as long as the snapshot. */
vg_slice snapshot_cluster_profiles(const struct snapshot *snapshot);
vg_slice snapshot_cluster_map(const struct snapshot *snapshot);

/* Appends a JSON array of this column of `traders`: a value for each trader on the map, in the map's order. */
void snapshot_map_values(const struct snapshot *snapshot, size_t column, vg_buf *out);

/* When the map was drawn; NULL: there is none. */
uint64_t snapshot_map_version(const struct snapshot *snapshot); /* changes with who is on it, and in which order */
struct feature_value snapshot_map_as_of(const struct snapshot *snapshot);

struct trader_index *snapshot_traders(const struct snapshot *snapshot);

/* By volume, the largest first. */
const struct asset *snapshot_assets(const struct snapshot *snapshot, size_t *n);
const struct asset *snapshot_asset(const struct snapshot *snapshot, vg_slice coin); /* NULL: no such coin */

/* One after another, the oldest first. */
const struct market_day *snapshot_days(const struct snapshot *snapshot, size_t *n);

/* Which hours the answers rest on, the oldest day first. */
const struct day_hours *snapshot_hours(const struct snapshot *snapshot, size_t *n);

int64_t snapshot_built_ns(const struct snapshot *snapshot); /* vg_clock_ns */
size_t snapshot_bytes(const struct snapshot *snapshot);

#endif
