#include <time.h>

#include "base/day.h"
#include "support.h"

static const struct {
    int year;
    unsigned month, day;
    int32_t days;
} dates[] = {
    /* from Python: (date(y, m, d) - date(1970, 1, 1)).days */
    {1970, 1, 1, 0},       {1970, 12, 31, 364},    {1972, 2, 29, 789},   {1999, 12, 31, 10956}, {2000, 1, 1, 10957},
    {2000, 2, 29, 11016},  {2000, 3, 1, 11017},    {2023, 2, 26, 19414}, {2024, 2, 29, 19782},  {2024, 3, 1, 19783},
    {2025, 7, 27, 20296},  {2025, 10, 10, 20371},  {2026, 3, 15, 20527}, {2100, 2, 28, 47540},  {2100, 3, 1, 47541},
    {2200, 12, 31, 84370}, {2261, 12, 31, 106650},
};

static void counts_days_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        int year;
        unsigned month, day;
        assert_int_equal(vg_day_from_civil(dates[i].year, dates[i].month, dates[i].day), dates[i].days);
        vg_day_to_civil(dates[i].days, &year, &month, &day);
        assert_int_equal(year, dates[i].year);
        assert_int_equal(month, dates[i].month);
        assert_int_equal(day, dates[i].day);
    }
}

static void agrees_with_the_c_library_on_every_day(void **state)
{
    (void)state;
    for (int32_t days = -1000; days < 110000; days++) {
        time_t seconds = (time_t)days * 86400;
        struct tm tm;
        int year;
        unsigned month, day;
        gmtime_r(&seconds, &tm);
        vg_day_to_civil(days, &year, &month, &day);
        if (year != tm.tm_year + 1900 || month != (unsigned)tm.tm_mon + 1 || day != (unsigned)tm.tm_mday ||
            vg_day_from_civil(year, month, day) != days)
            fail_msg("day %d", days);
    }
}

static void reads_a_printed_day_back(void **state)
{
    (void)state;
    for (int32_t days = 0; days <= dates[COUNT(dates) - 1].days; days++) {
        char text[VG_DATE_TEXT];
        int32_t again = -1;
        vg_day_print(days, '-', text);
        if (!vg_day_parse(text, strlen(text), &again) || again != days) fail_msg("%s", text);
        vg_day_print(days, 0, text);
        if (!vg_day_parse(text, strlen(text), &again) || again != days) fail_msg("%s", text);
    }
    char text[VG_DATE_TEXT];
    vg_day_print(20527, '-', text);
    assert_string_equal(text, "2026-03-15");
    vg_day_print(20527, 0, text);
    assert_string_equal(text, "20260315");
}

static void refuses_dates_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2025-02-29", "2100-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-01-00", "2025-01-32",
        "1969-12-31", "2262-01-01", "2025/01/01", "2025-1-1",   "20250229",   "2025010",    "202501011",
        "",           "2025-01-0a", "2025-01-1",  "-025-01-01", "2025 01-01", "+2250101",   " 2025-01-0",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        int32_t day;
        if (vg_day_parse(bad[i], strlen(bad[i]), &day)) fail_msg("took '%s'", bad[i]);
    }
}

static void reads_times_with_up_to_nine_digits(void **state)
{
    (void)state;
    const int64_t second = INT64_C(1773532800);
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        {"2026-03-15T00:00:00", 0},
        {"2026-03-15T00:00:00Z", 0},
        {"2026-03-15T00:00:00.1", 100000000},
        {"2026-03-15T00:00:00.196239755", 196239755},
        {"2026-03-15T00:00:00.196239755Z", 196239755},
        {"2026-03-15T00:00:00.000000001", 1},
        {"2026-03-15T23:59:59.999", INT64_C(86399999000000)},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ns;
        if (!vg_time_parse(good[i].text, strlen(good[i].text), &ns)) fail_msg("refused '%s'", good[i].text);
        assert_true(ns == second * VG_NS_PER_S + good[i].ns);
    }
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Z",
        "2026-03-15",
        "2026-03-15T00:00",
        "2026-03-15 00:00:00",
        "2026-03-15T24:00:00",
        "2026-03-15T00:60:00",
        "2026-03-15T00:00:60",
        "2026-03-15T00:00:00.",
        "2026-03-15T00:00:00.Z",
        "2026-03-15T00:00:00,5",
        "2026-03-15T00:00:00.1234567890",
        "2026-03-15T00:00:00ZZ",
        "2026-03-15T00:00:00+00:00",
        "2026-03-15T00:00:00.12a",
        "2026-02-30T00:00:00",
        "20260315T00:00:00.0",
        "2026-03-15T0a:00:00",
        "2026-03-15T00:00:00.1 ",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ns;
        if (vg_time_parse(bad[i], strlen(bad[i]), &ns)) fail_msg("took '%s'", bad[i]);
    }
}

static void reads_a_printed_time_back(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 50000; i++) {
        int64_t ns = (int64_t)vg_rng_below(&rng, UINT64_C(9214646400000000000)), again;
        char text[VG_TIME_TEXT];
        size_t n = vg_time_print(ns, 9, text);
        assert_int_equal(n, 29);
        assert_true(vg_time_parse(text, n, &again) && again == ns);
        n = vg_time_print(ns, 3, text);
        assert_int_equal(n, 23);
        assert_true(vg_time_parse(text, n, &again) && again == ns - ns % VG_NS_PER_MS);
        n = vg_time_print(ns, 0, text);
        assert_int_equal(n, 19);
        assert_true(vg_time_parse(text, n, &again) && again == ns - ns % VG_NS_PER_S);
    }
    int64_t last;
    assert_true(vg_time_parse("2261-12-31T23:59:59.999999999", 29, &last));
    assert_true(last == INT64_C(9214646399999999999));
}

static void a_day_begins_at_midnight_also_before_1970(void **state)
{
    (void)state;
    assert_int_equal(vg_day_of_ns(0), 0);
    assert_int_equal(vg_day_of_ns(VG_NS_PER_DAY - 1), 0);
    assert_int_equal(vg_day_of_ns(VG_NS_PER_DAY), 1);
    assert_int_equal(vg_day_of_ns(-1), -1);
    assert_int_equal(vg_day_of_ns(-VG_NS_PER_DAY), -1);
    assert_true(vg_floor_div(7, 2) == 3 && vg_floor_div(-7, 2) == -4 && vg_floor_div(-8, 2) == -4);
    assert_true(vg_floor_div(7, -2) == -4 && vg_floor_div(-7, -2) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_days_as_python_does),
        cmocka_unit_test(agrees_with_the_c_library_on_every_day),
        cmocka_unit_test(reads_a_printed_day_back),
        cmocka_unit_test(refuses_dates_that_do_not_exist),
        cmocka_unit_test(reads_times_with_up_to_nine_digits),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(reads_a_printed_time_back),
        cmocka_unit_test(a_day_begins_at_midnight_also_before_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
