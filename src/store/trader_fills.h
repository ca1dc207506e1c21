/* trader_fills.h: one trader's newest or oldest fills, out of the few row groups that have them. Private to src/store.
 *
 * Parts are visited in the order of their blocks until the answer is full and no part that is left can have a row that
 * belongs before its end. Gives what the same question in SQL gives.
 */
#ifndef VIGIL_STORE_TRADER_FILLS_H
#define VIGIL_STORE_TRADER_FILLS_H

#include "lake/trader_rows.h"
#include "store/lake_state.h"

#define TRADER_FILLS_MOST 2000 /* rows of an answer, which are held; about 1.2 KiB each, twice as many for a moment */

/* Whether the question is of this kind: one trader, ordered by block and event, with a limit. */
bool trader_fills_can(const struct store_query *query);

/* VG_ESTATE, VG_EIO: a part's file is not what its record says, or not vigil's, or gone; no row was given then. */
VG_MUST_USE vg_code trader_fills_ask(struct trader_rows *rows, const struct lake_state *state,
                                     const struct store_query *query, int64_t deadline_ns,
                                     const struct store_sink *sink, vg_err *err);

#endif
