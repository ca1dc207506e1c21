/* arena.h: memory that dies all at once. Zeroed struct = empty arena. Pointers stay put until
 * arena_clear, which keeps the blocks for the next round. */
#ifndef VIGIL_BASE_ARENA_H
#define VIGIL_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *used; /* the one at hand first */
    struct arena_block *spare;
};

/* n bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t n);
void *arena_copy(struct arena *arena, const void *bytes, size_t n);
void arena_clear(struct arena *arena);
void arena_release(struct arena *arena);

#endif
