#include <math.h>

#include "base/day.h"
#include "flow/validation_print.h"

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
    vg_buf_adds(out, "<table><tr><th>score<th>verdict<th>IC<th>95 % from<th>to<th>without the market<th>95 % "
                     "from<th>to<th>beyond past "
                     "profit, volume, activity<th>the days after<th>p, adjusted<th>placebo p<th>detectable<th>top "
                     "tenth, bp<th>bottom<th>folds</tr>\n");
    for (unsigned t = from; t < to; t++) {
        const struct prediction *p = &v->tests[t];
        bool known = p->folds > 0, market_known = v->market[t].folds > 0;
        vg_buf_adds(out, "<tr><td><b>");
        escaped(validation_tests[t].name, out);
        vg_buf_adds(out, "</b><br><small>");
        escaped(validation_tests[t].meaning, out);
        vg_buf_adds(out, "</small></td>");
        vg_buf_addf(out, "<td class=v%d>%s</td>", (int)v->verdicts[t], validation_verdict_name(v->verdicts[t]));
        cell(known ? p->ic : (double)NAN, 3, "", out);
        cell(known ? p->low : (double)NAN, 3, "", out);
        cell(known ? p->high : (double)NAN, 3, "", out);
        cell(market_known ? v->market[t].ic : (double)NAN, 3, "", out);
        cell(market_known ? v->market[t].low : (double)NAN, 3, "", out);
        cell(market_known ? v->market[t].high : (double)NAN, 3, "", out);
        cell(known ? p->partial_ic : (double)NAN, 3, "", out);
        cell(v->later[t].folds ? v->later[t].ic : (double)NAN, 3, "", out);
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
        vg_buf_adds(out, "<p>");
        validation_fold_lines(v, k, out);
        vg_buf_adds(out, "</p>\n");
        vg_buf_adds(
            out,
            "<table><tr><th>label<th>traders<th>mean USD<th>95 % from<th>to<th>median USD<th>median bp of daily volume"
            "<th>in profit<th>mean place, 0 worst to 1 best</tr>\n");
        for (unsigned c = 0; c < f->k; c++) {
            const struct label_result *l = &f->labels[c];
            vg_buf_adds(out, "<tr>");
            text_cell(l->name, out);
            vg_buf_addf(out, "<td class=n>%zu</td>", l->n);
            cell(l->mean_usd, 0, "", out);
            cell(l->mean_low, 0, "", out);
            cell(l->mean_high, 0, "", out);
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
    if (s->first_hours.missing + s->second_hours.missing)
        vg_buf_addf(out, " %llu hours of the first and %llu of the second are not in the lake.",
                    (unsigned long long)s->first_hours.missing, (unsigned long long)s->second_hours.missing);
    if (s->first_hours.untold + s->second_hours.untold)
        vg_buf_addf(out, " Of %llu hours of the first and %llu of the second nothing tells.",
                    (unsigned long long)s->first_hours.untold, (unsigned long long)s->second_hours.untold);
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
        "<i>Without the market</i>: what BTC and ETH did to what each trader held in the morning is taken out, "
        "because in a month that rises everybody who is long is smart. <i>The days after</i>: as many days right after "
        "these; skill would last. <i>Supported</i>: with and without the market's move, the interval is clear of zero "
        "on the expected side, p holds after adjusting for the "
        "number of tests, and traders of the same volume and activity with swapped scores do not show as "
        "much. <i>Underpowered</i>: an IC of %g would probably have been missed. "
        "<i>Not supported</i>: it would have been seen.</p>\n",
        from, to, v->fold_count, v->fold_count == 1 ? "" : "s", o->formation, o->evaluation, o->gap,
        EFFECT_OF_INTEREST);
    vg_buf_addf(out, "<p class=%s>", v->hours.missing ? "v1" : v->hours.untold ? "v2" : "v0");
    validation_coverage_line(v, out);
    vg_buf_adds(out, "</p>\n");
    if (!v->market_known) {
        vg_buf_adds(out, "<p class=v2>");
        validation_market_lines(v, out);
        vg_buf_adds(out, "</p>\n");
    }
    vg_buf_adds(out, "<h2>Headline tests</h2>\n");
    page_tests(v, 0, VALIDATION_HEADLINES, out);
    vg_buf_adds(out, "<h2>For comparison</h2>\n");
    page_tests(v, VALIDATION_HEADLINES, VALIDATION_TEST_COUNT, out);
    page_stability(&v->stability, out);
    vg_buf_adds(out, "<h2>What became of each label</h2>\n");
    page_folds(v, out);
    vg_buf_adds(out, "</html>\n");
}
