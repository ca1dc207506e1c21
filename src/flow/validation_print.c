#include "flow/validation_print.h"

#include <math.h>

#include "base/day.h"
#include "base/json.h"

typedef bool (*fold_is)(const struct validation_fold *fold);

static size_t count_folds(const struct validation *v, fold_is is)
{
    size_t n = 0;
    for (size_t k = 0; k < v->fold_count; k++)
        n += is(&v->folds[k]);
    return n;
}

/* --- JSON --- */

static void add_day(const char *key, int32_t day, vg_buf *out)
{
    char text[VG_DATE_TEXT];
    vg_day_print(day, '-', text);
    vg_buf_addf(out, ",\"%s\":\"%s\"", key, text);
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
    json_member_number("ic", p->ic, out);
    json_member_number("ic_low", p->low, out);
    json_member_number("ic_high", p->high, out);
    json_member_number("p", p->p, out);
    json_member_number("placebo_p", p->placebo_p, out);
    json_member_number("detectable_ic", p->detectable, out);
    json_member_number("spread_bps", p->spread, out);
    vg_buf_addc(out, '}');
}

static void add_test(const struct validation *v, unsigned t, vg_buf *out)
{
    const struct prediction *p = &v->tests[t];
    vg_buf_addf(out, "{\"headline\":%s", t < VALIDATION_HEADLINES ? "true" : "false");
    json_member_text("name", validation_tests[t].name, out);
    json_member_text("meaning", validation_tests[t].meaning, out);
    vg_buf_addf(out, ",\"expected_sign\":%d,\"folds\":%u", validation_tests[t].sign, p->folds);
    json_member_text("verdict", validation_verdict_name(v->verdicts[t]), out);
    bool known = p->folds > 0;
    json_member_number("ic", known ? p->ic : (double)NAN, out);
    json_member_number("ic_low", known ? p->low : (double)NAN, out);
    json_member_number("ic_high", known ? p->high : (double)NAN, out);
    json_member_number("ic_error", known ? p->error : (double)NAN, out);
    json_member_number("partial_ic", known ? p->partial_ic : (double)NAN, out);
    json_member_number("p", known ? p->p : (double)NAN, out);
    json_member_number("p_adjusted", known ? v->adjusted_p[t] : (double)NAN, out);
    json_member_number("placebo_ic", known ? p->placebo_mean : (double)NAN, out);
    json_member_number("placebo_p", known ? p->placebo_p : (double)NAN, out);
    json_member_number("detectable_ic", known ? p->detectable : (double)NAN, out);
    json_member_number("top_bps", known ? p->top : (double)NAN, out);
    json_member_number("bottom_bps", known ? p->bottom : (double)NAN, out);
    json_member_number("spread_bps", known ? p->spread : (double)NAN, out);
    json_member_number("spread_low", known ? p->spread_low : (double)NAN, out);
    json_member_number("spread_high", known ? p->spread_high : (double)NAN, out);
    add_row("fold_ic", p->fold_ic, known ? v->fold_count : 0, out);
    add_variant("without_market", &v->market[t], out);
    add_variant("later", &v->later[t], out);
    vg_buf_addc(out, '}');
}

static unsigned formation_hours(const struct validation_fold *f) { return (unsigned)(f->to - f->from + 1) * 24; }

/* With the day before, whose close results are counted from. */
static unsigned result_hours(const struct validation_fold *f)
{
    return (unsigned)(f->result_to - f->result_from + 2) * 24;
}

static unsigned later_hours(const struct validation_fold *f) { return f->has_later ? result_hours(f) - 24 : 0; }

static void add_hours(const char *window, unsigned hours, const struct hours_lacking *lacking, vg_buf *out)
{
    vg_buf_addf(out, ",\"%shours\":%u,\"%shours_missing\":%llu,\"%shours_untold\":%llu", window, hours, window,
                (unsigned long long)lacking->missing, window, (unsigned long long)lacking->untold);
}

static void add_fold(const struct validation_fold *f, vg_buf *out)
{
    vg_buf_addf(out, "{\"traders\":%zu,\"k\":%u", f->traders, f->k);
    add_day("from", f->from, out);
    add_day("to", f->to, out);
    add_day("result_from", f->result_from, out);
    add_day("result_to", f->result_to, out);
    add_hours("", formation_hours(f), &f->hours, out);
    add_hours("result_", result_hours(f), &f->result_hours, out);
    add_hours("later_", later_hours(f), &f->later_hours, out);
    json_member_number("btc_return", f->market[0], out);
    json_member_number("eth_return", f->market[1], out);
    json_member_number("btc_exposure", f->exposure[0], out);
    json_member_number("eth_exposure", f->exposure[1], out);
    json_member_number("best_sharpe", f->best_sharpe, out);
    json_member_number("lucky_sharpe", f->lucky_sharpe, out);
    json_member_number("best_is_real", f->best_is_real, out);
    vg_buf_adds(out, ",\"labels\":[");
    for (unsigned k = 0; k < f->k; k++) {
        const struct label_result *l = &f->labels[k];
        vg_buf_addf(out, "%s{\"traders\":%zu", k ? "," : "", l->n);
        json_member_text("name", l->name, out);
        json_member_number("mean_usd", l->mean_usd, out);
        json_member_number("mean_usd_low", l->mean_low, out);
        json_member_number("mean_usd_high", l->mean_high, out);
        json_member_number("median_usd", l->median_usd, out);
        json_member_number("median_bps", l->median_bps, out);
        json_member_number("hit_rate", l->hit_rate, out);
        json_member_number("mean_place", l->mean_rank, out);
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
    add_hours("first_", (unsigned)(s->first_to - s->first_from + 1) * 24, &s->first_hours, out);
    add_hours("second_", (unsigned)(s->second_to - s->second_from + 1) * 24, &s->second_hours, out);
    json_member_number("rand", s->rand, out);
    json_member_number("information", s->information, out);
    json_member_number("frozen_rand", s->frozen_rand, out);
    vg_buf_adds(out, ",\"clusters\":[");
    for (unsigned k = 0; k < s->k; k++) {
        vg_buf_addf(out, "%s{\"index\":%u", k ? "," : "", k);
        json_member_text("name", s->names[k], out);
        json_member_number("moved_radii", s->moved[k], out);
        json_member_number("stayed", s->stayed[k], out);
        json_member_number("left", s->left[k], out);
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
    vg_buf_addf(out, ",\"complete\":%s,\"incomplete_folds\":%zu,\"untold_folds\":%zu",
                v->hours.missing + v->hours.untold ? "false" : "true", count_folds(v, validation_fold_is_incomplete),
                count_folds(v, validation_fold_is_untold));
    vg_buf_addf(out, ",\"hours_missing\":%llu,\"hours_untold\":%llu", (unsigned long long)v->hours.missing,
                (unsigned long long)v->hours.untold);
    vg_buf_addf(out, ",\"market_known\":%s", v->market_known ? "true" : "false");
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

/* "2 of 6 folds", and which at the end: "(fold 1, 4; 7 hours in all)". */
static void add_which(const struct validation *v, fold_is is, uint64_t hours, vg_buf *out)
{
    size_t told = 0;
    vg_buf_adds(out, " (fold");
    for (size_t k = 0; k < v->fold_count; k++)
        if (is(&v->folds[k])) vg_buf_addf(out, "%s %zu", told++ ? "," : "", k + 1);
    vg_buf_addf(out, "; %llu hours in all)", (unsigned long long)hours);
}

void validation_coverage_line(const struct validation *v, vg_buf *out)
{
    size_t incomplete = count_folds(v, validation_fold_is_incomplete);
    size_t untold = count_folds(v, validation_fold_is_untold);
    if (incomplete) {
        vg_buf_addf(out, "data: INCOMPLETE, %zu of %zu folds rest%s on windows with hours that are not in the lake",
                    incomplete, v->fold_count, incomplete == 1 ? "s" : "");
        add_which(v, validation_fold_is_incomplete, v->hours.missing, out);
        vg_buf_adds(out, ": they count as hours without trade; `vigil verify` shows them\n");
    }
    if (untold) {
        vg_buf_addf(out, "data: hours not told, %zu of %zu folds rest%s on objects that name no hour", untold,
                    v->fold_count, untold == 1 ? "s" : "");
        add_which(v, validation_fold_is_untold, v->hours.untold, out);
        vg_buf_adds(out, ": whether any of these hours is missing cannot be said\n");
    }
    if (incomplete + untold == 0)
        vg_buf_addf(out, "data: complete, every hour that %s on is in the lake\n",
                    v->fold_count == 1 ? "the fold rests" : "the folds rest");
}

static const char *const coin_names[MARKET_COINS] = {"BTC", "ETH"};

static bool has_no_market(const struct validation_fold *fold)
{
    for (unsigned c = 0; c < MARKET_COINS; c++)
        if (isfinite(fold->exposure[c])) return false;
    return true;
}

void validation_market_lines(const struct validation *v, vg_buf *out)
{
    int days = v->folds[0].result_to - v->folds[0].result_from + 1;
    size_t without = count_folds(v, has_no_market);
    for (unsigned c = 0; c < MARKET_COINS && days >= MARKET_LEAST_DAYS; c++) {
        size_t told = 0;
        for (size_t k = 0; k < v->fold_count; k++) {
            if (isfinite(v->folds[k].market[c])) continue;
            if (told++ == 0) vg_buf_addf(out, "market: %s has no price when the results begin, in fold", coin_names[c]);
            vg_buf_addf(out, "%s %zu", told > 1 ? "," : "", k + 1);
        }
        if (told) vg_buf_adds(out, ": its move is not taken out there\n");
    }
    if (days < MARKET_LEAST_DAYS)
        vg_buf_addf(out,
                    "market: NOT KNOWN, %d day%s of results %s too few to tell what BTC and ETH did to each "
                    "trader (%d at least)\n",
                    days, days == 1 ? "" : "s", days == 1 ? "is" : "are", MARKET_LEAST_DAYS);
    if (without == v->fold_count)
        vg_buf_adds(out, "market: nothing is taken out, so no test can be supported\n");
    else if (without)
        vg_buf_addf(out, "market: %zu of %zu folds count%s for nothing without it\n", without, v->fold_count,
                    without == 1 ? "s" : "");
}

static void add_lacking(const char *begin, const struct validation_fold *f, uint64_t formation, uint64_t results,
                        uint64_t later, vg_buf *out)
{
    if (formation + results + later == 0) return;
    vg_buf_addf(out, "%s: %llu of %u hours of formation, %llu of %u hours of results with the day before", begin,
                (unsigned long long)formation, formation_hours(f), (unsigned long long)results, result_hours(f));
    if (f->has_later)
        vg_buf_addf(out, ", %llu of %u hours of the days after", (unsigned long long)later, later_hours(f));
    vg_buf_addc(out, '.');
}

void validation_fold_lines(const struct validation *v, size_t fold, vg_buf *out)
{
    const struct validation_fold *f = &v->folds[fold];
    const char *between = "";
    add_lacking("Not in the lake", f, f->hours.missing, f->result_hours.missing, f->later_hours.missing, out);
    if (validation_fold_is_incomplete(f)) between = " ";
    if (validation_fold_is_untold(f)) {
        vg_buf_adds(out, between);
        add_lacking("Not told", f, f->hours.untold, f->result_hours.untold, f->later_hours.untold, out);
        between = " ";
    }
    for (unsigned c = 0; c < MARKET_COINS; c++) {
        if (isfinite(f->market[c]))
            vg_buf_addf(out, "%s%s %+.1f %% over the results.", between, coin_names[c], 100 * f->market[c]);
        else
            vg_buf_addf(out, "%s%s has no price.", between, coin_names[c]);
        between = " ";
    }
    if (isfinite(f->lucky_sharpe))
        vg_buf_addf(out,
                    "%sBest annual Sharpe ratio of those who traded every day %.1f; the best of as many without skill "
                    "would show about %.1f; probability that it is more than luck %.2f.",
                    between, f->best_sharpe, f->lucky_sharpe, f->best_is_real);
}
