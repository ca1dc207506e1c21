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

/* How often weekdays `from` to `to` cover an hour of the day. */
static unsigned covered(const struct cluster_when *w, unsigned from, unsigned to, unsigned hour)
{
    unsigned n = 0;
    for (unsigned d = from; d <= to; d++)
        n += w->covered[d][hour];
    return n;
}

/* Hours of these weekdays that are covered in all; 0 when not all 24 are, for then they are like no other days. */
static unsigned covered_hours(const struct cluster_when *w, unsigned from, unsigned to)
{
    unsigned sum = 0;
    for (unsigned h = 0; h < HOURS_OF_DAY; h++) {
        unsigned n = covered(w, from, to, h);
        if (n == 0) return 0;
        sum += n;
    }
    return sum;
}

/* The hour that the busiest hours in a row begin with, had the data covered all hours as often; all 24 are covered. */
static unsigned busiest(const struct cluster_when *w, double *share)
{
    double rates[HOURS_OF_DAY], all = 0;
    unsigned best = 0;
    *share = 0;
    for (unsigned h = 0; h < HOURS_OF_DAY; h++)
        all += rates[h] = w->hours[h] / covered(w, 0, 6, h);
    for (unsigned begin = 0; begin < HOURS_OF_DAY; begin++) {
        double sum = 0;
        for (unsigned i = 0; i < BUSY_HOURS; i++)
            sum += rates[(begin + i) % HOURS_OF_DAY] / all;
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
    unsigned weekend_hours = covered_hours(w, 5, 6), week_hours = covered_hours(w, 0, 4), hours = 0;
    for (unsigned h = 0; h < HOURS_OF_DAY; h++)
        hours += covered(w, 0, 6, h) > 0;
    if (hours < HOURS_OF_DAY) {
        vg_buf_addf(out, "too little is covered to tell when: %u of the 24 hours of the day", hours);
        return;
    }
    if (w->members < LEAST_MEMBERS) {
        vg_buf_adds(out, "too few positions were seen to open to tell when");
        return;
    }
    unsigned begin = busiest(w, &share);
    vg_buf_addf(out, "%s: %.0f %% of positions are opened from %02u:00 to %02u:00 UTC",
                share >= BUSY_SHARE ? "at certain hours" : "around the clock", 100 * share, begin,
                (begin + BUSY_HOURS) % HOURS_OF_DAY);
    if (weekend_hours && week_hours && weekend < 1)
        vg_buf_addf(out, ", a day of the weekend sees %.1f times as many as another",
                    weekend / weekend_hours / ((1 - weekend) / week_hours));
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
