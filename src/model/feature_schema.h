/* feature_schema.h: the tables that `vigil features`, `classify` and `cluster` write, once.
 *
 * The Parquet files, their metadata, docs/data-dictionary.md, the terminal and the API take names,
 * types, units and definitions from here. Exact sums are DECIMAL(38,20); ratios are doubles, made once
 * from exact sums, NULL where undefined, never infinite.
 *
 * X(NAME, name, TYPE, null, unit, definition)
 *
 * Words: c closed_pnl, p price, z size, v = p z, s +1 for a buy and -1 for a sell, P start_position,
 * k the part of z that closes, o = z - k the part that opens, M(u) the price of the coin's last taker
 * print at or before u, t the time of the fill. Trade rows are all rows but those that no order made
 * (dust conversions, vault nettings, settlements, legs of outcomes). Perps include HIP-3.
 */
#ifndef VIGIL_MODEL_FEATURE_SCHEMA_H
#define VIGIL_MODEL_FEATURE_SCHEMA_H

#include <stdint.h>

#include "model/schema.h"

/* Horizons of markouts. */
#define MARKOUT_HORIZONS(X) \
    X(1S, "1s", 1000) X(10S, "10s", 10000) X(1M, "1m", 60000) X(5M, "5m", 300000) X(1H, "1h", 3600000)

#define HORIZON_ENUM(NAME, text, ms) HORIZON_##NAME,
enum horizon { MARKOUT_HORIZONS(HORIZON_ENUM) HORIZONS };
extern const int64_t horizon_ms[HORIZONS];

#define TRADER_COLUMNS(X)                                                                                              \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader: 0x and 40 hex digits")                             \
    /* how much */                                                                                                     \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows of the trader; the seeds' trade_count and total_trades")      \
    X(SYSTEM_FILL_COUNT, "system_fill_count", INT64, false, "1", "of these, rows that no order made")                  \
    X(ORDER_COUNT, "order_count", INT64, false, "1",                                                                   \
      "distinct order_id of trade rows; an order that rests three whole days without a fill counts again")             \
    X(FILLS_PER_ORDER, "fills_per_order", DOUBLE, true, "1", "trade rows / order_count")                               \
    X(UNIQUE_COINS, "unique_coins", INT64, false, "1", "distinct coins")                                               \
    X(ACTIVE_DAYS, "active_days", INT64, false, "1", "distinct UTC days of block_time with a fill")                    \
    X(CALENDAR_DAYS, "calendar_days", INT64, false, "1", "days from the first to the last active day, both counted")   \
    X(TRADES_PER_DAY, "trades_per_day", DOUBLE, false, "1/day", "fill_count / active_days")                            \
    X(FIRST_TRADE, "first_trade", TIME, false, NULL, "time of the first fill")                                         \
    X(LAST_TRADE, "last_trade", TIME, false, NULL, "time of the last fill")                                            \
    X(LEFT_CENSORED, "left_censored", BOOL, false, NULL, "the first row of some coin starts with a position")          \
    X(VOLUME, "volume", SUM, false, "USD", "sum of v; the seeds' total_volume")                                        \
    X(PERP_VOLUME, "perp_volume", SUM, false, "USD", "sum of v on perps")                                              \
    X(SPOT_VOLUME, "spot_volume", SUM, false, "USD", "sum of v on spot")                                               \
    X(OTHER_VOLUME, "other_volume", SUM, false, "USD", "sum of v on the rest: outcomes")                               \
    X(AVG_TRADE_SIZE, "avg_trade_size", DOUBLE, false, "USD", "volume / fill_count")                                   \
    X(MAX_TRADE_SIZE, "max_trade_size", SUM, false, "USD", "largest v")                                                \
    X(ORDER_AVG_TRADE_SIZE, "order_avg_trade_size", DOUBLE, true, "USD", "v of trade rows / order_count")              \
    X(ORDER_MAX_TRADE_SIZE, "order_max_trade_size", SUM, false, "USD", "largest sum of v of an order's trade rows")    \
    /* profit */                                                                                                       \
    X(REALIZED_PNL, "realized_pnl", SUM, false, "USD", "sum of c: trading profit, before fees, without funding")       \
    X(PERP_REALIZED_PNL, "perp_realized_pnl", SUM, false, "USD", "sum of c on perps")                                  \
    X(SPOT_REALIZED_PNL, "spot_realized_pnl", SUM, false, "USD", "sum of c on spot")                                   \
    X(OTHER_REALIZED_PNL, "other_realized_pnl", SUM, false, "USD", "sum of c on the rest")                             \
    X(FEES_PAID, "fees_paid", SUM, false, "USD",                                                                       \
      "sum of fee in USD: as it is in a dollar token, times p in the coin's base token; negative: rebates outweigh")   \
    X(BUILDER_FEES_PAID, "builder_fees_paid", SUM, false, "USD", "sum of builder_fee, priced like fee, part of it")    \
    X(FEE_UNPRICED_FILLS, "fee_unpriced_fills", INT64, false, "1", "fills whose fee has no price here: in no sum")     \
    X(NET_PNL, "net_pnl", SUM, false, "USD",                                                                           \
      "realized_pnl - fees; a base-token fee of a spot buy is inside c already and not taken off twice")               \
    X(PERP_NET_PNL, "perp_net_pnl", SUM, false, "USD", "net_pnl of perps")                                             \
    X(SPOT_NET_PNL, "spot_net_pnl", SUM, false, "USD", "net_pnl of spot")                                              \
    X(OTHER_NET_PNL, "other_net_pnl", SUM, false, "USD", "net_pnl of the rest")                                        \
    X(GROSS_PROFIT, "gross_profit", SUM, false, "USD", "sum of c above 0")                                             \
    X(GROSS_LOSS, "gross_loss", SUM, false, "USD", "minus the sum of c below 0")                                       \
    X(WINNING_FILLS, "winning_fills", INT64, false, "1", "fills with c above 0")                                       \
    X(LOSING_FILLS, "losing_fills", INT64, false, "1", "fills with c below 0")                                         \
    X(PNL_PER_TRADE, "pnl_per_trade", DOUBLE, true, "USD", "mean of c over fills with c other than 0")                 \
    X(WIN_RATE, "win_rate", DOUBLE, true, "0..1", "winning_fills / (winning_fills + losing_fills)")                    \
    X(PROFIT_FACTOR, "profit_factor", DOUBLE, true, "1", "gross_profit / gross_loss; NULL without a loss")             \
    X(EDGE_BPS, "edge_bps", DOUBLE, true, "bp", "1e4 perp_net_pnl / perp_volume")                                      \
    X(EDGE_GROSS_BPS, "edge_gross_bps", DOUBLE, true, "bp", "1e4 perp_realized_pnl / perp_volume")                     \
    X(FEE_BPS, "fee_bps", DOUBLE, true, "bp", "1e4 fees_paid / volume")                                                \
    /* episodes of perps: flat to flat, or to the flip */                                                              \
    X(EPISODE_COUNT, "episode_count", INT64, false, "1", "completed episodes; those open before the window included")  \
    X(EPISODE_HELD_COUNT, "episode_held_count", INT64, false, "1", "completed episodes whose opening was seen")        \
    X(EPISODE_BROKEN_COUNT, "episode_broken_count", INT64, false, "1", "episodes cut by a gap: in no other figure")    \
    X(OPEN_POSITION_COUNT, "open_position_count", INT64, false, "1", "perp positions at the end")                      \
    X(EPISODE_WIN_RATE, "episode_win_rate", DOUBLE, true, "0..1", "completed episodes with net_pnl above 0")           \
    X(EPISODE_GROSS_PROFIT, "episode_gross_profit", SUM, false, "USD", "sum of net_pnl of episodes where above 0")     \
    X(EPISODE_GROSS_LOSS, "episode_gross_loss", SUM, false, "USD", "minus the sum of net_pnl of episodes below 0")     \
    X(EPISODE_PROFIT_FACTOR, "episode_profit_factor", DOUBLE, true, "1", "episode_gross_profit / episode_gross_loss")  \
    X(PAYOFF_RATIO, "payoff_ratio", DOUBLE, true, "1", "mean net_pnl of winning / minus mean of losing episodes")      \
    X(PNL_CONCENTRATION, "pnl_concentration", DOUBLE, true, "0..1", "largest episode net_pnl / episode_gross_profit")  \
    X(AVG_HOLD_TIME_MINUTES, "avg_hold_time_minutes", DOUBLE, true, "min",                                             \
      "mean of close - open over completed episodes whose opening was seen")                                           \
    X(WINNER_HOLD_TIME, "winner_hold_time", DOUBLE, true, "min", "the same over episodes with sum of c above 0")       \
    X(LOSS_CUT_SPEED, "loss_cut_speed", DOUBLE, true, "min", "the same over episodes with sum of c below 0")           \
    X(HOLD_TIME_WEIGHTED_MINUTES, "hold_time_weighted_minutes", DOUBLE, true, "min",                                   \
      "sum of k p (t - T) / sum of k p over closes of positions seen from flat, T their size-weighted opening time")   \
    X(TURNOVER_HOLD_MINUTES, "turnover_hold_minutes", DOUBLE, true, "min",                                             \
      "integral of |position| p dt, fill to fill of a coin, / sum of k p; p the trader's last price in the coin")      \
    X(DISPOSITION, "disposition", DOUBLE, true, "1", "ln(loss_cut_speed / winner_hold_time)")                          \
    X(LOSS_CHASING, "loss_chasing", DOUBLE, true, "1",                                                                 \
      "ln(mean opened_notional of completed episodes after a losing / after a winning one of the same coin)")          \
    /* direction */                                                                                                    \
    X(LONG_OPEN_NOTIONAL, "long_open_notional", SUM, false, "USD", "sum of o p of buys on perps")                      \
    X(SHORT_OPEN_NOTIONAL, "short_open_notional", SUM, false, "USD", "sum of o p of sells on perps")                   \
    X(LONG_SHORT_RATIO, "long_short_ratio", DOUBLE, true, "1", "long_open_notional / short_open_notional")             \
    X(TAKER_BUY_VOLUME, "taker_buy_volume", SUM, false, "USD", "v of taker buys of trade rows")                        \
    X(TAKER_SELL_VOLUME, "taker_sell_volume", SUM, false, "USD", "v of taker sells of trade rows")                     \
    X(AVG_DOWN_SHARE, "avg_down_share", DOUBLE, true, "0..1",                                                          \
      "share of the notional added to perp positions of known entry e that were losing: s (p - e) < -1e-9 e")          \
    X(MOMENTUM_ENTRY_BPS, "momentum_entry_bps", DOUBLE, true, "bp",                                                    \
      "mean of s (p - M(t - 5 min)) / M 1e4 over taker fills that open on perps")                                      \
    /* how orders are made */                                                                                          \
    X(MAKER_PCT, "maker_pct", DOUBLE, false, "0..1", "fills that were not crossed / fill_count")                       \
    X(MAKER_SHARE, "maker_share", DOUBLE, true, "0..1", "the same by v, without TWAP slices and liquidations")         \
    X(SLIPPAGE_BPS, "slippage_bps", DOUBLE, true, "bp",                                                                \
      "mean of s (VWAP - first price) / first price 1e4 over sweeps: taker fills of one order in one block")           \
    X(TWO_SIDED, "two_sided", DOUBLE, true, "0..1",                                                                    \
      "2 sum of min(bought, sold) over coins and 5-minute buckets / v, trade rows")                                    \
    X(SIZE_ENTROPY, "size_entropy", DOUBLE, true, "bit",                                                               \
      "entropy of orders over floor(2 log2 notional) from -32 to 63, plus (bins - 1) / (2 orders ln 2)")               \
    X(ROUND_SIZE_SHARE, "round_size_share", DOUBLE, true, "0..1",                                                      \
      "orders whose size has two significant digits at most")                                                          \
    X(INTERORDER_MEDIAN_S, "interorder_median_s", DOUBLE, true, "s",                                                   \
      "median gap between first fills of consecutive orders; exact up to 512 gaps, then of log bins of 9 %")           \
    X(BURSTINESS, "burstiness", DOUBLE, true, "-1..1", "of these gaps (Kim and Jo): -1 regular, 0 Poisson, 1 bursts")  \
    X(HOUR_ENTROPY, "hour_entropy", DOUBLE, true, "bit",                                                               \
      "entropy of trade rows over the 24 hours of the day, plus (hours - 1) / (2 rows ln 2)")                          \
    X(SLEEP_GAP_H, "sleep_gap_h", INT64, true, "h",                                                                    \
      "longest run of hours of the day without a trade row, around midnight")                                          \
    X(COIN_HHI, "coin_hhi", DOUBLE, true, "0..1", "sum over coins of (v of the coin / volume)^2")                      \
    /* daily series: calendar days from the first to the last active one, zeros included */                            \
    X(SHARPE_RATIO, "sharpe_ratio", DOUBLE, true, "1/sqrt(yr)", "mean / sd (n - 1) of daily net_pnl, times sqrt(365)") \
    X(SHARPE_SE, "sharpe_se", DOUBLE, true, "1/sqrt(yr)", "sqrt((1 + S^2 / 2) / n) sqrt(365), S the daily ratio")      \
    X(SHARPE_ACTIVE, "sharpe_active", DOUBLE, true, "1/sqrt(yr)", "sharpe_ratio over active days only")                \
    X(SORTINO_RATIO, "sortino_ratio", DOUBLE, true, "1/sqrt(yr)", "mean / sqrt(mean of min(x, 0)^2) sqrt(365)")        \
    X(MAX_DRAWDOWN, "max_drawdown", SUM, false, "USD", "largest fall of cumulative daily net_pnl, which starts at 0")  \
    X(CONSISTENCY, "consistency", DOUBLE, true, "USD", "sd (n - 1) of daily net_pnl")                                  \
    X(PCT_DAYS_UP, "pct_days_up", DOUBLE, false, "0..1", "calendar days with net_pnl above 0")                         \
    X(NET_PNL_MTM, "net_pnl_mtm", SUM, false, "USD",                                                                   \
      "perps marked to market: change of position times the coin's last price of the day - sum of s z p - fees")       \
    X(SHARPE_MTM, "sharpe_mtm", DOUBLE, true, "1/sqrt(yr)", "sharpe_ratio of the daily net_pnl_mtm")                   \
    X(MDD_MTM, "mdd_mtm", SUM, false, "USD", "max_drawdown of the daily net_pnl_mtm")                                  \
    /* risk */                                                                                                         \
    X(MAX_POSITION_USD, "max_position_usd", SUM, false, "USD", "largest |position after a fill| p on perps")           \
    X(PEAK_GROSS_USD, "peak_gross_usd", SUM, false, "USD",                                                             \
      "largest sum over perps of |position| times own last price")                                                     \
    X(TURNOVER, "turnover", DOUBLE, true, "1",                                                                         \
      "perp_volume / mean of that sum over the time with a position, up to the last perp fill")                        \
    X(INVENTORY_HALF_LIFE_MIN, "inventory_half_life_min", DOUBLE, true, "min",                                         \
      "-ln 2 / ln f, f the lag-1 autocorrelation of the position on full minutes; mean over perps by v")               \
    X(LIQUIDATION_COUNT, "liquidation_count", INT64, false, "1",                                                       \
      "own liquidations: runs of one tx_hash in a coin; of one block where the hash is zero")                          \
    X(LIQUIDATION_FILL_COUNT, "liquidation_fill_count", INT64, false, "1", "rows with a liquidation, whosever it is")  \
    X(LIQUIDATED_NOTIONAL, "liquidated_notional", SUM, false, "USD", "v of rows in which the trader was liquidated")   \
    X(LIQ_TAKER_NOTIONAL, "liq_taker_notional", SUM, false, "USD", "v of rows in which he took a liquidation over")    \
    X(VICTIM_UNKNOWN_COUNT, "victim_unknown_count", INT64, false, "1", "liquidation rows that do not say whose")       \
    X(ADL_COUNT, "adl_count", INT64, false, "1", "auto-deleveraged rows")                                              \
    X(SELF_TRADE_SHARE, "self_trade_share", DOUBLE, true, "0..1", "by v: both rows of the trade are the trader's")     \
    /* shares of volume */                                                                                             \
    X(TWAP_SHARE, "twap_share", DOUBLE, true, "0..1", "v of TWAP slices / volume")                                     \
    X(SPOT_SHARE, "spot_share", DOUBLE, true, "0..1", "spot_volume / volume")                                          \
    X(HIP3_SHARE, "hip3_share", DOUBLE, true, "0..1", "v of HIP-3 perps / volume")                                     \
    X(BUILDER_FILL_SHARE, "builder_fill_share", DOUBLE, true, "0..1", "v of fills with a builder / volume")            \
    X(BUILDER_FEE_SHARE, "builder_fee_share", DOUBLE, true, "0..1", "builder_fee / fee over fills with fee above 0")   \
    X(WEEKEND_SHARE, "weekend_share", DOUBLE, true, "0..1", "v of Saturdays and Sundays UTC / volume")                 \
    /* price after the fill, trade rows */                                                                             \
    X(TAKER_MARKOUT_BPS_1S, "taker_markout_bps_1s", DOUBLE, true, "bp",                                                \
      "sum of s z (M(t + 1 s) - p) / sum of v 1e4, taker fills; without fills later than the last row - 1 s")          \
    X(TAKER_MARKOUT_BPS_10S, "taker_markout_bps_10s", DOUBLE, true, "bp", "the same after 10 s")                       \
    X(TAKER_MARKOUT_BPS_1M, "taker_markout_bps_1m", DOUBLE, true, "bp", "the same after 1 min")                        \
    X(TAKER_MARKOUT_BPS_5M, "taker_markout_bps_5m", DOUBLE, true, "bp", "the same after 5 min")                        \
    X(TAKER_MARKOUT_BPS_1H, "taker_markout_bps_1h", DOUBLE, true, "bp", "the same after 1 h")                          \
    X(MAKER_MARKOUT_BPS_1S, "maker_markout_bps_1s", DOUBLE, true, "bp", "the same over maker fills, after 1 s")        \
    X(MAKER_MARKOUT_BPS_10S, "maker_markout_bps_10s", DOUBLE, true, "bp", "after 10 s")                                \
    X(MAKER_MARKOUT_BPS_1M, "maker_markout_bps_1m", DOUBLE, true, "bp", "after 1 min")                                 \
    X(MAKER_MARKOUT_BPS_5M, "maker_markout_bps_5m", DOUBLE, true, "bp", "after 5 min")                                 \
    X(MAKER_MARKOUT_BPS_1H, "maker_markout_bps_1h", DOUBLE, true, "bp", "after 1 h")                                   \
    X(TAKER_MARKOUT_STALE_SHARE_1S, "taker_markout_stale_share_1s", DOUBLE, true, "0..1",                              \
      "share of that v whose coin had no print in (t, t + 1 s]")                                                       \
    X(TAKER_MARKOUT_STALE_SHARE_10S, "taker_markout_stale_share_10s", DOUBLE, true, "0..1", "in (t, t + 10 s]")        \
    X(TAKER_MARKOUT_STALE_SHARE_1M, "taker_markout_stale_share_1m", DOUBLE, true, "0..1", "in (t, t + 1 min]")         \
    X(TAKER_MARKOUT_STALE_SHARE_5M, "taker_markout_stale_share_5m", DOUBLE, true, "0..1", "in (t, t + 5 min]")         \
    X(TAKER_MARKOUT_STALE_SHARE_1H, "taker_markout_stale_share_1h", DOUBLE, true, "0..1", "in (t, t + 1 h]")           \
    X(MAKER_MARKOUT_STALE_SHARE_1S, "maker_markout_stale_share_1s", DOUBLE, true, "0..1", "maker fills, (t, t + 1 s]") \
    X(MAKER_MARKOUT_STALE_SHARE_10S, "maker_markout_stale_share_10s", DOUBLE, true, "0..1", "in (t, t + 10 s]")        \
    X(MAKER_MARKOUT_STALE_SHARE_1M, "maker_markout_stale_share_1m", DOUBLE, true, "0..1", "in (t, t + 1 min]")         \
    X(MAKER_MARKOUT_STALE_SHARE_5M, "maker_markout_stale_share_5m", DOUBLE, true, "0..1", "in (t, t + 5 min]")         \
    X(MAKER_MARKOUT_STALE_SHARE_1H, "maker_markout_stale_share_1h", DOUBLE, true, "0..1", "in (t, t + 1 h]")           \
    /* how far to trust it */                                                                                          \
    X(GAP_COUNT, "gap_count", INT64, false, "1", "perp rows whose start_position does not follow from the row before") \
    X(DIRECTION_MISMATCHES, "direction_mismatches", INT64, false, "1",                                                 \
      "perp rows whose direction the arithmetic denies")                                                               \
    X(UNKNOWN_DIRECTIONS, "unknown_directions", INT64, false, "1", "rows with a direction that is not in formats.md")

#define TRADER_DAILY_COLUMNS(X)                                                                                   \
    X(DATE, "date", DATE, false, NULL, "UTC day of block_time; one row for each day with a fill")                 \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                                              \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows of the day")                                             \
    X(ORDER_COUNT, "order_count", INT64, false, "1", "orders with their first fill on this day")                  \
    X(EPISODE_COUNT, "episode_count", INT64, false, "1", "perp episodes completed")                               \
    X(UNIQUE_COINS, "unique_coins", INT64, false, "1", "distinct coins")                                          \
    X(VOLUME, "volume", SUM, false, "USD", "sum of v")                                                            \
    X(PERP_VOLUME, "perp_volume", SUM, false, "USD", "sum of v on perps")                                         \
    X(SPOT_VOLUME, "spot_volume", SUM, false, "USD", "sum of v on spot")                                          \
    X(TAKER_VOLUME, "taker_volume", SUM, false, "USD", "v of crossed rows")                                       \
    X(REALIZED_PNL, "realized_pnl", SUM, false, "USD", "sum of c")                                                \
    X(FEES_PAID, "fees_paid", SUM, false, "USD", "sum of fee in USD")                                             \
    X(NET_PNL, "net_pnl", SUM, false, "USD", "as in traders")                                                     \
    X(CUMULATIVE_NET_PNL, "cumulative_net_pnl", SUM, false, "USD", "sum of net_pnl up to this day")               \
    X(NET_PNL_MTM, "net_pnl_mtm", SUM, false, "USD", "perps marked to the day's last prices, as in traders")      \
    X(NET_PNL_MTM_IDLE, "net_pnl_mtm_idle", SUM, false, "USD", "the same of the days without a fill just before") \
    X(WINNING_FILLS, "winning_fills", INT64, false, "1", "fills with c above 0")                                  \
    X(LOSING_FILLS, "losing_fills", INT64, false, "1", "fills with c below 0")                                    \
    X(LIQUIDATED_NOTIONAL, "liquidated_notional", SUM, false, "USD", "v of rows in which the trader was liquidated")

#define COIN_DAILY_COLUMNS(X)                                                                                         \
    X(DATE, "date", DATE, false, NULL, "UTC day of block_time")                                                       \
    X(COIN, "coin", TEXT, false, NULL, "the coin")                                                                    \
    X(KIND, "kind", TEXT, false, NULL, "perp, hip3, spot or outcome")                                                 \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows: two a trade")                                               \
    X(TRADE_COUNT, "trade_count", INT64, false, "1", "taker rows of trades")                                          \
    X(UNIQUE_TRADERS, "unique_traders", INT64, false, "1", "distinct traders")                                        \
    X(VOLUME, "volume", SUM, false, "USD", "one-sided: v of taker rows of trades")                                    \
    X(TAKER_BUY_VOLUME, "taker_buy_volume", SUM, false, "USD", "of this, takers bought")                              \
    X(TAKER_SELL_VOLUME, "taker_sell_volume", SUM, false, "USD", "of this, takers sold")                              \
    X(SEED_BUY_VOLUME, "seed_buy_volume", SUM, false, "coins",                                                        \
      "z of rows whose direction starts with Open Long or Close Short: the seeds' buy_volume, misses flips and spot") \
    X(SEED_SELL_VOLUME, "seed_sell_volume", SUM, false, "coins",                                                      \
      "z of rows whose direction starts with Open Short or Close Long")                                               \
    X(OPEN, "open", DECIMAL, true, "quote", "price of the first taker print")                                         \
    X(HIGH, "high", DECIMAL, true, "quote", "highest price of a taker print")                                         \
    X(LOW, "low", DECIMAL, true, "quote", "lowest price of a taker print")                                            \
    X(CLOSE, "close", DECIMAL, true, "quote", "price of the last taker print")                                        \
    X(VWAP, "vwap", DOUBLE, true, "quote", "volume / z of taker rows of trades")                                      \
    X(LIQUIDATED_NOTIONAL, "liquidated_notional", SUM, false, "USD", "v of rows whose trader was liquidated")         \
    X(TWAP_VOLUME, "twap_volume", SUM, false, "USD", "v of TWAP slices")

#define EPISODE_COLUMNS(X)                                                                                             \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                                                   \
    X(COIN, "coin", TEXT, false, NULL, "the perp")                                                                     \
    X(SIDE, "side", TEXT, false, NULL, "long or short")                                                                \
    X(OPEN_TIME, "open_time", TIME, false, NULL, "time of the first fill seen")                                        \
    X(CLOSE_TIME, "close_time", TIME, true, NULL, "time of the fill that made it flat or flipped it; NULL while open") \
    X(MAX_SIZE, "max_size", DECIMAL, false, "coins", "largest |position|")                                             \
    X(OPENED_NOTIONAL, "opened_notional", SUM, false, "USD", "sum of o p")                                             \
    X(CLOSED_NOTIONAL, "closed_notional", SUM, false, "USD", "sum of k p")                                             \
    X(ENTRY_VWAP, "entry_vwap", DOUBLE, true, "quote", "opened_notional / sum of o; NULL when nothing was opened")     \
    X(EXIT_VWAP, "exit_vwap", DOUBLE, true, "quote", "closed_notional / sum of k")                                     \
    X(GROSS_PNL, "gross_pnl", SUM, false, "USD", "sum of c")                                                           \
    X(FEES_USD, "fees_usd", SUM, false, "USD", "fees; of a flip the share of the closed part, rounded down at 1e-20")  \
    X(NET_PNL, "net_pnl", SUM, false, "USD", "gross_pnl - fees_usd")                                                   \
    X(FILLS, "fills", INT64, false, "1", "rows; a flip counts in both episodes")                                       \
    X(ORDERS, "orders", INT64, false, "1", "orders with a trade row in it")                                            \
    X(MAKER_SHARE, "maker_share", DOUBLE, true, "0..1", "by v, not crossed; a flip's v split with its size")           \
    X(LIQUIDATED, "liquidated", BOOL, false, NULL, "some row was the trader's own liquidation")                        \
    X(LEFT_CENSORED, "left_censored", BOOL, false, NULL, "its opening was not seen")                                   \
    X(BROKEN, "broken", BOOL, false, NULL, "cut by a gap: the rest is unknown")                                        \
    X(POSITION, "position", DECIMAL, false, "coins", "signed, at the end: 0 unless it is open or broken")              \
    X(ENTRY, "entry", DOUBLE, true, "quote", "average entry of what is open, implied by the first close if censored")  \
    X(LAST_PRICE, "last_price", DECIMAL, true, "quote", "the coin's last price; NULL when it is over")

#define TRADER_COIN_COLUMNS(X)                                                       \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                 \
    X(COIN, "coin", TEXT, false, NULL, "the coin")                                   \
    X(KIND, "kind", TEXT, false, NULL, "perp, hip3, spot or outcome")                \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows of the trader in the coin") \
    X(FIRST_TRADE, "first_trade", TIME, false, NULL, "time of the first of them")    \
    X(LAST_TRADE, "last_trade", TIME, false, NULL, "time of the last of them")       \
    X(VOLUME, "volume", SUM, false, "USD", "sum of v")                               \
    X(BUY_VOLUME, "buy_volume", SUM, false, "USD", "of this, bought")                \
    X(TAKER_VOLUME, "taker_volume", SUM, false, "USD", "of this, v of crossed rows") \
    X(REALIZED_PNL, "realized_pnl", SUM, false, "USD", "sum of c")                   \
    X(FEES_PAID, "fees_paid", SUM, false, "USD", "sum of fee in USD, as in traders") \
    X(NET_PNL, "net_pnl", SUM, false, "USD", "as in traders")

#define CLASS_COLUMNS(X)                                                                                         \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                                             \
    X(PROFILE, "profile", TEXT, false, NULL, "compat-sql, vision or vigil: which rules")                         \
    X(CLASS, "class", TEXT, false, NULL, "PROTOCOL, INSUFFICIENT_DATA, LIQUIDATOR, HFT, SMART_DIRECTIONAL, ...") \
    X(REASON, "reason", TEXT, false, NULL, "the rule that decided, with the trader's figures")                   \
    X(RULE_VERSION, "rule_version", TEXT, false, NULL, "changes whenever a rule does")                           \
    X(AS_OF, "as_of", TIME, false, NULL, "end of the data that the class rests on")

#define CLUSTER_MEMBER_COLUMNS(X)                                                                               \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                                            \
    X(CLUSTER_ID, "cluster_id", INT64, true, NULL, "kept from run to run; NULL: left out")                      \
    X(CLUSTER_NAME, "cluster_name", TEXT, false, NULL, "what its members do; unclassified when left out")       \
    X(REASON, "reason", TEXT, true, NULL, "why he was left out")                                                \
    X(DISTANCE, "distance", DOUBLE, true, "sd", "to the cluster's centre, along the principal axes")            \
    X(ARCHETYPE, "archetype", TEXT, true, NULL, "what he would be called for himself; NULL: left out")          \
    X(ARCHETYPE_SCORE, "archetype_score", DOUBLE, true, "sd", "how far that stands out from all others")        \
    X(NEXT_CLUSTER_ID, "next_cluster_id", INT64, true, NULL, "the cluster with the next nearest centre")        \
    X(NEXT_DISTANCE, "next_distance", DOUBLE, true, "sd", "to that centre")                                     \
    X(MAP_X, "map_x", DOUBLE, true, NULL, "place on the map of traders; NULL: left out, or made without a map") \
    X(MAP_Y, "map_y", DOUBLE, true, NULL, "the same, the other way")                                            \
    X(SCALING, "scaling", TEXT, false, NULL, "recommended or standard: which columns, docs/clusters.md")        \
    X(MODEL_AS_OF, "model_as_of", TIME, false, NULL, "end of the data that the clusters were fitted on")        \
    X(AS_OF, "as_of", TIME, false, NULL, "end of the data that the trader was placed by")

#define CLUSTER_PROFILE_COLUMNS(X)                                                                                     \
    X(CLUSTER_ID, "cluster_id", INT64, false, NULL, "kept from run to run")                                            \
    X(CLUSTER_NAME, "cluster_name", TEXT, false, NULL, "what its members do")                                          \
    X(TRADERS, "traders", INT64, false, "1", "members")                                                                \
    X(SHARE, "share", DOUBLE, false, "0..1", "of all who are in a cluster")                                            \
    X(SILHOUETTE, "silhouette", DOUBLE, true, "-1..1", "mean of the members; NULL by a model from a file")             \
    X(ARCHETYPE, "archetype", TEXT, true, NULL, "the archetype that it was given; the name may be older, or Mixed")    \
    X(SCORE, "score", DOUBLE, true, "-1..1", "cosine to that archetype's weights")                                     \
    X(RUNNER_UP, "runner_up", TEXT, true, NULL, "the archetype that fits best of the others")                          \
    X(RUNNER_UP_SCORE, "runner_up_score", DOUBLE, true, "-1..1", "the same of that one")                               \
    X(REASON, "reason", TEXT, true, NULL, "what sets the members apart, and why a name did not hold")                  \
    X(DRIFTED, "drifted", BOOL, true, NULL, "moved far, or changed in size, since the run before")                     \
    X(CENTRE, "centre", TEXT, true, "sd", "JSON object: the members' mean in each column of docs/clusters.md")         \
    X(MEDIAN_MAKER_PCT, "median_maker_pct", DOUBLE, true, "0..1", "median of the members")                             \
    X(MEDIAN_HOLD_MINUTES, "median_hold_minutes", DOUBLE, true, "min", "the same")                                     \
    X(MEDIAN_TRADES_PER_DAY, "median_trades_per_day", DOUBLE, true, "1/day", "the same")                               \
    X(MEDIAN_TRADE_SIZE, "median_trade_size", DOUBLE, true, "USD", "the same, of avg_trade_size")                      \
    X(MEDIAN_NET_PNL, "median_net_pnl", DOUBLE, true, "USD", "the same")                                               \
    X(MEDIAN_NET_BPS, "median_net_bps", DOUBLE, true, "bp", "the same, of 1e4 net_pnl / volume")                       \
    X(PROFITABLE_SHARE, "profitable_share", DOUBLE, true, "0..1", "members with net_pnl above 0")                      \
    X(MEDIAN_GROSS_BPS, "median_gross_bps", DOUBLE, true, "bp", "the same, of 1e4 realized_pnl / volume")              \
    X(MEDIAN_FEE_BPS, "median_fee_bps", DOUBLE, true, "bp", "the same, of 1e4 fees_paid / volume")                     \
    X(MEDIAN_WIN_RATE, "median_win_rate", DOUBLE, true, "0..1", "the same")                                            \
    X(LIQUIDATED_SHARE, "liquidated_share", DOUBLE, true, "0..1", "members who were liquidated")                       \
    X(WHAT_THEY_DO, "what_they_do", TEXT, true, NULL, "in words, of medians")                                          \
    X(WHEN_THEY_TRADE, "when_they_trade", TEXT, true, NULL, "in words, of the two that follow")                        \
    X(OPENING_HOURS, "opening_hours", TEXT, true, "0..1",                                                              \
      "JSON array of 24: share of positions opened in each hour UTC, mean of the 200 most typical members")            \
    X(OPENING_WEEKDAYS, "opening_weekdays", TEXT, true, "0..1", "JSON array of 7: the same by day, from Monday")       \
    X(HOW_THEY_EARN, "how_they_earn", TEXT, true, NULL, "or lose: in words, of medians")                               \
    X(TYPICAL_MEMBERS, "typical_members", TEXT, true, NULL,                                                            \
      "JSON array: addresses of the five members nearest to the centre, the nearest first")                            \
    X(K, "k", INT64, false, "1", "clusters; from here on the same in every row")                                       \
    X(K_REASON, "k_reason", TEXT, true, NULL, "why so many")                                                           \
    X(CLUSTERED, "clustered", INT64, false, "1", "traders in all clusters")                                            \
    X(MEAN_SILHOUETTE, "mean_silhouette", DOUBLE, true, "-1..1", "over all who are in a cluster")                      \
    X(NEGATIVE_SILHOUETTE_SHARE, "negative_silhouette_share", DOUBLE, true, "0..1",                                    \
      "who are nearer to another cluster")                                                                             \
    X(STABILITY, "stability", DOUBLE, true, "-1..1", "adjusted Rand index of fits to random halves against the whole") \
    X(TRUSTWORTHINESS, "trustworthiness", DOUBLE, true, "0..1", "of the map: are neighbours on it neighbours?")        \
    X(CONTINUITY, "continuity", DOUBLE, true, "0..1", "of the map: are neighbours neighbours on it?")                  \
    X(PRESERVED_NEIGHBOURS, "preserved_neighbours", DOUBLE, true, "0..1", "of the map: of the 15 nearest")             \
    X(SCALING, "scaling", TEXT, false, NULL, "recommended or standard")                                                \
    X(SEED, "seed", INT64, false, NULL, "of random starts")                                                            \
    X(MODEL_ID, "model_id", TEXT, true, NULL, "of the content of the model that traders were placed by")               \
    X(MODEL_AS_OF, "model_as_of", TIME, false, NULL, "end of the data that the clusters were fitted on")               \
    X(AS_OF, "as_of", TIME, false, NULL, "end of the data that traders were placed by")

#define FEATURE_ENUM_TRADER(NAME, ...) TRADER_##NAME,
#define FEATURE_ENUM_TRADER_DAILY(NAME, ...) TRADER_DAILY_##NAME,
#define FEATURE_ENUM_COIN_DAILY(NAME, ...) COIN_DAILY_##NAME,
#define FEATURE_ENUM_EPISODE(NAME, ...) EPISODE_##NAME,
#define FEATURE_ENUM_TRADER_COIN(NAME, ...) TRADER_COIN_##NAME,
#define FEATURE_ENUM_CLASS(NAME, ...) CLASS_##NAME,
#define FEATURE_ENUM_CLUSTER_MEMBER(NAME, ...) CLUSTER_MEMBER_##NAME,
#define FEATURE_ENUM_CLUSTER_PROFILE(NAME, ...) CLUSTER_PROFILE_##NAME,

enum trader_column { TRADER_COLUMNS(FEATURE_ENUM_TRADER) TRADER_COLUMN_COUNT };
enum trader_daily_column { TRADER_DAILY_COLUMNS(FEATURE_ENUM_TRADER_DAILY) TRADER_DAILY_COLUMN_COUNT };
enum coin_daily_column { COIN_DAILY_COLUMNS(FEATURE_ENUM_COIN_DAILY) COIN_DAILY_COLUMN_COUNT };
enum episode_column { EPISODE_COLUMNS(FEATURE_ENUM_EPISODE) EPISODE_COLUMN_COUNT };
enum trader_coin_column { TRADER_COIN_COLUMNS(FEATURE_ENUM_TRADER_COIN) TRADER_COIN_COLUMN_COUNT };
enum class_column { CLASS_COLUMNS(FEATURE_ENUM_CLASS) CLASS_COLUMN_COUNT };
enum cluster_member_column { CLUSTER_MEMBER_COLUMNS(FEATURE_ENUM_CLUSTER_MEMBER) CLUSTER_MEMBER_COLUMN_COUNT };
enum cluster_profile_column { CLUSTER_PROFILE_COLUMNS(FEATURE_ENUM_CLUSTER_PROFILE) CLUSTER_PROFILE_COLUMN_COUNT };

extern const struct column trader_columns[TRADER_COLUMN_COUNT];
extern const struct column trader_daily_columns[TRADER_DAILY_COLUMN_COUNT];
extern const struct column coin_daily_columns[COIN_DAILY_COLUMN_COUNT];
extern const struct column episode_columns[EPISODE_COLUMN_COUNT];
extern const struct column trader_coin_columns[TRADER_COIN_COLUMN_COUNT];
extern const struct column class_columns[CLASS_COLUMN_COUNT];
extern const struct column cluster_member_columns[CLUSTER_MEMBER_COLUMN_COUNT];
extern const struct column cluster_profile_columns[CLUSTER_PROFILE_COLUMN_COUNT];

enum feature_table {
    TABLE_TRADERS,
    TABLE_TRADER_DAILY,
    TABLE_COIN_DAILY,
    TABLE_EPISODES,  /* completed or broken on the day */
    TABLE_POSITIONS, /* episodes that are open at the end */
    TABLE_TRADER_COINS,
    TABLE_CLASSES,  /* by `vigil classify` */
    TABLE_CLUSTERS, /* by `vigil cluster`; so are the next */
    TABLE_CLUSTER_PROFILES,
    FEATURE_TABLES
};

struct feature_table_schema {
    const char *name;
    const struct column *columns;
    size_t column_count;
    bool by_day; /* a file for each day; else one for the whole window */
    const char *meaning;
};
extern const struct feature_table_schema feature_tables[FEATURE_TABLES];

/* Tables of labels rest on the figures, and outlive a new computation of them until they are made anew. */
static inline bool feature_table_labels(enum feature_table table)
{
    return table == TABLE_CLASSES || table == TABLE_CLUSTERS || table == TABLE_CLUSTER_PROFILES;
}

#endif
