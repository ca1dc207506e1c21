#include "base/radix.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

struct radix_item *radix_sort(struct radix_item *items, struct radix_item *room, size_t n, unsigned bits)
{
    for (unsigned shift = 0; shift < bits; shift += DIGIT_BITS) {
        size_t starts[DIGITS + 1] = {0};
        for (size_t i = 0; i < n; i++)
            starts[(items[i].key >> shift & (DIGITS - 1)) + 1]++;
        for (size_t i = 1; i < DIGITS; i++)
            starts[i] += starts[i - 1];
        for (size_t i = 0; i < n; i++)
            room[starts[items[i].key >> shift & (DIGITS - 1)]++] = items[i];
        struct radix_item *sorted = room;
        room = items;
        items = sorted;
    }
    return items;
}
