/* map.h: a hash map from 64-bit keys to 64-bit values, open addressing, insert and find only.
 *
 * Zeroed struct = empty map; 16 bytes a slot, at most three quarters full.
 */
#ifndef VIGIL_BASE_MAP_H
#define VIGIL_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map64_slot {
    uint64_t key, value;
};

struct map64 {
    struct map64_slot *slots;
    size_t count, capacity;
    bool has_zero; /* key 0 marks an empty slot, so it lives outside the table */
    uint64_t zero_value;
};

/* Pointer to the value of `key`, NULL if absent; valid until the next insert. */
uint64_t *map64_find(const struct map64 *map, uint64_t key);

/* Pointer to the value of `key`, made with value 0 if absent (*added tells). */
uint64_t *map64_insert(struct map64 *map, uint64_t key, bool *added);

/* Forgets everything; a table that grew large is given back. */
void map64_clear(struct map64 *map);
void map64_release(struct map64 *map);

/* A good 64-bit mix, for keys that are not random (splitmix64's finalizer). */
static inline uint64_t hash_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#endif
