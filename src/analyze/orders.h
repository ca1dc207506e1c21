/* orders.h: what has been filled of each order so far.
 *
 * An order is known for three days after its last fill; what fills later counts as another order, so
 * memory is bounded by the orders of four days: 52 bytes each.
 */
#ifndef VIGIL_ANALYZE_ORDERS_H
#define VIGIL_ANALYZE_ORDERS_H

#include "base/dec.h"
#include "base/state_bytes.h"

struct order {
    int64_t id;
    uint32_t trader;
    uint32_t episode : 24; /* serial of the last episode that it had a part in, its low bits */
    uint32_t age : 8;      /* days from the last fill to today */
    vg_dec size;           /* filled */
    vg_dec20 notional;
};
#define ORDER_EPISODE(serial) ((serial)&0xffffff)

/* Zeroed struct = none. */
struct orders {
    struct order *items;
    size_t count, capacity;
    uint32_t *table; /* item + 1; 0: empty */
    size_t table_size;
    int32_t today;
};

/* A day begins, later than those before: forgets orders that no fill can belong to any more. */
void orders_begin_day(struct orders *orders, int32_t day);

/* The order that a fill of today belongs to; *is_new: it is the first. Valid until the next call. */
struct order *orders_of(struct orders *orders, uint32_t trader, int64_t id, bool *is_new);

/* The order will be asked for soon: gets its place from memory. */
void orders_prefetch(const struct orders *orders, uint32_t trader, int64_t id);
void orders_prefetch_item(const struct orders *orders, uint32_t trader, int64_t id); /* some time after that */

void orders_release(struct orders *orders);

VG_MUST_USE vg_code orders_save(const struct orders *orders, const struct state_writer *out, vg_err *err);
VG_MUST_USE vg_code orders_load(struct orders *orders, struct state_reader *in, vg_err *err);

#endif
