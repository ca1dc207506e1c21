#include "serve/rate_limit.h"

#include "base/day.h"
#include "support.h"

static void gives_a_burst_then_the_rate(void **state)
{
    (void)state;
    struct rate_limit *limit = rate_limit_new(10, 20);
    int64_t now = 1000 * VG_NS_PER_S;
    for (int i = 0; i < 20; i++)
        assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 0);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 1);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("b"), now), 0); /* others have their own */
    /* A tenth of a second is one request; asking in vain costs nothing. */
    for (int i = 1; i <= 50; i++) {
        now += VG_NS_PER_S / 10 + 1;
        assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 0);
        assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 1);
    }
    now += 3600 * VG_NS_PER_S; /* never more than the burst */
    for (int i = 0; i < 20; i++)
        assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 0);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), now), 1);
    rate_limit_free(limit);
}

static void says_how_long_to_wait(void **state)
{
    (void)state;
    struct rate_limit *limit = rate_limit_new(1, 1);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), 0), 0);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), 0), 1);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), VG_NS_PER_S - 1), 1);
    assert_int_equal(rate_limit_take(limit, VG_SLICE("a"), VG_NS_PER_S), 0);
    rate_limit_free(limit);
}

/* A million others do not make it forget one who asks all the time: his bucket is never the fullest. */
static void remembers_the_busy_one_among_many(void **state)
{
    (void)state;
    struct rate_limit *limit = rate_limit_new(1, 5);
    char name[16];
    int given = 0;
    for (int i = 0; i < 1000000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        rate_limit_take(limit, vg_slice_of(name), i);
        if (i % 100 == 0) given += rate_limit_take(limit, VG_SLICE("busy"), i) == 0;
    }
    assert_int_equal(given, 5);
    rate_limit_free(limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_burst_then_the_rate),
        cmocka_unit_test(says_how_long_to_wait),
        cmocka_unit_test(remembers_the_busy_one_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
