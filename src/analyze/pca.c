#include "analyze/pca.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

#define ROWS_PER_TASK 4096
#define SWEEPS_MAX 60
#define TINY 1e-15 /* of the norm: off-diagonal entries below are nothing */

typedef double matrix[PCA_COLUMNS_MAX][PCA_COLUMNS_MAX];

struct covariance {
    const double *z, *mean;
    size_t n;
    unsigned d;
    double *parts; /* one a task: d sums, or d × d sums of products */
};

static size_t rows_end(const struct covariance *c, size_t task)
{
    size_t from = task * ROWS_PER_TASK;
    return c->n - from < ROWS_PER_TASK ? c->n : from + ROWS_PER_TASK;
}

static void add_rows(void *ctx, unsigned worker, size_t task)
{
    const struct covariance *c = ctx;
    double *sums = c->parts + task * c->d;
    (void)worker;
    for (size_t i = task * ROWS_PER_TASK, end = rows_end(c, task); i < end; i++)
        for (unsigned j = 0; j < c->d; j++)
            sums[j] += c->z[i * c->d + j];
}

static void add_products(void *ctx, unsigned worker, size_t task)
{
    const struct covariance *c = ctx;
    unsigned d = c->d;
    double *sums = c->parts + task * d * d, row[PCA_COLUMNS_MAX];
    (void)worker;
    for (size_t i = task * ROWS_PER_TASK, end = rows_end(c, task); i < end; i++) {
        for (unsigned j = 0; j < d; j++)
            row[j] = c->z[i * d + j] - c->mean[j];
        for (unsigned j = 0; j < d; j++)
            for (unsigned k = 0; k < d; k++)
                sums[j * d + k] += row[j] * row[k];
    }
}

/* Sums of all tasks, in their order, whoever did them. */
static void in_tasks(struct covariance *c, unsigned threads, size_t width, void (*work)(void *, unsigned, size_t),
                     double *total)
{
    size_t tasks = (c->n + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
    c->parts = vg_calloc(tasks * width, sizeof *c->parts);
    vg_pool_run(threads, tasks, work, c);
    memset(total, 0, width * sizeof *total);
    for (size_t task = 0; task < tasks; task++)
        for (size_t j = 0; j < width; j++)
            total[j] += c->parts[task * width + j];
    free(c->parts);
}

static double off_diagonal(const double (*a)[PCA_COLUMNS_MAX], unsigned d)
{
    double sum = 0;
    for (unsigned i = 0; i < d; i++)
        for (unsigned j = 0; j < d; j++)
            if (i != j) sum += a[i][j] * a[i][j];
    return sqrt(sum);
}

/* Makes a[p][q] zero by a rotation of rows and columns p and q; rows of v turn along. */
static void rotate(double (*a)[PCA_COLUMNS_MAX], double (*v)[PCA_COLUMNS_MAX], unsigned d, unsigned p, unsigned q)
{
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (unsigned k = 0; k < d; k++) {
        double x = a[k][p], y = a[k][q];
        a[k][p] = c * x - s * y;
        a[k][q] = s * x + c * y;
    }
    for (unsigned k = 0; k < d; k++) {
        double x = a[p][k], y = a[q][k];
        a[p][k] = c * x - s * y;
        a[q][k] = s * x + c * y;
        x = v[p][k], y = v[q][k];
        v[p][k] = c * x - s * y;
        v[q][k] = s * x + c * y;
    }
    a[p][q] = a[q][p] = 0;
}

static void diagonalise(double (*a)[PCA_COLUMNS_MAX], double (*v)[PCA_COLUMNS_MAX], unsigned d)
{
    double norm = off_diagonal((const double(*)[PCA_COLUMNS_MAX])a, d);
    for (unsigned i = 0; i < d; i++) {
        memset(v[i], 0, sizeof v[i]);
        v[i][i] = 1;
        norm += fabs(a[i][i]);
    }
    for (unsigned sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        if (off_diagonal((const double(*)[PCA_COLUMNS_MAX])a, d) <= TINY * norm) return;
        for (unsigned p = 0; p + 1 < d; p++)
            for (unsigned q = p + 1; q < d; q++)
                if (fabs(a[p][q]) > TINY * TINY * norm) rotate(a, v, d, p, q);
    }
}

static double sign_of(const double *axis, unsigned d)
{
    unsigned largest = 0;
    for (unsigned j = 1; j < d; j++)
        if (fabs(axis[j]) > fabs(axis[largest]) + 1e-12) largest = j;
    return axis[largest] < 0 ? -1 : 1;
}

static void keep_axes(struct pca *pca, const double (*a)[PCA_COLUMNS_MAX], const double (*v)[PCA_COLUMNS_MAX])
{
    unsigned d = pca->d;
    bool taken[PCA_COLUMNS_MAX] = {0};
    for (unsigned i = 0; i < d; i++) {
        unsigned best = d;
        for (unsigned j = 0; j < d; j++)
            if (!taken[j] && (best == d || a[j][j] > a[best][best])) best = j;
        taken[best] = true;
        pca->variance[i] = a[best][best] > 0 ? a[best][best] : 0;
        double sign = sign_of(v[best], d);
        for (unsigned j = 0; j < d; j++)
            pca->axes[i][j] = sign * v[best][j];
    }
}

void pca_fit(const double *z, size_t n, unsigned d, unsigned threads, struct pca *pca)
{
    static const struct pca empty;
    matrix a = {{0}}, v = {{0}};
    double *products = vg_alloc((size_t)d * d * sizeof *products);
    VG_ASSERT(n > 1 && d > 0 && d <= PCA_COLUMNS_MAX);
    *pca = empty;
    pca->d = d;
    struct covariance c = {.z = z, .mean = pca->mean, .n = n, .d = d};
    in_tasks(&c, threads, d, add_rows, pca->mean);
    for (unsigned j = 0; j < d; j++)
        pca->mean[j] /= (double)n;
    in_tasks(&c, threads, (size_t)d * d, add_products, products);
    for (unsigned i = 0; i < d; i++)
        for (unsigned j = 0; j < d; j++)
            a[i][j] = products[i * d + j] / (double)(n - 1);
    free(products);
    diagonalise(a, v, d);
    keep_axes(pca, (const double(*)[PCA_COLUMNS_MAX])a, (const double(*)[PCA_COLUMNS_MAX])v);
}

void pca_project(const struct pca *pca, const double *row, unsigned m, float *out)
{
    for (unsigned i = 0; i < m; i++) {
        double sum = 0;
        for (unsigned j = 0; j < pca->d; j++)
            sum += (row[j] - pca->mean[j]) * pca->axes[i][j];
        out[i] = (float)sum;
    }
}

double pca_share(const struct pca *pca, unsigned m)
{
    double all = 0, first = 0;
    for (unsigned i = 0; i < pca->d; i++) {
        all += pca->variance[i];
        if (i < m) first += pca->variance[i];
    }
    return all > 0 ? first / all : 0;
}
