/* prediction.h: whether what was known of traders in one window says anything about the window after it.
 *
 * Each fold is a formation window, whose scores were made of nothing later, and an evaluation window with a result a
 * trader and day. A score is judged by its rank correlation (information coefficient, IC) with the sum of results.
 * All traders share one market, so chance is measured by drawing days again (circular blocks), never traders; and a
 * placebo gives scores to others of the same size and activity. Method: docs/validation.md.
 *
 * The same bits for any number of threads. Takes 8 bytes a trader for each day, score, and thread.
 */
#ifndef VIGIL_ANALYZE_PREDICTION_H
#define VIGIL_ANALYZE_PREDICTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PREDICTION_SCORES_MAX 32
#define PREDICTION_FOLDS_MAX 64
#define PREDICTION_DAYS_MAX 366 /* of one evaluation window */
#define PREDICTION_CONTROLS 3

struct prediction_fold {
    size_t n;
    unsigned days;
    const double *results;                       /* n rows of `days`: USD, marked to market, after fees */
    const double *size;                          /* n: what results are divided by; > 0 */
    const double *scores[PREDICTION_SCORES_MAX]; /* n each, no NAN; NULL: not known in this fold */
    const double *controls[PREDICTION_CONTROLS]; /* n each: what is trivial to know */
    const uint32_t *strata;                      /* n: placebos swap scores within one stratum */
};

struct prediction_options {
    unsigned scores, draws, placebos;
    unsigned block; /* days drawn together */
    uint64_t seed;
    unsigned threads;
};

struct prediction {
    unsigned folds;                       /* that have the score */
    double fold_ic[PREDICTION_FOLDS_MAX]; /* NAN: no score there */
    double ic, partial_ic;                /* means over folds; partial: beyond the controls */
    double error, low, high;              /* standard error by days, and the 95 % interval; NAN: too few days to tell */
    double p, placebo_mean, placebo_p;
    double detectable;          /* the IC that would be found in four of five cases */
    double top, bottom, spread; /* mean result of the highest and lowest tenth in bp of size, 1 % winsorised */
    double spread_low, spread_high;
    double freedom; /* that the error rests on: blocks of days, or folds, less one each */
};

/* out[options->scores]. */
void prediction_run(const struct prediction_fold *folds, unsigned fold_count, const struct prediction_options *options,
                    struct prediction *out);

/* Holm (1979) and Benjamini-Hochberg (1995): p values adjusted for having been chosen among n. In place; what is no
 * number stays. */
void adjust_holm(double *p, unsigned n);
void adjust_benjamini_hochberg(double *p, unsigned n);

#endif
