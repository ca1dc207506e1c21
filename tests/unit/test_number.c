#include "base/number.h"

#include <locale.h>
#include <math.h>

#include "support.h"

static double number(const char *text) { return number_parse(vg_slice_of(text)); }

static void reads_numbers_as_they_are_printed(void **state)
{
    (void)state;
    assert_true(number("0") == 0 && !signbit(number("0")));
    assert_true(signbit(number("-0")));
    assert_true(number("12.5") == 12.5 && number("-0.001") == -0.001);
    assert_true(number("1e22") == 1e22 && number("1.5E-7") == 1.5e-7);
    assert_true(number("0.1") == 0.1 && number("3") == 3);
    assert_true(number("1.7976931348623157e308") == 1.7976931348623157e308);
    assert_true(number("4.9406564584124654e-324") > 0);
    assert_true(number("123456789012345678.12345678901234567890") == 123456789012345678.12345678901234567890);
    assert_true(number_parse((vg_slice){"12.5xyz", 4}) == 12.5);
}

static void gives_back_every_double(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = vg_rng_next(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        char text[40];
        snprintf(text, sizeof text, "%.17g", value);
        assert_true(number(text) == value);
    }
}

static void prints_the_shortest_that_reads_back(void **state)
{
    (void)state;
    struct vg_rng rng;
    char text[NUMBER_TEXT];
    vg_rng_init(&rng, 3);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = vg_rng_next(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        size_t n = number_print(value, text);
        assert_int_equal(n, strlen(text));
        assert_true(strlen(text) < NUMBER_TEXT && number(text) == value);
    }
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {1, "1"},
                 {-17, "-17"},
                 {0.1, "0.1"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e15, "1e+15"},
                 {123456789012345, "123456789012345"},
                 {0.30000000000000004, "0.30000000000000004"},
                 {5e-324, "4.94065645841247e-324"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        number_print(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* The shortest of the three, as the C library prints them. */
static void shortest(double value, char *text)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
}

static void assert_shortest(double value)
{
    char text[NUMBER_TEXT], expected[NUMBER_TEXT];
    shortest(value, expected);
    assert_int_equal(number_print(value, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void prints_ordinary_numbers_as_the_c_library_does(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 5);
    for (int i = 0; i < 300000; i++) {
        double unit = (double)(vg_rng_next(&rng) >> 11) * 0x1p-53;
        double value = (i % 2 ? unit : floor(unit * 1e6) / 1e4) * pow(10, i % 19 - 4); /* long ones, and short ones */
        assert_shortest(i % 3 ? value : -value);
    }
    for (int power = -5; power < 17; power++) {
        double value = pow(10, power);
        assert_shortest(nextafter(value, 0));
        assert_shortest(value);
        assert_shortest(nextafter(value, INFINITY));
        assert_shortest(nextafter(ldexp(1, power * 3), 0));
        assert_shortest(ldexp(1, power * 3));
    }
}

static void does_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8"};
    for (size_t i = 0; i < COUNT(commas); i++) {
        if (!setlocale(LC_ALL, commas[i])) continue; /* not installed here */
        assert_true(number("12.5") == 12.5);
        assert_true(isnan(number("12,5")));
    }
    setlocale(LC_ALL, "C");
}

static void answers_nan_for_everything_else(void **state)
{
    (void)state;
    static const char *const garbage[] = {"",      " ",     "x",   "1x",     "1 ",   " 1",   "\t1", "\n1",
                                          "1,5",   "1.2.3", "--1", "-",      ".",    "e5",   "1e",  "0x10",
                                          "0X1p3", "nan",   "NaN", "nan(1)", "NULL", "1e5 1"};
    for (size_t i = 0; i < COUNT(garbage); i++)
        if (!isnan(number(garbage[i]))) fail_msg("'%s' is %g", garbage[i], number(garbage[i]));
    assert_true(isnan(number_parse((vg_slice){NULL, 0})));
    assert_true(isnan(number_parse((vg_slice){"1\0002", 3})));
    assert_true(isnan(number_parse((vg_slice){"1\0", 2})));
    char nines[100];
    memset(nines, '9', sizeof nines);
    assert_true(isnan(number_parse((vg_slice){nines, sizeof nines})));
    assert_true(number_parse((vg_slice){nines, 63}) == 1e63);
}

static void counts_are_digits_that_fit(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616", "99999999999999999999"};
    uint64_t count;
    assert_true(number_count(VG_SLICE("0"), &count) && count == 0);
    assert_true(number_count(VG_SLICE("007"), &count) && count == 7);
    assert_true(number_count(VG_SLICE("18446744073709551615"), &count) && count == UINT64_MAX);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(number_count(vg_slice_of(bad[i]), &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_digits_that_fit),
        cmocka_unit_test(reads_numbers_as_they_are_printed),
        cmocka_unit_test(gives_back_every_double),
        cmocka_unit_test(prints_the_shortest_that_reads_back),
        cmocka_unit_test(prints_ordinary_numbers_as_the_c_library_does),
        cmocka_unit_test(does_not_depend_on_the_locale),
        cmocka_unit_test(answers_nan_for_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
