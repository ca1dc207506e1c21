#include "base/radix.h"

#include "support.h"

static int in_order(const void *a, const void *b)
{
    const struct radix_item *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->index < y->index ? -1 : 1; /* equal keys stay in their order */
}

static void sorts_as_qsort_does(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 6);
    struct radix_item items[6000], wanted[3000];
    for (int round = 0; round < 200; round++) {
        size_t n = vg_rng_below(&rng, round % 10 ? 30 : 3000);
        unsigned bits = (unsigned)vg_rng_below(&rng, 65);
        for (size_t i = 0; i < n; i++) {
            uint64_t key = bits ? vg_rng_next(&rng) >> (64 - bits) : 0;
            if (vg_rng_below(&rng, 3) == 0) key &= 3; /* ties */
            wanted[i] = items[i] = (struct radix_item){.key = key, .index = (uint32_t)i};
        }
        qsort(wanted, n, sizeof *wanted, in_order);
        const struct radix_item *sorted = radix_sort(items, items + n, n, bits);
        assert_true(sorted == items || sorted == items + n);
        for (size_t i = 0; i < n; i++)
            assert_true(sorted[i].key == wanted[i].key && sorted[i].index == wanted[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sorts_as_qsort_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
