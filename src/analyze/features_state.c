#include "analyze/features_core.h"

/* Checkpoints. The arrays as they are; what follows from them is made again. */

#define STATE_VERSION 3

struct state_head {
    uint32_t version, shard, shards, profile_size, holding_size, order_size, pending_size;
};

static struct state_head head_of(const struct features *f)
{
    return (struct state_head){STATE_VERSION,
                               f->shard,
                               f->shards,
                               sizeof(struct profile),
                               sizeof(struct holding),
                               sizeof(struct order),
                               sizeof(struct pending)};
}

static vg_code save_names(const struct intern *names, const struct state_writer *out, vg_err *err)
{
    VG_TRY(state_put(out, &names->count, sizeof names->count, err));
    for (uint32_t i = 0; i < names->count; i++)
        VG_TRY(state_put_array(out, names->keys[i].p, names->keys[i].n, 1, err));
    return VG_OK;
}

static vg_code load_names(struct state_reader *in, vg_code (*add)(void *ctx, vg_slice name), void *ctx, vg_err *err)
{
    uint32_t count;
    VG_TRY(state_take(in, &count, sizeof count, err));
    for (uint32_t i = 0; i < count; i++) {
        void *text;
        size_t n;
        VG_TRY(state_take_array(in, &text, &n, 1, err));
        vg_code rc = add(ctx, (vg_slice){text ? text : "", n});
        free(text);
        if (rc) return vg_fail(err, VG_EPARSE, "damaged: a name twice, or no address");
    }
    return VG_OK;
}

static vg_code load_coin(void *ctx, vg_slice name)
{
    struct features *f = ctx;
    uint32_t count = f->coins.names.count;
    return coin_table_id(&f->coins, name) == count ? VG_OK : VG_EPARSE;
}

static vg_code load_user(void *ctx, vg_slice name)
{
    struct features *f = ctx;
    uint32_t count = f->users.count;
    return name.n == ADDRESS_TEXT && features_user_of(f, name) == count ? VG_OK : VG_EPARSE;
}

static vg_code save_profile(const struct profile *p, const struct state_writer *out, vg_err *err)
{
    size_t exact = p->gaps.count < GAPS_EXACT ? p->gaps.count : GAPS_EXACT;
    struct profile bare = *p; /* pointers mean nothing to who reads it */
    bare.address = (vg_slice){NULL, 0};
    bare.gaps.values = NULL;
    bare.gaps.bins = NULL;
    VG_TRY(state_put_struct(out, &bare, sizeof bare, err));
    VG_TRY(state_put_array(out, p->gaps.values, exact, sizeof *p->gaps.values, err));
    return state_put_array(out, p->gaps.bins, p->gaps.bins ? GAP_BINS : 0, sizeof *p->gaps.bins, err);
}

vg_code features_save(const struct features *f, const struct state_writer *out, vg_err *err)
{
    struct state_head head = head_of(f);
    VG_ASSERT(f->waiting_to == f->waiting_from && f->episodes.n == 0);
    VG_TRY(state_put(out, &head, sizeof head, err));
    VG_TRY(state_put(out, &f->known_until_ms, sizeof f->known_until_ms, err));
    VG_TRY(state_put(out, &f->day, sizeof f->day, err));
    VG_TRY(save_names(&f->coins.names, out, err));
    VG_TRY(prints_save(f->prints, out, err));
    VG_TRY(save_names(&f->users, out, err));
    struct profile room;
    for (uint32_t i = 0; i < f->users.count; i++)
        VG_TRY(save_profile(profiles_read(&f->profiles, i, &room), out, err));
    VG_TRY(state_put_array(out, f->holdings, f->holding_count, sizeof *f->holdings, err));
    VG_TRY(orders_save(&f->orders, out, err));
    VG_TRY(state_put_array(out, f->pending, f->pending_count, sizeof *f->pending, err));
    VG_TRY(state_put_array(out, f->activity, f->activity_count, sizeof *f->activity, err));
    return state_put_array(out, f->active, f->active_count, sizeof *f->active, err);
}

static vg_code load_profile(struct profile *p, struct state_reader *in, vg_err *err)
{
    struct profile taken;
    size_t values, bins;
    VG_TRY(state_take_struct(in, &taken, sizeof taken, err));
    taken.address = p->address;
    taken.gaps.values = NULL;
    taken.gaps.bins = NULL;
    taken.holdings = 0; /* load_holdings */
    taken.unique_coins = 0;
    *p = taken;
    VG_TRY(state_take_array(in, (void **)&p->gaps.values, &values, sizeof *p->gaps.values, err));
    VG_TRY(state_take_array(in, (void **)&p->gaps.bins, &bins, sizeof *p->gaps.bins, err));
    p->gaps.capacity = (uint32_t)values;
    size_t wanted = p->gaps.count < GAPS_EXACT ? p->gaps.count : GAPS_EXACT;
    if (values != wanted || bins != (p->gaps.count > GAPS_EXACT ? GAP_BINS : 0))
        return vg_fail(err, VG_EPARSE, "damaged: gaps of another number");
    return profile_is_sound(p) ? VG_OK : vg_fail(err, VG_EPARSE, "damaged: a profile out of bounds");
}

static vg_code load_holdings(struct features *f, struct state_reader *in, vg_err *err)
{
    VG_TRY(state_take_array(in, (void **)&f->holdings, &f->holding_count, sizeof *f->holdings, err));
    f->holding_capacity = f->holding_count;
    for (size_t i = 0; i < f->holding_count; i++) {
        struct holding *h = &f->holdings[i];
        bool added;
        if (h->trader >= f->users.count || h->coin >= f->coins.names.count || !holding_is_sound(h))
            return vg_fail(err, VG_EPARSE, "damaged: a position of nobody");
        *map64_insert(&f->pairs, (uint64_t)h->trader << 32 | h->coin, &added) = i;
        if (!added) return vg_fail(err, VG_EPARSE, "damaged: a position twice");
        features_list_holding(profiles_of(&f->profiles, h->trader), h, i);
    }
    return VG_OK;
}

static vg_code load_pending(struct features *f, struct state_reader *in, vg_err *err)
{
    VG_TRY(state_take_array(in, (void **)&f->pending, &f->pending_count, sizeof *f->pending, err));
    f->pending_capacity = f->pending_count;
    for (size_t i = 0; i < f->pending_count; i++) {
        const struct pending *p = &f->pending[i];
        if (p->trader >= f->users.count || p->coin >= f->coins.names.count || p->price < 0 ||
            !state_is_bool(&p->is_taker) || !state_is_ms(p->time_ms))
            return vg_fail(err, VG_EPARSE, "damaged: a markout of nobody");
    }
    return VG_OK;
}

/* Of the day at hand. */
static vg_code load_day(struct features *f, struct state_reader *in, vg_err *err)
{
    size_t n;
    VG_TRY(state_take_array(in, (void **)&f->activity, &n, sizeof *f->activity, err));
    if (n > f->coins.names.count) return vg_fail(err, VG_EPARSE, "damaged: coins without a name");
    f->activity_count = (uint32_t)n;
    VG_TRY(state_take_array(in, (void **)&f->active, &f->active_count, sizeof *f->active, err));
    f->active_capacity = f->active_count;
    struct profile room;
    bool *has_day = vg_calloc(f->users.count + 1, sizeof *has_day), ok = true;
    for (size_t i = 0; i < f->active_count && ok; i++) {
        ok = f->active[i] < f->users.count;
        if (ok) has_day[f->active[i]] = true;
    }
    for (uint32_t i = 0; i < f->users.count; i++)
        ok = ok && (has_day[i] || profiles_read(&f->profiles, i, &room)->series.days > 0);
    free(has_day);
    return ok ? VG_OK : vg_fail(err, VG_EPARSE, "damaged: a day of nobody");
}

vg_code features_load(struct features *f, struct state_reader *in, vg_err *err)
{
    struct state_head wanted = head_of(f), head;
    VG_TRY(state_take(in, &head, sizeof head, err));
    if (memcmp(&head, &wanted, sizeof head) != 0) return vg_fail(err, VG_EPARSE, "of another version or shard");
    VG_TRY(state_take(in, &f->known_until_ms, sizeof f->known_until_ms, err));
    VG_TRY(state_take(in, &f->day, sizeof f->day, err));
    VG_TRY(load_names(in, load_coin, f, err));
    VG_TRY(prints_load(f->prints, in, err));
    VG_TRY(load_names(in, load_user, f, err));
    for (uint32_t i = 0; i < f->users.count; i++)
        VG_TRY(load_profile(profiles_of(&f->profiles, i), in, err));
    VG_TRY(load_holdings(f, in, err));
    VG_TRY(orders_load(&f->orders, in, err));
    VG_TRY(load_pending(f, in, err));
    VG_TRY(load_day(f, in, err));
    return in->left == 0 ? VG_OK : vg_fail(err, VG_EPARSE, "damaged: bytes left over");
}
