/* answers.h: the handlers that the table of routes names. Private to src/serve. */
#ifndef VIGIL_SERVE_ANSWERS_H
#define VIGIL_SERVE_ANSWERS_H

#include "serve/api_call.h"

void answer_traders(struct api_call *call);
void answer_trader(struct api_call *call);
void answer_trader_fills(struct api_call *call);
void answer_trader_positions(struct api_call *call);
void answer_trader_daily(struct api_call *call);
void answer_trader_episodes(struct api_call *call);
void answer_trader_coins(struct api_call *call);
void answer_leaderboard(struct api_call *call);
void answer_assets(struct api_call *call);
void answer_asset(struct api_call *call);
void answer_asset_daily(struct api_call *call);
void answer_asset_traders(struct api_call *call);
void answer_asset_signals(struct api_call *call);
void answer_empty_list(struct api_call *call);
void answer_clusters(struct api_call *call);
void answer_map(struct api_call *call);
void answer_twaps(struct api_call *call);
void answer_twap(struct api_call *call);
void answer_coverage(struct api_call *call);
void answer_stream(struct api_call *call);
void answer_metrics(struct api_call *call);
void answer_health(struct api_call *call);
void answer_openapi(struct api_call *call);
void answer_docs(struct api_call *call);
void answer_positions(struct api_call *call);
void answer_episodes(struct api_call *call);
void answer_market_daily(struct api_call *call);
void answer_asset_holders(struct api_call *call);
void answer_trader_activity(struct api_call *call);
void answer_static(struct api_call *call);
void answer_validation(struct api_call *call);
void answer_root(struct api_call *call);

/* Rows of a leaderboard: rank, address, the sums of a period, class. */
#define LEADER_COLUMNS(X)                                                                   \
    X(RANK, "rank", INT64, false, "1", "1 is the first of the whole list")                  \
    X(USER_ADDRESS, "user_address", TEXT, false, NULL, "the trader")                        \
    X(NET_PNL, "net_pnl", SUM, false, "USD", "realized_pnl - fees, of the period")          \
    X(REALIZED_PNL, "realized_pnl", SUM, false, "USD", "sum of closed_pnl")                 \
    X(FEES_PAID, "fees_paid", SUM, false, "USD", "sum of fees; negative: rebates outweigh") \
    X(VOLUME, "volume", SUM, false, "USD", "sum of price times size")                       \
    X(NET_PNL_MTM, "net_pnl_mtm", SUM, false, "USD", "perps marked to market, after fees")  \
    X(FILL_COUNT, "fill_count", INT64, false, "1", "rows")                                  \
    X(WINNING_FILLS, "winning_fills", INT64, false, "1", "fills with a profit")             \
    X(LOSING_FILLS, "losing_fills", INT64, false, "1", "fills with a loss")                 \
    X(ACTIVE_DAYS, "active_days", INT64, false, "1", "days with a fill")                    \
    X(CLASS, "class", TEXT, true, NULL, "class by the rules of vigil; NULL before `vigil classify`")
#define LEADER_ENUM(NAME, ...) LEADER_##NAME,
enum leader_column { LEADER_COLUMNS(LEADER_ENUM) LEADER_COLUMN_COUNT };
const struct column *leader_columns(void);

/* Names of what can be chosen; NULL behind the last. */
const char *choice_class(size_t i);   /* and SMART, as the short form of SMART_DIRECTIONAL */
const char *choice_profile(size_t i); /* rules of classes */
const char *choice_sort(size_t i);    /* columns of traders but the address */
const char *choice_sum(size_t i);     /* of leaderboards */
const char *choice_period(size_t i);
const char *choice_kind(size_t i);              /* of coins */
const char *choice_episode_order(size_t i);     /* columns of episodes */
const char *choice_trader_coin_order(size_t i); /* columns of trader_coins */
const char *choice_order(size_t i);             /* desc, asc */

#endif
