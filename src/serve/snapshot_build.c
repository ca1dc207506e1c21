/* The store is read in this order: traders (which gives them their numbers), classes, clusters, days,
 * coins. If the store's version at the end is another than at the beginning, all of it is done again. */
#include "base/clock.h"
#include "base/day.h"
#include "base/json.h"
#include "serve/row_print.h"
#include "serve/snapshot_parts.h"

#define ATTEMPTS 3
#define KNOWN_DAYS 30   /* of trader_daily */
#define TABLE_MS 600000 /* for a whole table, while others ask, too */

struct building {
    struct store *store;
    const atomic_bool *cancelled;
    struct snapshot *snapshot;
    int32_t last_day;
    vg_code (*row)(struct building *building, const struct feature_value *values, vg_err *err);
    unsigned begun; /* how often the table at hand has begun: twice means that the store has changed */
};

static vg_slice keep(struct snapshot *s, const void *bytes, size_t n)
{
    s->text_bytes += n;
    return (vg_slice){arena_copy(&s->texts, bytes, n), n};
}

static vg_code take_trader(struct building *b, const struct feature_value *values, vg_err *err)
{
    uint32_t trader;
    return trader_index_add(b->snapshot->traders, values, &trader, err);
}

/* Rows of traders that `traders` does not have belong to another state; the version tells. */
static uint32_t trader_of(const struct building *b, const struct feature_value *address)
{
    return trader_index_find(b->snapshot->traders, address->text);
}

static vg_code take_class(struct building *b, const struct feature_value *values, vg_err *err)
{
    uint32_t trader = trader_of(b, &values[CLASS_USER_ADDRESS]);
    (void)err;
    for (enum class_profile profile = 0; profile < CLASS_PROFILES && trader != UINT32_MAX; profile++) {
        if (!vg_slice_is(values[CLASS_PROFILE].text, class_profile_name(profile))) continue;
        vg_buf text = {0};
        row_print_json(&text, class_columns + CLASS_PROFILE, CLASS_COLUMN_COUNT - CLASS_PROFILE,
                       values + CLASS_PROFILE);
        snapshot_profiles_judge(&b->snapshot->profiles, trader, profile, keep(b->snapshot, text.data, text.len));
        vg_buf_release(&text);
        trader_index_set_class(b->snapshot->traders, trader, profile, trader_class_of(values[CLASS_CLASS].text));
    }
    return VG_OK;
}

static vg_code take_cluster_member(struct building *b, const struct feature_value *values, vg_err *err)
{
    uint32_t trader = trader_of(b, &values[CLUSTER_MEMBER_USER_ADDRESS]);
    (void)err;
    if (trader != UINT32_MAX) snapshot_clusters_place(&b->snapshot->clusters, trader, values);
    return VG_OK;
}

static vg_code take_cluster_profile(struct building *b, const struct feature_value *values, vg_err *err)
{
    (void)err;
    snapshot_clusters_profile(&b->snapshot->clusters, values);
    return VG_OK;
}

/* The tables cover a time that is known, so each of its days has a place; NULL: the day is outside. */
static struct market_day *day_of(const struct building *b, const struct feature_value *date)
{
    const struct snapshot *s = b->snapshot;
    int64_t place = date->integer - (b->last_day - (int64_t)s->day_count + 1);
    return place >= 0 && place < (int64_t)s->day_count ? &s->days[place] : NULL;
}

static void begin_days(struct building *b)
{
    struct snapshot *s = b->snapshot;
    int32_t first = vg_day_of_ns(s->coverage.from_ns);
    s->day_count = b->last_day >= first ? (size_t)(b->last_day - first) + 1 : 0;
    s->days = vg_calloc(s->day_count + 1, sizeof *s->days);
    for (size_t i = 0; i < s->day_count; i++) {
        s->days[i].values[MARKET_DATE] = feature_int(first + (int64_t)i);
        if (s->day_count - i > KNOWN_DAYS) s->days[i].values[MARKET_TRADERS] = feature_null();
    }
}

static void add_coin_to_day(struct building *b, const struct feature_value *v)
{
    struct market_day *day = day_of(b, &v[COIN_DAILY_DATE]);
    if (!day) return;
    day->values[MARKET_COINS].integer++;
    day->values[MARKET_TRADE_COUNT].integer += v[COIN_DAILY_TRADE_COUNT].integer;
    day->values[MARKET_VOLUME].decimal += v[COIN_DAILY_VOLUME].decimal;
    day->values[MARKET_TAKER_BUY_VOLUME].decimal += v[COIN_DAILY_TAKER_BUY_VOLUME].decimal;
    day->values[MARKET_TAKER_SELL_VOLUME].decimal += v[COIN_DAILY_TAKER_SELL_VOLUME].decimal;
    day->values[MARKET_LIQUIDATED_NOTIONAL].decimal += v[COIN_DAILY_LIQUIDATED_NOTIONAL].decimal;
}

static vg_code take_trader_day(struct building *b, const struct feature_value *v, vg_err *err)
{
#define PERIOD_DAYS(NAME, text, days) days,
    static const int period_days[INDEX_PERIOD_COUNT] = {INDEX_PERIODS(PERIOD_DAYS)};
    uint32_t trader = trader_of(b, &v[TRADER_DAILY_USER_ADDRESS]);
    if (trader == UINT32_MAX) return VG_OK;
    struct market_day *day = day_of(b, &v[TRADER_DAILY_DATE]);
    if (day) day->values[MARKET_TRADERS].integer++;
    const __int128 sums[INDEX_SUMS] = {
        [INDEX_NET_PNL] = v[TRADER_DAILY_NET_PNL].decimal,
        [INDEX_REALIZED_PNL] = v[TRADER_DAILY_REALIZED_PNL].decimal,
        [INDEX_FEES_PAID] = v[TRADER_DAILY_FEES_PAID].decimal,
        [INDEX_VOLUME] = v[TRADER_DAILY_VOLUME].decimal,
        [INDEX_NET_PNL_MTM] = v[TRADER_DAILY_NET_PNL_MTM].decimal + v[TRADER_DAILY_NET_PNL_MTM_IDLE].decimal,
        [INDEX_FILL_COUNT] = v[TRADER_DAILY_FILL_COUNT].integer,
        [INDEX_WINNING_FILLS] = v[TRADER_DAILY_WINNING_FILLS].integer,
        [INDEX_LOSING_FILLS] = v[TRADER_DAILY_LOSING_FILLS].integer,
        [INDEX_ACTIVE_DAYS] = 1,
    };
    (void)err;
    for (enum index_period period = 0; period < INDEX_PERIOD_COUNT; period++) {
        if (v[TRADER_DAILY_DATE].integer <= b->last_day - period_days[period]) continue;
        for (enum index_sum sum = 0; sum < INDEX_SUMS; sum++)
            trader_index_add_sum(b->snapshot->traders, trader, period, sum, sums[sum]);
    }
    return VG_OK;
}

/* Rows come by coin, then day. */
static vg_code take_coin_day(struct building *b, const struct feature_value *v, vg_err *err)
{
    struct snapshot *s = b->snapshot;
    struct asset *a = s->asset_count ? &s->assets[s->asset_count - 1] : NULL;
    (void)err;
    add_coin_to_day(b, v);
    if (!a || !vg_slice_eq(a->values[ASSET_COIN].text, v[COIN_DAILY_COIN].text)) {
        s->assets = vg_realloc(s->assets, (s->asset_count + 1) * sizeof *s->assets);
        a = &s->assets[s->asset_count++];
        *a = (struct asset){0};
        a->values[ASSET_COIN] = feature_text(keep(s, v[COIN_DAILY_COIN].text.p, v[COIN_DAILY_COIN].text.n));
        a->values[ASSET_KIND] = feature_text(keep(s, v[COIN_DAILY_KIND].text.p, v[COIN_DAILY_KIND].text.n));
        a->values[ASSET_FIRST_DATE] = v[COIN_DAILY_DATE];
        a->values[ASSET_CLOSE] = feature_null();
    }
    a->values[ASSET_LAST_DATE] = v[COIN_DAILY_DATE];
    a->values[ASSET_ACTIVE_DAYS].integer++;
    a->values[ASSET_FILL_COUNT].integer += v[COIN_DAILY_FILL_COUNT].integer;
    a->values[ASSET_TRADE_COUNT].integer += v[COIN_DAILY_TRADE_COUNT].integer;
    a->values[ASSET_VOLUME].decimal += v[COIN_DAILY_VOLUME].decimal;
    a->values[ASSET_TAKER_BUY_VOLUME].decimal += v[COIN_DAILY_TAKER_BUY_VOLUME].decimal;
    a->values[ASSET_TAKER_SELL_VOLUME].decimal += v[COIN_DAILY_TAKER_SELL_VOLUME].decimal;
    a->values[ASSET_LIQUIDATED_NOTIONAL].decimal += v[COIN_DAILY_LIQUIDATED_NOTIONAL].decimal;
    a->values[ASSET_LAST_DAY_VOLUME] = v[COIN_DAILY_VOLUME];
    a->values[ASSET_LAST_DAY_TRADERS] = v[COIN_DAILY_UNIQUE_TRADERS];
    a->values[ASSET_PREVIOUS_CLOSE] = a->values[ASSET_CLOSE];
    if (!v[COIN_DAILY_CLOSE].null) a->values[ASSET_CLOSE] = v[COIN_DAILY_CLOSE];
    return VG_OK;
}

static int by_volume(const void *a, const void *b)
{
    const struct feature_value *x = ((const struct asset *)a)->values, *y = ((const struct asset *)b)->values;
    int order =
        (x[ASSET_VOLUME].decimal < y[ASSET_VOLUME].decimal) - (x[ASSET_VOLUME].decimal > y[ASSET_VOLUME].decimal);
    if (order) return order;
    vg_slice p = x[ASSET_COIN].text, q = y[ASSET_COIN].text;
    order = memcmp(p.p, q.p, p.n < q.n ? p.n : q.n);
    return order ? order : (p.n > q.n) - (p.n < q.n);
}

/* Reading. */

static void begin_table(void *ctx) { ((struct building *)ctx)->begun++; }

static vg_code take_row(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct building *b = ctx;
    if (b->begun > 1) return vg_fail(err, VG_ECANCEL, "the store has changed while it was read");
    return b->row(b, values, err);
}

static vg_code read_table(struct building *b, struct store_query query,
                          vg_code (*row)(struct building *b, const struct feature_value *values, vg_err *err),
                          vg_err *err)
{
    struct store_sink sink = {b, begin_table, take_row};
    struct store_coverage coverage;
    b->row = row;
    b->begun = 0;
    query.cancelled = b->cancelled;
    query.timeout_ms = TABLE_MS;
    VG_TRY(store_rows(b->store, &query, &sink, &coverage, err));
    if (coverage.version == b->snapshot->coverage.version) return VG_OK;
    return vg_fail(err, VG_ECANCEL, "the store has changed while it was read");
}

/* Clusters come in the order of their ids. */
static vg_code read_clusters(struct building *b, vg_err *err)
{
    struct snapshot *s = b->snapshot;
    struct store_query profiles = {
        .table = TABLE_CLUSTER_PROFILES, .keys = {{.column = CLUSTER_PROFILE_CLUSTER_ID}}, .key_count = 1};
    snapshot_clusters_begin(&s->clusters, trader_index_count(s->traders));
    VG_TRY(read_table(b, (struct store_query){.table = TABLE_CLUSTERS}, take_cluster_member, err));
    VG_TRY(read_table(b, profiles, take_cluster_profile, err));
    snapshot_clusters_finish(&s->clusters, s->traders);
    return VG_OK;
}

static vg_code read_all(struct building *b, vg_err *err)
{
    struct snapshot *s = b->snapshot;
    VG_TRY(store_coverage(b->store, &s->coverage, err));
    if (s->coverage.version == 0)
        return vg_fail(err, VG_ESTATE, "there are no tables of traders yet: `vigil features` computes them");
    b->last_day = vg_day_of_ns(s->coverage.to_ns);
    begin_days(b);
    VG_TRY(read_table(b, (struct store_query){.table = TABLE_TRADERS}, take_trader, err));
    snapshot_profiles_begin(&s->profiles, trader_index_count(s->traders));
    VG_TRY(read_table(b, (struct store_query){.table = TABLE_CLASSES}, take_class, err));
    VG_TRY(read_clusters(b, err));
    struct store_query days = {
        .table = TABLE_TRADER_DAILY,
        .filters = {{TRADER_DAILY_DATE, STORE_AT_LEAST, feature_int(b->last_day - KNOWN_DAYS + 1)}},
        .filter_count = 1,
    };
    VG_TRY(read_table(b, days, take_trader_day, err));
    struct store_query coins = {
        .table = TABLE_COIN_DAILY, .keys = {{.column = COIN_DAILY_COIN}, {.column = COIN_DAILY_DATE}}, .key_count = 2};
    return read_table(b, coins, take_coin_day, err);
}

static vg_code build(struct snapshot **out, struct store *store, const atomic_bool *cancelled, vg_err *err)
{
    struct building b = {.store = store, .cancelled = cancelled, .snapshot = vg_calloc(1, sizeof *b.snapshot)};
    struct snapshot *s = b.snapshot;
    s->references = 1;
    s->traders = trader_index_new();
    vg_code rc = read_all(&b, err);
    if (!rc) {
        if (s->asset_count) qsort(s->assets, s->asset_count, sizeof *s->assets, by_volume);
        coverage_print(&s->coverage, &s->coverage_json);
        s->built_ns = vg_clock_ns();
    } else {
        snapshot_release(s);
        s = NULL;
    }
    *out = s;
    return rc;
}

vg_code snapshot_build(struct snapshot **snapshot, struct store *store, const atomic_bool *cancelled, vg_err *err)
{
    vg_code rc = VG_OK;
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        rc = build(snapshot, store, cancelled, err);
        if (rc != VG_ECANCEL || atomic_load(cancelled)) break;
    }
    return rc;
}
