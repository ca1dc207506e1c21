#include "analyze/ranks.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"

#define NOTHING_LEFT 1e-9 /* of a row of length 1 */

void rank_room_new(struct rank_room *room, size_t n)
{
    room->items = vg_alloc((n + 1) * sizeof *room->items);
    room->room = vg_alloc((n + 1) * sizeof *room->room);
}

void rank_room_release(struct rank_room *room)
{
    free(room->items);
    free(room->room);
}

/* Bits that order as the numbers do; -0 is 0. */
static uint64_t order_key(double value)
{
    uint64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void scale_to_one(double *row, size_t n)
{
    double length = sqrt(ranks_dot(row, row, n));
    for (size_t i = 0; i < n; i++)
        row[i] = length > NOTHING_LEFT ? row[i] / length : 0;
}

static const struct radix_item *sort(const double *values, size_t n, struct rank_room *room)
{
    for (size_t i = 0; i < n; i++)
        room->items[i] = (struct radix_item){order_key(values[i]), (uint32_t)i};
    return radix_sort(room->items, room->room, n, 64);
}

double ranked_value(const double *values, size_t n, double share, struct rank_room *room)
{
    return values[sort(values, n, room)[(size_t)(share * (double)(n - 1))].index];
}

void ranks_unit(const double *values, size_t n, struct rank_room *room, double *ranks)
{
    const struct radix_item *sorted = sort(values, n, room);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && sorted[end].key == sorted[begin].key;)
            end++;
        double mean = (double)(begin + end - 1) / 2 - (double)(n - 1) / 2;
        for (size_t i = begin; i < end; i++)
            ranks[sorted[i].index] = mean;
    }
    scale_to_one(ranks, n);
}

double ranks_dot(const double *a, const double *b, size_t n)
{
    double sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sums[lane] += a[i + lane] * b[i + lane];
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Gram-Schmidt, twice, because once leaves rounding behind. */
void ranks_without(double *ranks, size_t n, const double *const *controls, unsigned count)
{
    double *axes = vg_alloc((count * n + 1) * sizeof *axes);
    for (unsigned c = 0; c < count; c++) {
        double *axis = axes + c * n;
        memcpy(axis, controls[c], n * sizeof *axis);
        scale_to_one(axis, n);
        for (unsigned again = 0; again < 2; again++)
            for (unsigned b = 0; b < c; b++) {
                double shadow = ranks_dot(axis, axes + b * n, n);
                for (size_t i = 0; i < n; i++)
                    axis[i] -= shadow * axes[b * n + i];
            }
        scale_to_one(axis, n);
    }
    for (unsigned again = 0; again < 2; again++)
        for (unsigned c = 0; c < count; c++) {
            double shadow = ranks_dot(ranks, axes + c * n, n);
            for (size_t i = 0; i < n; i++)
                ranks[i] -= shadow * axes[c * n + i];
        }
    scale_to_one(ranks, n);
    free(axes);
}
