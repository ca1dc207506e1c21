#include "analyze/archetypes.h"

#include <math.h>

#include "support.h"

static const struct archetype_medians fine = {.maker_pct = 0.9, .hold_minutes = 2, .net_bps = 1, .sharpe_ratio = 1};

/* A market maker and a swing trader, as far as a few columns tell. */
static void make_maker(double *z) { z[COLUMN_MAKER_PCT] = z[COLUMN_LN_TPD] = 2, z[COLUMN_LN_HOLD] = -2; }
static void make_swing(double *z) { z[COLUMN_LN_HOLD] = 2, z[COLUMN_LN_AVG_SIZE] = 1, z[COLUMN_LN_TPD] = -1; }

static void names_follow_behaviour(void **state)
{
    (void)state;
    double z[2][RECOMMENDED_COLUMN_COUNT] = {{0}};
    struct archetype_medians medians[2] = {fine, fine};
    struct archetype_verdict v[2];
    make_swing(z[0]);
    make_maker(z[1]);
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, medians, 2, v);
    assert_string_equal(v[0].name, "Swing Traders");
    assert_string_equal(v[1].name, "HFT / Market Makers");
    assert_true(v[0].holds && v[0].margin > 0 && v[0].scores[SWING_TRADERS] <= 1);
    assert_non_null(strstr(v[0].reason, "ln_hold +2.0 sd"));
}

static void a_name_is_given_once_to_who_fits_best(void **state)
{
    (void)state;
    double z[2][RECOMMENDED_COLUMN_COUNT] = {{0}};
    struct archetype_medians medians[2] = {fine, fine};
    struct archetype_verdict v[2];
    make_maker(z[0]);
    make_maker(z[1]);
    z[1][COLUMN_SQRT_TWAP] = 2;
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, medians, 2, v);
    assert_int_equal(v[0].best, HFT_MARKET_MAKERS);
    assert_int_not_equal(v[1].best, HFT_MARKET_MAKERS);
    assert_true(v[1].margin < 0); /* the name that fits better went to another */
}

static void more_clusters_than_names_share_them(void **state)
{
    (void)state;
    enum { K = TRADER_ARCHETYPES + 2 };
    double z[K][RECOMMENDED_COLUMN_COUNT] = {{0}};
    struct archetype_medians medians[K];
    struct archetype_verdict v[K];
    unsigned makers = 0;
    for (unsigned c = 0; c < K; c++) {
        medians[c] = fine;
        make_maker(z[c]);
        z[c][COLUMN_LN_LIQ] = c * 0.1;
    }
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, medians, K, v);
    for (unsigned c = 0; c < K; c++)
        makers += v[c].best == HFT_MARKET_MAKERS;
    assert_int_equal(makers, 3);
}

static void medians_can_deny_a_name(void **state)
{
    (void)state;
    double z[1][RECOMMENDED_COLUMN_COUNT] = {{0}};
    struct archetype_medians m = fine;
    struct archetype_verdict v[1];
    make_maker(z[0]);
    m.maker_pct = 0.5;
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, &m, 1, v);
    assert_string_equal(v[0].name, "Mixed");
    assert_non_null(strstr(v[0].reason, "not HFT / Market Makers: median maker_pct below 0.6"));
    m = fine;
    m.hold_minutes = (double)NAN; /* unknown is no argument against */
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, &m, 1, v);
    assert_true(v[0].holds);
}

static void the_average_trader_is_nobody(void **state)
{
    (void)state;
    double z[1][RECOMMENDED_COLUMN_COUNT] = {{0}};
    struct archetype_verdict v[1];
    archetypes_name((const double(*)[RECOMMENDED_COLUMN_COUNT])z, &fine, 1, v);
    assert_string_equal(v[0].name, "Mixed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_behaviour),
        cmocka_unit_test(a_name_is_given_once_to_who_fits_best),
        cmocka_unit_test(more_clusters_than_names_share_them),
        cmocka_unit_test(medians_can_deny_a_name),
        cmocka_unit_test(the_average_trader_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
