#include "analyze/classes.h"

#include <math.h>
#include <stdio.h>

const char *trader_class_name(enum trader_class class)
{
    static const char *const names[TRADER_CLASSES] = {
        "PROTOCOL", "INSUFFICIENT_DATA",      "LIQUIDATOR", "HFT", "SMART_DIRECTIONAL",
        "BASIS",    "LONG_HOLD_LOW_TURNOVER", "RETAIL",
    };
    return names[class];
}

enum trader_class trader_class_of(vg_slice name)
{
    enum trader_class class = 0;
    while (class < TRADER_CLASSES && !vg_slice_is(name, trader_class_name(class)))
        class ++;
    return class;
}

const char *class_profile_name(enum class_profile profile)
{
    static const char *const names[CLASS_PROFILES] = {"compat-sql", "vision", "vigil"};
    return names[profile];
}

const char *class_profile_version(enum class_profile profile)
{
    static const char *const versions[CLASS_PROFILES] = {"compat-sql-1", "vision-1", "vigil-1"};
    return versions[profile];
}

/* Comparisons with NAN are false: what is not known meets no rule. */

static struct class_verdict verdict(enum trader_class class, const char *format, ...) VG_PRINTF(2, 3);
static struct class_verdict verdict(enum trader_class class, const char *format, ...)
{
    struct class_verdict v = {.class = class};
    va_list args;
    va_start(args, format);
    vsnprintf(v.reason, sizeof v.reason, format, args);
    va_end(args);
    return v;
}

/* reference: the SQL that the original shipped. Edge there is realized profit by volume, Sharpe over active days. */
static struct class_verdict compat_sql(const struct class_facts *f)
{
    double liquidations = f->liquidation_fill_count / f->fill_count;
    if (liquidations >= 0.2) return verdict(CLASS_LIQUIDATOR, "liquidation rows %.2f >= 0.20", liquidations);
    if (f->maker_pct >= 0.7 && fabs(f->edge_gross_bps) <= 10)
        return verdict(CLASS_HFT, "maker_pct %.2f >= 0.70, |edge_gross_bps| %.1f <= 10", f->maker_pct,
                       fabs(f->edge_gross_bps));
    if (f->net_pnl >= 1e5 && f->edge_gross_bps >= 10 && f->sharpe_active >= 1)
        return verdict(CLASS_SMART_DIRECTIONAL,
                       "net_pnl %.0f >= 100000, edge_gross_bps %.1f >= 10, sharpe_active %.1f >= 1", f->net_pnl,
                       f->edge_gross_bps, f->sharpe_active);
    return verdict(CLASS_RETAIL, "no other rule");
}

static struct class_verdict vision(const struct class_facts *f)
{
    double hold = f->avg_hold_time_minutes;
    if (f->maker_pct >= 0.7 && f->turnover >= 5 && f->edge_bps <= 10 && hold <= 60)
        return verdict(CLASS_HFT,
                       "maker_pct %.2f >= 0.70, turnover %.1f >= 5, edge_bps %.1f <= 10, hold %.0f min <= 60",
                       f->maker_pct, f->turnover, f->edge_bps, hold);
    if (f->net_pnl >= 5e5 && f->edge_bps >= 10 && hold >= 60 && f->sharpe_ratio >= 1.5)
        return verdict(CLASS_SMART_DIRECTIONAL,
                       "net_pnl %.0f >= 500000, edge_bps %.1f >= 10, hold %.0f min >= 60, sharpe_ratio %.1f >= 1.5",
                       f->net_pnl, f->edge_bps, hold, f->sharpe_ratio);
    if (hold >= 1440 && f->turnover <= 0.5)
        return verdict(CLASS_BASIS, "hold %.0f min >= 1440, turnover %.2f <= 0.5", hold, f->turnover);
    return verdict(CLASS_RETAIL, "no other rule");
}

bool trader_is_protocol(vg_slice address)
{
    static const char *const accounts[] = {
        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", /* sells the dust */
        "0xffffffffffffffffffffffffffffffffffffffff", "0x0000000000000000000000000000000000000000",
        "0x31ca8395cf837de08b24da3f660e77761dfb974b", /* HLP market maker */
        "0x010461c14e146ac35fe42271bdc1134ee31c703a", /* HLP */
    };
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        if (vg_slice_is(address, accounts[i])) return true;
    return false;
}

#define MIN_ORDERS 30
#define MIN_VOLUME 10000
#define SHARPE_DAYS 14 /* below it no claim about skill */
#define NEAR 0.8       /* a class that somebody has already is kept down to this part of its bounds */

/* A bound from below, or from above, with some slack for who is in the class already. */
static bool at_least(double value, double bound, bool already) { return value >= bound * (already ? NEAR : 1); }
static bool at_most(double value, double bound, bool already) { return value <= bound / (already ? NEAR : 1); }

static struct class_verdict vigil(const struct class_facts *f, enum trader_class before)
{
    bool liquidator = before == CLASS_LIQUIDATOR, hft = before == CLASS_HFT, smart = before == CLASS_SMART_DIRECTIONAL;
    bool holder = before == CLASS_LONG_HOLD_LOW_TURNOVER;
    double hold = f->hold_time_weighted_minutes, taken = f->liq_taker_notional / f->volume;
    if (trader_is_protocol(f->address)) return verdict(CLASS_PROTOCOL, "an account of the exchange");
    if (!(f->order_count >= MIN_ORDERS && f->volume >= MIN_VOLUME))
        return verdict(CLASS_INSUFFICIENT_DATA, "order_count %.0f < %d or volume %.0f < %d", f->order_count, MIN_ORDERS,
                       f->volume, MIN_VOLUME);
    if (at_least(taken, 0.2, liquidator))
        return verdict(CLASS_LIQUIDATOR, "liq_taker_notional / volume %.2f >= 0.20%s", taken,
                       liquidator ? " (was one)" : "");
    if (at_least(f->maker_share, 0.7, hft) && at_least(f->turnover, 5, hft) && at_most(f->edge_bps, 10, hft) &&
        at_most(hold, 60, hft))
        return verdict(
            CLASS_HFT,
            "maker_share %.2f >= 0.70, turnover %.1f >= 5, edge_bps %.1f <= 10, hold by size %.0f min <= 60%s",
            f->maker_share, f->turnover, f->edge_bps, hold, hft ? " (was one)" : "");
    double lower = f->sharpe_mtm - f->sharpe_se;
    if (f->calendar_days >= SHARPE_DAYS && at_least(f->perp_net_pnl, 1e5, smart) && at_least(f->edge_bps, 5, smart) &&
        at_least(hold, 60, smart) && at_least(lower, 1, smart))
        return verdict(
            CLASS_SMART_DIRECTIONAL,
            "perp_net_pnl %.0f >= 100000, edge_bps %.1f >= 5, hold by size %.0f min >= 60, sharpe_mtm - sharpe_se "
            "%.1f >= 1%s",
            f->perp_net_pnl, f->edge_bps, hold, lower, smart ? " (was one)" : "");
    if (at_least(hold, 1440, holder) && at_most(f->turnover, 0.5, holder))
        return verdict(CLASS_LONG_HOLD_LOW_TURNOVER, "hold by size %.0f min >= 1440, turnover %.2f <= 0.5%s", hold,
                       f->turnover, holder ? " (was one)" : "");
    return verdict(CLASS_RETAIL, "no other rule");
}

struct class_verdict classify(enum class_profile profile, const struct class_facts *facts, enum trader_class before)
{
    switch (profile) {
    case PROFILE_COMPAT_SQL: return compat_sql(facts);
    case PROFILE_VISION: return vision(facts);
    case PROFILE_VIGIL: return vigil(facts, before);
    case CLASS_PROFILES: break;
    }
    VG_BUG("no such profile of classes");
}
