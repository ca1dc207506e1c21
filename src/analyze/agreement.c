#include "analyze/agreement.h"

#include <math.h>
#include <stdbool.h>

#include "base/err.h"

void agreement_count(struct agreement *agreement, const uint32_t *a, unsigned a_count, const uint32_t *b,
                     unsigned b_count, size_t n)
{
    static const struct agreement nothing;
    VG_ASSERT(a_count <= AGREEMENT_LABELS_MAX && b_count <= AGREEMENT_LABELS_MAX);
    *agreement = nothing;
    agreement->a_count = a_count;
    agreement->b_count = b_count;
    agreement->n = n;
    for (size_t i = 0; i < n; i++) {
        agreement->both[a[i]][b[i]]++;
        agreement->a_sizes[a[i]]++;
        agreement->b_sizes[b[i]]++;
    }
}

static double pairs(uint64_t n) { return n ? (double)n * (double)(n - 1) / 2 : 0; }

double agreement_rand(const struct agreement *g)
{
    double together = 0, a = 0, b = 0, all = pairs(g->n);
    for (unsigned i = 0; i < g->a_count; i++)
        a += pairs(g->a_sizes[i]);
    for (unsigned j = 0; j < g->b_count; j++)
        b += pairs(g->b_sizes[j]);
    for (unsigned i = 0; i < g->a_count; i++)
        for (unsigned j = 0; j < g->b_count; j++)
            together += pairs(g->both[i][j]);
    double expected = all > 0 ? a * b / all : 0, most = (a + b) / 2;
    return most - expected == 0 ? 1 : (together - expected) / (most - expected); /* both trivial: the same */
}

static double entropy(const uint64_t *sizes, unsigned count, double n)
{
    double sum = 0;
    for (unsigned i = 0; i < count; i++)
        if (sizes[i]) sum -= (double)sizes[i] / n * log((double)sizes[i] / n);
    return sum;
}

static double mutual_information(const struct agreement *g)
{
    double n = (double)g->n, sum = 0;
    for (unsigned i = 0; i < g->a_count; i++)
        for (unsigned j = 0; j < g->b_count; j++) {
            double both = (double)g->both[i][j];
            if (both > 0) sum += both / n * log(n * both / ((double)g->a_sizes[i] * (double)g->b_sizes[j]));
        }
    return sum;
}

/* ln n!, without lgamma's global sign. */
static double log_factorial(double n)
{
    int sign;
    return lgamma_r(n + 1, &sign);
}

/* Expected information of groupings with these sizes: the hypergeometric law of each pair of groups. */
static double expected_information(const struct agreement *g)
{
    double n = (double)g->n, sum = 0;
    for (unsigned i = 0; i < g->a_count; i++)
        for (unsigned j = 0; j < g->b_count; j++) {
            double a = (double)g->a_sizes[i], b = (double)g->b_sizes[j], most = a < b ? a : b;
            double fixed =
                log_factorial(a) + log_factorial(b) + log_factorial(n - a) + log_factorial(n - b) - log_factorial(n);
            uint64_t least = a + b - n > 1 ? (uint64_t)(a + b - n) : 1;
            for (uint64_t shared = least; shared <= (uint64_t)most; shared++) {
                double both = (double)shared;
                double chance = fixed - log_factorial(both) - log_factorial(a - both) - log_factorial(b - both) -
                                log_factorial(n - a - b + both);
                sum += both / n * log(n * both / (a * b)) * exp(chance);
            }
        }
    return sum;
}

double agreement_information(const struct agreement *g)
{
    double n = (double)g->n;
    double mean = (entropy(g->a_sizes, g->a_count, n) + entropy(g->b_sizes, g->b_count, n)) / 2;
    if (mean <= 0) return 1; /* one group each */
    double expected = expected_information(g), room = mean - expected;
    if (fabs(room) < 1e-15) return 0;
    return (mutual_information(g) - expected) / room;
}

/* The Hungarian method with potentials: one row after the other finds its cheapest augmenting path. Index 0 of
 * columns stands for the row that is looking. */
struct matching {
    const double *cost;
    unsigned rows, columns;
    double row_price[AGREEMENT_LABELS_MAX + 1], column_price[AGREEMENT_LABELS_MAX + 1];
    unsigned row_of[AGREEMENT_LABELS_MAX + 1], came_from[AGREEMENT_LABELS_MAX + 1];
};

static void add_row(struct matching *m, unsigned row)
{
    double slack[AGREEMENT_LABELS_MAX + 1];
    bool used[AGREEMENT_LABELS_MAX + 1] = {0};
    unsigned at = 0;
    m->row_of[0] = row;
    for (unsigned c = 0; c <= m->columns; c++)
        slack[c] = (double)INFINITY;
    do {
        unsigned next = 0, here = m->row_of[at];
        double least = (double)INFINITY;
        used[at] = true;
        for (unsigned c = 1; c <= m->columns; c++) {
            if (used[c]) continue;
            double reduced = m->cost[(here - 1) * m->columns + c - 1] - m->row_price[here] - m->column_price[c];
            if (reduced < slack[c]) slack[c] = reduced, m->came_from[c] = at;
            if (slack[c] < least) least = slack[c], next = c;
        }
        for (unsigned c = 0; c <= m->columns; c++) {
            if (used[c])
                m->row_price[m->row_of[c]] += least, m->column_price[c] -= least;
            else
                slack[c] -= least;
        }
        at = next;
    } while (m->row_of[at]);
    for (; at; at = m->came_from[at])
        m->row_of[at] = m->row_of[m->came_from[at]];
}

void assign_rows(const double *cost, unsigned rows, unsigned columns, unsigned *column_of)
{
    struct matching m = {.cost = cost, .rows = rows, .columns = columns};
    VG_ASSERT(rows <= columns && columns <= AGREEMENT_LABELS_MAX);
    for (unsigned row = 1; row <= rows; row++)
        add_row(&m, row);
    for (unsigned c = 1; c <= columns; c++)
        if (m.row_of[c]) column_of[m.row_of[c] - 1] = c - 1;
}
