#include "analyze/classes.h"

#include <math.h>

#include "support.h"

#define ADDRESS "0x1111111111111111111111111111111111111111"
#define NONE TRADER_CLASSES

/* Enough data, and no rule that applies. */
static struct class_facts facts(void)
{
    return (struct class_facts){.address = VG_SLICE(ADDRESS),
                                .fill_count = 1000,
                                .order_count = 100,
                                .calendar_days = 30,
                                .volume = 1e6,
                                .perp_volume = 1e6,
                                .net_pnl = 100,
                                .perp_net_pnl = 100,
                                .maker_pct = 0.5,
                                .maker_share = 0.5,
                                .turnover = 2,
                                .edge_bps = 1,
                                .edge_gross_bps = 1,
                                .avg_hold_time_minutes = 100,
                                .hold_time_weighted_minutes = 100,
                                .sharpe_ratio = 0.5,
                                .sharpe_active = 0.5,
                                .sharpe_se = 0.5,
                                .sharpe_mtm = 0.5};
}

static enum trader_class class_of(enum class_profile profile, struct class_facts f, enum trader_class before)
{
    struct class_verdict v = classify(profile, &f, before);
    assert_true(v.reason[0]);
    return v.class;
}

static struct class_facts compat_liquidator(void)
{
    struct class_facts f = facts();
    f.liquidation_fill_count = 200;
    return f;
}

static struct class_facts compat_hft(void)
{
    struct class_facts f = facts();
    f.maker_pct = 0.7;
    f.edge_gross_bps = -10;
    return f;
}

static struct class_facts compat_smart(void)
{
    struct class_facts f = facts();
    f.net_pnl = 1e5;
    f.edge_gross_bps = 10;
    f.sharpe_active = 1;
    return f;
}

static struct class_facts vision_hft(void)
{
    struct class_facts f = facts();
    f.maker_pct = 0.7;
    f.turnover = 5;
    f.edge_bps = 10;
    f.avg_hold_time_minutes = 60;
    return f;
}

static struct class_facts vision_smart(void)
{
    struct class_facts f = facts();
    f.net_pnl = 5e5;
    f.edge_bps = 10;
    f.avg_hold_time_minutes = 60;
    f.sharpe_ratio = 1.5;
    return f;
}

static struct class_facts vision_basis(void)
{
    struct class_facts f = facts();
    f.avg_hold_time_minutes = 1440;
    f.turnover = 0.5;
    return f;
}

static struct class_facts vigil_liquidator(void)
{
    struct class_facts f = facts();
    f.liq_taker_notional = 2e5;
    return f;
}

static struct class_facts vigil_hft(void)
{
    struct class_facts f = facts();
    f.maker_share = 0.7;
    f.turnover = 5;
    f.edge_bps = 10;
    f.hold_time_weighted_minutes = 60;
    return f;
}

static struct class_facts vigil_smart(void)
{
    struct class_facts f = facts();
    f.calendar_days = 14;
    f.perp_net_pnl = 1e5;
    f.edge_bps = 5;
    f.hold_time_weighted_minutes = 60;
    f.sharpe_mtm = 1.5;
    f.sharpe_se = 0.5;
    return f;
}

static struct class_facts vigil_holder(void)
{
    struct class_facts f = facts();
    f.hold_time_weighted_minutes = 1440;
    f.turnover = 0.5;
    return f;
}

/* Facts that meet a rule exactly at all of its bounds, and each bound with a value just beside it. */
static const struct rule {
    enum class_profile profile;
    enum trader_class class;
    struct class_facts (*at_the_bounds)(void);
    struct bound {
        size_t fact;
        double beside;
        double slack; /* with the class already: the last value that still holds, and one beside it; 0: none */
        double beyond;
    } bounds[5];
} rules[] = {
#define FACT(name) offsetof(struct class_facts, name)
    {PROFILE_COMPAT_SQL, CLASS_LIQUIDATOR, compat_liquidator, {{FACT(liquidation_fill_count), 199, 0, 0}}},
    {PROFILE_COMPAT_SQL,
     CLASS_HFT,
     compat_hft,
     {{FACT(maker_pct), 0.6999, 0, 0}, {FACT(edge_gross_bps), -10.01, 0, 0}}},
    {PROFILE_COMPAT_SQL,
     CLASS_SMART_DIRECTIONAL,
     compat_smart,
     {{FACT(net_pnl), 99999.99, 0, 0}, {FACT(edge_gross_bps), 9.99, 0, 0}, {FACT(sharpe_active), 0.999, 0, 0}}},
    {PROFILE_VISION,
     CLASS_HFT,
     vision_hft,
     {{FACT(maker_pct), 0.6999, 0, 0},
      {FACT(turnover), 4.999, 0, 0},
      {FACT(edge_bps), 10.01, 0, 0},
      {FACT(avg_hold_time_minutes), 60.01, 0, 0}}},
    {PROFILE_VISION,
     CLASS_SMART_DIRECTIONAL,
     vision_smart,
     {{FACT(net_pnl), 499999.99, 0, 0},
      {FACT(edge_bps), 9.99, 0, 0},
      {FACT(avg_hold_time_minutes), 59.99, 0, 0},
      {FACT(sharpe_ratio), 1.4999, 0, 0}}},
    {PROFILE_VISION,
     CLASS_BASIS,
     vision_basis,
     {{FACT(avg_hold_time_minutes), 1439.9, 0, 0}, {FACT(turnover), 0.501, 0, 0}}},
    {PROFILE_VIGIL, CLASS_LIQUIDATOR, vigil_liquidator, {{FACT(liq_taker_notional), 199999.0, 160001.0, 159999.0}}},
    {PROFILE_VIGIL,
     CLASS_HFT,
     vigil_hft,
     {{FACT(maker_share), 0.6999, 0.5601, 0.5599},
      {FACT(turnover), 4.999, 4.001, 3.999},
      {FACT(edge_bps), 10.01, 12.49, 12.51},
      {FACT(hold_time_weighted_minutes), 60.01, 74.9, 75.1}}},
    {PROFILE_VIGIL,
     CLASS_SMART_DIRECTIONAL,
     vigil_smart,
     {{FACT(calendar_days), 13, 0, 0},
      {FACT(perp_net_pnl), 99999.99, 80001, 79999},
      {FACT(edge_bps), 4.99, 4.01, 3.99},
      {FACT(hold_time_weighted_minutes), 59.99, 48.01, 47.99},
      {FACT(sharpe_mtm), 1.4999, 1.3001, 1.2999}}},
    {PROFILE_VIGIL,
     CLASS_LONG_HOLD_LOW_TURNOVER,
     vigil_holder,
     {{FACT(hold_time_weighted_minutes), 1439.9, 1152.1, 1151.9}, {FACT(turnover), 0.501, 0.6249, 0.6251}}},
};

static struct class_facts with(struct class_facts f, size_t fact, double value)
{
    memcpy((char *)&f + fact, &value, sizeof value);
    return f;
}

static void draws_each_line_where_the_rule_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        struct class_facts f = r->at_the_bounds();
        assert_int_equal(class_of(r->profile, facts(), NONE), CLASS_RETAIL);
        assert_int_equal(class_of(r->profile, f, NONE), r->class);
        for (size_t k = 0; k < COUNT(r->bounds) && r->bounds[k].fact; k++)
            assert_int_equal(class_of(r->profile, with(f, r->bounds[k].fact, r->bounds[k].beside), NONE), CLASS_RETAIL);
    }
}

static void keeps_a_class_near_its_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        struct class_facts f = r->at_the_bounds();
        assert_int_equal(class_of(r->profile, f, r->class), r->class);
        for (size_t k = 0; k < COUNT(r->bounds) && r->bounds[k].fact; k++) {
            const struct bound *b = &r->bounds[k];
            struct class_facts near = with(f, b->fact, b->beside);
            assert_int_equal(class_of(r->profile, near, r->class), b->slack != 0 ? r->class : CLASS_RETAIL);
            if (b->slack == 0) continue;
            assert_int_equal(class_of(r->profile, with(f, b->fact, b->slack), r->class), r->class);
            assert_int_equal(class_of(r->profile, with(f, b->fact, b->beyond), r->class), CLASS_RETAIL);
            assert_int_equal(class_of(r->profile, near, CLASS_RETAIL), CLASS_RETAIL); /* not another's slack */
        }
    }
}

static void meets_no_rule_with_what_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        for (size_t k = 0; k < COUNT(r->bounds) && r->bounds[k].fact; k++) {
            struct class_facts f = with(r->at_the_bounds(), r->bounds[k].fact, (double)NAN);
            assert_int_equal(class_of(r->profile, f, NONE), CLASS_RETAIL);
            assert_int_equal(class_of(r->profile, f, r->class), CLASS_RETAIL);
        }
    }
    struct class_facts nothing;
    nothing.address = VG_SLICE(ADDRESS);
#define UNKNOWN(name) nothing.name = (double)NAN;
    CLASS_FACTS(UNKNOWN)
    assert_int_equal(class_of(PROFILE_COMPAT_SQL, nothing, NONE), CLASS_RETAIL);
    assert_int_equal(class_of(PROFILE_VISION, nothing, CLASS_HFT), CLASS_RETAIL);
    assert_int_equal(class_of(PROFILE_VIGIL, nothing, CLASS_HFT), CLASS_INSUFFICIENT_DATA);
}

static void asks_for_enough_data_first(void **state)
{
    (void)state;
    struct class_facts f = vigil_hft();
    f.order_count = 30;
    f.volume = 10000;
    assert_int_equal(class_of(PROFILE_VIGIL, f, NONE), CLASS_HFT);
    assert_int_equal(class_of(PROFILE_VIGIL, with(f, FACT(order_count), 29), NONE), CLASS_INSUFFICIENT_DATA);
    assert_int_equal(class_of(PROFILE_VIGIL, with(f, FACT(volume), 9999.99), NONE), CLASS_INSUFFICIENT_DATA);
    assert_int_equal(class_of(PROFILE_VIGIL, with(f, FACT(order_count), 29), CLASS_HFT), CLASS_INSUFFICIENT_DATA);
    assert_int_equal(class_of(PROFILE_VISION, with(vision_hft(), FACT(order_count), 1), NONE), CLASS_HFT);
}

static void names_the_accounts_of_the_exchange(void **state)
{
    (void)state;
    static const char *const accounts[] = {
        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "0xffffffffffffffffffffffffffffffffffffffff",
        "0x0000000000000000000000000000000000000000", "0x31ca8395cf837de08b24da3f660e77761dfb974b",
        "0x010461c14e146ac35fe42271bdc1134ee31c703a",
    };
    for (size_t i = 0; i < COUNT(accounts); i++) {
        struct class_facts f = vigil_hft();
        f.address = vg_slice_of(accounts[i]);
        assert_int_equal(class_of(PROFILE_VIGIL, f, NONE), CLASS_PROTOCOL);
        f.order_count = 0; /* also without data */
        assert_int_equal(class_of(PROFILE_VIGIL, f, CLASS_RETAIL), CLASS_PROTOCOL);
        f = vision_hft();
        f.address = vg_slice_of(accounts[i]);
        assert_int_equal(class_of(PROFILE_VISION, f, NONE), CLASS_HFT);
    }
}

static void asks_the_rules_in_order(void **state)
{
    (void)state;
    struct class_facts f = compat_hft();
    f.liquidation_fill_count = 900;
    assert_int_equal(class_of(PROFILE_COMPAT_SQL, f, NONE), CLASS_LIQUIDATOR);
    f = vigil_hft();
    f.liq_taker_notional = 9e5;
    assert_int_equal(class_of(PROFILE_VIGIL, f, NONE), CLASS_LIQUIDATOR);
    f = vigil_smart(); /* also holds for days, and turns little over */
    f.hold_time_weighted_minutes = 2000;
    f.turnover = 0.1;
    assert_int_equal(class_of(PROFILE_VIGIL, f, NONE), CLASS_SMART_DIRECTIONAL);
    f = vigil_hft();
    f.liquidation_fill_count = 900; /* a victim is no liquidator */
    assert_int_equal(class_of(PROFILE_VIGIL, f, NONE), CLASS_HFT);
}

static void says_why(void **state)
{
    (void)state;
    struct class_facts f = vigil_hft();
    assert_non_null(strstr(classify(PROFILE_VIGIL, &f, NONE).reason, "maker_share 0.70 >= 0.70, turnover 5.0 >= 5"));
    assert_null(strstr(classify(PROFILE_VIGIL, &f, NONE).reason, "was one"));
    assert_non_null(strstr(classify(PROFILE_VIGIL, &f, CLASS_HFT).reason, "(was one)"));
    f = facts();
    assert_string_equal(classify(PROFILE_VIGIL, &f, NONE).reason, "no other rule");
    f.net_pnl = f.edge_gross_bps = f.sharpe_active = 1e300; /* absurd figures do not run over */
    assert_int_equal(classify(PROFILE_COMPAT_SQL, &f, NONE).class, CLASS_SMART_DIRECTIONAL);
}

static void has_a_name_for_each_class_and_profile(void **state)
{
    (void)state;
    for (enum trader_class class = 0; class < TRADER_CLASSES; class ++)
        assert_int_equal(trader_class_of(vg_slice_of(trader_class_name(class))), class);
    assert_int_equal(trader_class_of(VG_SLICE("hft")), TRADER_CLASSES);
    assert_int_equal(trader_class_of(VG_SLICE("")), TRADER_CLASSES);
    for (enum class_profile p = 0; p < CLASS_PROFILES; p++) {
        size_t n = strlen(class_profile_name(p)); /* the version belongs to the profile */
        assert_memory_equal(class_profile_version(p), class_profile_name(p), n);
        assert_int_equal(class_profile_version(p)[n], '-');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_each_line_where_the_rule_says),
        cmocka_unit_test(keeps_a_class_near_its_bounds),
        cmocka_unit_test(meets_no_rule_with_what_is_unknown),
        cmocka_unit_test(asks_for_enough_data_first),
        cmocka_unit_test(names_the_accounts_of_the_exchange),
        cmocka_unit_test(asks_the_rules_in_order),
        cmocka_unit_test(says_why),
        cmocka_unit_test(has_a_name_for_each_class_and_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
