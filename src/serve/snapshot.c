#include "serve/snapshot.h"

#include <pthread.h>

#include "base/day.h"
#include "serve/snapshot_parts.h"

#define ASSET_COLUMN(NAME, name, type, null, unit, meaning) \
    {name, COLUMN_##type, null, COLUMN_##type == COLUMN_TEXT, NULL, meaning, unit},
const struct column asset_columns[ASSET_COLUMN_COUNT] = {ASSET_COLUMNS(ASSET_COLUMN)};
const struct column market_columns[MARKET_COLUMN_COUNT] = {MARKET_COLUMNS(ASSET_COLUMN)};

void coverage_print(const struct store_coverage *c, vg_buf *out)
{
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT];
    vg_time_print(c->from_ns, 3, from);
    vg_time_print(c->to_ns, 3, to);
    vg_buf_addf(out, "\"coverage\":{\"from\":\"%sZ\",\"to\":\"%sZ\",\"complete\":%s}", from, to,
                c->complete ? "true" : "false");
}

struct snapshot *snapshot_hold(struct snapshot *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

void snapshot_release(void *snapshot)
{
    struct snapshot *s = snapshot;
    if (!s || atomic_fetch_sub(&s->references, 1) > 1) return;
    trader_index_free(s->traders);
    snapshot_clusters_release(&s->clusters);
    arena_release(&s->texts);
    vg_buf_release(&s->coverage_json);
    snapshot_profiles_release(&s->profiles);
    free(s->assets);
    free(s->days);
    free(s->hours);
    free(s);
}

const struct store_coverage *snapshot_coverage(const struct snapshot *s) { return &s->coverage; }
vg_slice snapshot_coverage_json(const struct snapshot *s) { return vg_buf_view(&s->coverage_json); }
struct trader_index *snapshot_traders(const struct snapshot *s) { return s->traders; }
int64_t snapshot_built_ns(const struct snapshot *s) { return s->built_ns; }

vg_slice snapshot_profile(struct snapshot *s, vg_slice address)
{
    uint32_t trader = trader_index_find(s->traders, address);
    return trader == UINT32_MAX ? (vg_slice){NULL, 0} : snapshot_profiles_of(s, trader)->answer;
}

vg_slice snapshot_trader_row(struct snapshot *s, uint32_t trader) { return snapshot_profiles_of(s, trader)->row; }

const struct asset *snapshot_assets(const struct snapshot *s, size_t *n)
{
    *n = s->asset_count;
    return s->assets;
}

const struct market_day *snapshot_days(const struct snapshot *s, size_t *n)
{
    *n = s->day_count;
    return s->days;
}

const struct day_hours *snapshot_hours(const struct snapshot *s, size_t *n)
{
    *n = s->hours_count;
    return s->hours;
}

const struct asset *snapshot_asset(const struct snapshot *s, vg_slice coin)
{
    for (size_t i = 0; i < s->asset_count; i++)
        if (vg_slice_eq(s->assets[i].values[ASSET_COIN].text, coin)) return &s->assets[i];
    return NULL;
}

static struct column listed[LISTED_COLUMN_COUNT];

static void make_listed(void)
{
    static const struct column labels[LISTED_COLUMN_COUNT - LISTED_CLASSES] = {
        {"class_compat_sql", COLUMN_TEXT, true, true, NULL, "class by the rules of compat-sql", NULL},
        {"class_vision", COLUMN_TEXT, true, true, NULL, "class by the rules of vision", NULL},
        {"class", COLUMN_TEXT, true, true, NULL, "class by the rules of vigil; NULL before `vigil classify`", NULL},
        {"cluster_id", COLUMN_INT64, true, false, NULL, "group of traders who behave alike; NULL: in none", NULL},
        {"cluster_name", COLUMN_TEXT, true, true, NULL, "what they do; NULL before `vigil cluster`", NULL},
    };
    memcpy(listed, trader_columns, sizeof trader_columns);
    memcpy(listed + LISTED_CLASSES, labels, sizeof labels);
}

const struct column *listed_columns(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_listed);
    return listed;
}

void snapshot_trader_values(const struct snapshot *s, uint32_t trader, struct feature_value values[LISTED_COLUMN_COUNT])
{
    for (size_t i = 0; i < TRADER_COLUMN_COUNT; i++)
        values[i] = trader_index_value(s->traders, trader, i);
    for (size_t i = 0; i < CLASS_PROFILES; i++) {
        enum trader_class class = trader_index_class(s->traders, trader, (enum class_profile)i);
        values[LISTED_CLASSES + i] =
            class == TRADER_CLASSES ? feature_null() : feature_text(vg_slice_of(trader_class_name(class)));
    }
    values[LISTED_CLUSTER_ID] = s->clusters.traders[trader].id;
    values[LISTED_CLUSTER_NAME] = s->clusters.traders[trader].name;
}

bool snapshot_in_cluster(const struct snapshot *s, uint32_t trader, int64_t id)
{
    const struct feature_value *own = &s->clusters.traders[trader].id;
    return !own->null && own->integer == id;
}

vg_slice snapshot_cluster_profiles(const struct snapshot *s) { return vg_buf_view(&s->clusters.profiles); }
vg_slice snapshot_cluster_map(const struct snapshot *s) { return vg_buf_view(&s->clusters.map); }
struct feature_value snapshot_map_as_of(const struct snapshot *s) { return s->clusters.as_of; }

uint64_t snapshot_map_version(const struct snapshot *s) { return s->clusters.map_version; }

void snapshot_map_values(const struct snapshot *s, size_t column, vg_buf *out)
{
    snapshot_clusters_values(&s->clusters, s->traders, column, out);
}

size_t snapshot_bytes(const struct snapshot *s)
{
    return s->text_bytes + s->clusters.profiles.len + s->clusters.map.len +
           trader_index_count(s->traders) * sizeof *s->clusters.traders + trader_index_bytes(s->traders) +
           snapshot_profiles_bytes(&s->profiles) + s->asset_count * sizeof *s->assets + s->day_count * sizeof *s->days +
           s->hours_count * sizeof *s->hours;
}
