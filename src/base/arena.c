#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/err.h"

#define BLOCK_BYTES 65536

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void *arena_alloc(struct arena *arena, size_t n)
{
    n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->current;
    while (block && block->size - block->used < n)
        block = block->next;
    if (!block) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        block = vg_alloc(sizeof *block + size);
        *block = (struct arena_block){.next = arena->blocks, .size = size};
        arena->blocks = block;
    }
    arena->current = block;
    void *p = block->bytes + block->used;
    block->used += n;
    return p;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t n)
{
    void *p = arena_alloc(arena, n);
    if (n) memcpy(p, bytes, n);
    return p;
}

void arena_clear(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block; block = block->next)
        block->used = 0;
    arena->current = arena->blocks;
}

void arena_release(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}
