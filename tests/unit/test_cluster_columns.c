#include "analyze/cluster_columns.h"

#include <math.h>

#include "support.h"

/* A trader with plain numbers; what a test is about is changed. */
static struct trader_figures trader(void)
{
    return (struct trader_figures){.fill_count = 100,
                                   .order_count = 60,
                                   .episode_held_count = 10,
                                   .unique_coins = 3,
                                   .active_days = 5,
                                   .trades_per_day = 20,
                                   .volume = 1e6,
                                   .avg_trade_size = 1e4,
                                   .max_trade_size = 5e4,
                                   .net_pnl = 500,
                                   .gross_profit = 900,
                                   .gross_loss = 300,
                                   .winning_fills = 30,
                                   .losing_fills = 10,
                                   .avg_hold_time_minutes = 60,
                                   .turnover_hold_minutes = 90,
                                   .loss_cut_speed = 40,
                                   .winner_hold_time = 20,
                                   .long_open_notional = 2e5,
                                   .short_open_notional = 1e5,
                                   .maker_pct = 0.5,
                                   .sharpe_ratio = 2,
                                   .max_position_usd = 2e5};
}

static double column_of(struct trader_figures f, enum recommended_column column)
{
    double x[CLUSTER_COLUMNS_MAX];
    cluster_columns_of(SCALING_RECOMMENDED, &f, 0.5, x);
    return x[column];
}

/* The formulas of docs/clusters.md, by hand. */
static void columns_are_what_the_page_says(void **state)
{
    (void)state;
    struct trader_figures f = trader();
    assert_near(column_of(f, COLUMN_LN_VOLUME), log(1 + 1e6));
    assert_near(column_of(f, COLUMN_NET_BPS), log(1 + 5 * 100.0 / 150));
    assert_near(column_of(f, COLUMN_WIN_RATE_EB), (30 + 20 * 0.5) / (40 + 20));
    assert_near(column_of(f, COLUMN_LN_PF), log((3 + 0.05) / (1 + 0.15)) * 40 / 60);
    assert_near(column_of(f, COLUMN_DISPOSITION), log(2) * 100 / 150);
    assert_near(column_of(f, COLUMN_ABS_LN_LS), log((2 + 0.05) / (1 + 0.1)));
    assert_near(column_of(f, COLUMN_SHARPE_S), log(1 + 2 * 5.0 / 15));
    assert_near(column_of(f, COLUMN_LN_MAX_OVER_AVG), log(5));
    assert_near(column_of(f, COLUMN_LN_HOLD), log(61));
}

static void losses_mirror_profits(void **state)
{
    (void)state;
    struct trader_figures f = trader(), g = trader();
    g.net_pnl = -f.net_pnl;
    assert_near(column_of(g, COLUMN_NET_BPS), -column_of(f, COLUMN_NET_BPS));
    g.long_open_notional = f.short_open_notional;
    g.short_open_notional = f.long_open_notional;
    assert_near(column_of(g, COLUMN_ABS_LN_LS), column_of(f, COLUMN_ABS_LN_LS));
}

static void ratios_without_a_denominator_are_bounded(void **state)
{
    (void)state;
    struct trader_figures f = trader();
    f.gross_loss = f.short_open_notional = 0;
    assert_near(column_of(f, COLUMN_LN_PF), log(20) * 40 / 60);
    assert_near(column_of(f, COLUMN_ABS_LN_LS), log(20));
    f.gross_profit = f.winning_fills = f.losing_fills = 0;
    assert_near(column_of(f, COLUMN_LN_PF), 0);
    f.sharpe_ratio = (double)NAN;
    assert_near(column_of(f, COLUMN_SHARPE_S), 0);
}

static void few_episodes_take_the_hold_by_turnover(void **state)
{
    (void)state;
    struct trader_figures f = trader();
    f.episode_held_count = 2;
    assert_near(cluster_hold_minutes(&f), 90);
    f.turnover_hold_minutes = (double)NAN;
    assert_true(isnan(cluster_hold_minutes(&f)));
}

static void the_plain_recipe_changes_nothing(void **state)
{
    (void)state;
    double x[CLUSTER_COLUMNS_MAX];
    struct trader_figures f = trader();
    cluster_columns_of(SCALING_STANDARD, &f, 0.5, x);
    unsigned seen = 0;
    for (unsigned j = 0; j < cluster_column_count(SCALING_STANDARD); j++) {
        if (strcmp(cluster_column_name(SCALING_STANDARD, j), "net_pnl") == 0) assert_near(x[j], 500), seen++;
        if (strcmp(cluster_column_name(SCALING_STANDARD, j), "maker_pct") == 0) assert_near(x[j], 0.5), seen++;
    }
    assert_int_equal(seen, 2);
    assert_near(cluster_tails(SCALING_STANDARD), 0);
}

static void thin_traders_and_the_exchange_are_left_out(void **state)
{
    (void)state;
    vg_slice somebody = VG_SLICE("0x1111111111111111111111111111111111111111");
    struct trader_figures f = trader();
    assert_null(cluster_left_out(somebody, &f));
    assert_non_null(cluster_left_out(VG_SLICE("0x0000000000000000000000000000000000000000"), &f));
    f.fill_count = 11, f.order_count = 5;
    assert_null(cluster_left_out(somebody, &f));
    f.fill_count = 10;
    assert_non_null(cluster_left_out(somebody, &f));
    f.fill_count = 11, f.order_count = 4;
    assert_non_null(cluster_left_out(somebody, &f));
    f.order_count = (double)NAN;
    assert_non_null(cluster_left_out(somebody, &f));
}

static void scalings_have_names(void **state)
{
    (void)state;
    assert_int_equal(cluster_scaling_of(VG_SLICE("standard")), SCALING_STANDARD);
    assert_int_equal(cluster_scaling_of(VG_SLICE("recommended")), SCALING_RECOMMENDED);
    assert_int_equal(cluster_scaling_of(VG_SLICE("")), CLUSTER_SCALINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_what_the_page_says),
        cmocka_unit_test(losses_mirror_profits),
        cmocka_unit_test(ratios_without_a_denominator_are_bounded),
        cmocka_unit_test(few_episodes_take_the_hold_by_turnover),
        cmocka_unit_test(the_plain_recipe_changes_nothing),
        cmocka_unit_test(thin_traders_and_the_exchange_are_left_out),
        cmocka_unit_test(scalings_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
