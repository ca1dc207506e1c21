#include "analyze/cluster.h"

#include <math.h>

#include "support.h"

/* Three kinds of traders, told apart by how often, how big and how long they trade. */
static struct trader_figures random_trader(struct vg_rng *rng, unsigned kind)
{
    struct trader_figures f;
    double *figure = (double *)&f;
    for (size_t i = 0; i < sizeof f / sizeof *figure; i++)
        figure[i] = (1 + vg_rng_unit(rng)) * 10;
    f.fill_count = f.trades_per_day = 20 + (kind == 0 ? 5000 : 100) * (1 + vg_rng_unit(rng));
    f.order_count = f.fill_count / 2;
    f.avg_trade_size = (kind == 1 ? 1e5 : 100) * (1 + vg_rng_unit(rng));
    f.max_trade_size = 3 * f.avg_trade_size;
    f.volume = f.fill_count * f.avg_trade_size;
    f.max_position_usd = 10 * f.avg_trade_size;
    f.avg_hold_time_minutes = kind == 2 ? 3000 : 10;
    f.maker_pct = kind == 0 ? 0.9 : 0.1;
    f.win_rate = f.size_entropy = f.hour_entropy = f.coin_hhi = 0.5 + vg_rng_unit(rng) / 10;
    f.twap_share = 0;
    return f;
}

static struct trader_figures *random_traders(size_t n)
{
    struct vg_rng rng;
    struct trader_figures *figures = vg_alloc(n * sizeof *figures);
    vg_rng_init(&rng, 3);
    for (size_t i = 0; i < n; i++)
        figures[i] = random_trader(&rng, (unsigned)(i % 3));
    return figures;
}

static const struct cluster_options three = {.k = 3, .seed = 1, .threads = 2};

static void groups_what_differs(void **state)
{
    (void)state;
    struct trader_figures *figures = random_traders(600);
    struct clustering *c = vg_calloc(1, sizeof *c);
    assert_int_equal(cluster_fit(figures, 600, &three, NULL, c, NULL), VG_OK);
    for (size_t i = 3; i < 600; i++)
        assert_int_equal(c->labels[i], c->labels[i % 3]);
    assert_true(c->labels[0] != c->labels[1] && c->labels[1] != c->labels[2]);
    assert_near(c->tries[c->chosen].stability, 1);
    assert_near(c->profiles[c->labels[2]].medians.hold_minutes, 3000);
    for (size_t i = 0; i < 600; i++) {
        struct cluster_nearness near = cluster_nearness_of(c, i);
        assert_true(near.own < near.next && near.next_cluster != c->labels[i]);
    }
    clustering_release(c);
    free(c);
    free(figures);
}

/* A model survives being printed, and places the same traders as it did. */
static void models_survive_being_printed(void **state)
{
    (void)state;
    struct trader_figures *figures = random_traders(300);
    struct clustering *c = vg_calloc(1, sizeof *c), *placed = vg_calloc(1, sizeof *placed);
    struct cluster_model *model = vg_calloc(1, sizeof *model);
    vg_buf text = {0}, again = {0};
    assert_int_equal(cluster_fit(figures, 300, &three, NULL, c, NULL), VG_OK);
    cluster_model_print(&c->model, &text);
    assert_int_equal(cluster_model_parse("m", vg_buf_view(&text), model, NULL), VG_OK);
    cluster_model_print(model, &again);
    assert_slice(vg_buf_view(&again), vg_buf_view(&text));
    cluster_place(figures, 300, model, 1, placed);
    assert_memory_equal(placed->labels, c->labels, 300 * sizeof *c->labels);
    assert_memory_equal(placed->points, c->points, 300 * c->model.centres.d * sizeof *c->points);
    vg_err err;
    for (size_t n = 0; n < text.len - 1; n += 1 + n / 50) { /* any beginning of it is refused */
        assert_int_equal(cluster_model_parse("m", (vg_slice){text.data, n}, model, &err), VG_EPARSE);
        assert_non_null(strstr(err.msg, "vigil cluster"));
    }
    clustering_release(placed);
    cluster_place(figures, 0, &c->model, 1, placed);
    clustering_release(placed);
    clustering_release(c);
    vg_buf_release(&text);
    vg_buf_release(&again);
    free(model);
    free(placed);
    free(c);
    free(figures);
}

static void too_few_or_equal_traders_are_no_clusters(void **state)
{
    (void)state;
    struct trader_figures *figures = random_traders(100);
    struct clustering *c = vg_calloc(1, sizeof *c);
    vg_err err;
    assert_int_equal(cluster_fit(figures, 29, &three, NULL, c, &err), VG_ESTATE);
    assert_non_null(strstr(err.msg, "at least 30"));
    clustering_release(c);
    for (size_t i = 1; i < 100; i++)
        figures[i] = figures[0];
    assert_int_equal(cluster_fit(figures, 100, &three, NULL, c, &err), VG_ESTATE);
    assert_non_null(strstr(err.msg, "the same in every column"));
    clustering_release(c);
    free(c);
    free(figures);
}

/* Figures that nobody has, or that are no numbers, do not spread. */
static void unknown_figures_do_no_harm(void **state)
{
    (void)state;
    struct trader_figures *figures = random_traders(300);
    struct clustering *c = vg_calloc(1, sizeof *c);
    for (size_t i = 0; i < 300; i++) {
        figures[i].sharpe_ratio = figures[i].taker_markout_bps_5m = figures[i].interorder_median_s = (double)NAN;
        if (i % 4 == 0) figures[i].size_entropy = (double)INFINITY;
    }
    assert_int_equal(cluster_fit(figures, 300, &three, NULL, c, NULL), VG_OK);
    for (size_t i = 0; i < 300 * c->model.centres.d; i++)
        assert_true(isfinite(c->points[i]));
    assert_int_equal(c->model.centres.sizes[0] + c->model.centres.sizes[1] + c->model.centres.sizes[2], 300);
    clustering_release(c);
    free(c);
    free(figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_what_differs),
        cmocka_unit_test(models_survive_being_printed),
        cmocka_unit_test(too_few_or_equal_traders_are_no_clusters),
        cmocka_unit_test(unknown_figures_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
