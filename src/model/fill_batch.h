/* fill_batch.h: fills as columns: what readers hand to everything that computes.
 *
 * A column that was not asked for is NULL. Pointers live until the reader's next batch. What stands in a row
 * without a value means nothing.
 */
#ifndef VIGIL_MODEL_FILL_BATCH_H
#define VIGIL_MODEL_FILL_BATCH_H

#include "model/fill.h"
#include "model/schema.h"

struct fill_batch {
    size_t n;
    const void *column[FILL_COLUMNS];    /* by type: int64 (times: µs for time, ns for block_time), int32, bool,
                                            vg_dec (8-byte aligned), vg_slice for text */
    const uint64_t *valid[FILL_COLUMNS]; /* bit per row; NULL: every row has a value */
    /* Of texts that repeat, also their numbers in a dictionary, where the reader has them (else NULL). The dictionary
     * is the batch's own, and the number of a row without a value is below the count or 0. */
    const uint32_t *ids[FILL_COLUMNS];
    const vg_slice *dictionary[FILL_COLUMNS];
    uint32_t dictionary_count[FILL_COLUMNS];
};

static inline bool batch_has(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    return !batch->valid[column] || (batch->valid[column][row / 64] >> (row % 64) & 1);
}

static inline vg_dec batch_decimal(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    vg_dec value;
    memcpy(&value, (const char *)batch->column[column] + row * sizeof value, sizeof value);
    return value;
}

static inline int64_t batch_int64(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    return ((const int64_t *)batch->column[column])[row];
}

static inline int32_t batch_int32(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    return ((const int32_t *)batch->column[column])[row];
}

static inline bool batch_bool(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    return ((const bool *)batch->column[column])[row];
}

static inline vg_slice batch_text(const struct fill_batch *batch, enum fill_column column, size_t row)
{
    return ((const vg_slice *)batch->column[column])[row];
}

/* Row `row` of a batch with all columns as a fill; slices point into the batch. VG_EPARSE when a hex
 * column does not hold what the lake's schema says. */
VG_MUST_USE vg_code batch_fill(const struct fill_batch *batch, size_t row, struct fill *fill, vg_err *err);

#endif
