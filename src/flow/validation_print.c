#include "flow/validation_print.h"

#include <math.h>

#include "base/day.h"
#include "base/json.h"

size_t validation_incomplete_folds(const struct validation *v)
{
    size_t n = 0;
    for (size_t k = 0; k < v->fold_count; k++)
        n += validation_fold_is_incomplete(&v->folds[k]);
    return n;
}

/* --- JSON --- */

static void add_number(const char *key, double value, vg_buf *out)
{
    if (isfinite(value))
        vg_buf_addf(out, ",\"%s\":%.9g", key, value);
    else
        vg_buf_addf(out, ",\"%s\":null", key);
}

static void add_day(const char *key, int32_t day, vg_buf *out)
{
    char text[VG_DATE_TEXT];
    vg_day_print(day, '-', text);
    vg_buf_addf(out, ",\"%s\":\"%s\"", key, text);
}

static void add_text(const char *key, const char *text, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":", key);
    json_add_string(out, vg_slice_of(text));
}

static void add_row(const char *key, const double *values, size_t n, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(out, isfinite(values[i]) ? "%s%.9g" : "%snull", i ? "," : "", values[i]);
    vg_buf_addc(out, ']');
}

/* The same score against other results. */
static void add_variant(const char *key, const struct prediction *p, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":", key);
    if (p->folds == 0) {
        vg_buf_adds(out, "null");
        return;
    }
    vg_buf_addf(out, "{\"folds\":%u", p->folds);
    add_number("ic", p->ic, out);
    add_number("ic_low", p->low, out);
    add_number("ic_high", p->high, out);
    add_number("p", p->p, out);
    add_number("placebo_p", p->placebo_p, out);
    add_number("detectable_ic", p->detectable, out);
    add_number("spread_bps", p->spread, out);
    vg_buf_addc(out, '}');
}

static void add_test(const struct validation *v, unsigned t, vg_buf *out)
{
    const struct prediction *p = &v->tests[t];
    vg_buf_addf(out, "{\"headline\":%s", t < VALIDATION_HEADLINES ? "true" : "false");
    add_text("name", validation_tests[t].name, out);
    add_text("meaning", validation_tests[t].meaning, out);
    vg_buf_addf(out, ",\"expected_sign\":%d,\"folds\":%u", validation_tests[t].sign, p->folds);
    add_text("verdict", validation_verdict_name(v->verdicts[t]), out);
    bool known = p->folds > 0;
    add_number("ic", known ? p->ic : (double)NAN, out);
    add_number("ic_low", known ? p->low : (double)NAN, out);
    add_number("ic_high", known ? p->high : (double)NAN, out);
    add_number("ic_error", known ? p->error : (double)NAN, out);
    add_number("partial_ic", known ? p->partial_ic : (double)NAN, out);
    add_number("p", known ? p->p : (double)NAN, out);
    add_number("p_adjusted", known ? v->adjusted_p[t] : (double)NAN, out);
    add_number("placebo_ic", known ? p->placebo_mean : (double)NAN, out);
    add_number("placebo_p", known ? p->placebo_p : (double)NAN, out);
    add_number("detectable_ic", known ? p->detectable : (double)NAN, out);
    add_number("top_bps", known ? p->top : (double)NAN, out);
    add_number("bottom_bps", known ? p->bottom : (double)NAN, out);
    add_number("spread_bps", known ? p->spread : (double)NAN, out);
    add_number("spread_low", known ? p->spread_low : (double)NAN, out);
    add_number("spread_high", known ? p->spread_high : (double)NAN, out);
    add_row("fold_ic", p->fold_ic, known ? v->fold_count : 0, out);
    add_variant("without_market", &v->market[t], out);
    add_variant("later", &v->later[t], out);
    vg_buf_addc(out, '}');
}

static void add_fold(const struct validation_fold *f, vg_buf *out)
{
    vg_buf_addf(out, "{\"traders\":%zu,\"k\":%u", f->traders, f->k);
    add_day("from", f->from, out);
    add_day("to", f->to, out);
    add_day("result_from", f->result_from, out);
    add_day("result_to", f->result_to, out);
    vg_buf_addf(out, ",\"hours\":%llu,\"hours_missing\":%llu,\"result_hours\":%llu,\"result_hours_missing\":%llu",
                (unsigned long long)(f->to - f->from + 1) * 24, (unsigned long long)f->hours_missing,
                (unsigned long long)(f->result_to - f->result_from + 1) * 24,
                (unsigned long long)f->result_hours_missing);
    add_number("btc_return", f->market[0], out);
    add_number("eth_return", f->market[1], out);
    add_number("btc_exposure", f->exposure[0], out);
    add_number("eth_exposure", f->exposure[1], out);
    add_number("best_sharpe", f->best_sharpe, out);
    add_number("lucky_sharpe", f->lucky_sharpe, out);
    add_number("best_is_real", f->best_is_real, out);
    vg_buf_adds(out, ",\"labels\":[");
    for (unsigned k = 0; k < f->k; k++) {
        const struct label_result *l = &f->labels[k];
        vg_buf_addf(out, "%s{\"traders\":%zu", k ? "," : "", l->n);
        add_text("name", l->name, out);
        add_number("mean_usd", l->mean_usd, out);
        add_number("mean_usd_low", l->mean_low, out);
        add_number("mean_usd_high", l->mean_high, out);
        add_number("median_usd", l->median_usd, out);
        add_number("median_bps", l->median_bps, out);
        add_number("hit_rate", l->hit_rate, out);
        add_number("mean_place", l->mean_rank, out);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]}");
}

static void add_stability(const struct validation_stability *s, vg_buf *out)
{
    vg_buf_addf(out, "{\"traders_in_both\":%zu", s->traders);
    add_day("first_from", s->first_from, out);
    add_day("first_to", s->first_to, out);
    add_day("second_from", s->second_from, out);
    add_day("second_to", s->second_to, out);
    vg_buf_addf(out, ",\"first_hours_missing\":%llu,\"second_hours_missing\":%llu",
                (unsigned long long)s->first_hours_missing, (unsigned long long)s->second_hours_missing);
    add_number("rand", s->rand, out);
    add_number("information", s->information, out);
    add_number("frozen_rand", s->frozen_rand, out);
    vg_buf_adds(out, ",\"clusters\":[");
    for (unsigned k = 0; k < s->k; k++) {
        vg_buf_addf(out, "%s{\"index\":%u", k ? "," : "", k);
        add_text("name", s->names[k], out);
        add_number("moved_radii", s->moved[k], out);
        add_number("stayed", s->stayed[k], out);
        add_number("left", s->left[k], out);
        add_row("went_to", s->transitions[k], s->k, out);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]}");
}

void validation_print_json(const struct validation *v, const struct validate_options *o, vg_buf *out)
{
    vg_buf_addf(out,
                "{\"format\":1,\"formation_days\":%u,\"gap_days\":%u,\"evaluation_days\":%u,\"step_days\":%u,"
                "\"draws\":%u,\"placebos\":%u,\"seed\":%llu,\"effect_of_interest\":%g",
                o->formation, o->gap, o->evaluation, o->step, o->draws, o->placebos,
                (unsigned long long)o->cluster.seed, EFFECT_OF_INTEREST);
    add_day("from", v->from, out);
    add_day("to", v->to, out);
    size_t incomplete = validation_incomplete_folds(v);
    vg_buf_addf(out, ",\"complete\":%s,\"incomplete_folds\":%zu,\"market_known\":%s", incomplete ? "false" : "true",
                incomplete, v->market_known ? "true" : "false");
    vg_buf_adds(out, ",\"tests\":[");
    for (unsigned t = 0; t < VALIDATION_TEST_COUNT; t++) {
        if (t) vg_buf_addc(out, ',');
        add_test(v, t, out);
    }
    vg_buf_adds(out, "],\"folds\":[");
    for (size_t k = 0; k < v->fold_count; k++) {
        if (k) vg_buf_addc(out, ',');
        add_fold(&v->folds[k], out);
    }
    vg_buf_adds(out, "],\"stability\":");
    if (v->stability.known)
        add_stability(&v->stability, out);
    else
        vg_buf_adds(out, "null");
    vg_buf_adds(out, "}\n");
}

/* --- in words --- */
void validation_verdict_line(const struct validation *v, vg_buf *out)
{
    unsigned counts[VERDICT_UNKNOWN + 1] = {0};
    for (unsigned t = 0; t < VALIDATION_HEADLINES; t++)
        counts[v->verdicts[t]]++;
    vg_buf_addf(out, "of %d headline tests %u supported, %u not supported, %u underpowered, %u not testable\n",
                VALIDATION_HEADLINES, counts[VERDICT_SUPPORTED], counts[VERDICT_NOT_SUPPORTED],
                counts[VERDICT_UNDERPOWERED], counts[VERDICT_UNKNOWN]);
}

void validation_coverage_line(const struct validation *v, vg_buf *out)
{
    size_t incomplete = validation_incomplete_folds(v), told = 0;
    uint64_t missing = 0;
    if (incomplete == 0) {
        vg_buf_addf(out, "data: complete, every hour of the windows of %s is in the lake\n",
                    v->fold_count == 1 ? "the fold" : "all folds");
        return;
    }
    for (size_t k = 0; k < v->fold_count; k++)
        missing += v->folds[k].hours_missing + v->folds[k].result_hours_missing;
    vg_buf_addf(out, "data: INCOMPLETE, %zu of %zu folds rest%s on windows with hours that are not in the lake (fold",
                incomplete, v->fold_count, incomplete == 1 ? "s" : "");
    for (size_t k = 0; k < v->fold_count; k++)
        if (validation_fold_is_incomplete(&v->folds[k])) vg_buf_addf(out, "%s %zu", told++ ? "," : "", k + 1);
    vg_buf_addf(out, "; %llu hours in all): they count as hours without trade; `vigil verify` lists them\n",
                (unsigned long long)missing);
}

void validation_fold_lines(const struct validation *v, size_t fold, vg_buf *out)
{
    const struct validation_fold *f = &v->folds[fold];
    const char *between = "";
    if (validation_fold_is_incomplete(f)) {
        vg_buf_addf(out, "Not in the lake: %llu of %d hours of formation, %llu of %d hours of results.",
                    (unsigned long long)f->hours_missing, (f->to - f->from + 1) * 24,
                    (unsigned long long)f->result_hours_missing, (f->result_to - f->result_from + 1) * 24);
        between = " ";
    }
    if (isfinite(f->market[0]) && isfinite(f->market[1])) {
        vg_buf_addf(out, "%sBTC %+.1f %%, ETH %+.1f %% over the results.", between, 100 * f->market[0],
                    100 * f->market[1]);
        between = " ";
    }
    if (isfinite(f->lucky_sharpe))
        vg_buf_addf(out,
                    "%sBest annual Sharpe ratio of those who traded every day %.1f; the best of as many without skill "
                    "would show about %.1f; probability that it is more than luck %.2f.",
                    between, f->best_sharpe, f->lucky_sharpe, f->best_is_real);
}
