/* The market as a whole: its days, from the snapshot, and who is long and short in a coin. */
#include "base/json.h"
#include "serve/answers.h"
#include "serve/row_list.h"

void answer_market_daily(struct api_call *call)
{
    const struct argument *cursor = call_argument(call, "cursor");
    uint64_t limit = (uint64_t)call_argument(call, "limit")->number;
    struct cursor place = {.n = 1, .types = {COLUMN_DATE}}, next = place;
    struct row_list list;
    size_t n;
    bool more = false;
    if (cursor->given && (!cursor_parse(&place, call_question(call), cursor->cursor) || place.values[0].null)) {
        call_bad_argument(call, "cursor", "the cursor does not belong to this question");
        return;
    }
    const struct market_day *days = snapshot_days(call->snapshot, &n);
    row_list_begin(&list, call, market_columns, MARKET_COLUMN_COUNT);
    for (size_t i = n; i-- > 0 && !more;) {
        if (cursor->given && days[i].values[MARKET_DATE].integer >= place.values[0].integer) continue;
        more = list.n == limit;
        if (more) break;
        row_list_add(&list, days[i].values);
        next.values[0] = days[i].values[MARKET_DATE];
    }
    row_list_finish(&list, snapshot_coverage(call->snapshot), more ? &next : NULL);
}

/* Holders. The value of a position is its size times the coin's last price. */

#define HOLDERS_MS 10000 /* for the question; then 504 */
#define LARGEST 10

struct holdings {
    uint64_t traders;
    vg_dec20 value;
};

struct side {
    struct holdings all, classes[TRADER_CLASSES + 1]; /* the last: not classified */
    vg_dec20 largest[LARGEST];                        /* descending */
};

struct holders {
    struct trader_index *index;
    struct side sides[2]; /* long, short */
};

static void begin_holders(void *ctx)
{
    struct holders *h = ctx;
    memset(h->sides, 0, sizeof h->sides);
}

static void add_holding(struct holdings *holdings, vg_dec20 value)
{
    holdings->traders++;
    holdings->value += value;
}

static void note_largest(struct side *side, vg_dec20 value)
{
    for (size_t i = 0; i < LARGEST; i++) {
        if (value <= side->largest[i]) continue;
        vg_dec20 smaller = side->largest[i];
        side->largest[i] = value;
        value = smaller;
    }
}

static vg_code take_holder(void *ctx, const struct feature_value *v, vg_err *err)
{
    struct holders *h = ctx;
    vg_dec20 value;
    (void)err;
    if (v[EPISODE_LAST_PRICE].null ||
        !vg_dec_product_fits(vg_dec_abs(v[EPISODE_POSITION].decimal), v[EPISODE_LAST_PRICE].decimal))
        return VG_OK;
    value = vg_dec_abs(v[EPISODE_POSITION].decimal) * v[EPISODE_LAST_PRICE].decimal;
    struct side *side = &h->sides[v[EPISODE_POSITION].decimal < 0];
    uint32_t trader = trader_index_find(h->index, v[EPISODE_USER_ADDRESS].text);
    enum trader_class class =
        trader == UINT32_MAX ? TRADER_CLASSES : trader_index_class(h->index, trader, PROFILE_VIGIL);
    add_holding(&side->all, value);
    add_holding(&side->classes[class], value);
    note_largest(side, value);
    return VG_OK;
}

static void print_holdings(vg_buf *out, const struct holdings *holdings)
{
    vg_buf_addf(out, "\"traders\":%llu,\"value\":\"", (unsigned long long)holdings->traders);
    vg_buf_add_dec20(out, holdings->value);
    vg_buf_addc(out, '"');
}

static void print_side(vg_buf *out, const struct side *side, const char *name)
{
    vg_dec20 ten = 0;
    for (size_t i = 0; i < LARGEST; i++)
        ten += side->largest[i];
    vg_buf_addf(out, "{\"side\":\"%s\",", name);
    print_holdings(out, &side->all);
    vg_buf_adds(out, ",\"largest\":\"");
    vg_buf_add_dec20(out, side->largest[0]);
    vg_buf_adds(out, "\",\"largest_ten\":\"");
    vg_buf_add_dec20(out, ten);
    vg_buf_adds(out, "\",\"classes\":[");
    for (size_t i = 0, n = 0; i <= TRADER_CLASSES; i++) {
        if (!side->classes[i].traders) continue;
        vg_buf_adds(out, n++ ? ",{\"class\":" : "{\"class\":");
        if (i < TRADER_CLASSES)
            json_add_string(out, vg_slice_of(trader_class_name((enum trader_class)i)));
        else
            vg_buf_adds(out, "null");
        vg_buf_addc(out, ',');
        print_holdings(out, &side->classes[i]);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]}");
}

void answer_asset_holders(struct api_call *call)
{
    const char *coin = call_argument(call, "coin")->text;
    struct holders h = {.index = snapshot_traders(call->snapshot)};
    struct store_query query = {
        .table = TABLE_POSITIONS,
        .filters = {{EPISODE_COIN, STORE_EQUAL, feature_text(vg_slice_of(coin))}},
        .filter_count = 1,
        .timeout_ms = HOLDERS_MS,
        .cancelled = call_cancelled(call),
    };
    struct store_sink sink = {&h, begin_holders, take_holder};
    struct store_coverage coverage;
    vg_err err = {0};
    if (!snapshot_asset(call->snapshot, vg_slice_of(coin))) {
        call_not_found(call, "coin", coin);
        return;
    }
    if (store_rows(call_store(call), &query, &sink, &coverage, &err)) {
        call_failed(call, &err);
        return;
    }
    vg_buf *out = &call->response->body;
    call_begin_of(call, &coverage);
    vg_buf_adds(out, ",\"sides\":[");
    print_side(out, &h.sides[0], "long");
    vg_buf_addc(out, ',');
    print_side(out, &h.sides[1], "short");
    vg_buf_adds(out, "]}\n");
    call_json(call);
}
