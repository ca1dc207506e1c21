#include "analyze/cluster_identity.h"

#include <math.h>

#include "support.h"

/* k clusters of two dimensions at (10 c, 0), a third of the traders in each. */
static struct cluster_model *model(unsigned k)
{
    struct cluster_model *m = vg_calloc(1, sizeof *m);
    m->centres.k = k;
    m->centres.d = 2;
    for (unsigned c = 0; c < k; c++) {
        m->centres.centres[c][0] = 10.0 * c;
        m->centres.sizes[c] = 100;
        m->clusters[c] = (struct cluster_identity){.share = 1.0 / 3, .radius = 2};
    }
    return m;
}

static const struct archetype_verdict verdicts[4] = {
    {.name = "Swing Traders", .best = SWING_TRADERS, .holds = true},
    {.name = "Mixed", .best = SCALPERS},
    {.name = "Scalpers", .best = SCALPERS, .holds = true},
    {.name = "Mixed", .best = RETAIL_LOSERS},
};

static void first_run_numbers_by_archetype(void **state)
{
    (void)state;
    struct cluster_model *m = model(4);
    struct cluster_drift drifts[4];
    cluster_identify(m, verdicts, NULL, NULL, drifts);
    assert_int_equal(m->clusters[0].id, SWING_TRADERS);
    assert_int_equal(m->clusters[2].id, SCALPERS);
    assert_int_equal(m->clusters[1].id, 6);
    assert_int_equal(m->clusters[3].id, 7);
    assert_string_equal(m->clusters[1].name, "Mixed");
    assert_string_equal(m->clusters[3].name, "Mixed II");
    assert_int_equal(m->next_id, 8);
    assert_false(drifts[0].carried);
    free(m);
}

static void ids_and_names_are_carried_over(void **state)
{
    (void)state;
    struct cluster_model *before = model(3), *m = model(3);
    struct cluster_drift drifts[3];
    double centres[3][KMEANS_DIMENSIONS_MAX] = {{20.5}, {1}, {13}}; /* another order; the last one 1.5 radii off */
    for (unsigned c = 0; c < 3; c++) {
        before->clusters[c].id = 4 + c;
        snprintf(before->clusters[c].name, CLUSTER_NAME_MAX, "Name %u", c);
    }
    before->next_id = 9;
    m->clusters[1].share = 0.6;
    cluster_identify(m, verdicts, before, (const double(*)[KMEANS_DIMENSIONS_MAX])centres, drifts);
    assert_int_equal(m->clusters[0].id, 6);
    assert_int_equal(m->clusters[1].id, 4);
    assert_int_equal(m->clusters[2].id, 5);
    assert_string_equal(m->clusters[0].name, "Name 2");
    assert_true(drifts[0].carried && !drifts[0].drifted);
    assert_near(drifts[0].moved, 0.25);
    assert_true(drifts[1].drifted); /* 1.8 times as many */
    assert_true(drifts[2].drifted); /* moved 1.5 radii */
    assert_near(drifts[2].moved, 1.5);
    assert_int_equal(m->next_id, 9);
    free(before);
    free(m);
}

static void more_clusters_get_new_ids_and_fewer_leave_some(void **state)
{
    (void)state;
    struct cluster_model *before = model(3), *m = model(4), *fewer = model(1);
    struct cluster_drift drifts[4];
    double centres[4][KMEANS_DIMENSIONS_MAX] = {{0}, {10}, {5}, {20}};
    for (unsigned c = 0; c < 3; c++) {
        before->clusters[c].id = c;
        snprintf(before->clusters[c].name, CLUSTER_NAME_MAX, "%s", c ? "Other" : "Scalpers");
    }
    before->next_id = 9;
    cluster_identify(m, verdicts, before, (const double(*)[KMEANS_DIMENSIONS_MAX])centres, drifts);
    assert_int_equal(m->clusters[2].id, 9);
    assert_string_equal(m->clusters[2].name, "Scalpers II");
    assert_false(drifts[2].carried);
    assert_int_equal(m->next_id, 10);
    double one[1][KMEANS_DIMENSIONS_MAX] = {{19}};
    cluster_identify(fewer, verdicts, before, (const double(*)[KMEANS_DIMENSIONS_MAX])one, drifts);
    assert_int_equal(fewer->clusters[0].id, 2);
    free(before);
    free(m);
    free(fewer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_run_numbers_by_archetype),
        cmocka_unit_test(ids_and_names_are_carried_over),
        cmocka_unit_test(more_clusters_get_new_ids_and_fewer_leave_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
