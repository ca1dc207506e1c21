#include "flow/cluster_typical.h"

#include <stdio.h>

#include "base/day.h"
#include "base/number.h"
#include "lake/query.h"

struct candidate {
    double distance;
    uint32_t trader;
};

static int nearer(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->trader > y->trader) - (x->trader < y->trader);
}

void cluster_typical_find(const struct clustering *c, struct cluster_typical *typical)
{
    struct candidate *members = vg_alloc((c->n + 1) * sizeof *members);
    for (unsigned k = 0; k < c->model.centres.k; k++) {
        size_t n = 0;
        for (size_t i = 0; i < c->n; i++)
            if (c->labels[i] == k) members[n++] = (struct candidate){cluster_nearness_of(c, i).own, (uint32_t)i};
        qsort(members, n, sizeof *members, nearer);
        typical[k] = (struct cluster_typical){.n = n < CLUSTER_TYPICAL_ASKED ? n : CLUSTER_TYPICAL_ASKED};
        for (size_t i = 0; i < typical[k].n; i++)
            typical[k].traders[i] = members[i].trader;
    }
    free(members);
}

/* How often each typical member opened a position, by hour and weekday. */
static void ask(const char *const *addresses, unsigned clusters, const struct cluster_typical *typical, vg_buf *sql)
{
    const char *between = "";
    vg_buf_adds(sql, "WITH member(user_address, cluster, place) AS (VALUES ");
    for (unsigned k = 0; k < clusters; k++)
        for (size_t i = 0; i < typical[k].n; i++, between = ", ")
            vg_buf_addf(sql, "%s('%s', %u, %zu)", between, addresses[typical[k].traders[i]], k, i);
    vg_buf_adds(sql, "), opening AS (SELECT user_address, open_time FROM episodes WHERE NOT left_censored UNION ALL "
                     "SELECT user_address, open_time FROM positions WHERE NOT left_censored) "
                     "SELECT cluster, place, hour(open_time), isodow(open_time) - 1, count(*) FROM opening JOIN member "
                     "USING (user_address) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
}

/* One member's openings. */
struct member_openings {
    uint64_t cluster, place, count, hours[24], weekdays[7];
};

static void add_member(const struct member_openings *m, struct cluster_typical *typical)
{
    if (m->count == 0) return;
    struct cluster_when *when = &typical[m->cluster].when;
    when->members++;
    for (unsigned h = 0; h < 24; h++)
        when->hours[h] += (double)m->hours[h] / (double)m->count;
    for (unsigned d = 0; d < 7; d++)
        when->weekdays[d] += (double)m->weekdays[d] / (double)m->count;
}

/* A row of the answer. */
static void add_row(const struct query *query, struct member_openings *m, unsigned clusters,
                    struct cluster_typical *typical)
{
    uint64_t row[5];
    for (size_t i = 0; i < 5; i++)
        if (!number_count(query_value(query, i), &row[i])) VG_BUG("a count that is none");
    VG_ASSERT(row[0] < clusters && row[2] < 24 && row[3] < 7);
    if (row[0] != m->cluster || row[1] != m->place) {
        add_member(m, typical);
        *m = (struct member_openings){.cluster = row[0], .place = row[1]};
    }
    m->hours[row[2]] += row[4];
    m->weekdays[row[3]] += row[4];
    m->count += row[4];
}

/* An hour of which nothing tells counts as covered: a wallet's object reaches over it. */
static void count_covered(const struct day_hours *days, size_t n, struct cluster_when *when)
{
    for (size_t i = 0; i < n; i++)
        for (unsigned h = 0; h < 24; h++) {
            bool covered = days[i].hours[h] == HOUR_PRESENT || days[i].hours[h] == HOUR_UNTOLD;
            when->covered[(days[i].day + 3) % 7][h] += covered; /* 1970-01-01 was a Thursday */
        }
}

static void take_means(struct cluster_when *when)
{
    for (unsigned h = 0; h < 24 && when->members; h++)
        when->hours[h] /= (double)when->members;
    for (unsigned d = 0; d < 7 && when->members; d++)
        when->weekdays[d] /= (double)when->members;
}

vg_code cluster_typical_read(const struct lake *lake, const char *const *addresses, unsigned clusters,
                             const struct day_hours *days, size_t day_count, struct cluster_typical *typical,
                             vg_err *err)
{
    vg_buf sql = {0};
    struct query *query;
    struct member_openings member = {0};
    bool more = true, any = false;
    for (unsigned k = 0; k < clusters; k++) {
        any = any || typical[k].n;
        for (size_t i = 0; i < typical[k].n && i < CLUSTER_TYPICAL_SHOWN; i++)
            snprintf(typical[k].shown[i], sizeof typical[k].shown[i], "%s", addresses[typical[k].traders[i]]);
    }
    if (!any) return VG_OK;
    ask(addresses, clusters, typical, &sql);
    vg_code rc = query_new(&query, lake, vg_buf_str(&sql), 1, err);
    vg_buf_release(&sql);
    if (rc) return rc;
    while (!rc && more) {
        rc = query_next(query, &more, err);
        if (!rc && more) add_row(query, &member, clusters, typical);
    }
    query_free(query);
    add_member(&member, typical);
    for (unsigned k = 0; k < clusters; k++) {
        take_means(&typical[k].when);
        count_covered(days, day_count, &typical[k].when);
    }
    return rc;
}
