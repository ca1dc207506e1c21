#include <math.h>

#include "base/day.h"
#include "base/pool.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "flow/cluster_flow.h"
#include "flow/cluster_summary.h"

static void number_cell(struct table *table, double value, int decimals, const char *unit)
{
    if (isfinite(value))
        table_cellf(table, "%.*f%s", decimals, value, unit);
    else
        table_cell(table, "–", strlen("–"));
}

static void minutes_cell(struct table *table, double minutes)
{
    vg_buf text = {0};
    if (isfinite(minutes))
        cluster_words_minutes(minutes, &text);
    else
        vg_buf_adds(&text, "–");
    table_cell(table, text.data, text.len);
    vg_buf_release(&text);
}

static void columns(struct table *table, const char *const *titles, size_t n)
{
    for (size_t i = 0; i < n; i++)
        table_column(table, titles[i], i > 0);
}

/* Who they are; figures are medians. */
static void print_clusters(const struct cluster_report *r, vg_buf *out)
{
    static const char *const titles[] = {"cluster", "id",        "traders",       "share", "silhouette",
                                         "maker",   "hold",      "trades/day",    "size",  "net PnL",
                                         "net bp",  "in profit", "sum of net PnL"};
    const struct clustering *c = &r->clustering;
    struct table table = {0};
    columns(&table, titles, sizeof titles / sizeof *titles);
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        const struct cluster_profile *p = &c->profiles[k];
        table_cell(&table, c->model.clusters[k].name, strlen(c->model.clusters[k].name));
        table_cellf(&table, "%u", c->model.clusters[k].id);
        table_cellf(&table, "%llu", (unsigned long long)c->model.centres.sizes[k]);
        table_percent(&table, c->n ? (double)c->model.centres.sizes[k] / (double)c->n : 0);
        number_cell(&table, r->frozen ? (double)NAN : c->silhouettes[k], 2, "");
        table_percent(&table, p->medians.maker_pct);
        minutes_cell(&table, p->medians.hold_minutes);
        number_cell(&table, p->trades_per_day, 1, "");
        number_cell(&table, p->avg_trade_size, 0, "");
        number_cell(&table, p->medians.net_pnl, 0, "");
        number_cell(&table, p->medians.net_bps, 1, "");
        table_percent(&table, p->profitable_share);
        number_cell(&table, p->net_pnl_total, 0, "");
    }
    table_print(&table, out);
    table_release(&table);
}

/* Why they are called so. */
static void print_names(const struct clustering *c, vg_buf *out)
{
    struct table table = {0};
    table_column(&table, "cluster", false);
    table_column(&table, "score", true);
    table_column(&table, "next best name", false);
    table_column(&table, "score", true);
    table_column(&table, "what sets it apart", false);
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        const struct archetype_verdict *v = &c->verdicts[k];
        const char *next = trader_archetype_name(v->runner_up);
        table_cell(&table, c->model.clusters[k].name, strlen(c->model.clusters[k].name));
        number_cell(&table, v->scores[v->best], 2, "");
        table_cell(&table, next, strlen(next));
        number_cell(&table, v->scores[v->runner_up], 2, "");
        table_cell(&table, v->reason, strlen(v->reason));
    }
    table_print(&table, out);
    table_release(&table);
}

/* The same in sentences. */
static void print_words(const struct cluster_report *r, vg_buf *out)
{
    const struct clustering *c = &r->clustering;
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        const struct cluster_typical *typical = &r->typical[k];
        if (typical->n == 0) continue;
        vg_buf_addf(out, "%s\n  what:    ", c->model.clusters[k].name);
        cluster_words_what(&c->profiles[k], out);
        vg_buf_adds(out, "\n  when:    ");
        cluster_words_when(&typical->when, out);
        vg_buf_adds(out, "\n  profit:  ");
        cluster_words_earn(&c->profiles[k], out);
        vg_buf_adds(out, "\n  typical:");
        for (size_t i = 0; i < CLUSTER_TYPICAL_SHOWN && i < typical->n; i++)
            vg_buf_addf(out, " %s", typical->shown[i]);
        vg_buf_addc(out, '\n');
    }
}

static void print_drifts(const struct clustering *c, vg_buf *out)
{
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        const struct cluster_drift *d = &c->drifts[k];
        if (!d->carried)
            vg_buf_addf(out, "new since the last run: %s\n", c->model.clusters[k].name);
        else if (d->drifted)
            vg_buf_addf(out,
                        "drift: %s moved %.1f radii and has %.2f times its former share of traders; by its "
                        "members now it would be %s (--fresh names anew)\n",
                        c->model.clusters[k].name, d->moved, d->share_ratio, c->verdicts[k].name);
    }
}

static void print_tries(const struct clustering *c, vg_buf *out)
{
    static const char *const titles[] = {"k",           "stability", "silhouette", "below 0",
                                         "Calinski-H.", "Davies-B.", "smallest",   "gap"};
    struct table table = {0};
    columns(&table, titles, c->tries[0].gap_error >= 0 ? 8 : 7);
    for (unsigned i = 0; i < c->try_count; i++) {
        const struct cluster_try *t = &c->tries[i];
        table_cellf(&table, "%u%s", t->k, i == c->chosen ? " *" : "");
        number_cell(&table, t->stability, 3, "");
        number_cell(&table, t->silhouette, 3, "");
        table_percent(&table, t->negative_share);
        number_cell(&table, t->calinski_harabasz, 0, "");
        number_cell(&table, t->davies_bouldin, 2, "");
        table_percent(&table, t->smallest_share);
        if (t->gap_error >= 0) number_cell(&table, t->gap, 3, "");
    }
    table_print(&table, out);
    table_release(&table);
    vg_buf_addf(out,
                "* taken: %s. A silhouette below 0.3 is what trading looks like (a continuum), no failure; "
                "docs/clusters.md\n",
                c->reason);
}

static void print_text(const struct cluster_report *r, vg_buf *out)
{
    const struct clustering *c = &r->clustering;
    char as_of[VG_TIME_TEXT], model_as_of[VG_TIME_TEXT];
    print_clusters(r, out);
    vg_buf_addc(out, '\n');
    print_words(r, out);
    vg_buf_addc(out, '\n');
    if (!r->frozen) {
        print_names(c, out);
        vg_buf_addc(out, '\n');
        print_tries(c, out);
        vg_buf_addc(out, '\n');
        if (c->followed) print_drifts(c, out);
    }
    vg_time_print(r->last_time_ns, 0, as_of);
    vg_time_print(c->model.as_of_ns, 0, model_as_of);
    vg_buf_addf(out, "%zu of %llu traders (the others: 10 fills or fewer, or fewer than 5 orders) as of %s UTC", c->n,
                (unsigned long long)r->traders, as_of);
    if (r->frozen)
        vg_buf_addf(out, ", by the model of %s UTC\n", model_as_of);
    else
        vg_buf_addf(out, "; %u axes hold %.0f %% of the variance\n", c->model.centres.d,
                    100 * pca_share(&c->model.pca, c->model.centres.d));
    if (r->frozen && cluster_report_has_changed(r))
        vg_buf_adds(out, "some cluster's share of traders is more than 1.5 times what it was when it was fitted, or "
                         "less than 1/1.5: "
                         "`vigil cluster` groups anew\n");
    if (r->places)
        vg_buf_addf(out,
                    "map: trustworthiness %.3f, continuity %.3f, %.0f %% of the nearest neighbours kept; "
                    "%llu traders were on the one before\n",
                    r->map_quality.trustworthiness, r->map_quality.continuity, 100 * r->map_quality.preserved,
                    (unsigned long long)r->places_known);
    if (r->compared)
        vg_buf_addf(out, "against the table before, %llu traders: adjusted Rand index %.2f, mutual information %.2f\n",
                    (unsigned long long)r->compared, r->agreement_rand, r->agreement_information);
}

/* -1, or EXIT_WRONG_USAGE. */
static int check_options(const struct command *self, const struct cluster_run_options *o, const char *scaling,
                         uint64_t k, uint64_t threads)
{
    if (k == 1 || k > KMEANS_CLUSTERS_MAX) return command_usage(self, "--k is from 2 to 32");
    if (o->cluster.scaling == CLUSTER_SCALINGS) return command_usage(self, "--scaling is recommended or standard");
    if (threads < 1 || threads > 256) return command_usage(self, "--threads is from 1 to 256");
    if (o->model && (k || scaling || o->cluster.gap))
        return command_usage(self, "--model takes all from the file: no --k, --scaling or --gap with it");
    if (o->refresh && (o->model || k || scaling || o->cluster.gap || o->fresh || o->no_map || o->keep_map))
        return command_usage(self, "--refresh takes model and map of the last run: none of the others with it");
    if (o->keep_map && (o->no_map || o->fresh))
        return command_usage(self, "--keep-map keeps the last map: no --no-map and no --fresh with it");
    return -1;
}

static int run_cluster(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *scaling = NULL;
    bool json = false;
    uint64_t k = 0, threads = vg_processors();
    struct cluster_run_options run = {.cluster.seed = 1};
    const struct vg_option options[] = {
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read, and to write the table to"},
        {"k", VG_OPT_COUNT, &k, "N", NULL, "so many clusters (default: 5 to 7, whichever holds best)"},
        {"scaling", VG_OPT_TEXT, &scaling, "NAME", NULL, "recommended (default), or standard: the plain recipe"},
        {"seed", VG_OPT_COUNT, &run.cluster.seed, "S", NULL, "of random starts (default 1)"},
        {"model", VG_OPT_TEXT, &run.model, "FILE", NULL, "place traders by this model and fit nothing"},
        {"refresh", VG_OPT_FLAG, &run.refresh, NULL, NULL,
         "place traders of new data by the model of the last run, on its map; fit nothing"},
        {"fresh", VG_OPT_FLAG, &run.fresh, NULL, NULL, "ids, names and map anew, whatever they were at the last run"},
        {"no-map", VG_OPT_FLAG, &run.no_map, NULL, NULL, "without the map, which takes most of the time"},
        {"keep-map", VG_OPT_FLAG, &run.keep_map, NULL, NULL, "traders of the last map stay there; others join them"},
        {"gap", VG_OPT_FLAG, &run.cluster.gap, NULL, NULL, "the gap statistic, too (takes longer)"},
        {"threads", VG_OPT_COUNT, &threads, "N", NULL, "at a time (default: processors); the result is the same"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    run.cluster.scaling = scaling ? cluster_scaling_of(vg_slice_of(scaling)) : SCALING_RECOMMENDED;
    code = check_options(self, &run, scaling, k, threads);
    if (code >= 0) return code;
    run.cluster.k = (unsigned)k;
    run.cluster.threads = (unsigned)threads;
    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct cluster_report report;
    run.lake = command_lake(lake, &storage);
    if (cluster_run(&run, &report, &err)) {
        code = command_fail(self, &err);
    } else {
        if (report.skipped)
            vg_buf_adds(&text, json ? "{\"skipped\":true}\n" : "nothing to do: no clusters yet, or none are behind\n");
        else if (json)
            cluster_summary_print(&report, &text);
        else
            print_text(&report, &text);
        code = command_print(self, &text);
    }
    cluster_report_release(&report);
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_cluster = {
    .name = "cluster",
    .summary = "groups of traders who behave alike, and what to call them",
    .usage = "[--k N] [--scaling NAME] [--seed S] [--model FILE]",
    .help =
        "Reads the tables of `vigil features`, groups the traders with more than 10 fills and at least 5 orders by\n"
        "26 figures of their behaviour, draws a map on which alike is near (UMAP), and writes the table clusters,\n"
        "features/cluster_model.json and outputs/cluster_summary.json. Ids and names are carried over from the last\n"
        "run, and the map starts from the last one; drift is told. `vigil sync` applies the last model to new data, as "
        "--refresh\ndoes. With --model, traders are placed by a model that "
        "was kept, for example of another month, as it is.\n"
        "What is computed and how to read it: docs/clusters.md.\n"
        "\n"
        "  vigil cluster\n"
        "  vigil sql \"SELECT cluster_name, count(*), sum(net_pnl) FROM clusters JOIN traders USING (user_address)\n"
        "             GROUP BY ALL\"\n"
        "\n"
        "exit: 0 done; 1 failed; 2 wrong usage",
    .run = run_cluster,
};
