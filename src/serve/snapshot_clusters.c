#include "serve/snapshot_clusters.h"

#include <math.h>

#include "base/json.h"
#include "base/map.h"
#include "model/feature_schema.h"
#include "serve/row_print.h"

void snapshot_clusters_begin(struct snapshot_clusters *c, uint32_t count)
{
    c->traders = vg_alloc(((size_t)count + 1) * sizeof *c->traders);
    c->as_of = feature_null();
    for (uint32_t i = 0; i < count; i++)
        c->traders[i] = (struct trader_cluster){feature_null(), feature_null(), NAN, NAN};
}

void snapshot_clusters_release(struct snapshot_clusters *c)
{
    free(c->traders);
    arena_release(&c->texts);
    vg_buf_release(&c->profiles);
    vg_buf_release(&c->map);
}

/* Names repeat: one copy serves as long as rows have the same. */
static struct feature_value keep_name(struct snapshot_clusters *c, vg_slice name)
{
    if (!vg_slice_eq(c->last_name, name)) c->last_name = (vg_slice){arena_copy(&c->texts, name.p, name.n), name.n};
    return feature_text(c->last_name);
}

void snapshot_clusters_place(struct snapshot_clusters *c, uint32_t trader, const struct feature_value *row)
{
    const struct feature_value *x = &row[CLUSTER_MEMBER_MAP_X], *y = &row[CLUSTER_MEMBER_MAP_Y];
    c->traders[trader] =
        (struct trader_cluster){row[CLUSTER_MEMBER_CLUSTER_ID], keep_name(c, row[CLUSTER_MEMBER_CLUSTER_NAME].text),
                                x->null ? NAN : (float)x->number, y->null ? NAN : (float)y->number};
}

static void add_value(vg_buf *out, const char *key, enum cluster_profile_column column, const struct feature_value *row)
{
    vg_buf_addf(out, "\"%s\":", key);
    row_print_value(out, cluster_profile_columns[column].type, &row[column]);
}

/* What all rows say alike. */
static void add_run(vg_buf *out, const struct feature_value *row)
{
    static const struct {
        const char *key;
        enum cluster_profile_column column;
    } quality[] = {
        {"k_reason", CLUSTER_PROFILE_K_REASON},
        {"clustered", CLUSTER_PROFILE_CLUSTERED},
        {"silhouette", CLUSTER_PROFILE_MEAN_SILHOUETTE},
        {"negative_silhouette_share", CLUSTER_PROFILE_NEGATIVE_SILHOUETTE_SHARE},
        {"stability", CLUSTER_PROFILE_STABILITY},
        {"trustworthiness", CLUSTER_PROFILE_TRUSTWORTHINESS},
        {"continuity", CLUSTER_PROFILE_CONTINUITY},
        {"preserved_neighbours", CLUSTER_PROFILE_PRESERVED_NEIGHBOURS},
    };
    vg_buf_addc(out, ',');
    add_value(out, "as_of", CLUSTER_PROFILE_AS_OF, row);
    vg_buf_addc(out, ',');
    add_value(out, "model_as_of", CLUSTER_PROFILE_MODEL_AS_OF, row);
    vg_slice scaling = row[CLUSTER_PROFILE_SCALING].text;
    vg_buf_addf(out, ",\"model\":\"k-means, k = %lld, %.*s columns, seed %lld\",\"quality\":{",
                (long long)row[CLUSTER_PROFILE_K].integer, (int)scaling.n, scaling.p,
                (long long)row[CLUSTER_PROFILE_SEED].integer);
    for (size_t i = 0; i < sizeof quality / sizeof *quality; i++) {
        if (i) vg_buf_addc(out, ',');
        add_value(out, quality[i].key, quality[i].column, row);
    }
    vg_buf_adds(out, "},\"clusters\":[");
}

/* Text that is JSON already; `otherwise` when it is not. */
static void add_json(vg_buf *out, const char *key, const struct feature_value *text, const char *otherwise)
{
    struct json_reader reader = json_reader(text->text.p, text->null ? 0 : text->text.n);
    vg_slice value;
    bool sound = !text->null && json_skip(&reader, &value) && json_finish(&reader);
    vg_buf_addf(out, ",\"%s\":", key);
    if (sound)
        vg_buf_add(out, value.p, value.n);
    else
        vg_buf_adds(out, otherwise);
}

void snapshot_clusters_profile(struct snapshot_clusters *c, const struct feature_value *row)
{
    static const struct {
        const char *key;
        enum cluster_profile_column column;
    } members[] = {
        {"id", CLUSTER_PROFILE_CLUSTER_ID},
        {"name", CLUSTER_PROFILE_CLUSTER_NAME},
        {"traders", CLUSTER_PROFILE_TRADERS},
        {"share", CLUSTER_PROFILE_SHARE},
        {"reason", CLUSTER_PROFILE_REASON},
        {"silhouette", CLUSTER_PROFILE_SILHOUETTE},
        {"archetype", CLUSTER_PROFILE_ARCHETYPE},
        {"score", CLUSTER_PROFILE_SCORE},
        {"runner_up", CLUSTER_PROFILE_RUNNER_UP},
        {"runner_up_score", CLUSTER_PROFILE_RUNNER_UP_SCORE},
        {"drifted", CLUSTER_PROFILE_DRIFTED},
        {"profitable_share", CLUSTER_PROFILE_PROFITABLE_SHARE},
        {"median_maker_pct", CLUSTER_PROFILE_MEDIAN_MAKER_PCT},
        {"median_hold_minutes", CLUSTER_PROFILE_MEDIAN_HOLD_MINUTES},
        {"median_trades_per_day", CLUSTER_PROFILE_MEDIAN_TRADES_PER_DAY},
        {"median_trade_size", CLUSTER_PROFILE_MEDIAN_TRADE_SIZE},
        {"median_net_pnl", CLUSTER_PROFILE_MEDIAN_NET_PNL},
        {"median_net_bps", CLUSTER_PROFILE_MEDIAN_NET_BPS},
        {"median_gross_bps", CLUSTER_PROFILE_MEDIAN_GROSS_BPS},
        {"median_fee_bps", CLUSTER_PROFILE_MEDIAN_FEE_BPS},
        {"median_win_rate", CLUSTER_PROFILE_MEDIAN_WIN_RATE},
        {"liquidated_share", CLUSTER_PROFILE_LIQUIDATED_SHARE},
        {"what_they_do", CLUSTER_PROFILE_WHAT_THEY_DO},
        {"when_they_trade", CLUSTER_PROFILE_WHEN_THEY_TRADE},
        {"how_they_earn", CLUSTER_PROFILE_HOW_THEY_EARN},
    };
    vg_buf *out = &c->profiles;
    if (c->profile_count++ == 0) {
        c->as_of = row[CLUSTER_PROFILE_AS_OF];
        vg_buf_adds(&c->map, ",");
        add_value(&c->map, "as_of", CLUSTER_PROFILE_AS_OF, row);
        vg_buf_adds(&c->map, ",");
        add_value(&c->map, "trustworthiness", CLUSTER_PROFILE_TRUSTWORTHINESS, row);
        add_run(out, row);
    } else {
        vg_buf_addc(out, ',');
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        vg_buf_addc(out, i ? ',' : '{');
        add_value(out, members[i].key, members[i].column, row);
    }
    add_json(out, "opening_hours", &row[CLUSTER_PROFILE_OPENING_HOURS], "[]");
    add_json(out, "opening_weekdays", &row[CLUSTER_PROFILE_OPENING_WEEKDAYS], "[]");
    add_json(out, "typical_members", &row[CLUSTER_PROFILE_TYPICAL_MEMBERS], "[]");
    add_json(out, "centre", &row[CLUSTER_PROFILE_CENTRE], "{}");
    vg_buf_addc(out, '}');
}

/* An array with one value for each trader on the map. */
static void add_array(vg_buf *out, const struct snapshot_clusters *c, const struct trader_index *traders, size_t column,
                      void (*add)(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                                  const struct trader_cluster *place))
{
    vg_buf_addc(out, '[');
    for (uint32_t i = 0, n = 0; i < trader_index_count(traders); i++) {
        if (isnan(c->traders[i].x)) continue;
        if (n++) vg_buf_addc(out, ',');
        add(out, traders, i, column, &c->traders[i]);
    }
    vg_buf_addc(out, ']');
}

static void add_column(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                       const struct trader_cluster *place)
{
    struct feature_value value = trader_index_value(traders, trader, column);
    (void)place;
    row_print_value(out, trader_index_type(column), &value);
}

static void add_x(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                  const struct trader_cluster *place)
{
    (void)traders, (void)trader, (void)column;
    vg_buf_addf(out, "%.4f", (double)place->x);
}

static void add_y(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                  const struct trader_cluster *place)
{
    (void)traders, (void)trader, (void)column;
    vg_buf_addf(out, "%.4f", (double)place->y);
}

static void add_id(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                   const struct trader_cluster *place)
{
    (void)traders, (void)trader, (void)column;
    row_print_value(out, COLUMN_INT64, &place->id);
}

static void add_class(vg_buf *out, const struct trader_index *traders, uint32_t trader, size_t column,
                      const struct trader_cluster *place)
{
    enum trader_class class = trader_index_class(traders, trader, PROFILE_VIGIL);
    struct feature_value name =
        class == TRADER_CLASSES ? feature_null() : feature_text(vg_slice_of(trader_class_name(class)));
    (void)column, (void)place;
    row_print_value(out, COLUMN_TEXT, &name);
}

/* Changes with who is on the map, and in which order: what is answered apart belongs together if it is the same. */
static uint64_t version_of(const struct snapshot_clusters *c, const struct trader_index *traders)
{
    uint64_t version = 0;
    for (uint32_t i = 0; i < trader_index_count(traders); i++) {
        if (isnan(c->traders[i].x)) continue;
        vg_slice address = trader_index_value(traders, i, TRADER_USER_ADDRESS).text;
        for (size_t k = 0; k < address.n; k++)
            version = hash_mix64(version ^ (unsigned char)address.p[k]);
    }
    return version;
}

void snapshot_clusters_finish(struct snapshot_clusters *c, const struct trader_index *traders)
{
    if (c->profile_count == 0) {
        vg_buf_adds(&c->profiles, ",\"as_of\":null,\"model_as_of\":null,\"model\":null,\"quality\":{},\"clusters\":[");
        vg_buf_adds(&c->map, ",\"as_of\":null,\"trustworthiness\":null");
    }
    vg_buf_adds(&c->profiles, "]}\n");
    c->map_version = version_of(c, traders);
    vg_buf_addf(&c->map, ",\"version\":\"%016llx\",\"traders\":", (unsigned long long)c->map_version);
    add_array(&c->map, c, traders, TRADER_USER_ADDRESS, add_column);
    vg_buf_adds(&c->map, ",\"x\":");
    add_array(&c->map, c, traders, 0, add_x);
    vg_buf_adds(&c->map, ",\"y\":");
    add_array(&c->map, c, traders, 0, add_y);
    vg_buf_adds(&c->map, ",\"cluster\":");
    add_array(&c->map, c, traders, 0, add_id);
    vg_buf_adds(&c->map, ",\"class\":");
    add_array(&c->map, c, traders, 0, add_class);
    vg_buf_adds(&c->map, "}\n");
}

void snapshot_clusters_values(const struct snapshot_clusters *c, const struct trader_index *traders, size_t column,
                              vg_buf *out)
{
    add_array(out, c, traders, column, add_column);
}
