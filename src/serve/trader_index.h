/* trader_index.h: every trader in memory: figures by column, and orders of all traders by any of them.
 *
 * Filled once, then only read, but for the orders: each is made when it is first asked for, and kept. Besides the table
 * `traders` there are sums of the last days, for leaderboards. About 1.6 KiB a trader, and 4 bytes for each order in
 * use.
 */
#ifndef VIGIL_SERVE_TRADER_INDEX_H
#define VIGIL_SERVE_TRADER_INDEX_H

#include "analyze/classes.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"

/* Sums over the last days of the data. */
#define INDEX_PERIODS(X) X(DAY, "1d", 1) X(WEEK, "7d", 7) X(MONTH, "30d", 30)
#define INDEX_PERIOD_ENUM(NAME, text, days) INDEX_##NAME,
enum index_period { INDEX_PERIODS(INDEX_PERIOD_ENUM) INDEX_PERIOD_COUNT };

enum index_sum {
    INDEX_NET_PNL,
    INDEX_REALIZED_PNL,
    INDEX_FEES_PAID,
    INDEX_VOLUME,
    INDEX_NET_PNL_MTM,
    INDEX_FILL_COUNT,
    INDEX_WINNING_FILLS,
    INDEX_LOSING_FILLS,
    INDEX_ACTIVE_DAYS,
    INDEX_SUMS
};
extern const enum column_type index_sum_types[INDEX_SUMS];

/* A column of the index: one of `traders`, or a sum over a period. */
#define INDEX_COLUMNS (TRADER_COLUMN_COUNT + INDEX_PERIOD_COUNT * INDEX_SUMS)
static inline size_t index_column(enum index_period period, enum index_sum sum)
{
    return TRADER_COLUMN_COUNT + (size_t)period * INDEX_SUMS + sum;
}

struct trader_index;
struct trader_index *trader_index_new(void);
void trader_index_free(struct trader_index *index);

/* Filling: adds a trader with the values of `traders`; he gets the next number from 0. VG_EPARSE: already there, or no
 * address. */
VG_MUST_USE vg_code trader_index_add(struct trader_index *index, const struct feature_value *values, uint32_t *trader,
                                     vg_err *err);
void trader_index_set_class(struct trader_index *index, uint32_t trader, enum class_profile profile,
                            enum trader_class class);
/* Adds to a sum of a period. */
void trader_index_add_sum(struct trader_index *index, uint32_t trader, enum index_period period, enum index_sum sum,
                          __int128 value);

/* Reading. */
uint32_t trader_index_count(const struct trader_index *index);

/* The trader with this address, UINT32_MAX: none. */
uint32_t trader_index_find(const struct trader_index *index, vg_slice address);

/* TRADER_CLASSES: he was not classified. */
enum trader_class trader_index_class(const struct trader_index *index, uint32_t trader, enum class_profile profile);

enum column_type trader_index_type(size_t column);
struct feature_value trader_index_value(const struct trader_index *index, uint32_t trader, size_t column);

/* All traders by a column, NULL at the end whatever the direction; equals by address. Any thread; the first call for a
 * column sorts. */
const uint32_t *trader_index_order(struct trader_index *index, size_t column, bool descending);

/* Where in that order the first one behind (value, address) is: for cursors. */
uint32_t trader_index_behind(const struct trader_index *index, const uint32_t *order, size_t column, bool descending,
                             const struct feature_value *value, vg_slice address);

/* Bytes in use, without orders. */
size_t trader_index_bytes(const struct trader_index *index);

#endif
