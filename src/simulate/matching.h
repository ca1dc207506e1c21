/* matching.h: turns what traders want into trades, and trades into rows.
 *
 * There is no full order book: per coin and side a few resting orders of market makers stand around the
 * walk's price and are renewed when the price leaves them or they are used up. That keeps what readers
 * of fills can see: one order in many fills, makers' order ids older than takers', sweeps through
 * several levels, the taker's startPosition moving row by row. Two rows per trade, buyer first.
 */
#ifndef VIGIL_SIMULATE_MATCHING_H
#define VIGIL_SIMULATE_MATCHING_H

#include "simulate/block_text.h"
#include "simulate/clearing.h"
#include "simulate/population.h"
#include "simulate/price_walk.h"

#define QUOTES 4 /* resting orders per coin and side */

/* An order of a market maker. */
struct quote {
    uint32_t provider; /* index into book.providers */
    int64_t price;     /* 0: nothing rests here */
    uint64_t order_id;
    bool has_cloid;
    char cloid[CLOID_TEXT];
};

/* A maker who quotes a coin. */
struct provider {
    uint32_t trader, position;
    int64_t bound; /* of the inventory: lots; INT64_MAX for the vault */
};

struct book {
    struct provider *providers;
    uint32_t provider_count;
    struct chance_table pick;       /* over the providers */
    struct quote quotes[2][QUOTES]; /* [0] bids, [1] asks */
    int64_t bid, ask, mid;          /* of the current block */
    uint64_t priced_block;
};

/* A maker who has inventory since some time and wants to be rid of it. */
struct restless {
    int64_t since_ns;
    uint32_t trader;
    uint16_t coin;
};

struct market {
    struct vg_rng rng;
    struct price_walk walk;
    struct population people;
    struct clearing clearing;
    struct book *books; /* by coin */

    /* the open block */
    struct block_text text;
    int64_t now_ns;
    uint64_t block_number;
    uint16_t action; /* transactions so far */

    struct restless *restless;                                /* a queue in a ring */
    uint64_t restless_first, restless_end, restless_capacity; /* the last a power of two */

    uint64_t next_order_id, trades, twap_trades, liquidation_trades;
    uint64_t tid_mask; /* derived from the seed: which permutation numbers the trades */
    int64_t rows_left; /* of the fills that were asked for */
};

enum order_form { ORDINARY_ORDER, TWAP_SLICE, MARKET_LIQUIDATION, DUST_SALE };

struct order {
    uint32_t trader;
    uint16_t coin;
    bool buys;
    int64_t lots;
    unsigned pieces; /* fills that it is likely to make */
    enum order_form form;
    uint64_t twap_id;
};

void market_init(struct market *market, uint64_t seed, uint32_t traders, uint64_t fills, int64_t start_ns,
                 int64_t end_ns);
void market_release(struct market *market);

/* Starts a block; rows go to `out` until market_end_block(). */
void market_begin_block(struct market *market, vg_buf *out, int64_t block_ns, int64_t local_ns, uint64_t number);
void market_end_block(struct market *market);

/* The book with bid, ask and mid of the current block. */
struct book *market_book(struct market *market, uint16_t coin);

/* Crosses the spread with up to `lots`; returns how many were traded. Fewer when the window's fills are
 * used up, when nobody has the tokens, or when a spot seller has not enough. */
int64_t market_take(struct market *market, const struct order *order);

/* Rests at the best price until takers have come for `lots`; returns how many were traded. */
int64_t market_rest(struct market *market, const struct order *order);

/* The exchange closes the victim's position against another trader without asking either: a backstop
 * liquidation, in which the vault takes it over, or an auto-deleveraging of `other`. */
enum forced_form { BACKSTOP_CROSS, BACKSTOP_ISOLATED, DELEVERAGING };
void market_force(struct market *market, uint32_t victim, uint32_t other, uint16_t coin, int64_t lots,
                  enum forced_form form);

/* The daily conversion: writes one one-sided row, and the balance is gone. */
void market_convert_dust(struct market *market, struct position *position, uint64_t order_id);

/* Remembers that a maker has inventory now; and the one who has had it for PATIENCE_NS, if there is one. */
#define PATIENCE_NS INT64_C(75000000000)
void market_add_restless(struct market *market, uint32_t trader, uint16_t coin);
bool market_next_restless(struct market *market, struct restless *who);

uint64_t market_order_id(struct market *market);
struct position *market_position(struct market *market, uint32_t trader, uint16_t coin);

#endif
