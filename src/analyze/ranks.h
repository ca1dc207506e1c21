/* ranks.h: values by their order: ranks, and how alike two orders are (Spearman 1904). */
#ifndef VIGIL_ANALYZE_RANKS_H
#define VIGIL_ANALYZE_RANKS_H

#include <stddef.h>

#include "base/radix.h"

/* Room to rank up to n values again and again. */
struct rank_room {
    struct radix_item *items, *room;
};
void rank_room_new(struct rank_room *room, size_t n);
void rank_room_release(struct rank_room *room);

/* Ranks of n numbers (no NAN), equal ones share their mean rank, then centred and scaled so that the sum of squares is
 * 1: the dot product of two such rows is Spearman's correlation. All equal: all zero. */
void ranks_unit(const double *values, size_t n, struct rank_room *room, double *ranks);

/* The value that this share of the others lies below, n > 0: place floor(share (n - 1)) in their order. */
double ranked_value(const double *values, size_t n, double share, struct rank_room *room);

double ranks_dot(const double *a, const double *b, size_t n);

/* Takes out of `ranks` what a linear function of the `count` rows of `controls` explains (each n long, centred), and
 * scales the rest to length 1. What is left of next to nothing is zero. count <= RANK_CONTROLS_MAX. */
#define RANK_CONTROLS_MAX 4
void ranks_without(double *ranks, size_t n, const double *const *controls, unsigned count);

#endif
