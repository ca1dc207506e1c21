#include "analyze/prediction.h"

#include <math.h>
#include <string.h>

#include "analyze/day_blocks.h"
#include "analyze/luck.h"
#include "analyze/ranks.h"
#include "base/buf.h"
#include "base/pool.h"
#include "base/rng.h"

#define TAIL 0.01 /* of results, clipped on each side for means */
#define TENTH 0.1
#define FOLDS_TO_COMPARE 3
#define POWER_Z 0.8416212 /* found in four of five cases */
#define BASIS_POINTS 1e4

/* What a fold is compared by. */
struct prepared {
    double *score_ranks[PREDICTION_SCORES_MAX]; /* of length 1; NULL: no score */
    int8_t *ends[PREDICTION_SCORES_MAX];        /* 1 highest tenth, -1 lowest */
    double *sums, *result_ranks;
    double low, high; /* limits of results */
    uint32_t *by_stratum;
};

struct judge {
    const struct prediction_fold *folds;
    unsigned fold_count;
    const struct prediction_options *options;
    struct prepared *prepared;
    size_t largest;
    double *ics, *spreads; /* draws × scores */
    double *placebo_ics;   /* placebos × scores */
};

/* --- one fold --- */

static void add_up(const struct prediction_fold *f, const double *weights, double *sums)
{
    for (size_t i = 0; i < f->n; i++) {
        double sum = 0;
        for (unsigned d = 0; d < f->days; d++)
            sum += weights[d] * f->results[i * f->days + d];
        sums[i] = BASIS_POINTS * sum / f->size[i];
    }
}

/* The highest and lowest tenth of a score; where equal ones reach across the border, none of them, unless nobody else
 * is left: of members and others all are at an end. */
static int8_t *mark_ends(const double *ranks, size_t n, struct rank_room *room)
{
    int8_t *ends = vg_calloc(n + 1, 1);
    double high = ranked_value(ranks, n, 1 - TENTH, room), low = ranked_value(ranks, n, TENTH, room);
    size_t above = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        above += ranks[i] > high;
        below += ranks[i] < low;
    }
    for (size_t i = 0; i < n; i++) {
        bool top = above ? ranks[i] > high : ranks[i] >= high, bottom = below ? ranks[i] < low : ranks[i] <= low;
        ends[i] = (int8_t)(top - bottom);
    }
    return ends;
}

/* Traders ordered by stratum, each as often as he is there: placebos shuffle within. */
static uint32_t *order_by_stratum(const struct prediction_fold *f, struct rank_room *room)
{
    uint32_t *order = vg_alloc((f->n + 1) * sizeof *order);
    for (size_t i = 0; i < f->n; i++)
        room->items[i] = (struct radix_item){f->strata[i], (uint32_t)i};
    const struct radix_item *sorted = radix_sort(room->items, room->room, f->n, 32);
    for (size_t i = 0; i < f->n; i++)
        order[i] = sorted[i].index;
    return order;
}

static void prepare(const struct prediction_fold *f, unsigned scores, struct rank_room *room, struct prepared *p)
{
    double ones[PREDICTION_DAYS_MAX];
    for (unsigned d = 0; d < f->days; d++)
        ones[d] = 1;
    p->sums = vg_alloc((f->n + 1) * sizeof *p->sums);
    p->result_ranks = vg_alloc((f->n + 1) * sizeof *p->result_ranks);
    add_up(f, ones, p->sums);
    ranks_unit(p->sums, f->n, room, p->result_ranks);
    p->low = ranked_value(p->sums, f->n, TAIL, room);
    p->high = ranked_value(p->sums, f->n, 1 - TAIL, room);
    p->by_stratum = order_by_stratum(f, room);
    for (unsigned s = 0; s < scores; s++) {
        if (!f->scores[s]) continue;
        p->score_ranks[s] = vg_alloc((f->n + 1) * sizeof **p->score_ranks);
        ranks_unit(f->scores[s], f->n, room, p->score_ranks[s]);
        p->ends[s] = mark_ends(p->score_ranks[s], f->n, room);
    }
}

static void release(struct prepared *p)
{
    for (unsigned s = 0; s < PREDICTION_SCORES_MAX; s++) {
        free(p->score_ranks[s]);
        free(p->ends[s]);
    }
    free(p->sums);
    free(p->result_ranks);
    free(p->by_stratum);
}

/* Mean result of each end, the tails clipped. */
static void mean_ends(const struct prepared *p, const int8_t *ends, const double *sums, size_t n, double *top,
                      double *bottom)
{
    double total[2] = {0}, count[2] = {0};
    for (size_t i = 0; i < n; i++) {
        if (!ends[i]) continue;
        total[ends[i] > 0] += fmin(fmax(sums[i], p->low), p->high);
        count[ends[i] > 0]++;
    }
    *top = count[1] > 0 ? total[1] / count[1] : 0;
    *bottom = count[0] > 0 ? total[0] / count[0] : 0;
}

/* --- drawing days again --- */

static void draw(void *ctx, unsigned worker, size_t task)
{
    (void)worker;
    struct judge *j = ctx;
    unsigned scores = j->options->scores, folds[PREDICTION_SCORES_MAX] = {0};
    double weights[PREDICTION_DAYS_MAX], *ics = j->ics + task * scores, *spreads = j->spreads + task * scores;
    double *sums = vg_alloc((j->largest + 1) * sizeof *sums), *ranks = vg_alloc((j->largest + 1) * sizeof *ranks);
    struct rank_room room;
    struct vg_rng rng;
    vg_rng_init(&rng, j->options->seed * UINT64_C(0x9e3779b97f4a7c15) + task);
    rank_room_new(&room, j->largest);
    for (unsigned k = 0; k < j->fold_count && !vg_cancelled(); k++) {
        const struct prediction_fold *f = &j->folds[k];
        const struct prepared *p = &j->prepared[k];
        day_draw(f->days, day_block(f->days, j->options->block), &rng, weights);
        add_up(f, weights, sums);
        ranks_unit(sums, f->n, &room, ranks);
        for (unsigned s = 0; s < scores; s++) {
            double top, bottom;
            if (!f->scores[s]) continue;
            folds[s]++;
            ics[s] += ranks_dot(p->score_ranks[s], ranks, f->n);
            mean_ends(p, p->ends[s], sums, f->n, &top, &bottom);
            spreads[s] += top - bottom;
        }
    }
    for (unsigned s = 0; s < scores; s++) {
        ics[s] /= folds[s] ? folds[s] : 1;
        spreads[s] /= folds[s] ? folds[s] : 1;
    }
    rank_room_release(&room);
    free(sums);
    free(ranks);
}

/* --- placebos --- */

static void shuffle_within(const struct prediction_fold *f, const uint32_t *order, struct vg_rng *rng,
                           uint32_t *shuffled)
{
    memcpy(shuffled, order, f->n * sizeof *shuffled);
    for (size_t begin = 0, end; begin < f->n; begin = end) {
        for (end = begin + 1; end < f->n && f->strata[order[end]] == f->strata[order[begin]];)
            end++;
        for (size_t i = end - begin; i > 1; i--) {
            size_t other = begin + vg_rng_below(rng, i);
            uint32_t last = shuffled[begin + i - 1];
            shuffled[begin + i - 1] = shuffled[other];
            shuffled[other] = last;
        }
    }
}

static void pretend(void *ctx, unsigned worker, size_t task)
{
    (void)worker;
    struct judge *j = ctx;
    unsigned scores = j->options->scores, folds[PREDICTION_SCORES_MAX] = {0};
    double *ics = j->placebo_ics + task * scores;
    uint32_t *shuffled = vg_alloc((j->largest + 1) * sizeof *shuffled);
    struct vg_rng rng;
    vg_rng_init(&rng, ~(j->options->seed * UINT64_C(0x9e3779b97f4a7c15)) - task);
    for (unsigned k = 0; k < j->fold_count && !vg_cancelled(); k++) {
        const struct prediction_fold *f = &j->folds[k];
        const struct prepared *p = &j->prepared[k];
        shuffle_within(f, p->by_stratum, &rng, shuffled);
        for (unsigned s = 0; s < scores; s++) {
            if (!f->scores[s]) continue;
            double sum = 0;
            for (size_t i = 0; i < f->n; i++)
                sum += p->score_ranks[s][shuffled[i]] * p->result_ranks[p->by_stratum[i]];
            folds[s]++;
            ics[s] += sum;
        }
    }
    for (unsigned s = 0; s < scores; s++)
        ics[s] /= folds[s] ? folds[s] : 1;
    free(shuffled);
}

/* --- the verdict's numbers --- */

static double deviation(const double *values, unsigned n, unsigned stride, double *mean)
{
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++)
        sum += values[(size_t)i * stride];
    *mean = n ? sum / n : (double)NAN;
    for (unsigned i = 0; i < n; i++)
        squares += (values[(size_t)i * stride] - *mean) * (values[(size_t)i * stride] - *mean);
    return n > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
}

/* Beyond the controls, in one fold. */
static double partial(const struct prediction_fold *f, const double *score_ranks, const double *result_ranks,
                      const double *const *controls)
{
    double *score = vg_alloc((f->n + 1) * sizeof *score), *result = vg_alloc((f->n + 1) * sizeof *result);
    memcpy(score, score_ranks, f->n * sizeof *score);
    memcpy(result, result_ranks, f->n * sizeof *result);
    ranks_without(score, f->n, controls, PREDICTION_CONTROLS);
    ranks_without(result, f->n, controls, PREDICTION_CONTROLS);
    double ic = ranks_dot(score, result, f->n);
    free(score);
    free(result);
    return ic;
}

static void judge_fold(const struct judge *j, unsigned k, struct prediction *out)
{
    const struct prediction_fold *f = &j->folds[k];
    const struct prepared *p = &j->prepared[k];
    double *controls[PREDICTION_CONTROLS];
    struct rank_room room;
    rank_room_new(&room, f->n);
    for (unsigned c = 0; c < PREDICTION_CONTROLS; c++) {
        controls[c] = vg_alloc((f->n + 1) * sizeof *controls[c]);
        ranks_unit(f->controls[c], f->n, &room, controls[c]);
    }
    for (unsigned s = 0; s < j->options->scores; s++) {
        double top, bottom;
        out[s].fold_ic[k] = (double)NAN;
        if (!f->scores[s]) continue;
        out[s].folds++;
        out[s].fold_ic[k] = ranks_dot(p->score_ranks[s], p->result_ranks, f->n);
        out[s].ic += out[s].fold_ic[k];
        out[s].partial_ic += partial(f, p->score_ranks[s], p->result_ranks, (const double *const *)controls);
        mean_ends(p, p->ends[s], p->sums, f->n, &top, &bottom);
        out[s].top += top;
        out[s].bottom += bottom;
        out[s].freedom += (double)f->days / day_block(f->days, j->options->block) - 1;
    }
    rank_room_release(&room);
    for (unsigned c = 0; c < PREDICTION_CONTROLS; c++)
        free(controls[c]);
}

/* Folds differ by more than their days tell where one move of the market decides a window: the wider interval holds. */
static void use_folds(const struct judge *j, struct prediction *out, double *t)
{
    double ics[PREDICTION_FOLDS_MAX], mean;
    unsigned n = 0;
    if (out->folds < FOLDS_TO_COMPARE) return;
    for (unsigned k = 0; k < j->fold_count; k++)
        if (isfinite(out->fold_ic[k])) ics[n++] = out->fold_ic[k];
    double error = deviation(ics, n, 1, &mean) / sqrt(n), own_t = student_quantile(0.975, n - 1);
    if (isfinite(*t) && own_t * error <= *t * out->error) return;
    out->error = error;
    out->freedom = n - 1;
    *t = own_t;
}

static void judge_score(const struct judge *j, unsigned s, struct prediction *out)
{
    const struct prediction_options *o = j->options;
    double mean;
    if (out->folds == 0) return;
    out->ic /= out->folds;
    out->partial_ic /= out->folds;
    out->top /= out->folds;
    out->bottom /= out->folds;
    out->spread = out->top - out->bottom;
    double wider = day_draw_widening(out->freedom / out->folds + 1);
    out->error = wider * deviation(j->ics + s, o->draws, o->scores, &mean);
    double t = out->freedom >= 1 ? student_quantile(0.975, out->freedom) : (double)NAN;
    double days_t = t;
    use_folds(j, out, &t);
    out->low = out->ic - t * out->error;
    out->high = out->ic + t * out->error;
    out->p = out->error > 0 ? student_p(out->ic / out->error, out->freedom) : (double)NAN;
    out->detectable = (t + POWER_Z) * out->error;
    double spread_error = wider * deviation(j->spreads + s, o->draws, o->scores, &mean);
    out->spread_low = out->spread - days_t * spread_error;
    out->spread_high = out->spread + days_t * spread_error;
    (void)deviation(j->placebo_ics + s, o->placebos, o->scores, &out->placebo_mean);
    unsigned as_far = 0;
    for (unsigned i = 0; i < o->placebos; i++)
        as_far +=
            fabs(j->placebo_ics[(size_t)i * o->scores + s] - out->placebo_mean) >= fabs(out->ic - out->placebo_mean);
    out->placebo_p = (1.0 + as_far) / (1.0 + o->placebos);
}

void prediction_run(const struct prediction_fold *folds, unsigned fold_count, const struct prediction_options *options,
                    struct prediction *out)
{
    struct judge j = {.folds = folds, .fold_count = fold_count, .options = options};
    struct rank_room room;
    for (unsigned k = 0; k < fold_count; k++)
        if (folds[k].n > j.largest) j.largest = folds[k].n;
    j.prepared = vg_calloc(fold_count + 1, sizeof *j.prepared);
    j.ics = vg_calloc((size_t)options->draws * options->scores + 1, sizeof *j.ics);
    j.spreads = vg_calloc((size_t)options->draws * options->scores + 1, sizeof *j.spreads);
    j.placebo_ics = vg_calloc((size_t)options->placebos * options->scores + 1, sizeof *j.placebo_ics);
    memset(out, 0, options->scores * sizeof *out);
    rank_room_new(&room, j.largest);
    for (unsigned k = 0; k < fold_count; k++)
        prepare(&folds[k], options->scores, &room, &j.prepared[k]);
    rank_room_release(&room);
    vg_pool_run(options->threads, options->draws, draw, &j);
    vg_pool_run(options->threads, options->placebos, pretend, &j);
    for (unsigned k = 0; k < fold_count; k++)
        judge_fold(&j, k, out);
    for (unsigned s = 0; s < options->scores; s++)
        judge_score(&j, s, &out[s]);
    for (unsigned k = 0; k < fold_count; k++)
        release(&j.prepared[k]);
    free(j.prepared);
    free(j.ics);
    free(j.spreads);
    free(j.placebo_ics);
}

/* --- many tests --- */

static unsigned smallest_left(const double *p, const bool *done, unsigned n)
{
    unsigned best = n;
    for (unsigned i = 0; i < n; i++)
        if (!done[i] && isfinite(p[i]) && (best == n || p[i] < p[best])) best = i;
    return best;
}

void adjust_holm(double *p, unsigned n)
{
    bool done[PREDICTION_SCORES_MAX] = {0};
    double floor_p = 0;
    for (unsigned rank = 0; rank < n; rank++) {
        unsigned i = smallest_left(p, done, n);
        if (i == n) return;
        floor_p = fmax(floor_p, fmin(1, (n - rank) * p[i]));
        done[i] = true;
        p[i] = floor_p;
    }
}

void adjust_benjamini_hochberg(double *p, unsigned n)
{
    bool done[PREDICTION_SCORES_MAX] = {0};
    unsigned order[PREDICTION_SCORES_MAX], known = 0;
    double ceiling = 1;
    for (unsigned i; (i = smallest_left(p, done, n)) < n; done[i] = true)
        order[known++] = i;
    for (unsigned rank = known; rank > 0; rank--) {
        ceiling = fmin(ceiling, p[order[rank - 1]] * n / rank);
        p[order[rank - 1]] = ceiling;
    }
}
