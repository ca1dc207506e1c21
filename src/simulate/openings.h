/* openings.h: what traders bring into the window: tokens, open positions, dust.
 *
 * Makers of spot coins hold tokens from the start, or nobody could buy. Some traders hold perp positions
 * with an entry that no fill of the window shows, or tokens that came by transfer. The hidden cost of
 * each is kept and published as truth (positions.csv): tokens from transfers are booked at a cost of 80
 * to 110 % of the first price, perp entries within 5 % of it.
 */
#ifndef VIGIL_SIMULATE_OPENINGS_H
#define VIGIL_SIMULATE_OPENINGS_H

#include "simulate/behaviour.h"

/* `fills` bounds how many balances below one lot there are: the dust of the first midnight. */
void openings_draw(struct market *market, struct ideas *ideas, uint64_t fills, int64_t start_ns, int64_t end_ns);

#endif
