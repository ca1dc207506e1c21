/* Lists that the store is asked for: a table's rows with one trader or coin, in a fixed order, page by page. */
#include "base/day.h"
#include "serve/answers.h"
#include "serve/row_list.h"

#define PAGE_MS 10000 /* for one question; then 504 */

/* A page of a table. */
struct page {
    struct row_list list;
    struct store_query query;
    size_t column_count;
    uint64_t limit;
    bool more;
    bool shares_keys;   /* several rows may have the same values of all keys */
    struct cursor last; /* of the last row; its last value is then how many rows with these were given */
};

static const struct column *columns_of(const struct page *p)
{
    size_t n;
    return store_columns(p->query.table, &n);
}

static void begin_page(void *ctx)
{
    struct page *p = ctx;
    row_list_clear(&p->list);
    p->more = false;
}

static bool same_value(enum column_type type, const struct feature_value *a, const struct feature_value *b)
{
    if (type == COLUMN_TEXT) return vg_slice_eq(a->text, b->text);
    if (type == COLUMN_SUM || type == COLUMN_DECIMAL) return a->decimal == b->decimal;
    return a->integer == b->integer;
}

/* The cursor behind this row. */
static void note_place(struct page *p, const struct feature_value *values)
{
    struct cursor *c = &p->last;
    const struct column *columns = columns_of(p);
    bool same = true;
    for (size_t i = 0; i < p->query.key_count; i++) {
        const struct feature_value *value = &values[p->query.keys[i].column];
        enum column_type type = columns[p->query.keys[i].column].type;
        same = same && c->n && same_value(type, &c->values[i], value);
        c->values[i] = *value;
        c->types[i] = type;
        if (type != COLUMN_TEXT) continue;
        size_t n = value->text.n < CURSOR_TEXT_LIMIT ? value->text.n : CURSOR_TEXT_LIMIT;
        memcpy(c->texts[i], value->text.p, n);
        c->values[i].text = (vg_slice){c->texts[i], n};
    }
    c->n = p->query.key_count + p->shares_keys;
    if (!p->shares_keys) return;
    c->types[c->n - 1] = COLUMN_INT64;
    c->values[c->n - 1] = feature_int(same ? c->values[c->n - 1].integer + 1 : 1);
}

static vg_code take_row(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct page *p = ctx;
    (void)err;
    p->more = p->list.n == p->limit;
    if (p->more) return VG_OK;
    row_list_add(&p->list, values);
    note_place(p, values);
    return VG_OK;
}

/* Puts the client's cursor into the question. */
static bool resume(struct page *p, const struct argument *cursor)
{
    struct store_query *q = &p->query;
    struct cursor *c = &p->last;
    const struct column *columns = columns_of(p);
    if (!cursor->given) return true;
    c->n = q->key_count + p->shares_keys;
    for (size_t i = 0; i < c->n; i++)
        c->types[i] = i < q->key_count ? columns[q->keys[i].column].type : COLUMN_INT64;
    if (!cursor_parse(c, call_question(p->list.call), cursor->cursor)) return false;
    for (size_t i = 0; i < c->n; i++)
        if (c->values[i].null) return false;
    for (size_t i = 0; i < q->key_count; i++)
        q->keys[i].after = c->values[i];
    q->resumes = true;
    int64_t given = p->shares_keys ? c->values[c->n - 1].integer : 0;
    q->given = (uint64_t)given;
    return given >= 0 && given <= 1000000;
}

static void add_filter(struct store_query *q, size_t column, enum store_comparison comparison,
                       struct feature_value value)
{
    q->filters[q->filter_count++] = (struct store_filter){column, comparison, value};
}

/* `from` and `to` of the client, both counted, in units of the column. */
static void add_range(struct page *p, size_t column, int64_t unit_ns)
{
    const struct argument *from = call_argument(p->list.call, "from"), *to = call_argument(p->list.call, "to");
    if (from->given)
        add_filter(&p->query, column, STORE_AT_LEAST, feature_int(vg_floor_div(from->number + unit_ns - 1, unit_ns)));
    if (to->given) add_filter(&p->query, column, STORE_AT_MOST, feature_int(vg_floor_div(to->number, unit_ns)));
}

static void begin(struct page *p, struct api_call *call, unsigned table, size_t text_column, const char *text)
{
    size_t n;
    const struct column *columns = store_columns(table, &n);
    p->query.table = table;
    add_filter(&p->query, text_column, STORE_EQUAL, feature_text(vg_slice_of(text)));
    row_list_begin(&p->list, call, columns, n);
}

static void add_key(struct page *p, size_t column, bool descending)
{
    p->query.keys[p->query.key_count++] = (struct store_key){.column = column, .descending = descending};
}

static void answer_page(struct page *p)
{
    struct api_call *call = p->list.call;
    struct store_sink sink = {p, begin_page, take_row};
    struct store_coverage coverage;
    vg_err err = {0};
    p->limit = (uint64_t)call_argument(call, "limit")->number;
    p->query.limit = p->limit + 1;
    p->query.timeout_ms = PAGE_MS;
    p->query.cancelled = call_cancelled(call);
    if (!resume(p, call_argument(call, "cursor"))) {
        call_bad_argument(call, "cursor", "the cursor does not belong to this question");
        row_list_release(&p->list);
    } else if (store_rows(call_store(call), &p->query, &sink, &coverage, &err)) {
        call_failed(call, &err);
        row_list_release(&p->list);
    } else {
        row_list_finish(&p->list, &coverage, p->more ? &p->last : NULL);
    }
}

/* The trader's address, or NULL when there is no such trader, which has been answered. */
static const char *known_trader(struct api_call *call)
{
    const char *address = call_argument(call, "address")->text;
    if (trader_index_find(snapshot_traders(call->snapshot), vg_slice_of(address)) != UINT32_MAX) return address;
    call_not_found(call, "trader", address);
    return NULL;
}

void answer_trader_fills(struct api_call *call)
{
    struct page p = {0};
    const char *address = known_trader(call);
    const struct argument *coin = call_argument(call, "coin");
    if (!address) return;
    begin(&p, call, STORE_FILLS, FILL_USER_ADDRESS, address);
    if (coin->given) add_filter(&p.query, FILL_COIN, STORE_EQUAL, feature_text(vg_slice_of(coin->text)));
    add_range(&p, FILL_TIME, 1000);
    add_key(&p, FILL_BLOCK_NUMBER, true);
    add_key(&p, FILL_EVENT_INDEX, true);
    answer_page(&p);
}

void answer_trader_positions(struct api_call *call)
{
    struct page p = {0};
    const char *address = known_trader(call);
    if (!address) return;
    begin(&p, call, TABLE_POSITIONS, EPISODE_USER_ADDRESS, address);
    add_key(&p, EPISODE_COIN, false);
    answer_page(&p);
}

void answer_trader_daily(struct api_call *call)
{
    struct page p = {0};
    const char *address = known_trader(call);
    if (!address) return;
    begin(&p, call, TABLE_TRADER_DAILY, TRADER_DAILY_USER_ADDRESS, address);
    add_range(&p, TRADER_DAILY_DATE, VG_NS_PER_DAY);
    add_key(&p, TRADER_DAILY_DATE, true);
    answer_page(&p);
}

void answer_trader_episodes(struct api_call *call)
{
    struct page p = {.shares_keys = true};
    const char *address = known_trader(call);
    const struct argument *coin = call_argument(call, "coin");
    if (!address) return;
    begin(&p, call, TABLE_EPISODES, EPISODE_USER_ADDRESS, address);
    if (coin->given) add_filter(&p.query, EPISODE_COIN, STORE_EQUAL, feature_text(vg_slice_of(coin->text)));
    add_range(&p, EPISODE_CLOSE_TIME, 1000);
    add_key(&p, EPISODE_CLOSE_TIME, true);
    add_key(&p, EPISODE_OPEN_TIME, true);
    add_key(&p, EPISODE_COIN, false);
    add_key(&p, EPISODE_OPENED_NOTIONAL, false);
    answer_page(&p);
}

void answer_trader_coins(struct api_call *call)
{
    struct page p = {0};
    const char *address = known_trader(call);
    if (!address) return;
    begin(&p, call, TABLE_TRADER_COINS, TRADER_COIN_USER_ADDRESS, address);
    add_key(&p, TRADER_COIN_VOLUME, true);
    add_key(&p, TRADER_COIN_COIN, false);
    answer_page(&p);
}

/* Episodes of everybody. */

static const unsigned episode_orders[] = {EPISODE_CLOSE_TIME, EPISODE_NET_PNL, EPISODE_OPENED_NOTIONAL};

const char *choice_episode_order(size_t i)
{
    return i < sizeof episode_orders / sizeof *episode_orders ? episode_columns[episode_orders[i]].name : NULL;
}

void answer_episodes(struct api_call *call)
{
    struct page p = {.shares_keys = true};
    const struct argument *liquidated = call_argument(call, "liquidated");
    const struct argument *coin = call_argument(call, "coin");
    size_t order = episode_orders[call_argument(call, "sort")->number];
    p.query.table = TABLE_EPISODES;
    row_list_begin(&p.list, call, episode_columns, EPISODE_COLUMN_COUNT);
    add_key(&p, order, call_argument(call, "order")->number == 1);
    add_key(&p, EPISODE_USER_ADDRESS, false);
    add_key(&p, EPISODE_COIN, false);
    if (coin->given) add_filter(&p.query, EPISODE_COIN, STORE_EQUAL, feature_text(vg_slice_of(coin->text)));
    if (liquidated->given) add_filter(&p.query, EPISODE_LIQUIDATED, STORE_EQUAL, feature_int(liquidated->number));
    add_range(&p, EPISODE_CLOSE_TIME, 1000);
    if (order != EPISODE_CLOSE_TIME) add_key(&p, EPISODE_CLOSE_TIME, true);
    answer_page(&p);
}

void answer_asset_daily(struct api_call *call)
{
    struct page p = {0};
    const char *coin = call_argument(call, "coin")->text;
    if (!snapshot_asset(call->snapshot, vg_slice_of(coin))) {
        call_not_found(call, "coin", coin);
        return;
    }
    begin(&p, call, TABLE_COIN_DAILY, COIN_DAILY_COIN, coin);
    add_range(&p, COIN_DAILY_DATE, VG_NS_PER_DAY);
    add_key(&p, COIN_DAILY_DATE, true);
    answer_page(&p);
}

static const unsigned trader_coin_orders[] = {TRADER_COIN_VOLUME, TRADER_COIN_NET_PNL, TRADER_COIN_REALIZED_PNL,
                                              TRADER_COIN_FEES_PAID, TRADER_COIN_FILL_COUNT};

const char *choice_trader_coin_order(size_t i)
{
    return i < sizeof trader_coin_orders / sizeof *trader_coin_orders ? trader_coin_columns[trader_coin_orders[i]].name
                                                                      : NULL;
}

void answer_asset_traders(struct api_call *call)
{
    struct page p = {0};
    const char *coin = call_argument(call, "coin")->text;
    if (!snapshot_asset(call->snapshot, vg_slice_of(coin))) {
        call_not_found(call, "coin", coin);
        return;
    }
    begin(&p, call, TABLE_TRADER_COINS, TRADER_COIN_COIN, coin);
    add_key(&p, trader_coin_orders[call_argument(call, "sort")->number], call_argument(call, "order")->number == 1);
    add_key(&p, TRADER_COIN_USER_ADDRESS, false);
    answer_page(&p);
}
