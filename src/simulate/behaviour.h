/* behaviour.h: what traders intend: ideas, the orders that enter and leave them, and when.
 *
 * An idea (struct plan) belongs to one trader and coin: a direction, a size, entry orders, a holding
 * time, exit orders. Plans wait in a heap by the time of their next order. The market asks for one act
 * at a time: a due plan goes first, else somebody has a new idea. So the number of fills follows the
 * market's budget, not the other way round.
 */
#ifndef VIGIL_SIMULATE_BEHAVIOUR_H
#define VIGIL_SIMULATE_BEHAVIOUR_H

#include "simulate/matching.h"

enum plan_phase { ENTERING, HOLDING, SLICING_IN, SLICING_OUT, DOOMED /* will be liquidated */ };

struct plan {
    uint32_t trader;
    uint16_t coin;
    uint8_t phase;
    bool buys;            /* direction of the idea */
    uint16_t orders_left; /* of this phase */
    int64_t lots;         /* per entry order or slice */
    int64_t hold_ns;
    uint64_t twap_id;
    uint32_t next_free;
};

struct due {
    int64_t at_ns;
    uint32_t plan;
};

#define RECENT 8 /* openers remembered per coin and side: whom auto-deleveraging may hit */

struct ideas {
    struct plan *plans;
    uint32_t plan_count, plan_capacity, first_free;
    struct due *heap;
    uint32_t due_count, due_capacity;
    uint64_t slices_promised, next_twap_id;
    uint32_t (*recent)[2][RECENT]; /* [coin][long] traders */
};

void ideas_init(struct ideas *ideas, struct market *market);
void ideas_release(struct ideas *ideas);

/* Lets somebody trade; at least one trade is made while market->rows_left >= 2. */
void ideas_act(struct ideas *ideas, struct market *market);

/* Gives the owner of a position from before the window the intention to leave it at `at_ns`. */
void ideas_adopt(struct ideas *ideas, struct market *market, uint32_t trader, uint16_t coin, bool long_side,
                 int64_t at_ns);

#endif
