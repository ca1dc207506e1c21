/* radix.h: sorts many items by a key of few bits, in time that grows with their number only. */
#ifndef VIGIL_BASE_RADIX_H
#define VIGIL_BASE_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct radix_item {
    uint64_t key;
    uint32_t index; /* of what the key belongs to */
};

/* Orders n items by key; equal keys stay in their order. Keys have no bit from `bits` on. `room` has place
 * for n more; returns whichever of the two holds the result. */
struct radix_item *radix_sort(struct radix_item *items, struct radix_item *room, size_t n, unsigned bits);

#endif
