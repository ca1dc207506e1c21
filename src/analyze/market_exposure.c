#include "analyze/market_exposure.h"

#include <math.h>
#include <string.h>

#define ROUNDS 8       /* of weighing traders anew by what the coefficients leave unexplained */
#define COLLINEAR 1e-9 /* share of the variance that the second return has for itself */

/* Sums over one trader's days, each value less its mean. */
struct moments {
    double xx[MARKET_COINS][MARKET_COINS], xy[MARKET_COINS], yy;
};

static double mean_of(const double *values, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += values[i];
    return sum / n;
}

static struct moments moments_of(const double *results, const double *held, unsigned days, const double *returns)
{
    struct moments m = {0};
    double means[MARKET_COINS] = {0}, mean = mean_of(results, days);
    for (unsigned c = 0; c < MARKET_COINS; c++)
        for (unsigned d = 0; d < days; d++)
            means[c] += held[d] * returns[c * days + d] / days;
    for (unsigned d = 0; d < days; d++) {
        double x[MARKET_COINS], y = results[d] - mean;
        for (unsigned c = 0; c < MARKET_COINS; c++)
            x[c] = held[d] * returns[c * days + d] - means[c];
        for (unsigned c = 0; c < MARKET_COINS; c++) {
            for (unsigned e = 0; e < MARKET_COINS; e++)
                m.xx[c][e] += x[c] * x[e];
            m.xy[c] += x[c] * y;
        }
        m.yy += y * y;
    }
    return m;
}

/* Two equations; the second coefficient is 0 where the returns say the same. */
static void solve(const double xx[MARKET_COINS][MARKET_COINS], const double *xy, double *beta)
{
    double determinant = xx[0][0] * xx[1][1] - xx[0][1] * xx[1][0];
    beta[0] = beta[1] = 0;
    if (determinant > COLLINEAR * xx[0][0] * xx[1][1]) {
        beta[0] = (xy[0] * xx[1][1] - xy[1] * xx[0][1]) / determinant;
        beta[1] = (xy[1] * xx[0][0] - xy[0] * xx[1][0]) / determinant;
    } else if (xx[0][0] > 0) {
        beta[0] = xy[0] / xx[0][0];
    } else if (xx[1][1] > 0) {
        beta[1] = xy[1] / xx[1][1];
    }
}

/* Squares that the coefficients leave. */
static double unexplained(const struct moments *m, const double *beta)
{
    double left = m->yy;
    for (unsigned c = 0; c < MARKET_COINS; c++) {
        left -= 2 * beta[c] * m->xy[c];
        for (unsigned e = 0; e < MARKET_COINS; e++)
            left += beta[c] * beta[e] * m->xx[c][e];
    }
    return fmax(left, 0);
}

/* One round: traders weigh by the inverse of what they hold and of what is unexplained, so that neither size nor a
 * wild day counts for more than one trader. */
static void fit_common(const double *results, const double *held, size_t n, unsigned days, const double *returns,
                       double *common)
{
    struct moments sum = {0};
    for (size_t i = 0; i < n; i++) {
        struct moments m = moments_of(results + i * days, held + i * days, days, returns);
        double scale = m.xx[0][0] + m.xx[1][1] + unexplained(&m, common);
        if (!(scale > 0)) continue;
        for (unsigned c = 0; c < MARKET_COINS; c++) {
            for (unsigned e = 0; e < MARKET_COINS; e++)
                sum.xx[c][e] += m.xx[c][e] / scale;
            sum.xy[c] += m.xy[c] / scale;
        }
    }
    solve((const double(*)[MARKET_COINS])sum.xx, sum.xy, common);
}

/* The trader's own coefficients: the common ones, and what his days show beyond them. */
static void fit_own(const struct moments *m, unsigned days, const double *common, double *own)
{
    struct moments rest = *m;
    double beyond[MARKET_COINS];
    for (unsigned c = 0; c < MARKET_COINS; c++)
        for (unsigned e = 0; e < MARKET_COINS; e++)
            rest.xy[c] -= common[e] * m->xx[c][e];
    for (unsigned c = 0; c < MARKET_COINS; c++)
        rest.xx[c][c] *= 1 + (double)MARKET_DOUBT_DAYS / days;
    solve((const double(*)[MARKET_COINS])rest.xx, rest.xy, beyond);
    for (unsigned c = 0; c < MARKET_COINS; c++)
        own[c] = common[c] + beyond[c];
}

static bool moves(const double *returns, unsigned days)
{
    for (unsigned d = 0; d < days; d++)
        if (returns[d] != 0) return true;
    return false;
}

bool market_exposure_remove(const double *results, const double *held, size_t n, unsigned days, const double *returns,
                            double *out, double common[MARKET_COINS])
{
    bool known[MARKET_COINS], any = false;
    for (unsigned c = 0; c < MARKET_COINS; c++) {
        common[c] = 0;
        known[c] = days >= MARKET_LEAST_DAYS && moves(returns + (size_t)c * days, days);
        any = any || known[c];
    }
    memcpy(out, results, n * days * sizeof *out);
    for (unsigned round = 0; round < ROUNDS && any; round++)
        fit_common(results, held, n, days, returns, common);
    for (size_t i = 0; i < n && any; i++) {
        const double *row = results + i * days, *worth = held + i * days;
        struct moments m = moments_of(row, worth, days, returns);
        double own[MARKET_COINS];
        fit_own(&m, days, common, own);
        for (unsigned d = 0; d < days; d++) {
            double market = 0;
            for (unsigned c = 0; c < MARKET_COINS; c++)
                market += own[c] * worth[d] * returns[c * days + d];
            out[i * days + d] = row[d] - market;
        }
    }
    for (unsigned c = 0; c < MARKET_COINS; c++)
        if (!known[c]) common[c] = (double)NAN;
    return any;
}
