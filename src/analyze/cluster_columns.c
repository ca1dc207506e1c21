#include "analyze/cluster_columns.h"

#include <math.h>

#include "analyze/classes.h"

/* clang-format off */
#define STANDARD_COLUMNS(X) \
    X(volume) X(fill_count) X(order_count) X(episode_count) X(unique_coins) X(avg_trade_size) X(max_trade_size) \
    X(active_days) X(trades_per_day) X(realized_pnl) X(fees_paid) X(net_pnl) X(pnl_per_trade) X(win_rate) \
    X(profit_factor) X(maker_pct) X(avg_hold_time_minutes) X(loss_cut_speed) X(winner_hold_time) X(long_short_ratio) \
    X(sharpe_ratio) X(sortino_ratio) X(max_drawdown) X(consistency) X(max_position_usd) X(coin_hhi) X(hour_entropy) \
    X(size_entropy) X(interorder_median_s) X(burstiness) X(twap_share) X(liquidation_count)
/* clang-format on */

#define RECOMMENDED_NAME(NAME, name) name,
#define STANDARD_NAME(name) #name,
static const char *const recommended_names[] = {RECOMMENDED_COLUMNS(RECOMMENDED_NAME)};
static const char *const standard_names[] = {STANDARD_COLUMNS(STANDARD_NAME)};

#define STANDARD_COLUMN_COUNT (sizeof standard_names / sizeof *standard_names)
_Static_assert(RECOMMENDED_COLUMN_COUNT <= CLUSTER_COLUMNS_MAX && STANDARD_COLUMN_COUNT <= CLUSTER_COLUMNS_MAX,
               "CLUSTER_COLUMNS_MAX holds both recipes");

const char *cluster_scaling_name(enum cluster_scaling scaling)
{
    return scaling == SCALING_STANDARD ? "standard" : "recommended";
}

enum cluster_scaling cluster_scaling_of(vg_slice name)
{
    enum cluster_scaling scaling = 0;
    while (scaling < CLUSTER_SCALINGS && !vg_slice_is(name, cluster_scaling_name(scaling)))
        scaling++;
    return scaling;
}

unsigned cluster_column_count(enum cluster_scaling scaling)
{
    return scaling == SCALING_STANDARD ? (unsigned)STANDARD_COLUMN_COUNT : RECOMMENDED_COLUMN_COUNT;
}

const char *cluster_column_name(enum cluster_scaling scaling, unsigned column)
{
    return scaling == SCALING_STANDARD ? standard_names[column] : recommended_names[column];
}

double cluster_tails(enum cluster_scaling scaling) { return scaling == SCALING_STANDARD ? 0 : 0.005; }

/* A logarithm of both signs. */
static double signed_log(double x) { return copysign(log1p(fabs(x)), x); }

/* The logarithm of a ratio, between -ln 20 (nothing) and ln 20 (nothing to divide by). */
static double bounded_log(double above, double below)
{
    if (!(above >= 0) || !(below >= 0) || (above <= 0 && below <= 0)) return (double)NAN;
    if (below <= 0) return log(20);
    return log((above / below + 0.05) / (1 + 0.05 * (above / below)));
}

/* How much n observations count against k of doubt. */
static double weight(double n, double k) { return n / (n + k); }

static double or_zero(double x) { return isfinite(x) ? x : 0; }

double cluster_hold_minutes(const struct trader_figures *f)
{
    bool seen = f->episode_held_count >= 3 && isfinite(f->avg_hold_time_minutes);
    return seen ? f->avg_hold_time_minutes : f->turnover_hold_minutes;
}

static void recommended(const struct trader_figures *f, double mean_win_rate, double *x)
{
    double n = f->fill_count, closes = f->winning_fills + f->losing_fills;
    x[COLUMN_LN_VOLUME] = log1p(f->volume);
    x[COLUMN_LN_AVG_SIZE] = log1p(f->avg_trade_size);
    x[COLUMN_LN_MAX_SIZE] = log1p(f->max_trade_size);
    x[COLUMN_LN_MAX_POS] = log1p(f->max_position_usd);
    x[COLUMN_LN_TPD] = log1p(f->trades_per_day);
    x[COLUMN_LN_ACTIVE_DAYS] = log1p(f->active_days);
    x[COLUMN_LN_INTERORDER] = log1p(f->interorder_median_s);
    x[COLUMN_LN_COINS] = log1p(f->unique_coins);
    x[COLUMN_COIN_HHI] = f->coin_hhi;
    x[COLUMN_HOUR_ENTROPY] = f->hour_entropy;
    x[COLUMN_SIZE_ENTROPY] = f->size_entropy;
    x[COLUMN_MAKER_PCT] = f->maker_pct;
    x[COLUMN_NET_BPS] = signed_log(1e4 * f->net_pnl / f->volume * weight(n, 50));
    x[COLUMN_WIN_RATE_EB] = (f->winning_fills + 20 * mean_win_rate) / (closes + 20);
    x[COLUMN_LN_PF] = or_zero(bounded_log(f->gross_profit, f->gross_loss)) * weight(closes, 20);
    x[COLUMN_MARKOUT_5M] = signed_log(f->taker_markout_bps_5m * weight(n, 50));
    x[COLUMN_LN_HOLD] = log1p(cluster_hold_minutes(f));
    x[COLUMN_DISPOSITION] = or_zero(log(f->loss_cut_speed / f->winner_hold_time) * weight(n, 50));
    x[COLUMN_ABS_LN_LS] = fabs(bounded_log(f->long_open_notional, f->short_open_notional));
    x[COLUMN_LN_MAX_OVER_AVG] = log(f->max_trade_size / f->avg_trade_size);
    x[COLUMN_LN_POS_OVER_AVG] = log(f->max_position_usd / f->avg_trade_size);
    x[COLUMN_SQRT_TWAP] = sqrt(f->twap_share);
    x[COLUMN_SHARPE_S] = or_zero(signed_log(f->sharpe_ratio * weight(f->active_days, 10)));
    x[COLUMN_LN_MDD_BPS] = log1p(1e4 * f->max_drawdown / f->volume);
    x[COLUMN_LN_VOL_BPS] = log1p(1e4 * f->consistency * f->active_days / f->volume);
    x[COLUMN_LN_LIQ] = log1p(f->liquidation_count);
}

void cluster_columns_of(enum cluster_scaling scaling, const struct trader_figures *f, double mean_win_rate, double *out)
{
    if (scaling == SCALING_RECOMMENDED) {
        recommended(f, mean_win_rate, out);
        return;
    }
    size_t column = 0;
#define STANDARD_VALUE(name) out[column++] = f->name;
    STANDARD_COLUMNS(STANDARD_VALUE)
}

const char *cluster_left_out(vg_slice address, const struct trader_figures *f)
{
    if (trader_is_protocol(address)) return "an account of the exchange";
    if (!(f->fill_count > 10)) return "10 fills or fewer";
    if (!(f->order_count >= 5)) return "fewer than 5 orders";
    return NULL;
}
