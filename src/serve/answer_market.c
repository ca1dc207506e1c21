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

/* Open positions. The value of one is its size times the coin's last price. */

#define POSITIONS_MS 10000 /* for the question; then 504 */

/* False: there is no price, or the product has too many digits. */
static bool value_of(const struct feature_value *v, vg_dec20 *value)
{
    vg_dec size = vg_dec_abs(v[EPISODE_POSITION].decimal);
    if (v[EPISODE_LAST_PRICE].null || !vg_dec_product_fits(size, v[EPISODE_LAST_PRICE].decimal)) return false;
    *value = size * v[EPISODE_LAST_PRICE].decimal;
    return true;
}

static struct store_query positions_of(struct api_call *call, const char *coin)
{
    struct store_query query = {
        .table = TABLE_POSITIONS, .timeout_ms = POSITIONS_MS, .cancelled = call_cancelled(call)};
    if (coin)
        query.filters[query.filter_count++] =
            (struct store_filter){EPISODE_COIN, STORE_EQUAL, feature_text(vg_slice_of(coin))};
    return query;
}

/* The largest. */

#define LARGEST_LIMIT 100
#define LARGEST_TEXT 255 /* bytes of a coin, at most */

struct position {
    vg_dec20 value;
    struct feature_value values[EPISODE_COLUMN_COUNT];
    char texts[EPISODE_COLUMN_COUNT][LARGEST_TEXT];
};

struct largest {
    struct position *rows; /* descending; one more than wanted, for the one that drops out */
    size_t n, limit;
};

static void begin_largest(void *ctx) { ((struct largest *)ctx)->n = 0; }

/* Texts are the store's: the position keeps its own. */
static void keep_texts(struct position *row)
{
    for (size_t i = 0; i < EPISODE_COLUMN_COUNT; i++) {
        if (episode_columns[i].type != COLUMN_TEXT || row->values[i].null) continue;
        vg_slice text = row->values[i].text;
        size_t n = text.n < LARGEST_TEXT ? text.n : LARGEST_TEXT;
        memmove(row->texts[i], text.p, n);
        row->values[i].text = (vg_slice){row->texts[i], n};
    }
}

static vg_code take_largest(void *ctx, const struct feature_value *v, vg_err *err)
{
    struct largest *l = ctx;
    vg_dec20 value;
    (void)err;
    if (!value_of(v, &value)) return VG_OK;
    size_t at = l->n;
    while (at > 0 && l->rows[at - 1].value < value)
        at--;
    if (at == l->limit) return VG_OK;
    for (size_t i = l->n; i > at; i--) {
        l->rows[i] = l->rows[i - 1];
        keep_texts(&l->rows[i]);
    }
    l->rows[at].value = value;
    memcpy(l->rows[at].values, v, sizeof l->rows[at].values);
    keep_texts(&l->rows[at]);
    if (l->n < l->limit) l->n++;
    return VG_OK;
}

void answer_positions(struct api_call *call)
{
    const struct argument *coin = call_argument(call, "coin");
    struct largest l = {.limit = (size_t)call_argument(call, "limit")->number};
    struct store_query query = positions_of(call, coin->given ? coin->text : NULL);
    struct store_sink sink = {&l, begin_largest, take_largest};
    struct store_coverage coverage;
    struct row_list list;
    vg_err err = {0};
    VG_ASSERT(l.limit <= LARGEST_LIMIT);
    l.rows = vg_calloc(l.limit + 1, sizeof *l.rows);
    /* Equals keep the order of the table's key, so that the answer is the same each time. */
    query.keys[0] = (struct store_key){.column = EPISODE_USER_ADDRESS};
    query.keys[1] = (struct store_key){.column = EPISODE_COIN};
    query.key_count = 2;
    if (store_rows(call_store(call), &query, &sink, &coverage, &err)) {
        call_failed(call, &err);
    } else {
        row_list_begin(&list, call, episode_columns, EPISODE_COLUMN_COUNT);
        for (size_t i = 0; i < l.n; i++)
            row_list_add(&list, l.rows[i].values);
        row_list_finish(&list, &coverage, NULL);
    }
    free(l.rows);
}

/* Holders. */

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
    if (!value_of(v, &value)) return VG_OK;
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
    struct store_query query = positions_of(call, coin);
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
