/* Makes prediction, luck and ranks callable from tests in Python; built with the tests, never installed.
 *
 *     prediction_tool run FILE N DAYS FOLDS SCORES DRAWS PLACEBOS SEED THREADS
 *     prediction_tool adjust P…        p values by Holm, then by Benjamini and Hochberg
 *     prediction_tool exposure FILE N DAYS     results without the market's move, and the common coefficients
 *     prediction_tool interval BLOCK DRAWS SEED V…     of the sum of V, one a day
 *     prediction_tool luck P FREEDOM T N DAYS SHARPE
 *
 * One JSON object on stdout. FILE: doubles; for each fold n × days results, n sizes, SCORES × n scores (a first one
 * that is no number: the fold has not this score), 3 × n controls, n strata. For exposure: n × days results, n × days
 * of worth held, 2 × days returns.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/day_blocks.h"
#include "analyze/luck.h"
#include "analyze/market_exposure.h"
#include "analyze/prediction.h"
#include "base/file.h"
#include "base/number.h"

static char **words;
static int word_count;
static vg_buf out;

static double number_at(int i)
{
    double value = i < word_count ? number_parse(vg_slice_of(words[i])) : (double)NAN;
    if (!isfinite(value)) {
        fprintf(stderr, "prediction_tool: argument %d is missing, or no number\n", i);
        exit(2);
    }
    return value;
}

static void add_doubles(const char *key, const double *values, size_t n)
{
    vg_buf_addf(&out, "%s\"%s\":[", out.len > 1 ? "," : "", key);
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(&out, isfinite(values[i]) ? "%s%.17g" : "%snull", i ? "," : "", values[i]);
    vg_buf_addc(&out, ']');
}

static void run(void)
{
    size_t n = (size_t)number_at(3);
    unsigned days = (unsigned)number_at(4), fold_count = (unsigned)number_at(5), scores = (unsigned)number_at(6);
    struct prediction_options options = {.scores = scores,
                                         .draws = (unsigned)number_at(7),
                                         .placebos = (unsigned)number_at(8),
                                         .block = 3,
                                         .seed = (uint64_t)number_at(9),
                                         .threads = (unsigned)number_at(10)};
    vg_buf bytes = {0};
    vg_err err;
    size_t fold_size = n * (days + 1 + scores + PREDICTION_CONTROLS + 1);
    if (file_read_all(words[2], (size_t)1 << 32, &bytes, &err) ||
        bytes.len != fold_count * fold_size * sizeof(double)) {
        fprintf(stderr, "prediction_tool: %s does not fit\n", words[2]);
        exit(2);
    }
    struct prediction_fold *folds = vg_calloc(fold_count, sizeof *folds);
    for (unsigned k = 0; k < fold_count; k++) {
        const double *at = (const double *)(const void *)bytes.data + k * fold_size;
        uint32_t *strata = vg_alloc(n * sizeof *strata);
        folds[k] =
            (struct prediction_fold){.n = n, .days = days, .results = at, .size = at + n * days, .strata = strata};
        at += n * (days + 1);
        for (unsigned s = 0; s < scores; s++, at += n)
            folds[k].scores[s] = isfinite(at[0]) ? at : NULL;
        for (unsigned c = 0; c < PREDICTION_CONTROLS; c++, at += n)
            folds[k].controls[c] = at;
        for (size_t i = 0; i < n; i++)
            strata[i] = (uint32_t)at[i];
    }
    struct prediction *p = vg_calloc(scores, sizeof *p);
    prediction_run(folds, fold_count, &options, p);
    vg_buf_adds(&out, "{\"scores\":[");
    for (unsigned s = 0; s < scores; s++) {
        double numbers[] = {p[s].ic,           p[s].partial_ic,  p[s].low,          p[s].high, p[s].p,
                            p[s].placebo_mean, p[s].placebo_p,   p[s].detectable,   p[s].top,  p[s].bottom,
                            p[s].spread_low,   p[s].spread_high, (double)p[s].folds};
        vg_buf_adds(&out, s ? ",{" : "{");
        vg_buf_addf(&out, "\"score\":%u", s);
        add_doubles("numbers", numbers, sizeof numbers / sizeof *numbers);
        add_doubles("fold_ic", p[s].fold_ic, fold_count);
        vg_buf_addc(&out, '}');
    }
    vg_buf_adds(&out, "]}");
    for (unsigned k = 0; k < fold_count; k++)
        free((void *)folds[k].strata);
    free(folds);
    free(p);
    vg_buf_release(&bytes);
}

static void exposure(void)
{
    size_t n = (size_t)number_at(3);
    unsigned days = (unsigned)number_at(4);
    vg_buf bytes = {0};
    vg_err err;
    if (file_read_all(words[2], (size_t)1 << 32, &bytes, &err) ||
        bytes.len != (2 * n + MARKET_COINS) * days * sizeof(double)) {
        fprintf(stderr, "prediction_tool: %s does not fit\n", words[2]);
        exit(2);
    }
    const double *results = (const double *)(const void *)bytes.data, *held = results + n * days;
    double *left = vg_alloc((n * days + 1) * sizeof *left), common[MARKET_COINS];
    market_exposure_remove(results, held, n, days, held + n * days, left, common);
    vg_buf_addc(&out, '{');
    add_doubles("common", common, MARKET_COINS);
    add_doubles("left", left, n * days);
    vg_buf_addc(&out, '}');
    free(left);
    vg_buf_release(&bytes);
}

static void interval(void)
{
    double values[PREDICTION_DAYS_MAX], ends[2];
    unsigned days = (unsigned)(word_count - 5);
    for (unsigned d = 0; d < days; d++)
        values[d] = number_at((int)d + 5);
    day_sum_interval(values, days, (unsigned)number_at(2), (unsigned)number_at(3), (uint64_t)number_at(4), &ends[0],
                     &ends[1]);
    vg_buf_addc(&out, '{');
    add_doubles("ends", ends, 2);
    vg_buf_addc(&out, '}');
}

static void adjust(void)
{
    double holm[PREDICTION_SCORES_MAX], hochberg[PREDICTION_SCORES_MAX];
    unsigned n = (unsigned)word_count - 2;
    for (unsigned i = 0; i < n; i++)
        holm[i] = hochberg[i] = number_at((int)i + 2);
    adjust_holm(holm, n);
    adjust_benjamini_hochberg(hochberg, n);
    vg_buf_addc(&out, '{');
    add_doubles("holm", holm, n);
    add_doubles("benjamini_hochberg", hochberg, n);
    vg_buf_addc(&out, '}');
}

static void luck(void)
{
    double p = number_at(2), freedom = number_at(3), t = number_at(4);
    size_t n = (size_t)number_at(5);
    unsigned days = (unsigned)number_at(6);
    double bar = luck_best_sharpe(n, days);
    double numbers[] = {normal_quantile(p), student_quantile(p, freedom), student_p(t, freedom), bar,
                        luck_sharpe_above(number_at(7), days, bar)};
    vg_buf_addc(&out, '{');
    add_doubles("numbers", numbers, sizeof numbers / sizeof *numbers);
    vg_buf_addc(&out, '}');
}

int main(int argc, char **argv)
{
    words = argv;
    word_count = argc;
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "run") == 0)
        run();
    else if (strcmp(what, "adjust") == 0 && argc - 2 <= PREDICTION_SCORES_MAX)
        adjust();
    else if (strcmp(what, "exposure") == 0)
        exposure();
    else if (strcmp(what, "interval") == 0 && argc > 5 && argc - 5 <= PREDICTION_DAYS_MAX)
        interval();
    else if (strcmp(what, "luck") == 0)
        luck();
    else
        return 2;
    fwrite(out.data, 1, out.len, stdout);
    vg_buf_release(&out);
    return 0;
}
