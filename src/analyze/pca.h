/* pca.h: principal axes of standardised columns.
 *
 * Eigenvectors of the covariance (divisor n - 1), by cyclic Jacobi rotations in double: axes orthogonal to
 * about 1e-15. Variances descend. In each axis the entry of largest magnitude is positive (the first of
 * those within 1e-12). The same bits for any number of threads.
 */
#ifndef VIGIL_ANALYZE_PCA_H
#define VIGIL_ANALYZE_PCA_H

#include <stddef.h>

#define PCA_COLUMNS_MAX 64

struct pca {
    unsigned d;
    double mean[PCA_COLUMNS_MAX];
    double variance[PCA_COLUMNS_MAX];
    double axes[PCA_COLUMNS_MAX][PCA_COLUMNS_MAX]; /* axes[i]: the i-th axis, d entries */
};

/* z: n rows of d finite numbers, n > 1, 0 < d <= PCA_COLUMNS_MAX. */
void pca_fit(const double *z, size_t n, unsigned d, unsigned threads, struct pca *pca);

/* Coordinates of a row along the first m axes. */
void pca_project(const struct pca *pca, const double *row, unsigned m, float *out);

/* Share of all variance along the first m axes; 0 when there is none. */
double pca_share(const struct pca *pca, unsigned m);

#endif
