#include "flow/validation_print.h"

#include <math.h>

#include "base/day.h"
#include "base/json.h"

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
    vg_buf_addc(out, '}');
}

static void add_fold(const struct validation_fold *f, vg_buf *out)
{
    vg_buf_addf(out, "{\"traders\":%zu,\"k\":%u", f->traders, f->k);
    add_day("from", f->from, out);
    add_day("to", f->to, out);
    add_day("result_from", f->result_from, out);
    add_day("result_to", f->result_to, out);
    add_number("best_sharpe", f->best_sharpe, out);
    add_number("lucky_sharpe", f->lucky_sharpe, out);
    add_number("best_is_real", f->best_is_real, out);
    vg_buf_adds(out, ",\"labels\":[");
    for (unsigned k = 0; k < f->k; k++) {
        const struct label_result *l = &f->labels[k];
        vg_buf_addf(out, "%s{\"traders\":%zu", k ? "," : "", l->n);
        add_text("name", l->name, out);
        add_number("mean_usd", l->mean_usd, out);
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

/* --- the page --- */

static void cell(double value, int decimals, const char *unit, vg_buf *out)
{
    if (isfinite(value))
        vg_buf_addf(out, "<td class=n>%.*f%s</td>", decimals, value, unit);
    else
        vg_buf_adds(out, "<td class=n>&ndash;</td>");
}

static void escaped(const char *text, vg_buf *out)
{
    for (; *text; text++) {
        if (*text == '<')
            vg_buf_adds(out, "&lt;");
        else if (*text == '&')
            vg_buf_adds(out, "&amp;");
        else
            vg_buf_addc(out, *text);
    }
}

static void text_cell(const char *text, vg_buf *out)
{
    vg_buf_adds(out, "<td>");
    escaped(text, out);
    vg_buf_adds(out, "</td>");
}

static void page_tests(const struct validation *v, unsigned from, unsigned to, vg_buf *out)
{
    vg_buf_adds(out, "<table><tr><th>score<th>verdict<th>IC<th>95 % from<th>to<th>beyond past profit, volume, activity"
                     "<th>p, adjusted<th>placebo p<th>detectable<th>top tenth, bp<th>bottom<th>folds</tr>\n");
    for (unsigned t = from; t < to; t++) {
        const struct prediction *p = &v->tests[t];
        bool known = p->folds > 0;
        vg_buf_adds(out, "<tr><td><b>");
        escaped(validation_tests[t].name, out);
        vg_buf_adds(out, "</b><br><small>");
        escaped(validation_tests[t].meaning, out);
        vg_buf_adds(out, "</small></td>");
        vg_buf_addf(out, "<td class=v%d>%s</td>", (int)v->verdicts[t], validation_verdict_name(v->verdicts[t]));
        cell(known ? p->ic : (double)NAN, 3, "", out);
        cell(known ? p->low : (double)NAN, 3, "", out);
        cell(known ? p->high : (double)NAN, 3, "", out);
        cell(known ? p->partial_ic : (double)NAN, 3, "", out);
        cell(known ? v->adjusted_p[t] : (double)NAN, 3, "", out);
        cell(known ? p->placebo_p : (double)NAN, 3, "", out);
        cell(known ? p->detectable : (double)NAN, 3, "", out);
        cell(known ? p->top : (double)NAN, 1, "", out);
        cell(known ? p->bottom : (double)NAN, 1, "", out);
        vg_buf_addf(out, "<td class=n>%u</td></tr>\n", p->folds);
    }
    vg_buf_adds(out, "</table>\n");
}

static void page_folds(const struct validation *v, vg_buf *out)
{
    char days[4][VG_DATE_TEXT];
    for (size_t k = 0; k < v->fold_count; k++) {
        const struct validation_fold *f = &v->folds[k];
        vg_day_print(f->from, '-', days[0]);
        vg_day_print(f->to, '-', days[1]);
        vg_day_print(f->result_from, '-', days[2]);
        vg_day_print(f->result_to, '-', days[3]);
        vg_buf_addf(out, "<h3>Grouped by %s to %s, results of %s to %s: %zu traders</h3>\n", days[0], days[1], days[2],
                    days[3], f->traders);
        if (isfinite(f->lucky_sharpe))
            vg_buf_addf(
                out,
                "<p>Best annual Sharpe ratio of those who traded every day: %.1f. The best of as many without any "
                "skill would show about %.1f.</p>\n",
                f->best_sharpe, f->lucky_sharpe);
        vg_buf_adds(out, "<table><tr><th>label<th>traders<th>mean USD<th>median USD<th>median bp of daily volume"
                         "<th>in profit<th>mean place, 0 worst to 1 best</tr>\n");
        for (unsigned c = 0; c < f->k; c++) {
            const struct label_result *l = &f->labels[c];
            vg_buf_adds(out, "<tr>");
            text_cell(l->name, out);
            vg_buf_addf(out, "<td class=n>%zu</td>", l->n);
            cell(l->mean_usd, 0, "", out);
            cell(l->median_usd, 2, "", out);
            cell(l->median_bps, 1, "", out);
            cell(100 * l->hit_rate, 1, " %", out);
            cell(l->mean_rank, 3, "", out);
            vg_buf_adds(out, "</tr>\n");
        }
        vg_buf_adds(out, "</table>\n");
    }
}

static void page_stability(const struct validation_stability *s, vg_buf *out)
{
    char days[4][VG_DATE_TEXT];
    vg_day_print(s->first_from, '-', days[0]);
    vg_day_print(s->first_to, '-', days[1]);
    vg_day_print(s->second_from, '-', days[2]);
    vg_day_print(s->second_to, '-', days[3]);
    vg_buf_addf(out,
                "<h2>Do clusters last?</h2>\n<p>%s to %s against %s to %s, each grouped for itself; %zu traders in "
                "both.",
                days[0], days[1], days[2], days[3], s->traders);
    if (!s->known) {
        vg_buf_adds(out, " One of them has too few traders to tell.</p>\n");
        return;
    }
    vg_buf_addf(out,
                " Adjusted Rand index of the two groupings %.2f (1 the same, 0 chance), mutual information %.2f. The "
                "first model, unchanged, against the second's own groups: %.2f.</p>\n",
                s->rand, s->information, s->frozen_rand);
    vg_buf_adds(out, "<table><tr><th>was<th>moved, radii<th>not grouped any more");
    for (unsigned k = 0; k < s->k; k++) {
        vg_buf_adds(out, "<th>now ");
        escaped(s->names[k], out);
    }
    vg_buf_adds(out, "</tr>\n");
    for (unsigned k = 0; k < s->k; k++) {
        vg_buf_adds(out, "<tr>");
        text_cell(s->names[k], out);
        cell(s->moved[k], 2, "", out);
        cell(100 * s->left[k], 1, " %", out);
        for (unsigned j = 0; j < s->k; j++)
            cell(100 * s->transitions[k][j], 1, " %", out);
        vg_buf_adds(out, "</tr>\n");
    }
    vg_buf_adds(out, "</table>\n");
}

static const char head[] =
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Vigil: do the labels predict anything?</title><style>"
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 "
    "1rem}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem;display:block;overflow-x:auto}th,td{padding:.3rem .7rem;"
    "border-bottom:1px solid #8884;text-align:left;vertical-align:top}th{font-weight:600;font-size:.85rem}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}small{opacity:.75}"
    ".v0{color:#18864b;font-weight:600}.v1{color:#c0392b;font-weight:600}.v2,.v3{color:#a67c00;font-weight:600}"
    "</style>\n";

void validation_print_html(const struct validation *v, const struct validate_options *o, vg_buf *out)
{
    char from[VG_DATE_TEXT], to[VG_DATE_TEXT];
    vg_day_print(v->from, '-', from);
    vg_day_print(v->to, '-', to);
    vg_buf_adds(out, head);
    vg_buf_addf(
        out,
        "<h1>Do the labels predict anything?</h1>\n<p>Fills of %s to %s. %zu fold%s: traders are grouped by %u "
        "days, and judged by their net profit of perps, marked to market, after fees, of %u days that follow after a "
        "gap of %u.</p>\n<p>IC: rank correlation of a score with that profit in basis points of the trader's own "
        "daily volume. All traders share one market, so intervals come from drawing days again, never traders. "
        "<i>Supported</i>: the interval is clear of zero on the expected side, p holds after adjusting for the "
        "number of tests, and traders of the same volume and activity with swapped scores do not show as "
        "much. <i>Underpowered</i>: an IC of %g would probably have been missed. "
        "<i>Not supported</i>: it would have been seen.</p>\n<h2>Headline tests</h2>\n",
        from, to, v->fold_count, v->fold_count == 1 ? "" : "s", o->formation, o->evaluation, o->gap,
        EFFECT_OF_INTEREST);
    page_tests(v, 0, VALIDATION_HEADLINES, out);
    vg_buf_adds(out, "<h2>For comparison</h2>\n");
    page_tests(v, VALIDATION_HEADLINES, VALIDATION_TEST_COUNT, out);
    page_stability(&v->stability, out);
    vg_buf_adds(out, "<h2>What became of each label</h2>\n");
    page_folds(v, out);
    vg_buf_adds(out, "</html>\n");
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
