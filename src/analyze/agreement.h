/* agreement.h: how alike two groupings of the same points are, and who corresponds to whom. */
#ifndef VIGIL_ANALYZE_AGREEMENT_H
#define VIGIL_ANALYZE_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#define AGREEMENT_LABELS_MAX 64

/* Points with label a in one grouping and b in the other. */
struct agreement {
    unsigned a_count, b_count;
    uint64_t n, both[AGREEMENT_LABELS_MAX][AGREEMENT_LABELS_MAX];
    uint64_t a_sizes[AGREEMENT_LABELS_MAX], b_sizes[AGREEMENT_LABELS_MAX];
};

void agreement_count(struct agreement *agreement, const uint32_t *a, unsigned a_count, const uint32_t *b,
                     unsigned b_count, size_t n);

/* Adjusted Rand index (Hubert and Arabie 1985): 1 the same, 0 as alike as chance makes them. */
double agreement_rand(const struct agreement *agreement);

/* Adjusted mutual information (Vinh, Epps and Bailey 2010, arithmetic mean): fairer when the numbers of groups
 * differ. 1 the same, 0 chance. */
double agreement_information(const struct agreement *agreement);

/* Gives every row its own column so that the sum of costs is least (Kuhn 1955): rows <= columns <=
 * AGREEMENT_LABELS_MAX, cost[row * columns + column] finite. */
void assign_rows(const double *cost, unsigned rows, unsigned columns, unsigned *column_of);

#endif
