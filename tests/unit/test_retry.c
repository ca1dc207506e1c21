#include "net/retry.h"

#include "base/pool.h"
#include "support.h"

static const struct retry_policy policy = {.attempts = 8, .first_ms = 100, .longest_ms = 1000, .total_ms = 100000};

static void what_may_pass_is_tried_again(void **state)
{
    (void)state;
    for (int status = 100; status < 600; status++)
        assert_int_equal(retry_status(status), status == 429 || status == 500 || (status >= 502 && status <= 504));
    assert_true(retry_code(VG_SLICE("SlowDown")) && retry_code(VG_SLICE("RequestTimeout")));
    assert_true(retry_code(VG_SLICE("InternalError")));
    assert_false(retry_code(VG_SLICE("AccessDenied")) || retry_code(VG_SLICE("NoSuchKey")) || retry_code(VG_SLICE("")));
}

static void waits_stay_below_a_bound_that_doubles(void **state)
{
    (void)state;
    static const uint32_t bounds[] = {100, 200, 400, 800, 1000, 1000, 1000};
    uint32_t longest[COUNT(bounds)] = {0}, shortest[COUNT(bounds)];
    memset(shortest, 0xff, sizeof shortest);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct retry retry;
        retry_start(&retry, &policy, seed);
        uint32_t delay;
        for (size_t i = 0; i < COUNT(bounds); i++) {
            assert_true(retry_next(&retry, 0, &delay));
            assert_in_range(delay, 0, bounds[i]);
            if (delay > longest[i]) longest[i] = delay;
            if (delay < shortest[i]) shortest[i] = delay;
        }
        assert_false(retry_next(&retry, 0, &delay)); /* the eighth failure of eight attempts */
    }
    for (size_t i = 0; i < COUNT(bounds); i++) { /* full jitter: the whole range is used */
        assert_true(longest[i] > bounds[i] * 99 / 100);
        assert_true(shortest[i] < bounds[i] / 100 + 1);
    }
}

static void a_server_may_ask_for_a_longer_wait_but_not_for_any(void **state)
{
    (void)state;
    struct retry retry;
    uint32_t delay;
    retry_start(&retry, &policy, 1);
    assert_true(retry_next(&retry, 900, &delay));
    assert_in_range(delay, 900, 1000);
    assert_true(retry_next(&retry, 1000, &delay));
    assert_int_equal(delay, 1000);
    assert_false(retry_next(&retry, 1001, &delay));
}

static void all_waits_together_are_bounded(void **state)
{
    (void)state;
    struct retry_policy tight = policy;
    tight.attempts = 1000;
    tight.total_ms = 5000;
    struct retry retry;
    retry_start(&retry, &tight, 1);
    uint64_t total = 0;
    uint32_t delay;
    unsigned waits = 0;
    for (; retry_next(&retry, 500, &delay); waits++)
        total += delay;
    assert_in_range(total, 4000, 5000);
    assert_in_range(waits, 4, 10);
}

static void progress_begins_a_new_count(void **state)
{
    (void)state;
    struct retry retry;
    uint32_t delay;
    retry_start(&retry, &policy, 1);
    for (int round = 0; round < 5; round++) {
        for (unsigned i = 1; i < policy.attempts; i++)
            assert_true(retry_next(&retry, 0, &delay));
        retry_progress(&retry);
    }
    for (unsigned i = 1; i < policy.attempts; i++)
        assert_true(retry_next(&retry, 0, &delay));
    assert_false(retry_next(&retry, 0, &delay));
}

/* Last: there is no way back from a cancel. An hour of waiting would be noticed. */
static void a_cancel_ends_the_wait(void **state)
{
    (void)state;
    vg_err err;
    assert_int_equal(retry_wait(0, &err), VG_OK);
    assert_int_equal(retry_wait(1, &err), VG_OK);
    vg_cancel();
    assert_int_equal(retry_wait(3600000, &err), VG_ECANCEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_pass_is_tried_again),
        cmocka_unit_test(waits_stay_below_a_bound_that_doubles),
        cmocka_unit_test(a_server_may_ask_for_a_longer_wait_but_not_for_any),
        cmocka_unit_test(all_waits_together_are_bounded),
        cmocka_unit_test(progress_begins_a_new_count),
        cmocka_unit_test(a_cancel_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
