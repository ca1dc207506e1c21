#include "analyze/orders.h"

#include "base/map.h"

#define KNOWN_DAYS 3

static uint64_t hash_of(uint32_t trader, int64_t id) { return hash_mix64((uint64_t)id ^ (uint64_t)trader << 40); }

static void insert(struct orders *o, uint32_t item)
{
    size_t mask = o->table_size - 1, at = hash_of(o->items[item].trader, o->items[item].id) & mask;
    while (o->table[at])
        at = (at + 1) & mask;
    o->table[at] = item + 1;
}

static void make_table(struct orders *o, size_t size)
{
    free(o->table);
    o->table = vg_calloc(size, sizeof *o->table);
    o->table_size = size;
    for (size_t i = 0; i < o->count; i++)
        insert(o, (uint32_t)i);
}

struct order *orders_of(struct orders *o, uint32_t trader, int64_t id, bool *is_new)
{
    if (o->count + 1 > o->table_size / 2) make_table(o, o->table_size ? o->table_size * 2 : 1024);
    size_t mask = o->table_size - 1, at = hash_of(trader, id) & mask;
    while (o->table[at]) {
        struct order *known = &o->items[o->table[at] - 1];
        if (known->id == id && known->trader == trader) {
            *is_new = false;
            known->age = 0;
            return known;
        }
        at = (at + 1) & mask;
    }
    if (o->count == o->capacity) {
        o->capacity = o->capacity ? o->capacity * 2 : 1024;
        o->items = vg_realloc(o->items, o->capacity * sizeof *o->items);
    }
    *is_new = true;
    o->table[at] = (uint32_t)o->count + 1;
    o->items[o->count] = (struct order){.id = id, .trader = trader};
    return &o->items[o->count++];
}

void orders_prefetch(const struct orders *o, uint32_t trader, int64_t id)
{
    if (o->table_size) __builtin_prefetch(&o->table[hash_of(trader, id) & (o->table_size - 1)]);
}

void orders_prefetch_item(const struct orders *o, uint32_t trader, int64_t id)
{
    uint32_t item = o->table_size ? o->table[hash_of(trader, id) & (o->table_size - 1)] : 0;
    if (item) __builtin_prefetch(&o->items[item - 1]);
}

void orders_begin_day(struct orders *o, int32_t day)
{
    int64_t passed = o->count ? (int64_t)day - o->today : 0;
    size_t kept = 0;
    o->today = day;
    for (size_t i = 0; i < o->count; i++) {
        int64_t age = o->items[i].age + passed;
        if (age > KNOWN_DAYS) continue;
        o->items[kept] = o->items[i];
        o->items[kept++].age = (uint32_t)age & 0xff;
    }
    if (kept == o->count) return;
    o->count = kept;
    make_table(o, o->table_size);
}

void orders_release(struct orders *o)
{
    free(o->items);
    free(o->table);
    *o = (struct orders){0};
}

vg_code orders_save(const struct orders *o, const struct state_writer *out, vg_err *err)
{
    VG_TRY(state_put(out, &o->today, sizeof o->today, err));
    return state_put_array(out, o->items, o->count, sizeof *o->items, err);
}

vg_code orders_load(struct orders *o, struct state_reader *in, vg_err *err)
{
    size_t size = 1024;
    VG_TRY(state_take(in, &o->today, sizeof o->today, err));
    VG_TRY(state_take_array(in, (void **)&o->items, &o->count, sizeof *o->items, err));
    o->capacity = o->count;
    while (o->count + 1 > size / 2)
        size *= 2;
    make_table(o, size);
    return VG_OK;
}
