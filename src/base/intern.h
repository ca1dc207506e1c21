/* intern.h: bytes to small numbers: the first distinct key gets 0, the next 1, and so on.
 *
 * Keys are copied and stay put. Zeroed struct = empty table.
 */
#ifndef VIGIL_BASE_INTERN_H
#define VIGIL_BASE_INTERN_H

#include "base/arena.h"
#include "base/buf.h"

struct intern {
    vg_slice *keys; /* by id */
    uint32_t count, capacity;
    uint32_t *table; /* open addressing: id + 1, 0 empty */
    size_t table_size;
    struct arena arena;
};

uint32_t intern_id(struct intern *intern, const void *key, size_t n);

/* The id, or UINT32_MAX when the key was never interned. */
uint32_t intern_find(const struct intern *intern, const void *key, size_t n);
void intern_clear(struct intern *intern); /* forgets the keys, keeps the memory */
void intern_release(struct intern *intern);

#endif
