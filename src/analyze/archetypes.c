#include "analyze/archetypes.h"

#include <math.h>
#include <stdio.h>

#include "analyze/agreement.h"
#include "base/buf.h"

const char *trader_archetype_name(enum trader_archetype archetype)
{
    static const char *const names[TRADER_ARCHETYPES] = {"HFT / Market Makers", "Smart Directional", "Scalpers",
                                                         "Swing Traders",       "Retail Losers",     "Degen Gamblers"};
    return names[archetype];
}

/* Weights on standardised columns: what the plan's "Key Traits" say, in our columns. */
static const double weights[TRADER_ARCHETYPES][RECOMMENDED_COLUMN_COUNT] = {
    [HFT_MARKET_MAKERS] = {[COLUMN_MAKER_PCT] = 2,
                           [COLUMN_LN_HOLD] = -2,
                           [COLUMN_LN_TPD] = 2,
                           [COLUMN_ABS_LN_LS] = -1,
                           [COLUMN_HOUR_ENTROPY] = 1,
                           [COLUMN_LN_VOLUME] = 1},
    [SMART_DIRECTIONALS] = {[COLUMN_NET_BPS] = 1.5,
                            [COLUMN_SHARPE_S] = 1.5,
                            [COLUMN_MARKOUT_5M] = 1.5,
                            [COLUMN_WIN_RATE_EB] = 1,
                            [COLUMN_LN_PF] = 1,
                            [COLUMN_LN_HOLD] = 0.3,
                            [COLUMN_LN_VOLUME] = 0.7},
    [SCALPERS] = {[COLUMN_LN_HOLD] = -1.2,
                  [COLUMN_LN_TPD] = 1.2,
                  [COLUMN_LN_INTERORDER] = -1,
                  [COLUMN_MAKER_PCT] = 0.5,
                  [COLUMN_ABS_LN_LS] = -0.7,
                  [COLUMN_SIZE_ENTROPY] = -0.8,
                  [COLUMN_LN_MAX_OVER_AVG] = -0.5},
    [SWING_TRADERS] = {[COLUMN_LN_HOLD] = 1.8,
                       [COLUMN_LN_TPD] = -0.8,
                       [COLUMN_LN_AVG_SIZE] = 1,
                       [COLUMN_LN_INTERORDER] = 1,
                       [COLUMN_MAKER_PCT] = 0.4,
                       [COLUMN_LN_VOL_BPS] = 0.5},
    [RETAIL_LOSERS] = {[COLUMN_LN_AVG_SIZE] = -1.2,
                       [COLUMN_LN_VOLUME] = -1,
                       [COLUMN_NET_BPS] = -0.5,
                       [COLUMN_WIN_RATE_EB] = -0.5,
                       [COLUMN_LN_PF] = -0.5,
                       [COLUMN_DISPOSITION] = 0.6,
                       [COLUMN_MAKER_PCT] = -0.4,
                       [COLUMN_MARKOUT_5M] = -0.4},
    [DEGEN_GAMBLERS] = {[COLUMN_MAKER_PCT] = -1,
                        [COLUMN_NET_BPS] = -1,
                        [COLUMN_WIN_RATE_EB] = -1,
                        [COLUMN_LN_LIQ] = 1.2,
                        [COLUMN_MARKOUT_5M] = -1,
                        [COLUMN_SIZE_ENTROPY] = 1.2,
                        [COLUMN_LN_MAX_OVER_AVG] = 1.2,
                        [COLUMN_LN_HOLD] = -0.3,
                        [COLUMN_DISPOSITION] = 0.5},
};

#define LEAST_SCORE 0.2 /* what chance gives a vector of 26 numbers: a name for that says nothing */

static double cosine(const double *a, const double *b)
{
    double product = 0, aa = 0, bb = 0;
    for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++) {
        product += a[j] * b[j];
        aa += a[j] * a[j];
        bb += b[j] * b[j];
    }
    return aa > 0 && bb > 0 ? product / sqrt(aa * bb) : 0;
}

double archetype_score(enum trader_archetype archetype, const double *z) { return cosine(z, weights[archetype]); }

void archetypes_of_traders(const double *z, size_t n, struct archetype_own *out)
{
    double *scores = vg_alloc((n + 1) * sizeof *scores);
    for (unsigned a = 0; a < TRADER_ARCHETYPES; a++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            scores[i] = archetype_score(a, z + i * RECOMMENDED_COLUMN_COUNT);
            mean += scores[i] / (double)n;
        }
        for (size_t i = 0; i < n; i++)
            squares += (scores[i] - mean) * (scores[i] - mean) / (double)n;
        for (size_t i = 0; i < n; i++) {
            float score = squares > 0 ? (float)((scores[i] - mean) / sqrt(squares)) : 0;
            if (a == 0 || score > out[i].score) out[i] = (struct archetype_own){a, score};
        }
    }
    free(scores);
}

/* Comparisons with NAN are false: a Sharpe ratio that nobody has (one day of data) is no argument against. */
static const char *broken_guard(enum trader_archetype archetype, double score, const struct archetype_medians *m)
{
    if (score < LEAST_SCORE) return "score below 0.2";
    switch (archetype) {
    case HFT_MARKET_MAKERS:
        if (m->maker_pct < 0.6) return "median maker_pct below 0.6";
        return m->hold_minutes > 15 ? "median hold above 15 min" : NULL;
    case SMART_DIRECTIONALS:
        if (m->net_bps <= 0) return "median net profit not above 0";
        return m->sharpe_ratio <= 0 ? "median Sharpe ratio not above 0" : NULL;
    case RETAIL_LOSERS:
    case DEGEN_GAMBLERS: return m->net_pnl >= 0 ? "median net profit not below 0" : NULL;
    case SCALPERS:
    case SWING_TRADERS:
    case TRADER_ARCHETYPES: break;
    }
    return NULL;
}

/* Each archetype once, as far as there are clusters; a cluster beyond that takes its best. */
static void give_names(struct archetype_verdict *v, unsigned k)
{
    double cost[KMEANS_CLUSTERS_MAX * TRADER_ARCHETYPES] = {0};
    unsigned given[KMEANS_CLUSTERS_MAX] = {0};
    bool by_cluster = k <= TRADER_ARCHETYPES;
    for (unsigned c = 0; c < k; c++) {
        v[c].best = 0;
        for (unsigned a = 0; a < TRADER_ARCHETYPES; a++) {
            cost[by_cluster ? c * TRADER_ARCHETYPES + a : a * k + c] = -v[c].scores[a];
            if (v[c].scores[a] > v[c].scores[v[c].best]) v[c].best = a;
        }
    }
    assign_rows(cost, by_cluster ? k : TRADER_ARCHETYPES, by_cluster ? TRADER_ARCHETYPES : k, given);
    for (unsigned i = 0; i < (by_cluster ? k : TRADER_ARCHETYPES); i++)
        v[by_cluster ? i : given[i]].best = by_cluster ? given[i] : i;
}

static void find_runner_up(struct archetype_verdict *v)
{
    v->runner_up = v->best ? 0 : 1;
    for (unsigned a = 0; a < TRADER_ARCHETYPES; a++)
        if (a != (unsigned)v->best && v->scores[a] > v->scores[v->runner_up]) v->runner_up = a;
    v->margin = v->scores[v->best] - v->scores[v->runner_up];
}

/* The three columns in which the members differ most from the population. */
static void explain(const double *z, const char *guard, struct archetype_verdict *v)
{
    bool told[RECOMMENDED_COLUMN_COUNT] = {0};
    int at = 0;
    for (int i = 0; i < 3; i++) {
        unsigned most = 0;
        for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++)
            if (told[most] || (!told[j] && fabs(z[j]) > fabs(z[most]))) most = j;
        told[most] = true;
        at += snprintf(v->reason + at, sizeof v->reason - (size_t)at, "%s%s %+.1f sd", i ? ", " : "",
                       cluster_column_name(SCALING_RECOMMENDED, most), z[most]);
    }
    if (guard)
        snprintf(v->reason + at, sizeof v->reason - (size_t)at, "; not %s: %s", trader_archetype_name(v->best), guard);
}

void archetypes_name(const double (*z)[RECOMMENDED_COLUMN_COUNT], const struct archetype_medians *medians, unsigned k,
                     struct archetype_verdict *verdicts)
{
    for (unsigned c = 0; c < k; c++)
        for (unsigned a = 0; a < TRADER_ARCHETYPES; a++)
            verdicts[c].scores[a] = cosine(z[c], weights[a]);
    give_names(verdicts, k);
    for (unsigned c = 0; c < k; c++) {
        const char *guard = broken_guard(verdicts[c].best, verdicts[c].scores[verdicts[c].best], &medians[c]);
        find_runner_up(&verdicts[c]);
        verdicts[c].holds = !guard;
        verdicts[c].name = guard ? "Mixed" : trader_archetype_name(verdicts[c].best);
        explain(z[c], guard, &verdicts[c]);
    }
}
