#include "analyze/luck.h"

#include <math.h>

#define EULER_GAMMA 0.57721566490153286
#define DAYS_PER_YEAR 365.0

double normal_share(double z) { return 0.5 * erfc(-z / sqrt(2)); }

/* Bisection on erfc: exact to the last bits, and fast enough for a report. */
double normal_quantile(double p)
{
    double low = -40, high = 40;
    for (unsigned i = 0; i < 120; i++) {
        double middle = (low + high) / 2;
        if (normal_share(middle) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double student_quantile(double p, double freedom)
{
    if (freedom < 1.5) return tan(M_PI * (p - 0.5));
    if (freedom < 2.5) return (2 * p - 1) * sqrt(2 / (4 * p * (1 - p)));
    double z = normal_quantile(p), z2 = z * z, v = freedom;
    return z + z * (z2 + 1) / (4 * v) + z * ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
           z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v) +
           z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * v * v * v * v);
}

/* By the quantile, which falls as p grows. */
double student_p(double t, double freedom)
{
    double low = 0, high = 1;
    for (unsigned i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (student_quantile(1 - middle / 2, freedom) > fabs(t))
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double luck_best_sharpe(size_t n, unsigned days)
{
    if (n < 2 || days < 2) return (double)NAN;
    double best = (1 - EULER_GAMMA) * normal_quantile(1 - 1 / (double)n) +
                  EULER_GAMMA * normal_quantile(1 - 1 / ((double)n * exp(1)));
    return sqrt(DAYS_PER_YEAR / days) * best;
}

double luck_sharpe_above(double sharpe, unsigned days, double bar)
{
    double daily = sharpe / sqrt(DAYS_PER_YEAR), daily_bar = bar / sqrt(DAYS_PER_YEAR);
    if (days < 2) return (double)NAN;
    return normal_share((daily - daily_bar) * sqrt((double)days - 1) / sqrt(1 + daily * daily / 2));
}
