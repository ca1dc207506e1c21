/* dusting.h: the daily block in which the exchange converts balances below one lot.
 *
 * Per spot coin: account 0xeeee… sells the collected tokens to a maker (zero hash, taker), then one
 * one-sided row per owner takes the balance away (tid 0, the system order's id, no fee, no profit).
 * Pattern: the real block of 2026-03-15 (hyperliquid-formats.md 2.9). What the account could not sell
 * does not come back, so its chain of startPositions breaks every midnight, as at the exchange.
 */
#ifndef VIGIL_SIMULATE_DUSTING_H
#define VIGIL_SIMULATE_DUSTING_H

#include "simulate/matching.h"

/* Writes the rows into the open block; at most `bound` of them. Returns how many. */
uint64_t dusting_run(struct market *market, uint64_t bound);

#endif
