#include "analyze/cluster_identity.h"

#include <math.h>
#include <stdio.h>

#include "analyze/agreement.h"

static bool name_taken(const struct cluster_model *m, const char *name)
{
    for (unsigned c = 0; c < m->centres.k; c++)
        if (strcmp(m->clusters[c].name, name) == 0) return true;
    return false;
}

/* The name, or the first of "name II", "name III", … that is free. */
static void take_name(struct cluster_model *m, unsigned cluster, const char *base)
{
    static const char *const numbers[] = {"", " II", " III", " IV", " V", " VI", " VII", " VIII"};
    char name[CLUSTER_NAME_MAX];
    for (unsigned i = 0;; i++) {
        if (i < sizeof numbers / sizeof *numbers)
            snprintf(name, sizeof name, "%s%s", base, numbers[i]);
        else
            snprintf(name, sizeof name, "%s %u", base, i + 1);
        if (!name_taken(m, name)) break;
    }
    memcpy(m->clusters[cluster].name, name, sizeof name);
}

static double distance(const double *a, const double *b, unsigned d)
{
    double sum = 0;
    for (unsigned j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

static void carry(struct cluster_model *m, unsigned now, const struct cluster_model *previous, unsigned then,
                  double apart, struct cluster_drift *drift)
{
    const struct cluster_identity *old = &previous->clusters[then];
    m->clusters[now].id = old->id;
    memcpy(m->clusters[now].name, old->name, sizeof old->name);
    *drift =
        (struct cluster_drift){.carried = true,
                               .moved = old->radius > 0 ? apart / old->radius : (apart > 0 ? (double)INFINITY : 0),
                               .share_ratio = old->share > 0 ? m->clusters[now].share / old->share : (double)INFINITY};
    drift->drifted =
        drift->moved > DRIFT_RADII || drift->share_ratio > DRIFT_SIZE || drift->share_ratio < 1 / DRIFT_SIZE;
}

static void match(struct cluster_model *m, const struct cluster_model *previous,
                  const double (*centres)[KMEANS_DIMENSIONS_MAX], struct cluster_drift *drifts)
{
    unsigned k = m->centres.k, before = previous->centres.k, given[KMEANS_CLUSTERS_MAX] = {0};
    bool by_new = k <= before;
    double cost[KMEANS_CLUSTERS_MAX * KMEANS_CLUSTERS_MAX] = {0};
    for (unsigned c = 0; c < k; c++)
        for (unsigned p = 0; p < before; p++)
            cost[by_new ? c * before + p : p * k + c] =
                distance(centres[c], previous->centres.centres[p], previous->centres.d);
    assign_rows(cost, by_new ? k : before, by_new ? before : k, given);
    for (unsigned i = 0; i < (by_new ? k : before); i++) {
        unsigned now = by_new ? i : given[i], then = by_new ? given[i] : i;
        double apart = distance(centres[now], previous->centres.centres[then], previous->centres.d);
        carry(m, now, previous, then, apart, &drifts[now]);
    }
}

/* The largest that has none yet; of equal ones the first. */
static unsigned next_nameless(const struct cluster_model *m)
{
    unsigned best = m->centres.k;
    for (unsigned c = 0; c < m->centres.k; c++)
        if (!m->clusters[c].name[0] && (best == m->centres.k || m->centres.sizes[c] > m->centres.sizes[best])) best = c;
    return best;
}

void cluster_identify(struct cluster_model *m, const struct archetype_verdict *verdicts,
                      const struct cluster_model *previous, const double (*centres)[KMEANS_DIMENSIONS_MAX],
                      struct cluster_drift *drifts)
{
    bool numbered[TRADER_ARCHETYPES] = {0};
    for (unsigned c = 0; c < m->centres.k; c++) {
        m->clusters[c].name[0] = '\0';
        drifts[c] = (struct cluster_drift){.moved = (double)NAN, .share_ratio = (double)NAN};
    }
    m->next_id = previous ? previous->next_id : TRADER_ARCHETYPES;
    if (previous) match(m, previous, centres, drifts);
    for (unsigned c; (c = next_nameless(m)) < m->centres.k;) {
        take_name(m, c, verdicts[c].name);
        if (previous || !verdicts[c].holds || numbered[verdicts[c].best]) {
            m->clusters[c].id = m->next_id++;
        } else {
            numbered[verdicts[c].best] = true;
            m->clusters[c].id = verdicts[c].best;
        }
    }
}
