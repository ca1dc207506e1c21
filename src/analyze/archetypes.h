/* archetypes.h: what to call a cluster: the archetypes of the data pipeline plan, by how its members behave.
 *
 * Score: cosine between the members' mean in the recommended, standardised columns and an archetype's weights.
 * Names are given so that their sum of scores is largest, each of the six once; further clusters take their best
 * name again. A name needs a score of 0.2, and its medians
 * (a market maker makes 60 % of his fills); else it is "Mixed".
 */
#ifndef VIGIL_ANALYZE_ARCHETYPES_H
#define VIGIL_ANALYZE_ARCHETYPES_H

#include "analyze/cluster_columns.h"
#include "analyze/kmeans.h"

enum trader_archetype {
    HFT_MARKET_MAKERS,
    SMART_DIRECTIONALS,
    SCALPERS,
    SWING_TRADERS,
    RETAIL_LOSERS,
    DEGEN_GAMBLERS,
    TRADER_ARCHETYPES
};
const char *trader_archetype_name(enum trader_archetype archetype);

/* Medians of a cluster's members; NAN: unknown to all. */
struct archetype_medians {
    double maker_pct, hold_minutes, net_bps, sharpe_ratio, net_pnl;
};

#define ARCHETYPE_REASON_MAX 256

struct archetype_verdict {
    const char *name;
    enum trader_archetype best, runner_up; /* best: the one it was given, also where its name did not hold */
    double scores[TRADER_ARCHETYPES];
    double margin; /* score of what it was given, less the best of the others: below 0 when another got that name */
    bool holds;    /* false: "Mixed" */
    char reason[ARCHETYPE_REASON_MAX]; /* what sets the cluster apart, and the median that a name failed on */
};

/* Cosine of one trader's, or a mean's, recommended columns with an archetype's weights: -1 to 1. */
double archetype_score(enum trader_archetype archetype, const double *z);

/* What a trader would be called for himself: the archetype whose score stands out most from what all others have of
 * it, in standard deviations. (Scores as they are would seldom choose an archetype that has few columns of its own.) */
struct archetype_own {
    enum trader_archetype archetype;
    float score;
};

/* z: n rows of the recommended columns, standardised. */
void archetypes_of_traders(const double *z, size_t n, struct archetype_own *out);

/* z[c]: mean of the cluster's members over the recommended columns. */
void archetypes_name(const double (*z)[RECOMMENDED_COLUMN_COUNT], const struct archetype_medians *medians, unsigned k,
                     struct archetype_verdict *verdicts);

#endif
