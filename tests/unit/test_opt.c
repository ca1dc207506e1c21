#include "base/opt.h"
#include "support.h"

static bool quiet;
static const char *lake;
static uint64_t fills;
static int32_t from;

static const struct vg_option options[] = {
    {"quiet", VG_OPT_FLAG, &quiet, NULL, "VIGIL_TEST_QUIET", "say nothing"},
    {"lake", VG_OPT_TEXT, &lake, "DIR", "VIGIL_TEST_LAKE", "where the lake is"},
    {"fills", VG_OPT_COUNT, &fills, "N", "VIGIL_TEST_FILLS", "how many"},
    {"from", VG_OPT_DATE, &from, "DATE", NULL, "first day"},
    {0},
};

static int reset(void **state)
{
    (void)state;
    quiet = false;
    lake = "here";
    fills = 7;
    from = VG_NO_DATE;
    unsetenv("VIGIL_TEST_QUIET");
    unsetenv("VIGIL_TEST_LAKE");
    unsetenv("VIGIL_TEST_FILLS");
    return 0;
}

static vg_err err;

/* Parses up to seven words; the positionals are left at the front of `words`. */
static vg_code parse(char *words[8], int *positionals)
{
    int n = 0;
    while (words[n])
        n++;
    return vg_opt_parse(options, n, words, positionals, &err);
}

static void keeps_defaults_without_words(void **state)
{
    (void)state;
    int n = -1;
    assert_int_equal(parse((char *[8]){NULL}, &n), VG_OK);
    assert_int_equal(n, 0);
    assert_string_equal(lake, "here");
    assert_int_equal(fills, 7);
    assert_int_equal(from, VG_NO_DATE);
}

static void takes_values_after_a_space_or_an_equals_sign(void **state)
{
    (void)state;
    int n;
    assert_int_equal(parse((char *[8]){"--lake", "a=b", "--fills=20k", "--from=2026-03-15", "--quiet"}, &n), VG_OK);
    assert_int_equal(n, 0);
    assert_string_equal(lake, "a=b");
    assert_int_equal(fills, 20000);
    assert_int_equal(from, 20527);
    assert_true(quiet);
    assert_int_equal(parse((char *[8]){"--lake=", "--from", "20260316"}, &n), VG_OK);
    assert_string_equal(lake, "");
    assert_int_equal(from, 20528);
}

static void moves_other_words_to_the_front(void **state)
{
    (void)state;
    int n;
    char *words[8] = {"one", "--fills", "1", "-", "--", "--lake", "two"};
    assert_int_equal(parse(words, &n), VG_OK);
    assert_int_equal(n, 4);
    assert_string_equal(words[0], "one");
    assert_string_equal(words[1], "-");
    assert_string_equal(words[2], "--lake");
    assert_string_equal(words[3], "two");
    assert_string_equal(lake, "here");
}

static void a_flag_beats_the_environment_and_that_the_default(void **state)
{
    (void)state;
    int n;
    setenv("VIGIL_TEST_LAKE", "there", 1);
    setenv("VIGIL_TEST_FILLS", "9", 1);
    setenv("VIGIL_TEST_QUIET", "1", 1);
    assert_int_equal(parse((char *[8]){"--fills", "10"}, &n), VG_OK);
    assert_string_equal(lake, "there");
    assert_int_equal(fills, 10);
    assert_true(quiet);
    reset(NULL);
    setenv("VIGIL_TEST_LAKE", "", 1); /* empty is as if not set */
    setenv("VIGIL_TEST_QUIET", "0", 1);
    assert_int_equal(parse((char *[8]){NULL}, &n), VG_OK);
    assert_string_equal(lake, "here");
    assert_false(quiet);
}

static void names_the_word_it_does_not_understand(void **state)
{
    (void)state;
    static const struct {
        char *words[8];
        const char *named;
    } cases[] = {
        {{"--nothing"}, "--nothing"},
        {{"-q"}, "-q"},
        {{"--lak", "x"}, "--lak"},
        {{"--lakes=x"}, "--lakes"},
        {{"--lake"}, "--lake wants a value: DIR"},
        {{"--quiet=1"}, "--quiet takes no value"},
        {{"--fills", "many"}, "'many'"},
        {{"--fills="}, "''"},
        {{"--fills", "-1"}, "'-1'"},
        {{"--fills", "1.5"}, "'1.5'"},
        {{"--fills", "5K"}, "'5K'"},
        {{"--fills", "5kk"}, "'5kk'"},
        {{"--fills", "18446744073709551616"}, "18446744073709551616"},
        {{"--fills", "18446744073709552k"}, "18446744073709552k"},
        {{"--from", "2026-02-30"}, "2026-02-30"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *words[8];
        int n;
        memcpy(words, cases[i].words, sizeof words);
        assert_int_equal(parse(words, &n), VG_EUSAGE);
        if (!strstr(err.msg, cases[i].named)) fail_msg("'%s' does not name %s", err.msg, cases[i].named);
    }
    setenv("VIGIL_TEST_FILLS", "lots", 1);
    int n;
    assert_int_equal(parse((char *[8]){NULL}, &n), VG_EUSAGE);
    assert_non_null(strstr(err.msg, "VIGIL_TEST_FILLS"));
}

static void counts_up_to_64_bits_in_k_m_and_g(void **state)
{
    (void)state;
    int n;
    assert_int_equal(parse((char *[8]){"--fills", "18446744073709551615"}, &n), VG_OK);
    assert_true(fills == UINT64_MAX);
    assert_int_equal(parse((char *[8]){"--fills", "3M"}, &n), VG_OK);
    assert_int_equal(fills, 3000000);
    assert_int_equal(parse((char *[8]){"--fills", "18G"}, &n), VG_OK);
    assert_true(fills == UINT64_C(18000000000));
}

static void helps_with_one_line_a_row(void **state)
{
    (void)state;
    vg_buf out = {0};
    vg_opt_help(options, &out);
    assert_string_equal(out.data, "  --quiet                    say nothing [VIGIL_TEST_QUIET]\n"
                                  "  --lake DIR                 where the lake is [VIGIL_TEST_LAKE]\n"
                                  "  --fills N                  how many [VIGIL_TEST_FILLS]\n"
                                  "  --from DATE                first day\n");
    vg_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keeps_defaults_without_words, reset),
        cmocka_unit_test_setup(takes_values_after_a_space_or_an_equals_sign, reset),
        cmocka_unit_test_setup(moves_other_words_to_the_front, reset),
        cmocka_unit_test_setup(a_flag_beats_the_environment_and_that_the_default, reset),
        cmocka_unit_test_setup(names_the_word_it_does_not_understand, reset),
        cmocka_unit_test_setup(counts_up_to_64_bits_in_k_m_and_g, reset),
        cmocka_unit_test_setup(helps_with_one_line_a_row, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
