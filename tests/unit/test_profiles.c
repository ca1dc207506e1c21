#include "analyze/profiles.h"

#include "base/rng.h"
#include "support.h"

enum { TRADERS = 700 };

static void change(struct profile *p, struct vg_rng *rng)
{
    p->fill_count++;
    p->volume[ON_PERP] += (vg_dec20)(int64_t)vg_rng_next(rng) * (1 + (vg_dec20)vg_rng_below(rng, 1000));
    p->slippage -= (double)vg_rng_below(rng, 100) / 7;
    if (p->gaps.capacity == 0) {
        p->gaps.capacity = 1;
        p->gaps.values = vg_calloc(1, sizeof *p->gaps.values);
    }
    p->gaps.values[0]++;
}

/* Whoever rests in between, everybody keeps what is his. */
static void keeps_what_rests(void **state)
{
    (void)state;
    const uint32_t limits[] = {1, 3, 256, TRADERS - 1, TRADERS, PROFILES_AWAKE};
    for (size_t l = 0; l < COUNT(limits); l++) {
        struct profiles profiles = {.awake_most = limits[l]};
        struct profile *truth = vg_calloc(TRADERS, sizeof *truth), room;
        struct vg_rng rng;
        vg_rng_init(&rng, l);
        for (int step = 0; step < 20000; step++) {
            if (profiles.count < TRADERS && vg_rng_below(&rng, 4) == 0) {
                profiles_add(&profiles, VG_SLICE("0xabc"));
                truth[profiles.count - 1].address = VG_SLICE("0xabc");
            }
            if (profiles.count == 0) continue;
            uint32_t trader = (uint32_t)vg_rng_below(&rng, profiles.count);
            profiles_prefetch(&profiles, trader);
            struct profile *p = profiles_of(&profiles, trader);
            assert_memory_equal(p, &truth[trader], sizeof *p);
            change(p, &rng);
            truth[trader] = *p;
            assert_true(profiles.awake <= limits[l]);
        }
        assert_int_equal(profiles.count, TRADERS);
        for (uint32_t i = 0; i < TRADERS; i++)
            assert_memory_equal(profiles_read(&profiles, i, &room), &truth[i], sizeof room);
        profiles_release(&profiles);
        free(truth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_what_rests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
