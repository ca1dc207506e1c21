#include "analyze/cluster_words.h"

#include <math.h>

#define BUSY_HOURS 8
#define BUSY_SHARE 0.5 /* of openings in the eight busiest hours in a row; evenly spread it were a third */
#define LEAST_MEMBERS 5

/* Between the parts of a sentence. */
static void comma(vg_buf *out, size_t begin)
{
    if (out->len > begin) vg_buf_adds(out, ", ");
}

void cluster_words_minutes(double minutes, vg_buf *out)
{
    if (minutes < 1)
        vg_buf_addf(out, "%.0f s", 60 * minutes);
    else if (minutes < 120)
        vg_buf_addf(out, "%.1f min", minutes);
    else if (minutes < 2880)
        vg_buf_addf(out, "%.1f h", minutes / 60);
    else
        vg_buf_addf(out, "%.1f d", minutes / 1440);
}

void cluster_words_what(const struct cluster_profile *p, vg_buf *out)
{
    size_t begin = out->len;
    double maker = p->medians.maker_pct;
    if (isfinite(maker))
        vg_buf_addf(out, "%s (%.0f %% of fills made)",
                    maker >= 0.6   ? "mostly resting orders"
                    : maker <= 0.4 ? "mostly taking orders"
                                   : "orders of both kinds",
                    100 * maker);
    if (isfinite(p->medians.hold_minutes)) {
        comma(out, begin);
        vg_buf_adds(out, "held for ");
        cluster_words_minutes(p->medians.hold_minutes, out);
    }
    comma(out, begin);
    vg_buf_addf(out, "%.*f fills a day of %.0f USD on %.0f %s", p->trades_per_day < 10, p->trades_per_day,
                p->avg_trade_size, p->unique_coins, p->unique_coins < 1.5 ? "coin" : "coins");
    if (isfinite(p->long_share)) {
        comma(out, begin);
        vg_buf_addf(out, "%.0f %% of what is opened is long", 100 * p->long_share);
    }
}

/* The hour that the busiest hours in a row begin with. */
static unsigned busiest(const double *hours, double *share)
{
    unsigned best = 0;
    *share = 0;
    for (unsigned begin = 0; begin < 24; begin++) {
        double sum = 0;
        for (unsigned i = 0; i < BUSY_HOURS; i++)
            sum += hours[(begin + i) % 24];
        if (sum > *share + 1e-12) {
            *share = sum;
            best = begin;
        }
    }
    return best;
}

void cluster_words_when(const struct cluster_when *w, vg_buf *out)
{
    double share, weekend = w->weekdays[5] + w->weekdays[6];
    unsigned weekend_days = w->days_of[5] + w->days_of[6], week_days = 0;
    if (w->members < LEAST_MEMBERS) {
        vg_buf_adds(out, "too few positions were seen to open to tell when");
        return;
    }
    unsigned begin = busiest(w->hours, &share);
    vg_buf_addf(out, "%s: %.0f %% of positions are opened from %02u:00 to %02u:00 UTC",
                share >= BUSY_SHARE ? "at certain hours" : "around the clock", 100 * share, begin,
                (begin + BUSY_HOURS) % 24);
    for (unsigned d = 0; d < 5; d++)
        week_days += w->days_of[d];
    if (weekend_days && week_days && weekend < 1)
        vg_buf_addf(out, ", a day of the weekend sees %.1f times as many as another",
                    weekend / weekend_days / ((1 - weekend) / week_days));
}

void cluster_words_earn(const struct cluster_profile *p, vg_buf *out)
{
    vg_buf_addf(out, "%s: %.0f %% are in profit, %+.1f bp of volume in the median",
                p->profitable_share >= 0.5 ? "most earn" : "most lose", 100 * p->profitable_share, p->medians.net_bps);
    if (isfinite(p->gross_bps) && isfinite(p->fee_bps))
        vg_buf_addf(out, " (trades %+.1f, fees %.1f)", p->gross_bps, p->fee_bps);
    if (isfinite(p->win_rate)) vg_buf_addf(out, ", %.0f %% of closing fills win", 100 * p->win_rate);
    if (isfinite(p->payoff)) vg_buf_addf(out, ", a win is %.1f times a loss", p->payoff);
    if (isfinite(p->hold_ratio)) vg_buf_addf(out, ", losers are held %.1f times as long as winners", p->hold_ratio);
    if (isfinite(p->markout_5m))
        vg_buf_addf(out, ", five minutes after taking the price has moved %+.1f bp their way", p->markout_5m);
    if (p->liquidated_share > 0) vg_buf_addf(out, ", %.0f %% were liquidated", 100 * p->liquidated_share);
}
