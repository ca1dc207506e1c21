#include "flow/cluster_profiles.h"

#include <math.h>

static struct feature_value text(const char *text) { return feature_text(vg_slice_of(text)); }

static struct feature_value number(double x) { return isfinite(x) ? feature_number(x) : feature_null(); }

/* What is known of clusters that were fitted here, and not placed by a model from elsewhere. */
static void add_fit(const struct clustering *c, unsigned k, struct feature_value *v, vg_buf *centre)
{
    const struct archetype_verdict *verdict = &c->verdicts[k];
    const struct cluster_try *taken = &c->tries[c->chosen];
    for (unsigned j = 0; j < RECOMMENDED_COLUMN_COUNT; j++)
        vg_buf_addf(centre, "%s\"%s\":%.4g", j ? "," : "{", cluster_column_name(SCALING_RECOMMENDED, j), c->z[k][j]);
    vg_buf_addc(centre, '}');
    v[CLUSTER_PROFILE_SILHOUETTE] = number(c->silhouettes[k]);
    v[CLUSTER_PROFILE_ARCHETYPE] = text(trader_archetype_name(verdict->best));
    v[CLUSTER_PROFILE_SCORE] = number(verdict->scores[verdict->best]);
    v[CLUSTER_PROFILE_RUNNER_UP] = text(trader_archetype_name(verdict->runner_up));
    v[CLUSTER_PROFILE_RUNNER_UP_SCORE] = number(verdict->scores[verdict->runner_up]);
    v[CLUSTER_PROFILE_REASON] = text(verdict->reason);
    v[CLUSTER_PROFILE_DRIFTED] = feature_int(c->drifts[k].drifted);
    v[CLUSTER_PROFILE_CENTRE] = feature_text(vg_buf_view(centre));
    v[CLUSTER_PROFILE_K_REASON] = text(c->reason);
    v[CLUSTER_PROFILE_MEAN_SILHOUETTE] = number(taken->silhouette);
    v[CLUSTER_PROFILE_NEGATIVE_SILHOUETTE_SHARE] = number(taken->negative_share);
    v[CLUSTER_PROFILE_STABILITY] = number(taken->stability);
}

static void add_members(const struct clustering *c, unsigned k, struct feature_value *v)
{
    const struct cluster_profile *p = &c->profiles[k];
    uint64_t members = c->model.centres.sizes[k];
    v[CLUSTER_PROFILE_CLUSTER_ID] = feature_int(c->model.clusters[k].id);
    v[CLUSTER_PROFILE_CLUSTER_NAME] = text(c->model.clusters[k].name);
    v[CLUSTER_PROFILE_TRADERS] = feature_int((int64_t)members);
    v[CLUSTER_PROFILE_SHARE] = feature_number(c->n ? (double)members / (double)c->n : 0);
    v[CLUSTER_PROFILE_MEDIAN_MAKER_PCT] = number(p->medians.maker_pct);
    v[CLUSTER_PROFILE_MEDIAN_HOLD_MINUTES] = number(p->medians.hold_minutes);
    v[CLUSTER_PROFILE_MEDIAN_TRADES_PER_DAY] = number(p->trades_per_day);
    v[CLUSTER_PROFILE_MEDIAN_TRADE_SIZE] = number(p->avg_trade_size);
    v[CLUSTER_PROFILE_MEDIAN_NET_PNL] = number(p->medians.net_pnl);
    v[CLUSTER_PROFILE_MEDIAN_NET_BPS] = number(p->medians.net_bps);
    v[CLUSTER_PROFILE_PROFITABLE_SHARE] = members ? number(p->profitable_share) : feature_null();
}

static void add_run(const struct cluster_report *r, struct feature_value *v)
{
    const struct cluster_model *m = &r->clustering.model;
    v[CLUSTER_PROFILE_K] = feature_int(m->centres.k);
    v[CLUSTER_PROFILE_CLUSTERED] = feature_int((int64_t)r->clustering.n);
    v[CLUSTER_PROFILE_SCALING] = text(cluster_scaling_name(m->scaling));
    v[CLUSTER_PROFILE_SEED] = feature_int((int64_t)m->seed);
    v[CLUSTER_PROFILE_MODEL_AS_OF] = feature_int(m->as_of_ns / 1000);
    v[CLUSTER_PROFILE_AS_OF] = feature_int(r->last_time_ns / 1000);
    if (!r->places) return;
    v[CLUSTER_PROFILE_TRUSTWORTHINESS] = number(r->map_quality.trustworthiness);
    v[CLUSTER_PROFILE_CONTINUITY] = number(r->map_quality.continuity);
    v[CLUSTER_PROFILE_PRESERVED_NEIGHBOURS] = number(r->map_quality.preserved);
}

vg_code cluster_profiles_write(const struct cluster_report *r, struct feature_writer *writer, vg_err *err)
{
    vg_buf centre = {0};
    vg_code rc = VG_OK;
    for (unsigned k = 0; k < r->clustering.model.centres.k && !rc; k++) {
        struct feature_value values[CLUSTER_PROFILE_COLUMN_COUNT];
        for (size_t i = 0; i < CLUSTER_PROFILE_COLUMN_COUNT; i++)
            values[i] = feature_null();
        vg_buf_clear(&centre);
        add_members(&r->clustering, k, values);
        add_run(r, values);
        if (!r->frozen) add_fit(&r->clustering, k, values, &centre);
        rc = feature_writer_row(writer, TABLE_CLUSTER_PROFILES, values, err);
    }
    vg_buf_release(&centre);
    return rc;
}
