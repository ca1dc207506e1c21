/* luck.h: what chance alone would give. Probabilities, and the best Sharpe ratio among many who have no skill. */
#ifndef VIGIL_ANALYZE_LUCK_H
#define VIGIL_ANALYZE_LUCK_H

#include <stddef.h>

/* Of the standard normal distribution; normal_quantile for 0 < p < 1. */
double normal_share(double z);
double normal_quantile(double p);

/* Two-sided quantile of Student's t, for example p = 0.975; freedom >= 1. Cornish-Fisher series, with the exact forms
 * for 1 and 2: off by less than 0.4 % from 3 on. */
double student_quantile(double p, double freedom);

/* Two-sided p of a t value. */
double student_p(double t, double freedom);

/* The largest annual Sharpe ratio that n traders without skill can be expected to show after so many days
 * (Bailey and Lopez de Prado 2014): sqrt(365 / days) ((1 - g) Q(1 - 1 / n) + g Q(1 - 1 / (n e))). NAN for n < 2. */
double luck_best_sharpe(size_t n, unsigned days);

/* Probability that an annual Sharpe ratio found over so many days is above `bar` in truth, were daily results
 * normal (the same, formula of the probabilistic Sharpe ratio with skewness 0 and kurtosis 3). */
double luck_sharpe_above(double sharpe, unsigned days, double bar);

#endif
