#include "ingest/archive.h"

#include "support.h"

static int32_t day(const char *text)
{
    int32_t days;
    assert_true(vg_day_parse(text, strlen(text), &days));
    return days;
}

/* The archive from which the hour is taken: 0 trades, 1 fills, 2 by block; -1: none, 3: two of them. */
static int server_of(const char *date, int hour)
{
    int server = -1;
    for (int i = 0; i < ARCHIVES; i++)
        if (archive_has_hour(&archives[i], day(date), hour)) server = server < 0 ? i : 3;
    return server;
}

static void takes_every_hour_once(void **state)
{
    (void)state;
    assert_int_equal(server_of("2025-03-22", 9), -1);
    assert_int_equal(server_of("2025-03-22", 10), 0);
    assert_int_equal(server_of("2025-05-25", 14), 0); /* node_fills begins at 14:32 */
    assert_int_equal(server_of("2025-05-25", 15), 1);
    assert_int_equal(server_of("2025-06-21", 3), 1); /* node_trades has it too */
    assert_int_equal(server_of("2025-07-27", 7), 1);
    assert_int_equal(server_of("2025-07-27", 8), 3); /* half of the hour in each */
    assert_int_equal(server_of("2025-07-27", 9), 2);
    assert_int_equal(server_of("2026-11-21", 0), 2);
}

static void knows_which_archives_days_need(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool has[ARCHIVES];
    } cases[] = {
        {"2025-03-01", "2025-03-21", {false, false, false}}, {"2025-03-01", "2025-03-22", {true, false, false}},
        {"2025-05-25", "2025-05-25", {true, true, false}},   {"2025-05-26", "2025-07-26", {false, true, false}},
        {"2025-07-27", "2025-07-27", {false, true, true}},   {"2025-07-28", NULL, {false, false, true}},
        {NULL, "2025-05-24", {true, false, false}},          {NULL, NULL, {true, true, true}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int a = 0; a < ARCHIVES; a++)
            assert_int_equal(archive_has_days(&archives[a], cases[i].from ? day(cases[i].from) : VG_NO_DATE,
                                              cases[i].to ? day(cases[i].to) : VG_NO_DATE),
                             cases[i].has[a]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_hour_once),
        cmocka_unit_test(knows_which_archives_days_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
