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

/* An empty block with room for n bytes, from those that were cleared if there is one. */
static struct arena_block *empty_block(struct arena *arena, size_t n)
{
    struct arena_block **place = &arena->spare, *block;
    while (*place && (*place)->size < n)
        place = &(*place)->next;
    block = *place;
    if (block) {
        *place = block->next;
        return block;
    }
    size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    block = vg_alloc(sizeof *block + size);
    *block = (struct arena_block){.size = size};
    return block;
}

void *arena_alloc(struct arena *arena, size_t n)
{
    n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->used;
    if (!block || block->size - block->used < n) {
        block = empty_block(arena, n);
        block->next = arena->used;
        arena->used = block;
    }
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
    while (arena->used) {
        struct arena_block *block = arena->used;
        arena->used = block->next;
        block->used = 0;
        block->next = arena->spare;
        arena->spare = block;
    }
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_release(struct arena *arena)
{
    free_blocks(arena->used);
    free_blocks(arena->spare);
    *arena = (struct arena){0};
}
