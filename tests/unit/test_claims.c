#include "flow/claims.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "support.h"

static struct claim blocks(const char *key, int64_t first, int64_t last)
{
    return (struct claim){
        .key = key, .first_block = first, .last_block = last, .first_time_ns = first * 10, .last_time_ns = last * 10};
}

static struct claim times(const char *key, int64_t first, int64_t last)
{
    return (struct claim){.key = key, .surrogate = true, .first_time_ns = first, .last_time_ns = last};
}

static void only_rows_without_block_numbers_clash(void **state)
{
    (void)state;
    struct claim a = blocks("a", 1, 9), b = blocks("b", 5, 20), rows = times("rows", 50, 150);
    assert_false(claims_clash(&a, &b));
    assert_true(claims_clash(&a, &rows));
    assert_true(claims_clash(&rows, &b));
    struct claim after = times("after", 150, 300), moment = times("moment", 150, 150), same = moment;
    assert_false(claims_clash(&rows, &after)); /* an edge may be shared */
    assert_false(claims_clash(&moment, &after));
    assert_true(claims_clash(&moment, &same));
}

static void who_shares_blocks_with_an_earlier_one_is_told(void **state)
{
    (void)state;
    struct claims *claims = claims_new(5);
    struct claim a = blocks("a", 1, 9), b = blocks("b", 9, 20), c = blocks("c", 21, 30), none = {.key = "none"};
    none.first_block = INT64_MAX;
    none.last_block = INT64_MIN;
    assert_false(claims_await(claims, 0, &a));
    assert_null(claims_hold(claims, 0, &a));
    claims_settle(claims, 0, true);
    assert_true(claims_await(claims, 1, &b));
    assert_null(claims_hold(claims, 1, &b));
    claims_settle(claims, 1, false); /* failed: nothing of it is in the lake */
    struct claim like_b = blocks("like b", 10, 20);
    assert_false(claims_await(claims, 2, &like_b));
    claims_settle(claims, 2, false);
    assert_false(claims_await(claims, 3, &c));
    assert_null(claims_hold(claims, 3, &c));
    claims_settle(claims, 3, true);
    assert_false(claims_await(claims, 4, &none));
    claims_free(claims);
    claims_free(NULL);
}

static void who_clashes_with_an_earlier_one_holds_nothing(void **state)
{
    (void)state;
    struct claims *claims = claims_new(3);
    struct claim a = times("a", 1, 9), b = times("b", 5, 20), c = times("c", 15, 30);
    assert_null(claims_hold(claims, 0, &a));
    assert_string_equal(claims_hold(claims, 1, &b), "a");
    claims_settle(claims, 1, false);
    assert_false(claims_await(claims, 2, &c));
    assert_null(claims_hold(claims, 2, &c));
    claims_free(claims);
}

struct later {
    struct claims *claims;
    atomic_bool told, shared;
};

static void *come_later(void *arg)
{
    struct later *later = arg;
    struct claim own = blocks("later", 5, 6);
    later->shared = claims_await(later->claims, 2, &own);
    later->told = true;
    return NULL;
}

static void waits_until_earlier_ones_have_spoken_and_shared_ones_are_through(void **state)
{
    (void)state;
    struct later later = {.claims = claims_new(3)};
    struct claim a = blocks("a", 1, 5), b = blocks("b", 100, 200);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, come_later, &later), 0);
    assert_null(claims_hold(later.claims, 0, &a));
    usleep(20000);
    assert_false(later.told);
    claims_settle(later.claims, 0, true);
    usleep(20000);
    assert_false(later.told); /* b has not spoken */
    assert_null(claims_hold(later.claims, 1, &b));
    pthread_join(thread, NULL); /* b is not through, but has other blocks */
    assert_true(later.told && later.shared);
    claims_free(later.claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rows_without_block_numbers_clash),
        cmocka_unit_test(who_shares_blocks_with_an_earlier_one_is_told),
        cmocka_unit_test(who_clashes_with_an_earlier_one_holds_nothing),
        cmocka_unit_test(waits_until_earlier_ones_have_spoken_and_shared_ones_are_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
