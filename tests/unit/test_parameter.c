#include "serve/parameter.h"

#include "base/day.h"
#include "support.h"

static const char *choice(size_t i)
{
    static const char *const names[] = {"asc", "desc", NULL};
    return names[i < 2 ? i : 2];
}

static const struct parameter parameters[] = {
    [PARAMETER_BEGINNING] = {.name = "prefix", .type = PARAMETER_BEGINNING},
    [PARAMETER_ADDRESS] = {.name = "address", .type = PARAMETER_ADDRESS},
    [PARAMETER_COIN] = {.name = "coin", .type = PARAMETER_COIN},
    [PARAMETER_NAME] = {.name = "name", .type = PARAMETER_NAME},
    [PARAMETER_CHOICE] = {.name = "order", .type = PARAMETER_CHOICE, .choice = choice, .otherwise = "desc"},
    [PARAMETER_INTEGER] = {.name = "limit", .type = PARAMETER_INTEGER, .least = 1, .most = 1000, .otherwise = "100"},
    [PARAMETER_AMOUNT] = {.name = "amount", .type = PARAMETER_AMOUNT},
    [PARAMETER_TIME] = {.name = "from", .type = PARAMETER_TIME},
    [PARAMETER_CURSOR] = {.name = "cursor", .type = PARAMETER_CURSOR},
};

static bool parse(enum parameter_type type, const char *text, struct argument *a)
{
    *a = (struct argument){0};
    return parameter_parse(&parameters[type], vg_slice_of(text), a);
}

static void takes_what_is_allowed(void **state)
{
    (void)state;
    struct argument a;
    assert_true(parse(PARAMETER_BEGINNING, "0x", &a));
    assert_string_equal(a.text, "0x");
    assert_true(parse(PARAMETER_BEGINNING, "0xAb", &a));
    assert_string_equal(a.text, "0xab");
    assert_true(parse(PARAMETER_ADDRESS, "0xABCDEF0123456789abcdef0123456789ABCDEF01", &a));
    assert_string_equal(a.text, "0xabcdef0123456789abcdef0123456789abcdef01");
    static const char *const coins[] = {"BTC", "@107", "PURR/USDC", "xyz:NVDA", "#1", "kPEPE", "UBTC-2.x"};
    for (size_t i = 0; i < COUNT(coins); i++) {
        assert_true(parse(PARAMETER_COIN, coins[i], &a));
        assert_string_equal(a.text, coins[i]);
    }
    assert_true(parse(PARAMETER_CHOICE, "desc", &a) && a.number == 1);
    assert_true(parse(PARAMETER_INTEGER, "1000", &a) && a.number == 1000);
    assert_true(parse(PARAMETER_AMOUNT, "12.5", &a) && a.amount == (vg_dec20)125 * VG_DEC_ONE * (VG_DEC_ONE / 10));
    assert_true(parse(PARAMETER_AMOUNT, "999999999999999999.9999999999", &a));
    assert_true(parse(PARAMETER_TIME, "1970-01-02", &a) && a.number == VG_NS_PER_DAY);
    assert_true(parse(PARAMETER_TIME, "1970-01-02T00:00:01.5Z", &a) && a.number == VG_NS_PER_DAY + VG_NS_PER_S * 3 / 2);
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const struct {
        enum parameter_type type;
        const char *text;
    } cases[] = {
        {PARAMETER_BEGINNING, ""},
        {PARAMETER_BEGINNING, "0"},
        {PARAMETER_BEGINNING, "0xg"},
        {PARAMETER_BEGINNING, "1x2"},
        {PARAMETER_BEGINNING, "0xabcdef0123456789abcdef0123456789abcdef012"},
        {PARAMETER_ADDRESS, ""},
        {PARAMETER_ADDRESS, "0xabcdef0123456789abcdef0123456789abcdef0"},
        {PARAMETER_ADDRESS, "0xabcdef0123456789abcdef0123456789abcdef012"},
        {PARAMETER_ADDRESS, "0Xabcdef0123456789abcdef0123456789abcdef01"},
        {PARAMETER_ADDRESS, "0xabcdef0123456789abcdef0123456789abcdeg01"},
        {PARAMETER_COIN, ""},
        {PARAMETER_COIN, "/etc"},
        {PARAMETER_COIN, "a b"},
        {PARAMETER_COIN, "a'b"},
        {PARAMETER_COIN, "é"},
        {PARAMETER_COIN, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {PARAMETER_NAME, "@1"},
        {PARAMETER_CHOICE, ""},
        {PARAMETER_CHOICE, "DESC"},
        {PARAMETER_INTEGER, "0"},
        {PARAMETER_INTEGER, "1001"},
        {PARAMETER_INTEGER, "-1"},
        {PARAMETER_INTEGER, "1.0"},
        {PARAMETER_INTEGER, "99999999999999999999"},
        {PARAMETER_AMOUNT, ""},
        {PARAMETER_AMOUNT, "-1"},
        {PARAMETER_AMOUNT, "-0"},
        {PARAMETER_AMOUNT, "1e5"},
        {PARAMETER_AMOUNT, "1000000000000000000"},
        {PARAMETER_AMOUNT, "0.00000000001"},
        {PARAMETER_TIME, "2026-02-29"},
        {PARAMETER_TIME, "20260201"},
        {PARAMETER_TIME, "1969-12-31"},
        {PARAMETER_TIME, "2262-01-01"},
        {PARAMETER_TIME, "2026-02-01T24:00:00Z"},
        {PARAMETER_CURSOR, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct argument a;
        if (parse(cases[i].type, cases[i].text, &a)) fail_msg("%d takes '%s'", (int)cases[i].type, cases[i].text);
    }
}

static void tells_what_is_allowed(void **state)
{
    (void)state;
    vg_buf out = {0};
    parameter_allowed(&parameters[PARAMETER_INTEGER], &out);
    assert_string_equal(out.data, "a whole number from 1 to 1000");
    vg_buf_clear(&out);
    parameter_allowed(&parameters[PARAMETER_CHOICE], &out);
    assert_string_equal(out.data, "one of asc, desc");
    vg_buf_clear(&out);
    parameter_schema(&parameters[PARAMETER_INTEGER], &out);
    assert_string_equal(out.data, "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}");
    vg_buf_clear(&out);
    parameter_schema(&parameters[PARAMETER_CHOICE], &out);
    assert_string_equal(out.data, "{\"type\":\"string\",\"enum\":[\"asc\",\"desc\"],\"default\":\"desc\"}");
    vg_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_allowed),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(tells_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
