/* truth.h: writes what the generator knows beside its files, for tests of those who read them.
 *
 *     DIR/truth/traders.csv    one row per trader: archetype, exact sums of his rows
 *     DIR/truth/positions.csv  one row per trader and coin: what was brought in, what remains
 *     DIR/truth/coins.csv      kinds, digits, tokens
 *     DIR/truth/market.json    parameters and totals; written last
 */
#ifndef VIGIL_SIMULATE_TRUTH_H
#define VIGIL_SIMULATE_TRUTH_H

#include "simulate/matching.h"
#include "simulate/simulate.h"

VG_MUST_USE vg_code truth_write(const struct market *market, const struct simulate_options *options,
                                const struct simulate_result *result, vg_err *err);

/* VG_ESTATE when the output holds a market with other parameters: its files would mix with ours. */
VG_MUST_USE vg_code truth_check_output(const struct simulate_options *options, vg_err *err);

#endif
