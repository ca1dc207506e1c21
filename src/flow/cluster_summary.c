#include "flow/cluster_summary.h"

#include <math.h>

#include "base/day.h"
#include "base/json.h"
#include "flow/cluster_profiles.h"

static void add_time(const char *key, int64_t time_ns, vg_buf *out)
{
    char text[VG_TIME_TEXT];
    vg_time_print(time_ns, 3, text);
    vg_buf_addf(out, ",\"%s\":\"%sZ\"", key, text);
}

static void add_try(const struct cluster_try *t, vg_buf *out)
{
    vg_buf_addf(out, "{\"k\":%u", t->k);
    json_member_number("inertia", t->inertia, out);
    json_member_number("silhouette", t->silhouette, out);
    json_member_number("negative_silhouette_share", t->negative_share, out);
    json_member_number("calinski_harabasz", t->calinski_harabasz, out);
    json_member_number("davies_bouldin", t->davies_bouldin, out);
    json_member_number("stability", t->stability, out);
    json_member_number("smallest_share", t->smallest_share, out);
    json_member_number("gap", t->gap, out);
    json_member_number("gap_error", t->gap_error, out);
    vg_buf_addc(out, '}');
}

static void add_tries(const struct clustering *c, vg_buf *out)
{
    vg_buf_addf(out, ",\"k\":%u", c->model.centres.k);
    json_member_text("k_reason", c->reason, out);
    vg_buf_adds(out, ",\"tries\":[");
    for (unsigned i = 0; i < c->try_count; i++) {
        if (i) vg_buf_addc(out, ',');
        add_try(&c->tries[i], out);
    }
    vg_buf_adds(out, "],\"pca_variance_shares\":[");
    for (unsigned i = 0; i < c->model.centres.d; i++)
        vg_buf_addf(out, "%s%.6g", i ? "," : "", pca_share(&c->model.pca, i + 1) - pca_share(&c->model.pca, i));
    vg_buf_addc(out, ']');
}

static void add_verdict(const struct archetype_verdict *v, const double *z, vg_buf *out)
{
    json_member_text("archetype", trader_archetype_name(v->best), out);
    vg_buf_addf(out, ",\"archetype_holds\":%s", v->holds ? "true" : "false");
    json_member_number("score", v->scores[v->best], out);
    json_member_text("runner_up", trader_archetype_name(v->runner_up), out);
    json_member_number("margin", v->margin, out);
    json_member_text("reason", v->reason, out);
    vg_buf_adds(out, ",\"scores\":{");
    for (unsigned a = 0; a < TRADER_ARCHETYPES; a++)
        vg_buf_addf(out, "%s\"%s\":%.6g", a ? "," : "", trader_archetype_name(a), v->scores[a]);
    vg_buf_adds(out, "},\"z\":{");
    for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++)
        vg_buf_addf(out, "%s\"%s\":%.6g", j ? "," : "", cluster_column_name(SCALING_RECOMMENDED, j), z[j]);
    vg_buf_addc(out, '}');
}

static void add_profile(const struct cluster_profile *p, vg_buf *out)
{
    vg_buf_addf(out, ",\"net_pnl_total\":\"%.2f\"", p->net_pnl_total);
    json_member_number("profitable_share", p->profitable_share, out);
    json_member_number("liquidated_share", p->liquidated_share, out);
    vg_buf_adds(out, ",\"medians\":{\"maker_pct\":");
    vg_buf_addf(out, isfinite(p->medians.maker_pct) ? "%.9g" : "null", p->medians.maker_pct);
    json_member_number("hold_minutes", p->medians.hold_minutes, out);
    json_member_number("net_bps", p->medians.net_bps, out);
    json_member_number("sharpe_ratio", p->medians.sharpe_ratio, out);
    json_member_number("net_usd", p->medians.net_pnl, out);
    json_member_number("volume_usd", p->volume, out);
    json_member_number("trades_per_day", p->trades_per_day, out);
    json_member_number("avg_trade_size", p->avg_trade_size, out);
    json_member_number("unique_coins", p->unique_coins, out);
    json_member_number("win_rate", p->win_rate, out);
    json_member_number("long_share", p->long_share, out);
    json_member_number("gross_bps", p->gross_bps, out);
    json_member_number("fee_bps", p->fee_bps, out);
    json_member_number("payoff", p->payoff, out);
    json_member_number("losers_held_to_winners", p->hold_ratio, out);
    json_member_number("markout_bps_5m", p->markout_5m, out);
    vg_buf_addc(out, '}');
}

/* In words, and what they rest on. */
static void add_words(const struct cluster_report *r, unsigned k, vg_buf *out)
{
    const struct cluster_typical *typical = &r->typical[k];
    vg_buf words = {0};
    if (typical->n == 0) return;
    cluster_words_what(&r->clustering.profiles[k], &words);
    json_member_text("what_they_do", vg_buf_str(&words), out);
    vg_buf_clear(&words);
    cluster_words_when(&typical->when, &words);
    json_member_text("when_they_trade", vg_buf_str(&words), out);
    vg_buf_clear(&words);
    cluster_words_earn(&r->clustering.profiles[k], &words);
    json_member_text("how_they_earn", vg_buf_str(&words), out);
    vg_buf_release(&words);
    vg_buf_addf(out, ",\"opening_members\":%zu,\"opening_hours\":", typical->when.members);
    cluster_hours_print(typical->when.hours, 24, out);
    vg_buf_adds(out, ",\"opening_weekdays\":");
    cluster_hours_print(typical->when.weekdays, 7, out);
    vg_buf_adds(out, ",\"typical_members\":");
    cluster_members_print(typical, out);
}

static void add_cluster(const struct cluster_report *r, unsigned k, vg_buf *out)
{
    const struct clustering *c = &r->clustering;
    vg_buf_addf(out, "{\"id\":%u", c->model.clusters[k].id);
    json_member_text("name", c->model.clusters[k].name, out);
    vg_buf_addf(out, ",\"traders\":%llu", (unsigned long long)c->model.centres.sizes[k]);
    json_member_number("share", c->n ? (double)c->model.centres.sizes[k] / (double)c->n : 0, out);
    json_member_number("share_when_fitted", c->model.clusters[k].share, out);
    json_member_number("radius", c->model.clusters[k].radius, out);
    if (!r->frozen) {
        json_member_number("silhouette", c->silhouettes[k], out);
        vg_buf_addf(out, ",\"carried_over\":%s", c->drifts[k].carried ? "true" : "false");
        json_member_number("moved_radii", c->drifts[k].moved, out);
        json_member_number("share_ratio", c->drifts[k].share_ratio, out);
        vg_buf_addf(out, ",\"drifted\":%s", c->drifts[k].drifted ? "true" : "false");
        add_verdict(&c->verdicts[k], c->z[k], out);
    }
    add_profile(&c->profiles[k], out);
    add_words(r, k, out);
    vg_buf_addc(out, '}');
}

static void add_map(const struct cluster_report *r, vg_buf *out)
{
    vg_buf_adds(out, ",\"map\":");
    if (!r->places) {
        vg_buf_adds(out, "null");
        return;
    }
    vg_buf_addf(out, "{\"traders\":%zu,\"on_the_map_before\":%llu", r->clustering.n,
                (unsigned long long)r->places_known);
    json_member_number("trustworthiness", r->map_quality.trustworthiness, out);
    json_member_number("continuity", r->map_quality.continuity, out);
    json_member_number("preserved_neighbours", r->map_quality.preserved, out);
    vg_buf_addc(out, '}');
}

void cluster_summary_print(const struct cluster_report *r, vg_buf *out)
{
    const struct clustering *c = &r->clustering;
    vg_buf_addf(out, "{\"traders\":%llu,\"clustered\":%zu,\"frozen\":%s", (unsigned long long)r->traders, c->n,
                r->frozen ? "true" : "false");
    json_member_text("scaling", cluster_scaling_name(c->model.scaling), out);
    vg_buf_addf(out, ",\"seed\":%llu", (unsigned long long)c->model.seed);
    add_time("from", r->first_time_ns, out);
    add_time("as_of", r->last_time_ns, out);
    add_time("model_as_of", c->model.as_of_ns, out);
    json_member_text("model_id", r->model_id, out);
    vg_buf_addf(out, ",\"compared\":%llu", (unsigned long long)r->compared);
    json_member_number("agreement_rand", r->agreement_rand, out);
    json_member_number("agreement_information", r->agreement_information, out);
    if (!r->frozen) {
        vg_buf_addf(out, ",\"followed\":%s,\"silhouette_queries\":%llu", c->followed ? "true" : "false",
                    (unsigned long long)c->silhouette_queries);
        add_tries(c, out);
    }
    add_map(r, out);
    vg_buf_adds(out, ",\"clusters\":[");
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        if (k) vg_buf_addc(out, ',');
        add_cluster(r, k, out);
    }
    vg_buf_adds(out, "]}\n");
}
