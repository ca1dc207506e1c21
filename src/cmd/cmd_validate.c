#include <math.h>

#include "base/day.h"
#include "base/pool.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "flow/validation_print.h"

static void number_cell(struct table *table, bool known, double value, int decimals)
{
    if (known && isfinite(value))
        table_cellf(table, "%.*f", decimals, value);
    else
        table_cell(table, "–", strlen("–"));
}

static void print_tests(const struct validation *v, unsigned from, unsigned to, const char *title, vg_buf *out)
{
    struct table table = {0};
    table_column(&table, title, false);
    static const char *const titles[] = {"IC",    "95 % from", "to",      "no market",  "beyond",
                                         "later", "p adj.",    "placebo", "detectable", "spread bp"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(&table, titles[i], true);
    table_column(&table, "verdict", false);
    for (unsigned t = from; t < to; t++) {
        const struct prediction *p = &v->tests[t];
        bool known = p->folds > 0;
        const char *verdict = validation_verdict_name(v->verdicts[t]);
        table_cell(&table, validation_tests[t].name, strlen(validation_tests[t].name));
        number_cell(&table, known, p->ic, 3);
        number_cell(&table, known, p->low, 3);
        number_cell(&table, known, p->high, 3);
        number_cell(&table, v->market[t].folds > 0, v->market[t].ic, 3);
        number_cell(&table, known, p->partial_ic, 3);
        number_cell(&table, v->later[t].folds > 0, v->later[t].ic, 3);
        number_cell(&table, known, v->adjusted_p[t], 3);
        number_cell(&table, known, p->placebo_p, 3);
        number_cell(&table, known, p->detectable, 3);
        number_cell(&table, known, p->spread, 1);
        table_cell(&table, verdict, strlen(verdict));
    }
    table_print(&table, out);
    table_release(&table);
    vg_buf_addc(out, '\n');
}

static void print_text(const struct validation *v, vg_buf *out)
{
    char days[4][VG_DATE_TEXT];
    vg_buf more = {0};
    const struct validation_stability *s = &v->stability;
    validation_coverage_line(v, out);
    validation_market_lines(v, out);
    vg_buf_addc(out, '\n');
    print_tests(v, 0, VALIDATION_HEADLINES, "headline", out);
    print_tests(v, VALIDATION_HEADLINES, VALIDATION_TEST_COUNT, "for comparison", out);
    vg_buf_adds(out, "IC: rank correlation with net profit of perps on the days after; no market: without what BTC and "
                     "ETH did to\nwhat each held in the morning; beyond: past profit, volume and activity taken out; "
                     "later: with as many days right\nafter these; detectable: what would be found in four of five "
                     "cases. docs/validation.md\n");
    vg_buf_addc(out, '\n');
    for (size_t k = 0; k < v->fold_count; k++) {
        const struct validation_fold *f = &v->folds[k];
        vg_day_print(f->from, '-', days[0]);
        vg_day_print(f->to, '-', days[1]);
        vg_day_print(f->result_from, '-', days[2]);
        vg_day_print(f->result_to, '-', days[3]);
        vg_buf_addf(out, "fold %zu: %s to %s, results of %s to %s, %zu traders\n", k + 1, days[0], days[1], days[2],
                    days[3], f->traders);
        vg_buf_clear(&more);
        validation_fold_lines(v, k, &more);
        if (more.len) vg_buf_addf(out, "    %.*s\n", (int)more.len, more.data);
    }
    vg_buf_release(&more);
    if (s->known)
        vg_buf_addf(
            out,
            "stability: adjusted Rand index %.2f between the two halves (%zu traders in both); the first half's "
            "model in the second %.2f\n",
            s->rand, s->traders, s->frozen_rand);
    else
        vg_buf_adds(out, "stability: one half of the days has too few traders to tell\n");
    validation_verdict_line(v, out);
}

/* -1, or EXIT_WRONG_USAGE. */
static int check_options(const struct command *self, const uint64_t *days, uint64_t k, uint64_t threads, uint64_t draws)
{
    if (days[0] < 1 || days[0] > PREDICTION_DAYS_MAX || days[2] < 1 || days[2] > PREDICTION_DAYS_MAX ||
        days[1] > PREDICTION_DAYS_MAX)
        return command_usage(self, "--formation and --evaluation are from 1 to 366 days, --gap from 0");
    if (days[3] < 1 || days[3] > PREDICTION_DAYS_MAX) return command_usage(self, "--step is from 1 to 366 days");
    if (days[3] < days[2]) return command_usage(self, "--step is --evaluation at least: results must not overlap");
    if (k == 1 || k > KMEANS_CLUSTERS_MAX) return command_usage(self, "--k is from 2 to 32");
    if (threads < 1 || threads > 256) return command_usage(self, "--threads is from 1 to 256");
    if (draws < 100 || draws > 100000) return command_usage(self, "--draws is from 100 to 100000");
    return -1;
}

static int run_validate(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false, quiet = false;
    uint64_t days[] = {30, 1, 14, 0}, k = 0, threads = vg_processors(), draws = 1000;
    struct validate_options run = {.cluster.seed = 1};
    const struct vg_option options[] = {
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"formation", VG_OPT_COUNT, &days[0], "DAYS", NULL, "that traders are grouped by (default 30)"},
        {"gap", VG_OPT_COUNT, &days[1], "DAYS", NULL, "between, that count for nothing (default 1)"},
        {"evaluation", VG_OPT_COUNT, &days[2], "DAYS", NULL, "whose profit is to be predicted (default 14)"},
        {"step", VG_OPT_COUNT, &days[3], "DAYS", NULL, "from fold to fold (default: as --evaluation)"},
        {"k", VG_OPT_COUNT, &k, "N", NULL, "so many clusters (default: 5 to 7, whichever holds best)"},
        {"draws", VG_OPT_COUNT, &draws, "N", NULL, "of days, and as many placebos (default 1000)"},
        {"seed", VG_OPT_COUNT, &run.cluster.seed, "S", NULL, "of what is drawn (default 1)"},
        {"threads", VG_OPT_COUNT, &threads, "N", NULL, "at a time (default: processors); the result is the same"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    if (days[3] == 0) days[3] = days[2];
    code = check_options(self, days, k, threads, draws);
    if (code >= 0) return code;
    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct validation *v = vg_calloc(1, sizeof *v);
    run.lake = command_lake(lake, &storage);
    run.formation = (unsigned)days[0];
    run.gap = (unsigned)days[1];
    run.evaluation = (unsigned)days[2];
    run.step = (unsigned)days[3];
    run.draws = run.placebos = (unsigned)draws;
    run.cluster.k = (unsigned)k;
    run.cluster.threads = (unsigned)threads;
    run.progress = &progress;
    vg_progress_start(&progress, "validating", "fills", 0, quiet || json);
    vg_code rc = validate_run(&run, v, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        if (json)
            validation_print_json(v, &run, &text);
        else
            print_text(v, &text);
        code = command_print(self, &text);
    }
    free(v);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_validate = {
    .name = "validate",
    .summary = "whether clusters last, and whether labels predict anything",
    .usage = "[--formation DAYS] [--evaluation DAYS] [--gap DAYS] [--step DAYS]",
    .help = "Cuts the lake's days into folds. In each, traders are grouped and scored by the fills of the formation "
            "window\n"
            "alone, and judged by their net profit of perps, marked to market, after fees, on the days after. Says of "
            "every test\n"
            "whether it is supported, not supported, or underpowered. Reads all fills; needs no `vigil features`.\n"
            "Writes outputs/validation.json, outputs/validation.html and outputs/point_in_time_labels.csv.\n"
            "How, and how to read it: docs/validation.md.\n"
            "\n"
            "  vigil validate\n"
            "  vigil validate --formation 21 --evaluation 7\n"
            "\n"
            "exit: 0 done; 1 failed, too few days for one fold among it; 2 wrong usage",
    .run = run_validate,
};
