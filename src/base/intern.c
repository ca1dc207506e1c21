#include "base/intern.h"

#include "base/map.h"

static uint64_t hash_bytes(const void *key, size_t n)
{
    const uint8_t *p = key;
    uint64_t hash = n;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        hash = hash_mix64(hash ^ word);
    }
    uint64_t rest = 0;
    memcpy(&rest, p, n);
    return hash_mix64(hash ^ rest);
}

static size_t slot(const struct intern *intern, const void *key, size_t n)
{
    size_t mask = intern->table_size - 1, i = hash_bytes(key, n) & mask;
    for (; intern->table[i]; i = (i + 1) & mask)
        if (vg_slice_eq(intern->keys[intern->table[i] - 1], (vg_slice){key, n})) break;
    return i;
}

static void grow(struct intern *intern)
{
    intern->table_size = intern->table_size ? intern->table_size * 2 : 64;
    free(intern->table);
    intern->table = vg_calloc(intern->table_size, sizeof *intern->table);
    for (uint32_t id = 0; id < intern->count; id++)
        intern->table[slot(intern, intern->keys[id].p, intern->keys[id].n)] = id + 1;
}

uint32_t intern_id(struct intern *intern, const void *key, size_t n)
{
    if ((intern->count + 1) * (size_t)2 > intern->table_size) grow(intern);
    size_t i = slot(intern, key, n);
    if (intern->table[i]) return intern->table[i] - 1;
    VG_ASSERT(intern->count < UINT32_MAX - 1);
    if (intern->count == intern->capacity) {
        intern->capacity = intern->capacity ? intern->capacity * 2 : 64;
        intern->keys = vg_realloc(intern->keys, intern->capacity * sizeof *intern->keys);
    }
    intern->keys[intern->count] = (vg_slice){arena_copy(&intern->arena, key, n), n};
    intern->table[i] = intern->count + 1;
    return intern->count++;
}

uint32_t intern_find(const struct intern *intern, const void *key, size_t n)
{
    if (intern->count == 0) return UINT32_MAX;
    size_t i = slot(intern, key, n);
    return intern->table[i] ? intern->table[i] - 1 : UINT32_MAX;
}

void intern_clear(struct intern *intern)
{
    if (intern->count) memset(intern->table, 0, intern->table_size * sizeof *intern->table);
    intern->count = 0;
    arena_clear(&intern->arena);
}

void intern_release(struct intern *intern)
{
    free(intern->keys);
    free(intern->table);
    arena_release(&intern->arena);
    *intern = (struct intern){0};
}
