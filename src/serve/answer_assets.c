/* Coins, from the snapshot, and the lists that later work fills. */
#include "model/coin.h"
#include "serve/answers.h"
#include "serve/row_list.h"
#include "serve/row_print.h"

const char *choice_kind(size_t i) { return i < COIN_KINDS ? coin_kind_name((enum coin_kind)i) : NULL; }

/* Assets are few, and in the order of the answer: the place is the last one's volume and name. */
static bool is_behind(const struct asset *asset, const struct cursor *place)
{
    __int128 volume = asset->values[ASSET_VOLUME].decimal, last = place->values[0].decimal;
    if (volume != last) return volume < last;
    vg_slice coin = asset->values[ASSET_COIN].text, other = place->values[1].text;
    int order = memcmp(coin.p, other.p, coin.n < other.n ? coin.n : other.n);
    return order ? order > 0 : coin.n > other.n;
}

static struct cursor place_of(const struct asset *asset)
{
    return (struct cursor){
        .n = 2, .types = {COLUMN_SUM, COLUMN_TEXT}, .values = {asset->values[ASSET_VOLUME], asset->values[ASSET_COIN]}};
}

void answer_assets(struct api_call *call)
{
    const struct argument *kind = call_argument(call, "kind"), *cursor = call_argument(call, "cursor");
    uint64_t limit = (uint64_t)call_argument(call, "limit")->number;
    struct cursor place = {.n = 2, .types = {COLUMN_SUM, COLUMN_TEXT}}, next = {0};
    struct row_list list;
    size_t n;
    bool more = false;
    if (cursor->given &&
        (!cursor_parse(&place, call_question(call), cursor->cursor) || place.values[0].null || place.values[1].null)) {
        call_bad_argument(call, "cursor", "the cursor does not belong to this question");
        return;
    }
    const struct asset *assets = snapshot_assets(call->snapshot, &n);
    row_list_begin(&list, call, asset_columns, ASSET_COLUMN_COUNT);
    for (size_t i = 0; i < n; i++) {
        if (kind->given && !vg_slice_is(assets[i].values[ASSET_KIND].text, choice_kind((size_t)kind->number))) continue;
        if (cursor->given && !is_behind(&assets[i], &place)) continue;
        more = list.n == limit;
        if (more) break;
        row_list_add(&list, assets[i].values);
        next = place_of(&assets[i]);
    }
    row_list_finish(&list, snapshot_coverage(call->snapshot), more ? &next : NULL);
}

void answer_asset(struct api_call *call)
{
    const char *coin = call_argument(call, "coin")->text;
    const struct asset *asset = snapshot_asset(call->snapshot, vg_slice_of(coin));
    if (!asset) {
        call_not_found(call, "coin", coin);
        return;
    }
    call_begin(call);
    vg_buf_adds(&call->response->body, ",\"asset\":");
    row_print_json(&call->response->body, asset_columns, ASSET_COLUMN_COUNT, asset->values);
    vg_buf_adds(&call->response->body, "}\n");
    call_json(call);
}

/* What later work computes: until then the list is empty, and says of which data it would be. */
void answer_empty_list(struct api_call *call)
{
    call_begin(call);
    vg_buf_adds(&call->response->body, ",\"items\":[],\"next_cursor\":null}\n");
    call_json(call);
}

void answer_asset_signals(struct api_call *call)
{
    const char *coin = call_argument(call, "coin")->text;
    if (snapshot_asset(call->snapshot, vg_slice_of(coin)))
        answer_empty_list(call);
    else
        call_not_found(call, "coin", coin);
}
