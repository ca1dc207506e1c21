/* part_check.h: does what one side gave, the other get?
 *
 * Every trade has two rows with the same coin, block and trade id, buyer and seller, one of them the
 * taker, at the same price and size. Documented exceptions: dust conversions and legs of outcome
 * splits have one side; node_trades and the oldest histories have no trade id; the history of one
 * wallet (rows without block numbers) lacks the other wallets' sides.
 */
#ifndef VIGIL_LAKE_PART_CHECK_H
#define VIGIL_LAKE_PART_CHECK_H

#include "lake/lake.h"

struct trade_check {
    uint64_t rows;
    uint64_t trades;                                               /* with both sides, as they should be */
    uint64_t dust_rows, one_sided_rows, unkeyed_rows, half_trades; /* documented exceptions */
    uint64_t irregular;                                            /* trade keys that are none of these */
    uint64_t groups;                                               /* coins x blocks whose notional was summed */
    uint64_t unequal;                                              /* ... where buyers' and sellers' notional differ */
    char example[200]; /* the first irregular trade or unequal group; "" when there is none */
};

/* Checks the fills in `parts`, all of one day, and adds to *check. */
VG_MUST_USE vg_code part_check_trades(const struct lake *lake, const struct part_list *parts, struct trade_check *check,
                                      vg_err *err);

#endif
