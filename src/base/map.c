#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define KEPT_CAPACITY 1024

static struct map64_slot *probe(const struct map64 *map, uint64_t key)
{
    size_t mask = map->capacity - 1, i = hash_mix64(key) & mask;
    while (map->slots[i].key != 0 && map->slots[i].key != key)
        i = (i + 1) & mask;
    return &map->slots[i];
}

static void grow(struct map64 *map)
{
    struct map64 old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 16;
    map->slots = vg_calloc(map->capacity, sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key) *probe(map, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

uint64_t *map64_find(const struct map64 *map, uint64_t key)
{
    if (key == 0) return map->has_zero ? (uint64_t *)&map->zero_value : NULL;
    if (map->capacity == 0) return NULL;
    struct map64_slot *slot = probe(map, key);
    return slot->key ? &slot->value : NULL;
}

uint64_t *map64_insert(struct map64 *map, uint64_t key, bool *added)
{
    if (key == 0) {
        *added = !map->has_zero;
        if (*added) map->zero_value = 0;
        map->has_zero = true;
        return &map->zero_value;
    }
    if ((map->count + 1) * 4 > map->capacity * 3) grow(map);
    struct map64_slot *slot = probe(map, key);
    *added = slot->key == 0;
    if (*added) {
        *slot = (struct map64_slot){key, 0};
        map->count++;
    }
    return &slot->value;
}

void map64_clear(struct map64 *map)
{
    if (map->capacity > KEPT_CAPACITY)
        map64_release(map);
    else if (map->count)
        memset(map->slots, 0, map->capacity * sizeof *map->slots);
    map->count = 0;
    map->has_zero = false;
}

void map64_release(struct map64 *map)
{
    free(map->slots);
    *map = (struct map64){0};
}
