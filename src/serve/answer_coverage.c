/* What the answers rest on: in numbers, and hour by hour. */
#include "serve/answers.h"
#include "serve/row_list.h"

#define COVERED_DAY_COLUMN(NAME, name, type, null, unit, meaning) \
    {name, COLUMN_##type, null, COLUMN_##type == COLUMN_TEXT, NULL, meaning, unit},
static const struct column columns[COVERED_DAY_COLUMN_COUNT] = {COVERED_DAY_COLUMNS(COVERED_DAY_COLUMN)};
const struct column *covered_day_columns(void) { return columns; }

void answer_coverage(struct api_call *call)
{
    const struct store_coverage *c = snapshot_coverage(call->snapshot);
    size_t coins;
    snapshot_assets(call->snapshot, &coins);
    call_begin(call);
    vg_buf_addf(&call->response->body,
                ",\"version\":\"%016llx\",\"fills\":%llu,\"fills_in_lake\":%llu,\"hours_present\":%llu,\"hours_span\":"
                "%llu,\"traders\":%u,\"coins\":%zu}\n",
                (unsigned long long)c->version, (unsigned long long)c->fills, (unsigned long long)c->fills_in_lake,
                (unsigned long long)c->hours_present, (unsigned long long)c->hours_span,
                trader_index_count(snapshot_traders(call->snapshot)), coins);
    call_json(call);
}

static void values_of(const struct day_hours *day, struct feature_value values[COVERED_DAY_COLUMN_COUNT])
{
    int64_t present = 0;
    for (size_t hour = 0; hour < HOURS_OF_DAY; hour++)
        present += day->hours[hour] == HOUR_PRESENT;
    values[COVERED_DAY_DATE] = feature_int(day->day);
    values[COVERED_DAY_HOURS_PRESENT] = feature_int(present);
    values[COVERED_DAY_HOURS] = feature_text((vg_slice){day->hours, HOURS_OF_DAY});
}

void answer_coverage_hours(struct api_call *call)
{
    const struct argument *cursor = call_argument(call, "cursor");
    uint64_t limit = (uint64_t)call_argument(call, "limit")->number;
    struct cursor place = {.n = 1, .types = {COLUMN_DATE}};
    struct row_list list;
    size_t at;
    if (cursor->given && (!cursor_parse(&place, call_question(call), cursor->cursor) || place.values[0].null)) {
        call_bad_argument(call, "cursor", "the cursor does not belong to this question");
        return;
    }
    const struct day_hours *days = snapshot_hours(call->snapshot, &at);
    while (cursor->given && at > 0 && days[at - 1].day >= place.values[0].integer)
        at--;
    row_list_begin(&list, call, columns, COVERED_DAY_COLUMN_COUNT);
    while (at > 0 && list.n < limit) {
        struct feature_value values[COVERED_DAY_COLUMN_COUNT];
        values_of(&days[--at], values);
        row_list_add(&list, values);
        place.values[0] = values[COVERED_DAY_DATE];
    }
    row_list_finish(&list, snapshot_coverage(call->snapshot), at ? &place : NULL);
}
