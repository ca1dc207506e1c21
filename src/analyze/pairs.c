#include "analyze/pairs.h"

static uint32_t user_of(struct pairs *pairs, vg_slice address)
{
    if (pairs->users.count == 0 || !vg_slice_eq(pairs->users.keys[pairs->last_user], address))
        pairs->last_user = intern_id(&pairs->users, address.p, address.n);
    return pairs->last_user;
}

static uint32_t coin_of(struct pairs *pairs, vg_slice coin)
{
    uint32_t id = intern_id(&pairs->coins, coin.p, coin.n);
    if (id == pairs->kind_count) {
        pairs->kinds = vg_realloc(pairs->kinds, (id + 1) * sizeof *pairs->kinds);
        pairs->kinds[pairs->kind_count++] = coin_kind(coin);
    }
    return id;
}

struct pair pairs_of_row(struct pairs *pairs, const struct fill_batch *batch, size_t row)
{
    struct pair pair = {.user = user_of(pairs, batch_text(batch, FILL_USER_ADDRESS, row)),
                        .coin = coin_of(pairs, batch_text(batch, FILL_COIN, row))};
    pair.kind = pairs->kinds[pair.coin];
    uint64_t *id = map64_insert(&pairs->ids, (uint64_t)pair.user << 32 | pair.coin, &pair.added);
    if (pair.added) *id = pairs->count++;
    pair.id = (uint32_t)*id;
    return pair;
}

void pairs_release(struct pairs *pairs)
{
    intern_release(&pairs->users);
    intern_release(&pairs->coins);
    map64_release(&pairs->ids);
    free(pairs->kinds);
    *pairs = (struct pairs){0};
}
