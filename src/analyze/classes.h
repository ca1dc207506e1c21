/* classes.h: what kind of trader somebody is, by rules that can be read.
 *
 * Three versioned profiles of rules; each verdict says which rule made it. docs/classes.md has the
 * thresholds and where they come from.
 *
 *     compat-sql  the thresholds that the original published, for comparison only
 *     vision      the thresholds of its vision paper, on our definitions
 *     vigil       ours: enough data first, volume shares, edge after fees, victims and takers apart
 */
#ifndef VIGIL_ANALYZE_CLASSES_H
#define VIGIL_ANALYZE_CLASSES_H

#include "base/buf.h"

enum class_profile { PROFILE_COMPAT_SQL, PROFILE_VISION, PROFILE_VIGIL, CLASS_PROFILES };

/* Whether the address (0x and 40 hex digits) is an account of the exchange itself. */
bool trader_is_protocol(vg_slice address);

enum trader_class {
    CLASS_PROTOCOL, /* accounts of the exchange itself */
    CLASS_INSUFFICIENT_DATA,
    CLASS_LIQUIDATOR,
    CLASS_HFT,
    CLASS_SMART_DIRECTIONAL,
    CLASS_BASIS,
    CLASS_LONG_HOLD_LOW_TURNOVER,
    CLASS_RETAIL,
    TRADER_CLASSES
};

/* Columns of `traders`; NAN: NULL. */
/* clang-format off */
#define CLASS_FACTS(X) \
    X(fill_count) \
    X(order_count) \
    X(calendar_days) \
    X(volume) \
    X(perp_volume) \
    X(net_pnl) \
    X(perp_net_pnl) \
    X(maker_pct) \
    X(maker_share) \
    X(turnover) \
    X(edge_bps) \
    X(edge_gross_bps) \
    X(avg_hold_time_minutes) \
    X(hold_time_weighted_minutes) \
    X(sharpe_ratio) \
    X(sharpe_active) \
    X(sharpe_se) \
    X(sharpe_mtm) \
    X(liquidation_fill_count) \
    X(liq_taker_notional)
/* clang-format on */

struct class_facts {
    vg_slice address;
#define CLASS_FACT_FIELD(name) double name;
    CLASS_FACTS(CLASS_FACT_FIELD)
#undef CLASS_FACT_FIELD
};

struct class_verdict {
    enum trader_class class;
    char reason[200]; /* the rule with the numbers that met it */
};

/* `before`: the class at the last time, which is kept while the trader is near its bounds (vigil only);
 * TRADER_CLASSES: none. */
struct class_verdict classify(enum class_profile profile, const struct class_facts *facts, enum trader_class before);

const char *trader_class_name(enum trader_class class);
enum trader_class trader_class_of(vg_slice name); /* TRADER_CLASSES: no such name */
const char *class_profile_name(enum class_profile profile);

/* Changes whenever a verdict may: "vigil-1". */
const char *class_profile_version(enum class_profile profile);

#endif
