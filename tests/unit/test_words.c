#include "base/words.h"

#include "base/rng.h"
#include "support.h"

enum { MOST = 40 };

/* Numbers of every length, of both signs, more small ones than large. */
static uint64_t random_word(struct vg_rng *rng)
{
    uint64_t word = vg_rng_next(rng) >> vg_rng_below(rng, 64);
    return vg_rng_below(rng, 3) == 0 ? 0 : vg_rng_below(rng, 2) ? word : ~word;
}

static void gives_back_every_word(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 5);
    for (int round = 0; round < 20000; round++) {
        uint64_t words[MOST], back[MOST];
        unsigned char bytes[WORDS_ROOM(MOST)];
        size_t n = vg_rng_below(&rng, MOST + 1);
        for (size_t i = 0; i < n; i++)
            words[i] = random_word(&rng);
        size_t size = words_pack(words, n, bytes);
        assert_true(size + 8 <= WORDS_ROOM(n) && n <= size * WORDS_PER_BYTE);
        assert_true(words_unpack(bytes, size, back, n));
        assert_memory_equal(back, words, n * sizeof *words);
    }
}

static void takes_few_bytes_for_small_numbers(void **state)
{
    (void)state;
    const int64_t words[] = {0, 0, 1, 255, 256, -1, -256, INT64_MIN, INT64_MAX, -257};
    unsigned char bytes[WORDS_ROOM(COUNT(words))];
    assert_int_equal(words_pack(words, COUNT(words), bytes), 5 + 0 + 0 + 1 + 1 + 2 + 1 + 1 + 8 + 8 + 2);
}

static void refuses_other_sizes(void **state)
{
    (void)state;
    const uint64_t words[] = {1, UINT64_MAX, 1u << 20, 0, 77};
    uint64_t back[COUNT(words) + 1];
    unsigned char bytes[WORDS_ROOM(COUNT(words))];
    size_t size = words_pack(words, COUNT(words), bytes);
    for (size_t other = 0; other < sizeof bytes; other++)
        assert_int_equal(words_unpack(bytes, other, back, COUNT(words)), other == size);
    assert_false(words_unpack(bytes, size, back, COUNT(words) - 1));
    bytes[size - 2] |= 0x10; /* a sixth word */
    assert_false(words_unpack(bytes, size, back, COUNT(words)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_every_word),
        cmocka_unit_test(takes_few_bytes_for_small_numbers),
        cmocka_unit_test(refuses_other_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
