#include "flow/validate.h"

#include <math.h>
#include <string.h>

#include "analyze/day_blocks.h"
#include "analyze/luck.h"
#include "analyze/ranks.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/rng.h"
#include "flow/validate_stability.h"
#include "flow/validation_print.h"

#define SIGNIFICANT 0.05
#define FALSE_DISCOVERIES 0.10
#define SIZE_GROUPS 10 /* strata of placebos: tenths by volume, thirds by active days */
#define DAY_GROUPS 3
#define BLOCK_DAYS 3
#define LUCK_DAYS 20   /* ratios of fewer days have wilder tails than the formula knows */
#define LEAST_SIZE 1.0 /* USD a day: what results are divided by at least */

#define TEST_SCHEMA(NAME, name, meaning, sign) {name, meaning, sign},
const struct validation_test_schema validation_tests[VALIDATION_TEST_COUNT] = {VALIDATION_TESTS(TEST_SCHEMA)};

const char *validation_verdict_name(enum validation_verdict verdict)
{
    static const char *const names[] = {"supported", "not supported", "underpowered", "not testable"};
    return names[verdict];
}

/* What is known of one fold's traders. */
struct fold_data {
    struct trader_window window;
    struct clustering clustering;
    struct day_results *before; /* the day before the evaluation window; its days follow */
    double *results;            /* by trader and day */
    double *own_results;        /* the same without the market's move; NULL: nothing is known of it */
    double *later;              /* of as many days after; NULL: not in the lake */
    double *size, *net_pnl, *volume, *active_days;
    double *scores[VALIDATION_TEST_COUNT]; /* NULL: not known in this fold */
    uint32_t *strata;
};

struct run {
    const struct validate_options *options;
    struct validation *out;
    struct lake lake;
    struct intern addresses;
    struct window_source source;
    struct fold_data folds[PREDICTION_FOLDS_MAX];
    struct day_results *days; /* ascending */
    size_t day_count;
};

/* --- folds --- */

static vg_code plan(struct run *r, vg_err *err)
{
    const struct validate_options *o = r->options;
    struct validation *v = r->out;
    int64_t needed = (int64_t)o->formation + o->gap + o->evaluation;
    if (!lake_day_range(&r->lake, &v->from, &v->to)) return vg_fail(err, VG_ESTATE, "%s: no fills", r->lake.name);
    if ((v->to - v->from + 1 - needed) / o->step + 1 > PREDICTION_FOLDS_MAX)
        return vg_fail(err, VG_EUSAGE, "--step %u makes more than %d folds of %d days", o->step, PREDICTION_FOLDS_MAX,
                       v->to - v->from + 1);
    for (int64_t from = v->from; from + needed - 1 <= v->to; from += o->step) {
        struct validation_fold *f = &v->folds[v->fold_count++];
        f->from = (int32_t)from;
        f->to = f->from + (int32_t)o->formation - 1;
        f->result_from = f->to + (int32_t)o->gap + 1;
        f->result_to = f->result_from + (int32_t)o->evaluation - 1;
    }
    while (v->later_folds < v->fold_count && v->folds[v->later_folds].result_to + (int32_t)o->evaluation <= v->to)
        v->folds[v->later_folds++].has_later = true;
    if (v->fold_count) return VG_OK;
    return vg_fail(err, VG_ESTATE,
                   "%s: %d days of fills, and one fold takes %lld: %u of formation, %u between, %u of evaluation "
                   "(--formation, --gap, --evaluation)",
                   r->lake.name, v->to - v->from + 1, (long long)needed, o->formation, o->gap, o->evaluation);
}

/* The last day whose results a fold asks for. */
static int32_t last_day_of(const struct run *r, size_t fold)
{
    return r->out->folds[fold].result_to + (r->out->folds[fold].has_later ? (int32_t)r->options->evaluation : 0);
}

/* What is lacking of each fold's windows, and of all days that some fold rests on. */
static void note_hours(struct run *r)
{
    struct validation *v = r->out;
    struct day_hours *days = lake_hours_of_days(&r->lake, v->from, v->to);
    for (size_t k = 0; k < v->fold_count; k++) {
        struct validation_fold *f = &v->folds[k];
        int32_t close = f->result_from - 1; /* results begin with what everybody has at the end of this day */
        f->hours = hours_lacking(&days[f->from - v->from], (size_t)(f->to - f->from) + 1);
        f->result_hours = hours_lacking(&days[close - v->from], (size_t)(f->result_to - close) + 1);
        f->later_hours = hours_lacking(&days[f->result_to - v->from] + 1, (size_t)(last_day_of(r, k) - f->result_to));
    }
    for (int32_t day = v->from; day <= v->to; day++) {
        bool needed = false;
        for (size_t k = 0; k < v->fold_count; k++)
            needed = needed || (day >= v->folds[k].from && day <= v->folds[k].to) ||
                     (day >= v->folds[k].result_from - 1 && day <= last_day_of(r, k));
        struct hours_lacking lacking = hours_lacking(&days[day - v->from], needed);
        v->hours.missing += lacking.missing;
        v->hours.untold += lacking.untold;
    }
    free(days);
}

/* The days whose totals are needed, each once. */
static void plan_days(struct run *r)
{
    const struct validation *v = r->out;
    r->days = vg_calloc((size_t)(v->to - v->from) + 2, sizeof *r->days);
    for (int32_t day = v->from - 1; day <= v->to; day++) {
        bool needed = false;
        for (size_t k = 0; k < v->fold_count; k++)
            needed = needed || (day >= v->folds[k].result_from - 1 && day <= last_day_of(r, k));
        if (needed) r->days[r->day_count++].day = day;
    }
    for (size_t k = 0; k < v->fold_count; k++)
        for (size_t i = 0; i < r->day_count; i++)
            if (r->days[i].day == v->folds[k].result_from - 1) r->folds[k].before = &r->days[i];
}

static void plan_progress(struct run *r)
{
    const struct validation *v = r->out;
    uint64_t rows =
        lake_fill_count(&r->lake, INT32_MIN, r->days[r->day_count - 1].day) + lake_fill_count(&r->lake, v->from, v->to);
    for (size_t k = 0; k < v->fold_count; k++)
        rows += lake_fill_count(&r->lake, v->folds[k].from, v->folds[k].to);
    if (r->options->progress) r->options->progress->total = rows;
}

/* --- scores --- */

static bool is_named(const struct cluster_identity *cluster, enum trader_archetype archetype)
{
    const char *name = trader_archetype_name(archetype);
    return strncmp(cluster->name, name, strlen(name)) == 0;
}

/* 1 for members; NULL when no cluster of the fold has this name. */
static double *members_of(const struct fold_data *d, enum trader_archetype archetype)
{
    const struct clustering *c = &d->clustering;
    double *scores = vg_calloc(c->n + 1, sizeof *scores);
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        scores[i] = is_named(&c->model.clusters[c->labels[i]], archetype);
        any = any || scores[i] > 0;
    }
    if (any) return scores;
    free(scores);
    return NULL;
}

/* The columns that a trader was grouped by. */
static void columns_of(const struct fold_data *d, size_t trader, double *z)
{
    const struct cluster_model *m = &d->clustering.model;
    cluster_columns_of(m->scaling, &d->window.figures[trader], m->mean_win_rate, z);
    standardise_row(m->scales, m->columns, z);
}

static void score_columns(struct fold_data *d, uint64_t seed)
{
    static const struct {
        enum validation_test test;
        enum recommended_column column;
    } pairs[] = {{TEST_SHARPE, COLUMN_SHARPE_S},
                 {TEST_NET_BPS, COLUMN_NET_BPS},
                 {TEST_WIN_RATE, COLUMN_WIN_RATE_EB},
                 {TEST_MARKOUT, COLUMN_MARKOUT_5M}};
    double z[CLUSTER_COLUMNS_MAX];
    struct vg_rng rng;
    vg_rng_init(&rng, seed);
    for (enum validation_test t = TEST_SMART_SCORE; t < VALIDATION_TEST_COUNT; t++)
        if (t != TEST_LABEL_HISTORY) d->scores[t] = vg_alloc((d->window.n + 1) * sizeof *d->scores[t]);
    for (size_t i = 0; i < d->window.n; i++) {
        columns_of(d, i, z);
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++)
            d->scores[pairs[p].test][i] = z[pairs[p].column];
        d->scores[TEST_SMART_SCORE][i] = archetype_score(SMART_DIRECTIONALS, z);
        d->scores[TEST_NET_PNL][i] = d->net_pnl[i];
        d->scores[TEST_RANDOM][i] = vg_rng_unit(&rng);
    }
}

/* Tenths by volume, in each thirds by active days. */
static void make_strata(struct fold_data *d)
{
    struct rank_room room;
    size_t n = d->window.n;
    double limits[SIZE_GROUPS], day_limits[DAY_GROUPS];
    d->strata = vg_calloc(n + 1, sizeof *d->strata);
    rank_room_new(&room, n);
    for (unsigned g = 1; g < SIZE_GROUPS; g++)
        limits[g] = ranked_value(d->volume, n, (double)g / SIZE_GROUPS, &room);
    for (unsigned g = 1; g < DAY_GROUPS; g++)
        day_limits[g] = ranked_value(d->active_days, n, (double)g / DAY_GROUPS, &room);
    for (size_t i = 0; i < n; i++) {
        uint32_t size = 0, days = 0;
        for (unsigned g = 1; g < SIZE_GROUPS; g++)
            size += d->volume[i] > limits[g];
        for (unsigned g = 1; g < DAY_GROUPS; g++)
            days += d->active_days[i] > day_limits[g];
        d->strata[i] = size * DAY_GROUPS + days;
    }
    rank_room_release(&room);
}

static void score_fold(struct run *r, size_t k)
{
    struct fold_data *d = &r->folds[k];
    size_t n = d->window.n;
    d->size = vg_alloc((n + 1) * sizeof *d->size);
    d->net_pnl = vg_alloc((n + 1) * sizeof *d->net_pnl);
    d->volume = vg_alloc((n + 1) * sizeof *d->volume);
    d->active_days = vg_alloc((n + 1) * sizeof *d->active_days);
    for (size_t i = 0; i < n; i++) {
        const struct trader_figures *f = &d->window.figures[i];
        d->net_pnl[i] = f->net_pnl;
        d->volume[i] = f->volume;
        d->active_days[i] = f->active_days;
        d->size[i] = fmax(f->volume / r->options->formation, LEAST_SIZE);
    }
    make_strata(d);
    d->scores[TEST_SMART_MEMBERS] = members_of(d, SMART_DIRECTIONALS);
    d->scores[TEST_LOSER_MEMBERS] = members_of(d, RETAIL_LOSERS);
    score_columns(d, r->options->cluster.seed + k);
}

/* Of those with a fill on every day, whose ratios rest on as many days: the best Sharpe ratio of the window, beside
 * what luck gives the best of so many. */
static void measure_luck(const struct fold_data *d, unsigned days, struct validation_fold *f)
{
    size_t n = 0;
    f->best_sharpe = -INFINITY;
    for (size_t i = 0; i < d->window.n; i++) {
        const struct trader_figures *figures = &d->window.figures[i];
        if (!isfinite(figures->sharpe_ratio) || figures->active_days < days) continue;
        f->best_sharpe = fmax(f->best_sharpe, figures->sharpe_ratio);
        n++;
    }
    f->lucky_sharpe = days < LUCK_DAYS ? (double)NAN : luck_best_sharpe(n, days);
    f->best_is_real = luck_sharpe_above(f->best_sharpe, days, f->lucky_sharpe);
}

static vg_code form(struct run *r, vg_err *err)
{
    for (size_t k = 0; k < r->out->fold_count; k++) {
        struct validation_fold *f = &r->out->folds[k];
        struct fold_data *d = &r->folds[k];
        VG_TRY(window_group(&r->source, f->from, f->to, r->options->cluster.k, &d->window, &d->clustering, err));
        f->traders = d->window.n;
        f->k = d->clustering.model.centres.k;
        score_fold(r, k);
        measure_luck(d, r->options->formation, f);
    }
    return VG_OK;
}

/* --- results --- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
    return n ? (values[(n - 1) / 2] + values[n / 2]) / 2 : (double)NAN;
}

/* Place of each trader's result in the fold, 0 the worst to 1 the best. */
static double *places_of(const double *totals, size_t n)
{
    double *ranks = vg_alloc((n + 1) * sizeof *ranks), low = 0, high = 0;
    struct rank_room room;
    rank_room_new(&room, n);
    ranks_unit(totals, n, &room, ranks);
    rank_room_release(&room);
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, ranks[i]);
        high = fmax(high, ranks[i]);
    }
    for (size_t i = 0; i < n; i++)
        ranks[i] = high > low ? (ranks[i] - low) / (high - low) : 0.5;
    return ranks;
}

/* What the members of cluster k made: mean with its interval by days, median, place. `own`: room for n. */
static void describe_label(const struct run *r, const struct fold_data *d, unsigned k, const double *bps,
                           const double *places, double *own, struct label_result *l)
{
    const struct clustering *c = &d->clustering;
    unsigned days = r->options->evaluation;
    double daily[PREDICTION_DAYS_MAX] = {0}, place = 0, won = 0;
    memcpy(l->name, c->model.clusters[k].name, sizeof l->name);
    for (size_t i = 0; i < d->window.n; i++) {
        if (c->labels[i] != k) continue;
        own[l->n] = 0;
        for (unsigned day = 0; day < days; day++) {
            own[l->n] += d->results[i * days + day];
            daily[day] += d->results[i * days + day];
        }
        won += own[l->n++] > 0;
        place += places[i];
    }
    double members = l->n ? (double)l->n : (double)NAN;
    l->mean_usd = 0;
    for (unsigned day = 0; day < days; day++) {
        daily[day] /= members;
        l->mean_usd += daily[day];
    }
    day_sum_interval(daily, days, BLOCK_DAYS, r->options->draws, r->options->cluster.seed + k, &l->mean_low,
                     &l->mean_high);
    l->hit_rate = won / members;
    l->mean_rank = place / members;
    l->median_usd = middle(own, l->n);
    size_t n = 0;
    for (size_t i = 0; i < d->window.n; i++)
        if (c->labels[i] == k) own[n++] = bps[i];
    l->median_bps = middle(own, n);
}

static void describe_labels(const struct run *r, const struct fold_data *d, struct validation_fold *f)
{
    size_t n = d->window.n;
    unsigned days = r->options->evaluation;
    double *own = vg_alloc((n + 1) * sizeof *own), *bps = vg_calloc(n + 1, sizeof *bps);
    for (size_t i = 0; i < n; i++) {
        for (unsigned day = 0; day < days; day++)
            bps[i] += d->results[i * days + day];
        bps[i] *= 1e4 / d->size[i];
    }
    double *places = places_of(bps, n);
    for (unsigned k = 0; k < d->clustering.model.centres.k; k++)
        describe_label(r, d, k, bps, places, own, &f->labels[k]);
    free(own);
    free(bps);
    free(places);
}

/* What each trader made on each of the evaluation window's days, or as many days `after` them. */
static double *daily_results(const struct run *r, const struct fold_data *d, unsigned after)
{
    unsigned days = r->options->evaluation;
    double *results = vg_alloc((d->window.n * days + 1) * sizeof *results);
    for (size_t i = 0; i < d->window.n; i++)
        for (unsigned day = 0; day < days; day++)
            results[i * days + day] = day_results_total(&d->before[after + day + 1], d->window.traders[i]) -
                                      day_results_total(&d->before[after + day], d->window.traders[i]);
    return results;
}

/* A coin's return of each day, and of all; zeros and NAN when it had no price when they began. */
static void note_returns(const struct day_results *before, unsigned coin, unsigned days, double *returns, double *whole)
{
    *whole = before[days].prices[coin] / before[0].prices[coin] - 1;
    for (unsigned day = 0; day < days && isfinite(*whole); day++)
        returns[day] = before[day + 1].prices[coin] / before[day].prices[coin] - 1;
}

/* The results without what BTC and ETH did to what each held in the morning. */
static void leave_market_out(struct run *r, struct fold_data *d, struct validation_fold *f)
{
    unsigned days = r->options->evaluation;
    double *returns = vg_calloc((size_t)MARKET_COINS * days, sizeof *returns);
    double *held = vg_alloc((d->window.n * days + 1) * sizeof *held);
    d->own_results = vg_alloc((d->window.n * days + 1) * sizeof *d->own_results);
    for (unsigned c = 0; c < MARKET_COINS; c++) {
        note_returns(d->before, c, days, returns + (size_t)c * days, &f->market[c]);
        if (!isfinite(f->market[c]) || days < MARKET_LEAST_DAYS) r->out->market_known = false;
    }
    for (size_t i = 0; i < d->window.n; i++)
        for (unsigned day = 0; day < days; day++)
            held[i * days + day] = day_results_worth(&d->before[day], d->window.traders[i]);
    if (!market_exposure_remove(d->results, held, d->window.n, days, returns, d->own_results, f->exposure)) {
        free(d->own_results);
        d->own_results = NULL;
    }
    free(returns);
    free(held);
}

static vg_code evaluate(struct run *r, vg_err *err)
{
    r->out->market_known = true;
    VG_TRY(day_results_read(&r->lake, &r->addresses, r->days, r->day_count, r->options->progress, err));
    for (size_t k = 0; k < r->out->fold_count; k++) {
        struct fold_data *d = &r->folds[k];
        d->results = daily_results(r, d, 0);
        if (k < r->out->later_folds) d->later = daily_results(r, d, r->options->evaluation);
        leave_market_out(r, d, &r->out->folds[k]);
        describe_labels(r, d, &r->out->folds[k]);
    }
    return VG_OK;
}

/* --- tests --- */

/* How members of this name fared in the folds before: mean place, 0.5 for a new name. */
static double history_of(const struct validation *v, size_t fold, const char *name)
{
    double sum = 0, n = 0;
    for (size_t k = 0; k < fold; k++)
        for (unsigned c = 0; c < v->folds[k].k; c++) {
            const struct label_result *l = &v->folds[k].labels[c];
            if (l->n == 0 || strcmp(l->name, name) != 0) continue;
            sum += l->mean_rank;
            n++;
        }
    return n > 0 ? sum / n : 0.5;
}

/* Results of a fold are over before the labels of the next one are used only if its window ended by then. */
static size_t folds_over(const struct validation *v, size_t fold)
{
    size_t n = 0;
    while (n < fold && v->folds[n].result_to <= v->folds[fold].to)
        n++;
    return n;
}

static void score_history(struct run *r)
{
    for (size_t k = 0; k < r->out->fold_count; k++) {
        struct fold_data *d = &r->folds[k];
        size_t known = folds_over(r->out, k);
        if (known == 0) continue;
        double *scores = d->scores[TEST_LABEL_HISTORY] = vg_alloc((d->window.n + 1) * sizeof *scores);
        double by_cluster[KMEANS_CLUSTERS_MAX] = {0};
        for (unsigned c = 0; c < r->out->folds[k].k; c++)
            by_cluster[c] = history_of(r->out, known, d->clustering.model.clusters[c].name);
        for (size_t i = 0; i < d->window.n; i++)
            scores[i] = by_cluster[d->clustering.labels[i]];
    }
}

static enum validation_verdict judge(const struct prediction *p, double adjusted, double limit, int sign)
{
    if (p->folds == 0 || !(p->error > 0)) return VERDICT_UNKNOWN;
    bool found = sign > 0 ? p->low > 0 : p->high < 0;
    if (found && adjusted <= limit && p->placebo_p <= SIGNIFICANT) return VERDICT_SUPPORTED;
    if ((sign > 0 ? p->high : -p->low) < EFFECT_OF_INTEREST) return VERDICT_NOT_SUPPORTED;
    return p->detectable > EFFECT_OF_INTEREST ? VERDICT_UNDERPOWERED : VERDICT_NOT_SUPPORTED;
}

/* What is supported only with the market's move in it is no skill, and where that move is not known nobody can tell. */
static enum validation_verdict worse(enum validation_verdict plain, enum validation_verdict without_market)
{
    if (plain == VERDICT_UNKNOWN) return VERDICT_UNKNOWN;
    if (plain == VERDICT_NOT_SUPPORTED || without_market == VERDICT_NOT_SUPPORTED) return VERDICT_NOT_SUPPORTED;
    if (plain == VERDICT_UNDERPOWERED || without_market == VERDICT_UNDERPOWERED) return VERDICT_UNDERPOWERED;
    return without_market;
}

/* A score that is the same for everybody says nothing in this fold. */
static bool differs(const double *scores, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (scores[i] != scores[0]) return true;
    return false;
}

/* All scores against one kind of results, in those of the first `fold_count` folds that have it (not NULL). */
static void predict(const struct run *r, size_t fold_count, double *const *results, struct prediction *out)
{
    struct prediction_fold *folds = vg_calloc(fold_count + 1, sizeof *folds);
    struct prediction_options options = {.scores = VALIDATION_TEST_COUNT,
                                         .draws = r->options->draws,
                                         .placebos = r->options->placebos,
                                         .block = BLOCK_DAYS,
                                         .seed = r->options->cluster.seed,
                                         .threads = r->options->cluster.threads};
    for (size_t k = 0; k < fold_count; k++) {
        const struct fold_data *d = &r->folds[k];
        folds[k] = (struct prediction_fold){.n = d->window.n,
                                            .days = r->options->evaluation,
                                            .results = results[k] ? results[k] : d->results,
                                            .size = d->size,
                                            .controls = {d->net_pnl, d->volume, d->active_days},
                                            .strata = d->strata};
        for (unsigned t = 0; t < VALIDATION_TEST_COUNT; t++)
            folds[k].scores[t] = results[k] && d->scores[t] && differs(d->scores[t], d->window.n) ? d->scores[t] : NULL;
    }
    prediction_run(folds, (unsigned)fold_count, &options, out);
    free(folds);
}

static void test(struct run *r)
{
    struct validation *v = r->out;
    double *results[PREDICTION_FOLDS_MAX] = {0}, *own[PREDICTION_FOLDS_MAX] = {0}, *later[PREDICTION_FOLDS_MAX] = {0};
    for (size_t k = 0; k < v->fold_count; k++) {
        results[k] = r->folds[k].results;
        own[k] = r->folds[k].own_results;
        later[k] = r->folds[k].later;
    }
    predict(r, v->fold_count, results, v->tests);
    predict(r, v->fold_count, own, v->market);
    predict(r, v->later_folds, later, v->later);
    /* Both must hold, so the larger p counts; that needs no further adjustment. */
    for (unsigned t = 0; t < VALIDATION_TEST_COUNT; t++) {
        bool known = v->tests[t].folds && isfinite(v->tests[t].p);
        bool both = v->market[t].folds && isfinite(v->market[t].p);
        v->adjusted_p[t] = !known ? (double)NAN : both ? fmax(v->tests[t].p, v->market[t].p) : v->tests[t].p;
    }
    adjust_holm(v->adjusted_p, VALIDATION_HEADLINES);
    adjust_benjamini_hochberg(v->adjusted_p + VALIDATION_HEADLINES, VALIDATION_TEST_COUNT - VALIDATION_HEADLINES);
    for (unsigned t = 0; t < VALIDATION_TEST_COUNT; t++) {
        double limit = t < VALIDATION_HEADLINES ? SIGNIFICANT : FALSE_DISCOVERIES;
        int sign = validation_tests[t].sign;
        v->verdicts[t] = worse(judge(&v->tests[t], v->adjusted_p[t], limit, sign),
                               judge(&v->market[t], v->adjusted_p[t], limit, sign));
    }
}

/* --- what is written --- */

static void add_labels(const struct run *r, vg_buf *out)
{
    char to[VG_DATE_TEXT];
    vg_buf_adds(out, "as_of,user_address,cluster_name,smart_score,result_usd\n");
    for (size_t k = 0; k < r->out->fold_count; k++) {
        const struct fold_data *d = &r->folds[k];
        vg_day_print(r->out->folds[k].to, '-', to);
        for (size_t i = 0; i < d->window.n; i++) {
            vg_slice address = r->addresses.keys[d->window.traders[i]];
            double result = 0;
            for (unsigned day = 0; day < r->options->evaluation; day++)
                result += d->results[i * r->options->evaluation + day];
            vg_buf_addf(out, "%s,%.*s,%s,%.6f,%.6f\n", to, (int)address.n, address.p,
                        d->clustering.model.clusters[d->clustering.labels[i]].name, d->scores[TEST_SMART_SCORE][i],
                        result);
        }
    }
}

static vg_code write_outputs(struct run *r, vg_err *err)
{
    vg_buf json = {0}, html = {0}, labels = {0};
    char *path = lake_path(&r->lake, VALIDATION_JSON_PATH);
    validation_print_json(r->out, r->options, &json);
    validation_print_html(r->out, r->options, &html);
    add_labels(r, &labels);
    vg_code rc = file_make_parent(path, err);
    if (!rc) rc = lake_write_record(&r->lake, VALIDATION_LABELS_PATH, &labels, err);
    if (!rc) rc = lake_write_record(&r->lake, VALIDATION_HTML_PATH, &html, err);
    if (!rc) rc = lake_write_record(&r->lake, VALIDATION_JSON_PATH, &json, err);
    free(path);
    vg_buf_release(&json);
    vg_buf_release(&html);
    vg_buf_release(&labels);
    return rc;
}

static vg_code run_over(struct run *r, vg_err *err)
{
    VG_TRY(plan(r, err));
    note_hours(r);
    plan_days(r);
    plan_progress(r);
    VG_TRY(form(r, err));
    VG_TRY(evaluate(r, err));
    score_history(r);
    VG_TRY(validate_stability(&r->source, r->out->from, r->out->to, &r->out->stability, err));
    test(r);
    if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request: nothing was written");
    return write_outputs(r, err);
}

static void release_fold(struct fold_data *d)
{
    trader_window_release(&d->window);
    clustering_release(&d->clustering);
    for (unsigned t = 0; t < VALIDATION_TEST_COUNT; t++)
        free(d->scores[t]);
    free(d->results);
    free(d->own_results);
    free(d->later);
    free(d->size);
    free(d->net_pnl);
    free(d->volume);
    free(d->active_days);
    free(d->strata);
}

vg_code validate_run(const struct validate_options *options, struct validation *out, vg_err *err)
{
    struct run *r = vg_calloc(1, sizeof *r);
    static const struct validation nothing;
    int64_t started = vg_clock_ns();
    *out = nothing;
    r->options = options;
    r->out = out;
    vg_code rc = lake_open(&r->lake, options->lake, LAKE_WRITE, err);
    r->source = (struct window_source){&r->lake, &r->addresses, &options->cluster, options->progress};
    if (!rc) {
        rc = run_over(r, err);
        lake_close(&r->lake);
    }
    for (size_t k = 0; k < out->fold_count; k++)
        release_fold(&r->folds[k]);
    for (size_t i = 0; i < r->day_count; i++)
        day_results_release(&r->days[i]);
    free(r->days);
    intern_release(&r->addresses);
    free(r);
    out->seconds = (double)(vg_clock_ns() - started) / 1e9;
    return rc;
}
