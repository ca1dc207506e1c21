#include <stdalign.h>

#include "base/arena.h"
#include "support.h"

/* Fills blocks of many sizes, each with its own byte, and looks whether one reached into another. */
static void fill_and_check(struct arena *arena, uint64_t seed)
{
    enum { BLOCKS = 2000 };
    static unsigned char *at[BLOCKS];
    static size_t size[BLOCKS];
    struct vg_rng rng;
    vg_rng_init(&rng, seed);
    for (size_t i = 0; i < BLOCKS; i++) {
        size[i] = vg_rng_below(&rng, i % 100 == 0 ? 200000 : 300);
        at[i] = arena_alloc(arena, size[i]);
        assert_int_equal((uintptr_t)at[i] % alignof(max_align_t), 0);
        memset(at[i], (int)(i & 255), size[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t k = 0; k < size[i]; k++)
            if (at[i][k] != (i & 255)) fail_msg("block %zu was overwritten", i);
}

static void blocks_do_not_overlap_and_stay_put(void **state)
{
    (void)state;
    struct arena arena = {0};
    fill_and_check(&arena, 1);
    arena_release(&arena);
}

static void clear_lets_the_memory_be_used_again(void **state)
{
    (void)state;
    struct arena arena = {0};
    arena_clear(&arena); /* an empty one */
    for (uint64_t round = 1; round < 6; round++) {
        fill_and_check(&arena, round % 2);
        arena_clear(&arena);
    }
    arena_release(&arena);
    void *first = arena_alloc(&arena, 100);
    arena_clear(&arena);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    arena_release(&arena);
}

static void copies_bytes_and_none(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_memory_equal(arena_copy(&arena, "abc", 3), "abc", 3);
    assert_non_null(arena_copy(&arena, NULL, 0));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_do_not_overlap_and_stay_put),
        cmocka_unit_test(clear_lets_the_memory_be_used_again),
        cmocka_unit_test(copies_bytes_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
