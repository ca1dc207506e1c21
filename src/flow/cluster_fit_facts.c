#include "flow/cluster_fit_facts.h"

#include <stdio.h>

#include "base/number.h"
#include "lake/query.h"

/* In the order of the question. */
static const enum cluster_profile_column columns[] = {
    CLUSTER_PROFILE_SILHOUETTE,      CLUSTER_PROFILE_ARCHETYPE,       CLUSTER_PROFILE_SCORE,
    CLUSTER_PROFILE_RUNNER_UP,       CLUSTER_PROFILE_RUNNER_UP_SCORE, CLUSTER_PROFILE_REASON,
    CLUSTER_PROFILE_DRIFTED,         CLUSTER_PROFILE_CENTRE,          CLUSTER_PROFILE_K_REASON,
    CLUSTER_PROFILE_MEAN_SILHOUETTE, CLUSTER_PROFILE_STABILITY,       CLUSTER_PROFILE_NEGATIVE_SILHOUETTE_SHARE,
};
#define COLUMN_COUNT (sizeof columns / sizeof *columns)

static struct feature_value value_of(struct arena *texts, enum column_type type, vg_slice text)
{
    if (!text.p) return feature_null();
    switch (type) {
    case COLUMN_DOUBLE: return feature_number(number_parse(text));
    case COLUMN_BOOL: return feature_int(vg_slice_is(text, "true"));
    default: return feature_text((vg_slice){arena_copy(texts, text.p, text.n), text.n});
    }
}

static void add_row(const struct query *query, struct cluster_fit_facts *facts)
{
    struct cluster_fit_row *row = &facts->rows[facts->n];
    uint64_t as_of = 0;
    if (facts->n == KMEANS_CLUSTERS_MAX || !number_count(query_value(query, 0), &row->id) ||
        !number_count(query_value(query, 1), &as_of))
        return;
    vg_slice id = query_value(query, 2);
    facts->model_as_of_us = (int64_t)as_of;
    snprintf(facts->model_id, sizeof facts->model_id, "%.*s", (int)id.n, id.n ? id.p : "");
    for (size_t c = 0; c < CLUSTER_PROFILE_COLUMN_COUNT; c++)
        row->values[c] = feature_null();
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        row->values[columns[i]] =
            value_of(&facts->texts, cluster_profile_columns[columns[i]].type, query_value(query, i + 3));
    facts->n++;
}

vg_code cluster_fit_facts_read(const struct lake *lake, struct cluster_fit_facts *facts, vg_err *err)
{
    vg_buf sql = {0};
    struct query *query;
    bool more = true;
    vg_buf_adds(&sql, "SELECT cluster_id, epoch_us(model_as_of), model_id");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        vg_buf_addf(&sql, ", %s", cluster_profile_columns[columns[i]].name);
    vg_buf_adds(&sql, " FROM cluster_profiles ORDER BY cluster_id");
    vg_code rc = query_new(&query, lake, vg_buf_str(&sql), 1, err);
    vg_buf_release(&sql);
    if (rc) return rc;
    while (!rc && more) {
        rc = query_next(query, &more, err);
        if (!rc && more) add_row(query, facts);
    }
    query_free(query);
    return rc;
}

void cluster_fit_facts_release(struct cluster_fit_facts *facts) { arena_release(&facts->texts); }

void cluster_fit_facts_add(const struct cluster_fit_facts *facts, uint64_t id, struct feature_value *row)
{
    for (unsigned k = 0; k < facts->n; k++)
        for (size_t i = 0; i < COLUMN_COUNT && facts->rows[k].id == id; i++)
            row[columns[i]] = facts->rows[k].values[columns[i]];
}
