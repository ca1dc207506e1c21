#include "analyze/cluster_words.h"

#include "support.h"

static void says(const struct cluster_when *when, const char *words)
{
    vg_buf out = {0};
    cluster_words_when(when, &out);
    assert_string_equal(vg_buf_str(&out), words);
    vg_buf_release(&out);
}

static void cover(struct cluster_when *w, unsigned weekday, unsigned from, unsigned to, unsigned days)
{
    for (unsigned h = from; h < to; h++)
        w->covered[weekday][h] += days;
}

/* Shares of twenty members who open as often in every hour that is covered. */
static void open_evenly(struct cluster_when *w)
{
    double all = 0;
    w->members = 20;
    for (unsigned i = 0; i < 7 * HOURS_OF_DAY; i++)
        all += w->covered[i / HOURS_OF_DAY][i % HOURS_OF_DAY];
    for (unsigned i = 0; i < 7 * HOURS_OF_DAY; i++) {
        unsigned n = w->covered[i / HOURS_OF_DAY][i % HOURS_OF_DAY];
        w->hours[i % HOURS_OF_DAY] += n / all;
        w->weekdays[i / HOURS_OF_DAY] += n / all;
    }
}

static void some_hours_are_no_habit(void **state)
{
    (void)state;
    struct cluster_when w = {0};
    cover(&w, 2, 9, 15, 1);
    open_evenly(&w);
    says(&w, "too little is covered to tell when: 6 of the 24 hours of the day");
}

static void hours_covered_more_often_are_no_habit(void **state)
{
    (void)state;
    struct cluster_when w = {0};
    cover(&w, 0, 0, 24, 1);
    for (unsigned weekday = 1; weekday < 5; weekday++)
        cover(&w, weekday, 8, 16, 4);
    open_evenly(&w);
    assert_true(w.hours[8] > 0.08);
    says(&w, "around the clock: 33 % of positions are opened from 00:00 to 08:00 UTC");
}

static void a_habit_is_told(void **state)
{
    (void)state;
    struct cluster_when w = {.members = 20, .weekdays = {0.2, 0.2, 0.2, 0.2, 0.2}};
    for (unsigned weekday = 0; weekday < 5; weekday++)
        cover(&w, weekday, 0, 24, 1);
    for (unsigned h = 13; h < 17; h++)
        w.hours[h] = 0.25;
    says(&w, "at certain hours: 100 % of positions are opened from 09:00 to 17:00 UTC");
    w.members = 4;
    says(&w, "too few positions were seen to open to tell when");
}

/* Two days of a weekend, of which the second is covered until noon, against a week. */
static void weekends_are_compared_by_the_hour(void **state)
{
    (void)state;
    struct cluster_when w = {0};
    for (unsigned weekday = 0; weekday < 6; weekday++)
        cover(&w, weekday, 0, 24, 1);
    cover(&w, 6, 0, 12, 1);
    open_evenly(&w);
    says(&w,
         "around the clock: 33 % of positions are opened from 00:00 to 08:00 UTC, a day of the weekend sees 1.0 times "
         "as many as another");
    struct cluster_when part = {0};
    for (unsigned weekday = 0; weekday < 5; weekday++)
        cover(&part, weekday, 0, 24, 1);
    cover(&part, 5, 0, 3, 1);
    open_evenly(&part);
    says(&part, "around the clock: 33 % of positions are opened from 00:00 to 08:00 UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_hours_are_no_habit),
        cmocka_unit_test(hours_covered_more_often_are_no_habit),
        cmocka_unit_test(a_habit_is_told),
        cmocka_unit_test(weekends_are_compared_by_the_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
