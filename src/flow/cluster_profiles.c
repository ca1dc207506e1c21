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
    v[CLUSTER_PROFILE_MEDIAN_GROSS_BPS] = number(p->gross_bps);
    v[CLUSTER_PROFILE_MEDIAN_FEE_BPS] = number(p->fee_bps);
    v[CLUSTER_PROFILE_MEDIAN_WIN_RATE] = number(p->win_rate);
    v[CLUSTER_PROFILE_LIQUIDATED_SHARE] = members ? number(p->liquidated_share) : feature_null();
}

void cluster_hours_print(const double *shares, size_t n, vg_buf *out)
{
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(out, "%s%.4f", i ? "," : "[", shares[i]);
    vg_buf_addc(out, ']');
}

void cluster_members_print(const struct cluster_typical *typical, vg_buf *out)
{
    vg_buf_addc(out, '[');
    for (size_t i = 0; i < CLUSTER_TYPICAL_SHOWN && typical->shown[i][0]; i++)
        vg_buf_addf(out, "%s\"%s\"", i ? "," : "", typical->shown[i]);
    vg_buf_addc(out, ']');
}

/* The cluster in words; they live in `texts` of WORDS buffers. */
enum { WORDS_WHAT, WORDS_WHEN, WORDS_HOURS, WORDS_WEEKDAYS, WORDS_EARN, WORDS_MEMBERS, WORDS };

static void add_words(const struct cluster_report *r, unsigned k, struct feature_value *v, vg_buf *texts)
{
    static const enum cluster_profile_column columns[WORDS] = {
        CLUSTER_PROFILE_WHAT_THEY_DO,     CLUSTER_PROFILE_WHEN_THEY_TRADE, CLUSTER_PROFILE_OPENING_HOURS,
        CLUSTER_PROFILE_OPENING_WEEKDAYS, CLUSTER_PROFILE_HOW_THEY_EARN,   CLUSTER_PROFILE_TYPICAL_MEMBERS,
    };
    const struct cluster_typical *typical = &r->typical[k];
    if (typical->n == 0) return;
    for (unsigned i = 0; i < WORDS; i++)
        vg_buf_clear(&texts[i]);
    cluster_words_what(&r->clustering.profiles[k], &texts[WORDS_WHAT]);
    cluster_words_when(&typical->when, &texts[WORDS_WHEN]);
    cluster_hours_print(typical->when.hours, 24, &texts[WORDS_HOURS]);
    cluster_hours_print(typical->when.weekdays, 7, &texts[WORDS_WEEKDAYS]);
    cluster_words_earn(&r->clustering.profiles[k], &texts[WORDS_EARN]);
    cluster_members_print(typical, &texts[WORDS_MEMBERS]);
    for (unsigned i = 0; i < WORDS; i++)
        v[columns[i]] = feature_text(vg_buf_view(&texts[i]));
    if (typical->when.members == 0)
        v[CLUSTER_PROFILE_OPENING_HOURS] = v[CLUSTER_PROFILE_OPENING_WEEKDAYS] = feature_null();
}

static void add_run(const struct cluster_report *r, struct feature_value *v)
{
    const struct cluster_model *m = &r->clustering.model;
    v[CLUSTER_PROFILE_K] = feature_int(m->centres.k);
    v[CLUSTER_PROFILE_CLUSTERED] = feature_int((int64_t)r->clustering.n);
    v[CLUSTER_PROFILE_SCALING] = text(cluster_scaling_name(m->scaling));
    v[CLUSTER_PROFILE_SEED] = feature_int((int64_t)m->seed);
    v[CLUSTER_PROFILE_MODEL_ID] = text(r->model_id);
    v[CLUSTER_PROFILE_MODEL_AS_OF] = feature_int(m->as_of_ns / 1000);
    v[CLUSTER_PROFILE_AS_OF] = feature_int(r->last_time_ns / 1000);
    if (!r->places) return;
    v[CLUSTER_PROFILE_TRUSTWORTHINESS] = number(r->map_quality.trustworthiness);
    v[CLUSTER_PROFILE_CONTINUITY] = number(r->map_quality.continuity);
    v[CLUSTER_PROFILE_PRESERVED_NEIGHBOURS] = number(r->map_quality.preserved);
}

vg_code cluster_profiles_write(const struct cluster_report *r, struct feature_writer *writer, vg_err *err)
{
    vg_buf centre = {0}, texts[WORDS] = {{0}};
    vg_code rc = VG_OK;
    for (unsigned k = 0; k < r->clustering.model.centres.k && !rc; k++) {
        struct feature_value values[CLUSTER_PROFILE_COLUMN_COUNT];
        for (size_t i = 0; i < CLUSTER_PROFILE_COLUMN_COUNT; i++)
            values[i] = feature_null();
        vg_buf_clear(&centre);
        add_members(&r->clustering, k, values);
        add_words(r, k, values, texts);
        add_run(r, values);
        if (!r->frozen) add_fit(&r->clustering, k, values, &centre);
        cluster_fit_facts_add(&r->fit, r->clustering.model.clusters[k].id, values);
        rc = feature_writer_row(writer, TABLE_CLUSTER_PROFILES, values, err);
    }
    vg_buf_release(&centre);
    for (unsigned i = 0; i < WORDS; i++)
        vg_buf_release(&texts[i]);
    return rc;
}
