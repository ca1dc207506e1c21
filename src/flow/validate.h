/* validate.h: whether clusters last, and whether they say anything about what comes after.
 *
 * The lake's days are cut into folds: a formation window, a gap, and an evaluation window. Figures, columns, groups and
 * names of a fold are made of the fills of its formation window alone; results are net profit of perps marked to
 * market, after fees, by day of the evaluation window, of every trader grouped before: who trades no more has what his
 * positions did. Writes
 *
 *     outputs/validation.json, .html       the report
 *     outputs/point_in_time_labels.csv     every label, with the end of the data that it rests on
 */
#ifndef VIGIL_FLOW_VALIDATE_H
#define VIGIL_FLOW_VALIDATE_H

#include "analyze/cluster.h"
#include "analyze/market_exposure.h"
#include "analyze/prediction.h"
#include "base/progress.h"
#include "lake/coverage.h"

struct validate_options {
    const char *lake;
    unsigned formation, gap, evaluation, step; /* days */
    unsigned draws, placebos;
    struct cluster_options cluster; /* of each fold */
    struct vg_progress *progress;
};

/* Declared before any number is seen. The first four are the headline. */
#define VALIDATION_TESTS(X)                                                                                \
    X(SMART_MEMBERS, "smart_members", "members of Smart Directionals against all others", +1)              \
    X(LOSER_MEMBERS, "loser_members", "members of Retail Losers against all others", -1)                   \
    X(SMART_SCORE, "smart_score", "cosine of a trader's own columns with those of Smart Directionals", +1) \
    X(LABEL_HISTORY, "label_history", "how members of the same name fared in earlier folds", +1)           \
    X(NET_PNL, "past_net_pnl", "net profit of the formation window: what anybody can look up", +1)         \
    X(SHARPE, "past_sharpe", "Sharpe ratio, shrunk", +1)                                                   \
    X(NET_BPS, "past_net_bps", "net profit in bp of volume, shrunk", +1)                                   \
    X(WIN_RATE, "past_win_rate", "win rate, shrunk", +1)                                                   \
    X(MARKOUT, "past_markout_5m", "markout of taker fills after five minutes, shrunk", +1)                 \
    X(RANDOM, "random", "random numbers: what the method makes of nothing", +1)

#define VALIDATION_ENUM(NAME, ...) TEST_##NAME,
enum validation_test { VALIDATION_TESTS(VALIDATION_ENUM) VALIDATION_TEST_COUNT };
#define VALIDATION_HEADLINES 4

struct validation_test_schema {
    const char *name, *meaning;
    int sign; /* of the expected correlation */
};
extern const struct validation_test_schema validation_tests[VALIDATION_TEST_COUNT];

enum validation_verdict { VERDICT_SUPPORTED, VERDICT_NOT_SUPPORTED, VERDICT_UNDERPOWERED, VERDICT_UNKNOWN };
const char *validation_verdict_name(enum validation_verdict verdict);

/* An effect below this is of no use to anybody; a test that cannot see it has too little power. */
#define EFFECT_OF_INTEREST 0.05

/* Members of one name in one evaluation window. */
struct label_result {
    char name[CLUSTER_NAME_MAX];
    size_t n;
    double mean_usd, mean_low, mean_high;               /* and its 95 % interval by days; NAN: too few days to tell */
    double median_usd, hit_rate, median_bps, mean_rank; /* rank: 0 the worst of the fold, 1 the best */
};

struct validation_fold {
    int32_t from, to, result_from, result_to; /* days, all counted */
    bool has_later;                           /* the lake has as many days right after the results' */
    /* Of the formation window; of the results', from the day before on, whose close they are counted from; of the days
     * after them. */
    struct hours_lacking hours, result_hours, later_hours;
    size_t traders; /* grouped */
    unsigned k;
    struct label_result labels[KMEANS_CLUSTERS_MAX];
    double
        market[MARKET_COINS]; /* what BTC and ETH made over the results' days, 0.01 for one per cent; NAN: no price */
    /* Coefficients of all traders together: 1 had all who held done as the coin; NAN: its move is not taken out. */
    double exposure[MARKET_COINS];
    /* Luck, of those with a fill on every day: the best Sharpe ratio, and what the best of as many without skill would
     * show. */
    double best_sharpe, lucky_sharpe, best_is_real;
};

/* Two halves of the lake's days, grouped each for itself. */
struct validation_stability {
    bool known; /* both halves could be grouped */
    int32_t first_from, first_to, second_from, second_to;
    struct hours_lacking first_hours, second_hours;
    size_t traders; /* in both */
    unsigned k;
    double rand, information; /* between the two groupings of the traders in both */
    double frozen_rand;       /* the first half's model in the second, against the second's own */
    char names[KMEANS_CLUSTERS_MAX][CLUSTER_NAME_MAX];             /* the first half's clusters */
    double moved[KMEANS_CLUSTERS_MAX];                             /* to the matched centre, in radii */
    double stayed[KMEANS_CLUSTERS_MAX], left[KMEANS_CLUSTERS_MAX]; /* shares of traders */
    double transitions[KMEANS_CLUSTERS_MAX][KMEANS_CLUSTERS_MAX];  /* rows: first half; of those in both */
};

struct validation {
    int32_t from, to;           /* days of the lake */
    struct hours_lacking hours; /* of all days that some fold rests on, each once */
    size_t fold_count;
    struct validation_fold folds[PREDICTION_FOLDS_MAX];
    struct prediction tests[VALIDATION_TEST_COUNT];
    struct prediction market[VALIDATION_TEST_COUNT]; /* of results without the market's move, in folds that know one */
    bool market_known;                               /* BTC's and ETH's are taken out in every fold */
    struct prediction later[VALIDATION_TEST_COUNT];  /* of as many days right after the results' */
    size_t later_folds;                              /* that have these days; the first ones */
    double adjusted_p[VALIDATION_TEST_COUNT];        /* Holm among the headline, Benjamini-Hochberg among the others */
    enum validation_verdict verdicts[VALIDATION_TEST_COUNT];
    struct validation_stability stability;
    double seconds;
};

/* Some hour that the fold rests on is not in the lake. */
static inline bool validation_fold_is_incomplete(const struct validation_fold *fold)
{
    return fold->hours.missing + fold->result_hours.missing + fold->later_hours.missing > 0;
}

/* Of some hour that the fold rests on nothing tells whether the lake has it. */
static inline bool validation_fold_is_untold(const struct validation_fold *fold)
{
    return fold->hours.untold + fold->result_hours.untold + fold->later_hours.untold > 0;
}

/* VG_ESTATE: no lake, somebody writes, or too few days for one fold: says how many there are and are needed. */
VG_MUST_USE vg_code validate_run(const struct validate_options *options, struct validation *out, vg_err *err);

#endif
