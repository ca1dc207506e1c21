/* market_exposure.h: what of traders' daily results is only the market's move.
 *
 * Who is long in a month that rises makes money without skill. So each trader's days are explained by two numbers, what
 * he held when the day began times the day's return of BTC, and times that of ETH, with a constant; what the two
 * explain is taken out, what the constant holds is his. Least squares in two steps, because a window has few days:
 * first the coefficients of all traders together, each of whom weighs the same, then his own difference from them,
 * drawn towards zero as if MARKET_DOUBT_DAYS days had shown none.
 */
#ifndef VIGIL_ANALYZE_MARKET_EXPOSURE_H
#define VIGIL_ANALYZE_MARKET_EXPOSURE_H

#include <stdbool.h>
#include <stddef.h>

#define MARKET_COINS 2 /* BTC, ETH */
#define MARKET_DOUBT_DAYS 10
#define MARKET_LEAST_DAYS (MARKET_COINS + 1) /* with fewer the constant and one coin explain all there is */

/* results, held: n rows of `days`, USD; held: signed worth of the positions when the day began. returns: a row of
 * `days` for each coin, 0.01 for one per cent; all zero: not known, so it is left in. out: as results, n rows; the mean
 * coefficients go to common, NAN where a coin is left in. False: both are, or there are fewer than MARKET_LEAST_DAYS
 * days, and out is what results are. */
bool market_exposure_remove(const double *results, const double *held, size_t n, unsigned days, const double *returns,
                            double *out, double common[MARKET_COINS]);

#endif
