/* clearing.h: the exchange's own bookkeeping: positions, balances, cost, realized profit, fees.
 *
 * This is the source of every number that the generator publishes, and it shares no code with the
 * ledger that reads them back. Rules and evidence: spec/metrics.md 2, hyperliquid-formats.md
 * 2.4 and 2.6.
 *
 * Perps. The exchange keeps what a position cost as an IEEE double in units of 1e-6 USD. Opening adds
 * price x size; closing k of A multiplies it by (A - k)/A; the entry of a close is floor(cost/A) on the
 * price grid. In our units (ticks, lots) the product of price and size is in 1e-6 USD already, and
 * cost/A is in ticks. Profit of the close: k x (price - entry), exact.
 * Spot. The cost of a balance is an integer in units of 1e-8. Buying adds price x size, whatever part
 * of the tokens goes to fees; selling k of Q takes floor(cost x k/Q) of it; profit is the proceeds
 * minus that part. Sell fees are not deducted.
 */
#ifndef VIGIL_SIMULATE_CLEARING_H
#define VIGIL_SIMULATE_CLEARING_H

#include <stddef.h>

#include "simulate/population.h"

#define NO_PLAN UINT32_MAX

/* Spot balances are counted in units of 1e-10 tokens, perp positions in lots (signed). */
#define BALANCE_DECIMALS 10

struct position {
    uint64_t key; /* trader and coin */
    int64_t quantity;
    double perp_cost;                       /* units of 1e-6 USD; positive for long and short */
    double spot_cost;                       /* units of 1e-8; the exchange keeps what the floor of a sale cuts */
    int64_t opening_quantity, opening_cost; /* brought into the window; cost in the coin's money unit */
    int64_t realized;                       /* money units */
    uint32_t fills;
    uint32_t plan; /* what its owner intends (behaviour.h), or NO_PLAN */
};

struct clearing {
    struct position *positions;
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing by key: index + 1, or 0 */
    uint32_t slot_mask;
};

enum direction {
    OPEN_LONG,
    CLOSE_LONG,
    OPEN_SHORT,
    CLOSE_SHORT,
    LONG_TO_SHORT,
    SHORT_TO_LONG,
    BUY,
    SELL,
    DUST_CONVERSION,
    LIQUIDATED_CROSS_LONG,
    LIQUIDATED_CROSS_SHORT,
    LIQUIDATED_ISOLATED_LONG,
    LIQUIDATED_ISOLATED_SHORT,
    AUTO_DELEVERAGING,
    DIRECTIONS,
};

/* What one fill did to its owner. Quantities in the position's unit, money in the coin's. */
struct booking {
    int64_t start, closed_pnl;
    enum direction direction;
};

struct fee {
    int64_t amount; /* builder and deployer part included; decimals: coin_money_decimals() */
    int64_t builder, deployer;
    enum token token;
};

void clearing_init(struct clearing *clearing);
void clearing_release(struct clearing *clearing);

/* The position of a trader in a coin, created flat at the first question. Indices stay valid, pointers
 * only until the next call. */
uint32_t clearing_position(struct clearing *clearing, uint32_t trader, uint16_t coin);

static inline uint32_t position_trader(const struct position *p) { return (uint32_t)(p->key >> 16); }
static inline uint16_t position_coin(const struct position *p) { return (uint16_t)p->key; }

/* Lots that the owner of a spot balance can sell. */
int64_t clearing_sellable(const struct position *p, const struct market_coin *coin);

/* A position or balance from before the window. `cost` in the coin's money unit. */
void clearing_deposit(struct position *p, const struct market_coin *coin, int64_t quantity, int64_t cost);

/* Books one fill of `lots` at `price` ticks. On spot, `fee` says whether tokens stay with the exchange. */
struct booking clearing_book(struct position *p, const struct market_coin *coin, bool buys, int64_t price, int64_t lots,
                             const struct fee *fee);

/* The fee of one side of a trade; truncated toward zero. `taker_buys` decides in which token rebates
 * come. `builder_rate` (1e-8 of the notional) is added on perps. */
struct fee clearing_fee(const struct trader *trader, const struct market_coin *coin, bool buys, bool is_taker,
                        int64_t price, int64_t lots, int32_t builder_rate);

/* Adds one fill to the truth about its owner. */
void clearing_tally(struct tally *tally, const struct market_coin *coin, int64_t price, int64_t lots, bool is_taker,
                    const struct booking *booking, const struct fee *fee);

#endif
