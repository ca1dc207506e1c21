#include "analyze/standardise.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/pool.h"

#define SMALLEST_DEVIATION 1e-9
#define SUM_BLOCK 4096 /* sums of blocks, then of their sums: less rounding */

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Hoare's selection: afterwards v[k] is what sorting would put there, smaller ones before, larger ones behind. */
static double select_at(double *v, size_t n, size_t k)
{
    size_t left = 0, right = n - 1;
    while (left < right) {
        size_t middle = left + (right - left) / 2, i = left, j = right;
        if (v[middle] < v[left]) swap(&v[middle], &v[left]);
        if (v[right] < v[left]) swap(&v[right], &v[left]);
        if (v[right] < v[middle]) swap(&v[right], &v[middle]);
        double pivot = v[middle];
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i > j) break;
            swap(&v[i++], &v[j]);
            if (j-- == 0) break;
        }
        if (k <= j && j <= right)
            right = j;
        else if (k >= i)
            left = i;
        else
            break;
    }
    return v[k];
}

static double quantile(double *v, size_t n, double q)
{
    double h = (double)(n - 1) * q;
    size_t below = (size_t)h;
    double low = select_at(v, n, below);
    if (below + 1 >= n || h <= (double)below) return low;
    double high = v[below + 1]; /* the smallest of those behind */
    for (size_t i = below + 2; i < n; i++)
        if (v[i] < high) high = v[i];
    return low + (h - (double)below) * (high - low);
}

static size_t keep_finite(double *values, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) values[kept++] = values[i];
    return kept;
}

double median_of(double *values, size_t n)
{
    n = keep_finite(values, n);
    return n ? quantile(values, n, 0.5) : (double)NAN;
}

static double clipped(const struct column_scale *s, double value)
{
    if (!isfinite(value)) value = s->median;
    if (value < s->low) return s->low;
    return value > s->high ? s->high : value;
}

struct fit {
    const double *x;
    size_t n;
    unsigned d;
    double tails;
    struct column_scale *scales;
};

/* Sum over the column of (value - shift)^power, power 1 or 2. */
static double column_sum(const struct fit *fit, size_t column, double shift, int power)
{
    const struct column_scale *s = &fit->scales[column];
    double sum = 0;
    for (size_t from = 0; from < fit->n; from += SUM_BLOCK) {
        size_t to = fit->n - from < SUM_BLOCK ? fit->n : from + SUM_BLOCK;
        double part = 0;
        for (size_t i = from; i < to; i++) {
            double value = clipped(s, fit->x[i * fit->d + column]) - shift;
            part += power == 1 ? value : value * value;
        }
        sum += part;
    }
    return sum;
}

static void fit_column(void *ctx, unsigned worker, size_t column)
{
    const struct fit *fit = ctx;
    struct column_scale *s = &fit->scales[column];
    double *values = vg_alloc(fit->n * sizeof *values);
    (void)worker;
    for (size_t i = 0; i < fit->n; i++)
        values[i] = fit->x[i * fit->d + column];
    size_t present = keep_finite(values, fit->n);
    *s = (struct column_scale){.empty = present * 2 < fit->n, .deviation = 1};
    if (!s->empty) {
        s->median = quantile(values, present, 0.5);
        for (size_t i = present; i < fit->n; i++)
            values[i] = s->median;
        s->low = quantile(values, fit->n, fit->tails);
        s->high = quantile(values, fit->n, 1 - fit->tails);
        s->mean = column_sum(fit, column, 0, 1) / (double)fit->n;
        double deviation = sqrt(column_sum(fit, column, s->mean, 2) / (double)fit->n);
        if (deviation > SMALLEST_DEVIATION) s->deviation = deviation;
    }
    free(values);
}

void standardise_fit(const double *x, size_t n, unsigned d, double tails, unsigned threads, struct column_scale *scales)
{
    struct fit fit = {x, n, d, tails, scales};
    vg_pool_run(threads, d, fit_column, &fit);
}

void standardise_row(const struct column_scale *scales, unsigned d, double *row)
{
    for (unsigned j = 0; j < d; j++)
        row[j] = scales[j].empty ? 0 : (clipped(&scales[j], row[j]) - scales[j].mean) / scales[j].deviation;
}
