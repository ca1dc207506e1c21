#include "analyze/fill_row.h"

#include "analyze/fee.h"
#include "base/map.h"

uint32_t coin_table_id(struct coin_table *coins, vg_slice name)
{
    if (coins->last < coins->names.count && vg_slice_eq(coins->names.keys[coins->last], name)) return coins->last;
    uint32_t before = coins->names.count, id = intern_id(&coins->names, name.p, name.n);
    if (id == before) {
        coins->kinds = vg_realloc(coins->kinds, (id + 1) * sizeof *coins->kinds);
        coins->kinds[id] = coin_kind(name);
    }
    coins->last = id;
    return id;
}

void coin_table_release(struct coin_table *coins)
{
    intern_release(&coins->names);
    free(coins->kinds);
    *coins = (struct coin_table){0};
}

uint64_t fill_row_columns(void)
{
    static const enum fill_column columns[] = {
        FILL_TIME,
        FILL_USER_ADDRESS,
        FILL_COIN,
        FILL_PRICE,
        FILL_SIZE,
        FILL_SIDE,
        FILL_DIRECTION,
        FILL_START_POSITION,
        FILL_CLOSED_PNL,
        FILL_FEE,
        FILL_FEE_TOKEN,
        FILL_CROSSED,
        FILL_TX_HASH,
        FILL_ORDER_ID,
        FILL_TRADE_ID,
        FILL_BLOCK_TIME,
        FILL_BLOCK_NUMBER,
        FILL_EVENT_INDEX,
        FILL_BUILDER,
        FILL_BUILDER_FEE,
        FILL_TWAP_ID,
        FILL_LIQUIDATED_USER,
        FILL_LIQUIDATION_MARK_PRICE,
        FILL_LIQUIDATION_METHOD,
    };
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        bits |= UINT64_C(1) << columns[i];
    return bits;
}

static bool is_zero_hash(vg_slice hash)
{
    for (size_t i = 2; i < hash.n; i++)
        if (hash.p[i] != '0') return false;
    return true;
}

/* The transaction, or the block where there is none. */
static uint64_t liquidation_key(const struct fill_batch *b, size_t row)
{
    vg_slice hash = batch_text(b, FILL_TX_HASH, row);
    if (is_zero_hash(hash)) return hash_mix64((uint64_t)batch_int64(b, FILL_BLOCK_NUMBER, row));
    uint64_t key = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < hash.n; i++)
        key = (key ^ (unsigned char)hash.p[i]) * UINT64_C(0x100000001b3);
    return key;
}

static void read_liquidation(const struct fill_batch *b, size_t row, vg_slice user, struct fill_row *r)
{
    bool named = batch_has(b, FILL_LIQUIDATED_USER, row);
    r->is_liquidation =
        named || batch_has(b, FILL_LIQUIDATION_METHOD, row) || batch_has(b, FILL_LIQUIDATION_MARK_PRICE, row);
    if (!named) return;
    r->own_liquidation = vg_slice_eq(batch_text(b, FILL_LIQUIDATED_USER, row), user);
    r->others_liquidation = !r->own_liquidation;
    if (r->own_liquidation) r->liquidation_key = liquidation_key(b, row);
}

/* The place for this text; *known: it is the one that stands there. */
static uint32_t *look_up(struct seen_text *seen, vg_slice text, bool *known)
{
    struct seen_text *entry = &seen[((uintptr_t)text.p >> 2 ^ (uintptr_t)text.p >> 8) % SEEN_TEXTS];
    *known = entry->p == text.p && entry->n == text.n;
    entry->p = text.p;
    entry->n = text.n;
    return &entry->meaning;
}

static uint32_t coin_of(struct coin_table *coins, struct seen_texts *seen, vg_slice name)
{
    bool known;
    uint32_t *id = look_up(seen->coins, name, &known);
    if (!known) *id = coin_table_id(coins, name);
    return *id;
}

static enum direction meaning_of(struct seen_texts *seen, vg_slice word)
{
    bool known;
    uint32_t *direction = look_up(seen->directions, word, &known);
    if (!known) *direction = direction_of(word);
    return (enum direction) * direction;
}

static bool is_dollar(struct seen_texts *seen, vg_slice token)
{
    bool known;
    uint32_t *dollar = look_up(seen->tokens, token, &known);
    if (!known) *dollar = token_is_dollar(token);
    return *dollar;
}

static bool read_fees(const struct fill_batch *b, size_t row, struct seen_texts *seen, struct fill_row *r)
{
    vg_dec fee = batch_has(b, FILL_FEE, row) ? batch_decimal(b, FILL_FEE, row) : 0;
    bool named = batch_has(b, FILL_FEE_TOKEN, row);
    bool dollar = named && is_dollar(seen, batch_text(b, FILL_FEE_TOKEN, row));
    enum fee_price how = fee_price_of(r->kind, r->is_buy, fee, named, dollar);
    r->fee_is_base = fee_in_base(r->kind, r->is_buy, fee);
    r->fee_unpriced = fee != 0 && how == FEE_UNPRICED;
    bool ok = fee_usd(how, fee, r->price, &r->fee_usd);
    if (batch_has(b, FILL_BUILDER_FEE, row))
        ok = ok && fee_usd(how, batch_decimal(b, FILL_BUILDER_FEE, row), r->price, &r->builder_fee_usd);
    return ok;
}

bool fill_row_set_net_pnl(struct fill_row *r)
{
    bool ok = vg_dec_widen(r->pnl, &r->net_pnl), is_inside = r->kind == COIN_SPOT && r->is_buy && r->fee_is_base;
    return ok && (is_inside || !__builtin_sub_overflow(r->net_pnl, r->fee_usd, &r->net_pnl));
}

bool fill_row_read(const struct fill_batch *b, size_t row, vg_slice user, struct coin_table *coins,
                   struct seen_texts *seen, struct fill_row *r)
{
    *r = (struct fill_row){
        .time_ms = vg_floor_div(batch_int64(b, FILL_TIME, row), 1000),
        .block = batch_int64(b, FILL_BLOCK_NUMBER, row),
        .order_id = batch_int64(b, FILL_ORDER_ID, row),
        .event = (uint32_t)batch_int32(b, FILL_EVENT_INDEX, row),
        .coin = coin_of(coins, seen, batch_text(b, FILL_COIN, row)),
        .day = vg_day_of_ns(batch_int64(b, FILL_BLOCK_TIME, row)),
        .is_buy = batch_text(b, FILL_SIDE, row).p[0] == 'B',
        .is_taker = batch_bool(b, FILL_CROSSED, row),
        .is_twap = batch_has(b, FILL_TWAP_ID, row),
        .has_builder = batch_has(b, FILL_BUILDER, row),
        .has_pnl = batch_has(b, FILL_CLOSED_PNL, row),
        .has_trade_id = batch_has(b, FILL_TRADE_ID, row),
        .price = batch_decimal(b, FILL_PRICE, row),
        .size = batch_decimal(b, FILL_SIZE, row),
        .start = batch_decimal(b, FILL_START_POSITION, row),
    };
    r->kind = coins->kinds[r->coin];
    if (r->has_pnl) r->pnl = batch_decimal(b, FILL_CLOSED_PNL, row);
    if (r->has_trade_id) r->trade_id = batch_int64(b, FILL_TRADE_ID, row);
    if (batch_has(b, FILL_DIRECTION, row)) r->direction = meaning_of(seen, batch_text(b, FILL_DIRECTION, row));
    r->is_system = direction_makes_no_trade(r->direction);
    read_liquidation(b, row, user, r);
    return vg_dec_mul(r->price, r->size, &r->notional) && read_fees(b, row, seen, r) && fill_row_set_net_pnl(r);
}

/* Records of 2023 have no trade ids: there, rows that show the same position and size are one trade. */
void fill_row_mark_self_trade(struct fill_row *a, struct fill_row *b)
{
    bool alike = a->start == b->start && a->size == b->size;
    bool one_trade =
        a->has_trade_id && b->has_trade_id ? a->trade_id == b->trade_id : !a->has_trade_id && !b->has_trade_id && alike;
    if (!one_trade || a->block != b->block || a->coin != b->coin || a->is_buy == b->is_buy || a->self_trade) return;
    a->self_trade = b->self_trade = true;
    a->stays = b->stays = alike;
}
