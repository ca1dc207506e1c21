/* Lists of traders, from the snapshot: an order of all of them, a place in it, and conditions. */
#include "model/coin.h"
#include "serve/answers.h"
#include "serve/row_list.h"
#include "serve/row_print.h"

#define LEADER_COLUMN(NAME, name, type, null, unit, meaning) \
    {name, COLUMN_##type, null, COLUMN_##type == COLUMN_TEXT, NULL, meaning, unit},
static const struct column leader_table[LEADER_COLUMN_COUNT] = {LEADER_COLUMNS(LEADER_COLUMN)};
const struct column *leader_columns(void) { return leader_table; }

const char *choice_class(size_t i)
{
    return i < TRADER_CLASSES ? trader_class_name((enum trader_class)i) : i == TRADER_CLASSES ? "SMART" : NULL;
}

const char *choice_profile(size_t i) { return i < CLASS_PROFILES ? class_profile_name((enum class_profile)i) : NULL; }

const char *choice_sort(size_t i)
{
    return i + TRADER_FILL_COUNT < TRADER_COLUMN_COUNT ? trader_columns[i + TRADER_FILL_COUNT].name : NULL;
}

const char *choice_sum(size_t i) { return i < INDEX_SUMS ? leader_table[LEADER_NET_PNL + i].name : NULL; }

const char *choice_period(size_t i)
{
#define PERIOD_TEXT(NAME, text, days) text,
    static const char *const names[] = {INDEX_PERIODS(PERIOD_TEXT) "all"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

/* Which column of the index holds a sum of a period. */
static size_t sum_column(int64_t period, enum index_sum sum)
{
    static const size_t whole[INDEX_SUMS] = {
        TRADER_NET_PNL,    TRADER_REALIZED_PNL,  TRADER_FEES_PAID,    TRADER_VOLUME,      TRADER_NET_PNL_MTM,
        TRADER_FILL_COUNT, TRADER_WINNING_FILLS, TRADER_LOSING_FILLS, TRADER_ACTIVE_DAYS,
    };
    return period == INDEX_PERIOD_COUNT ? whole[sum] : index_column((enum index_period)period, sum);
}

struct selection {
    struct api_call *call;
    struct trader_index *index;
    size_t column; /* of the order */
    bool descending;
    enum class_profile profile;
    size_t volume_column, fills_column, days_column;
    bool all_conditions; /* the route has those of /traders, too */
    const uint32_t *order;
    uint32_t at;
};

static bool has_class(const struct selection *s, uint32_t trader, const struct argument *wanted)
{
    if (!wanted->given) return true;
    int64_t class = wanted->number == TRADER_CLASSES ? CLASS_SMART_DIRECTIONAL : wanted->number;
    return trader_index_class(s->index, trader, s->profile) == (enum trader_class) class;
}

static bool at_least(const struct selection *s, uint32_t trader, size_t column, const struct argument *least)
{
    if (!least->given) return true;
    struct feature_value value = trader_index_value(s->index, trader, column);
    if (value.null) return false;
    switch (trader_index_type(column)) {
    case COLUMN_SUM: return value.decimal >= least->amount;
    case COLUMN_DOUBLE: return value.number >= vg_dec20_double(least->amount);
    default: return value.integer >= least->number;
    }
}

/* What only /traders can be asked for, besides. */
static const struct minimum {
    const char *parameter;
    size_t column;
} minima[] = {
    {"min_net_pnl", TRADER_NET_PNL},    {"min_win_rate", TRADER_WIN_RATE},          {"min_sharpe", TRADER_SHARPE_RATIO},
    {"min_coins", TRADER_UNIQUE_COINS}, {"min_hold", TRADER_AVG_HOLD_TIME_MINUTES},
};

static bool is_wanted(const struct selection *s, uint32_t trader)
{
    if (!s->all_conditions) return true;
    const struct argument *prefix = call_argument(s->call, "prefix"), *since = call_argument(s->call, "active_since");
    vg_slice address = trader_index_value(s->index, trader, TRADER_USER_ADDRESS).text;
    for (size_t i = 0; i < sizeof minima / sizeof *minima; i++)
        if (!at_least(s, trader, minima[i].column, call_argument(s->call, minima[i].parameter))) return false;
    if (since->given && trader_index_value(s->index, trader, TRADER_LAST_TRADE).integer < since->number / 1000)
        return false;
    size_t n = strlen(prefix->text);
    return !prefix->given || (n <= address.n && memcmp(address.p, prefix->text, n) == 0);
}

static bool in_cluster(const struct selection *s, uint32_t trader, const struct argument *wanted)
{
    return !wanted->given || snapshot_in_cluster(s->call->snapshot, trader, wanted->number);
}

static bool is_selected(const struct selection *s, uint32_t trader)
{
    const struct api_call *c = s->call;
    return has_class(s, trader, call_argument(c, "type")) && has_class(s, trader, call_argument(c, "class")) &&
           in_cluster(s, trader, call_argument(c, "cluster")) &&
           at_least(s, trader, s->volume_column, call_argument(c, "min_volume")) &&
           at_least(s, trader, s->fills_column, call_argument(c, "min_fills")) &&
           at_least(s, trader, s->days_column, call_argument(c, "min_days")) && is_wanted(s, trader);
}

/* The order's values in cursors. */
static struct cursor place_of(const struct selection *s, uint32_t trader)
{
    return (struct cursor){
        .n = 2,
        .types = {trader_index_type(s->column), COLUMN_TEXT},
        .values = {trader_index_value(s->index, trader, s->column),
                   trader_index_value(s->index, trader, TRADER_USER_ADDRESS)},
    };
}

/* False: the cursor is wrong, which has been answered. */
static bool begin_selection(struct selection *s)
{
    const struct argument *cursor = call_argument(s->call, "cursor");
    s->index = snapshot_traders(s->call->snapshot);
    s->descending = call_argument(s->call, "order")->number == 1;
    s->profile = (enum class_profile)call_argument(s->call, "profile")->number;
    s->order = trader_index_order(s->index, s->column, s->descending);
    if (!cursor->given) return true;
    struct cursor place = {.n = 2, .types = {trader_index_type(s->column), COLUMN_TEXT}};
    if (!cursor_parse(&place, call_question(s->call), cursor->cursor) || place.values[1].null) {
        call_bad_argument(s->call, "cursor", "the cursor does not belong to this question");
        return false;
    }
    s->at = trader_index_behind(s->index, s->order, s->column, s->descending, &place.values[0], place.values[1].text);
    return true;
}

/* The next that meets the conditions; UINT32_MAX: none. */
static uint32_t next_selected(struct selection *s)
{
    while (s->at < trader_index_count(s->index)) {
        uint32_t trader = s->order[s->at++];
        if (is_selected(s, trader)) return trader;
    }
    return UINT32_MAX;
}

static void finish(struct selection *s, struct row_list *list, uint32_t last)
{
    bool more = last != UINT32_MAX && next_selected(s) != UINT32_MAX;
    struct cursor next = {0};
    if (more) next = place_of(s, last);
    row_list_finish(list, snapshot_coverage(s->call->snapshot), more ? &next : NULL);
}

void answer_traders(struct api_call *call)
{
    struct selection s = {.call = call,
                          .volume_column = TRADER_VOLUME,
                          .fills_column = TRADER_FILL_COUNT,
                          .days_column = TRADER_ACTIVE_DAYS,
                          .all_conditions = true};
    struct row_list list;
    uint32_t trader, last = UINT32_MAX;
    uint64_t limit = (uint64_t)call_argument(call, "limit")->number;
    s.column = (size_t)call_argument(call, "sort")->number + TRADER_FILL_COUNT;
    if (!begin_selection(&s)) return;
    row_list_begin(&list, call, listed_columns(), LISTED_COLUMN_COUNT);
    while (list.n < limit && (trader = next_selected(&s)) != UINT32_MAX) {
        struct feature_value values[LISTED_COLUMN_COUNT];
        if (call->media == MEDIA_CSV) {
            snapshot_trader_values(call->snapshot, trader, values);
            row_list_add(&list, values);
        } else {
            row_list_add_json(&list, snapshot_trader_row(call->snapshot, trader));
        }
        last = trader;
    }
    finish(&s, &list, list.n == limit ? last : UINT32_MAX);
}

/* Leaderboards. The rank is the place in the order among those who were active in the period. */

static bool is_ranked(const struct selection *s, uint32_t trader)
{
    return trader_index_value(s->index, trader, s->days_column).integer > 0 &&
           !vg_slice_is(trader_index_value(s->index, trader, TRADER_USER_ADDRESS).text, DUST_ADDRESS);
}

static void leader_values(const struct selection *s, uint32_t trader, int64_t period, int64_t rank,
                          struct feature_value values[LEADER_COLUMN_COUNT])
{
    enum trader_class class = trader_index_class(s->index, trader, PROFILE_VIGIL);
    values[LEADER_RANK] = feature_int(rank);
    values[LEADER_USER_ADDRESS] = trader_index_value(s->index, trader, TRADER_USER_ADDRESS);
    for (enum index_sum sum = 0; sum < INDEX_SUMS; sum++)
        values[LEADER_NET_PNL + sum] = trader_index_value(s->index, trader, sum_column(period, sum));
    values[LEADER_CLASS] =
        class == TRADER_CLASSES ? feature_null() : feature_text(vg_slice_of(trader_class_name(class)));
}

void answer_leaderboard(struct api_call *call)
{
    int64_t period = call_argument(call, "period")->number, rank = 0;
    struct selection s = {.call = call,
                          .volume_column = sum_column(period, INDEX_VOLUME),
                          .fills_column = sum_column(period, INDEX_FILL_COUNT),
                          .days_column = sum_column(period, INDEX_ACTIVE_DAYS)};
    struct row_list list;
    uint32_t last = UINT32_MAX;
    uint64_t limit = (uint64_t)call_argument(call, "limit")->number;
    s.column = sum_column(period, (enum index_sum)call_argument(call, "by")->number);
    if (!begin_selection(&s)) return;
    row_list_begin(&list, call, leader_columns(), LEADER_COLUMN_COUNT);
    bool more = false;
    uint32_t from = s.at, n = trader_index_count(s.index);
    for (uint32_t at = 0; at < n && !more; at++) {
        uint32_t trader = s.order[at];
        struct feature_value values[LEADER_COLUMN_COUNT];
        if (!is_ranked(&s, trader) || !is_selected(&s, trader)) continue;
        rank++;
        if (at < from) continue;
        more = list.n == limit;
        if (more) break;
        leader_values(&s, trader, period, rank, values);
        row_list_add(&list, values);
        last = trader;
    }
    struct cursor next = {0};
    if (more) next = place_of(&s, last);
    row_list_finish(&list, snapshot_coverage(call->snapshot), more ? &next : NULL);
}

/* One trader. */

void answer_trader(struct api_call *call)
{
    const char *address = call_argument(call, "address")->text;
    vg_slice answer = snapshot_profile(call->snapshot, vg_slice_of(address));
    struct web_response *r = call->response;
    if (!answer.p) {
        call_not_found(call, "trader", address);
        return;
    }
    call->version = snapshot_coverage(call->snapshot)->version;
    if (call->media == MEDIA_CSV) {
        struct row_list list;
        struct feature_value values[LISTED_COLUMN_COUNT];
        row_list_begin(&list, call, listed_columns(), LISTED_COLUMN_COUNT);
        snapshot_trader_values(call->snapshot,
                               trader_index_find(snapshot_traders(call->snapshot), vg_slice_of(address)), values);
        row_list_add(&list, values);
        row_list_finish(&list, snapshot_coverage(call->snapshot), NULL);
        return;
    }
    r->shared = answer;
    r->owner = snapshot_hold(call->snapshot);
    r->release = snapshot_release;
    call_json(call);
}
