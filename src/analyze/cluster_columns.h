/* cluster_columns.h: what of a trader's figures is compared when traders are grouped.
 *
 * Two recipes. `recommended`: what a trader does, apart from how big he is. Amounts in logarithms, the rest as
 * ratios, each ratio drawn towards its neutral value by w = n / (n + k) when it rests on few observations.
 * `standard`: the plain recipe of the data pipeline plan: figures as they are. docs/clusters.md has the formulas
 * and why.
 */
#ifndef VIGIL_ANALYZE_CLUSTER_COLUMNS_H
#define VIGIL_ANALYZE_CLUSTER_COLUMNS_H

#include "base/buf.h"

/* Columns of `traders`; NAN: NULL. */
/* clang-format off */
#define TRADER_FIGURES(X) \
    X(fill_count) X(order_count) X(episode_count) X(unique_coins) X(active_days) X(trades_per_day) \
    X(volume) X(avg_trade_size) X(max_trade_size) X(fills_per_order) \
    X(realized_pnl) X(fees_paid) X(net_pnl) X(gross_profit) X(gross_loss) X(winning_fills) X(losing_fills) \
    X(pnl_per_trade) X(win_rate) X(profit_factor) \
    X(avg_hold_time_minutes) X(episode_held_count) X(turnover_hold_minutes) X(loss_cut_speed) X(winner_hold_time) \
    X(long_open_notional) X(short_open_notional) X(long_short_ratio) \
    X(maker_pct) X(size_entropy) X(hour_entropy) X(interorder_median_s) X(burstiness) X(coin_hhi) \
    X(sharpe_ratio) X(sortino_ratio) X(max_drawdown) X(consistency) \
    X(max_position_usd) X(liquidation_count) X(twap_share) X(taker_markout_bps_5m)
/* clang-format on */

struct trader_figures {
#define TRADER_FIGURE(name) double name;
    TRADER_FIGURES(TRADER_FIGURE)
#undef TRADER_FIGURE
};

/* X(NAME, name) */
/* clang-format off */
#define RECOMMENDED_COLUMNS(X) \
    X(LN_VOLUME, "ln_volume") X(LN_AVG_SIZE, "ln_avg_size") X(LN_MAX_SIZE, "ln_max_size") X(LN_MAX_POS, "ln_max_pos") \
    X(LN_TPD, "ln_tpd") X(LN_ACTIVE_DAYS, "ln_active_days") X(LN_INTERORDER, "ln_interorder") \
    X(LN_COINS, "ln_coins") X(COIN_HHI, "coin_hhi") X(HOUR_ENTROPY, "hour_entropy") \
    X(SIZE_ENTROPY, "size_entropy") X(MAKER_PCT, "maker_pct") X(NET_BPS, "net_bps") \
    X(WIN_RATE_EB, "win_rate_eb") X(LN_PF, "ln_pf") X(MARKOUT_5M, "markout_5m") X(LN_HOLD, "ln_hold") \
    X(DISPOSITION, "disposition") X(ABS_LN_LS, "abs_ln_ls") X(LN_MAX_OVER_AVG, "ln_max_over_avg") \
    X(LN_POS_OVER_AVG, "ln_pos_over_avg") X(SQRT_TWAP, "sqrt_twap") X(SHARPE_S, "sharpe_s") \
    X(LN_MDD_BPS, "ln_mdd_bps") X(LN_VOL_BPS, "ln_vol_bps") X(LN_LIQ, "ln_liq")
/* clang-format on */

#define RECOMMENDED_ENUM(NAME, name) COLUMN_##NAME,
enum recommended_column { RECOMMENDED_COLUMNS(RECOMMENDED_ENUM) RECOMMENDED_COLUMN_COUNT };

enum cluster_scaling { SCALING_RECOMMENDED, SCALING_STANDARD, CLUSTER_SCALINGS };
#define CLUSTER_COLUMNS_MAX 32

const char *cluster_scaling_name(enum cluster_scaling scaling);
/* CLUSTER_SCALINGS for any other name. */
enum cluster_scaling cluster_scaling_of(vg_slice name);

unsigned cluster_column_count(enum cluster_scaling scaling);
const char *cluster_column_name(enum cluster_scaling scaling, unsigned column);

/* Share clipped on each side before standardising. */
double cluster_tails(enum cluster_scaling scaling);

/* A trader's values, cluster_column_count of them; no finite number: missing. mean_win_rate: of the population, which
 * win rates of few fills are drawn to. */
void cluster_columns_of(enum cluster_scaling scaling, const struct trader_figures *f, double mean_win_rate,
                        double *out);

/* Minutes a position is held: mean over episodes; with fewer than three of them the estimate by turnover, which needs
 * no opening to be seen. NAN: unknown. */
double cluster_hold_minutes(const struct trader_figures *f);

/* Why a trader is left out of the grouping; NULL: he takes part. `address`: 0x and 40 hex digits. */
const char *cluster_left_out(vg_slice address, const struct trader_figures *f);

#endif
