#include "net/ini.h"

#include "support.h"

static void note(void *ctx, vg_slice section, vg_slice key, vg_slice value)
{
    vg_buf_addf(ctx, "[%.*s|%.*s|%.*s]", (int)section.n, section.p, (int)key.n, key.p, (int)value.n, value.p);
}

static void expect(const char *text, const char *settings)
{
    vg_buf noted = {0};
    vg_err err;
    assert_int_equal(ini_walk(vg_slice_of(text), note, &noted, &err), VG_OK);
    assert_string_equal(vg_buf_str(&noted), settings);
    vg_buf_release(&noted);
}

static void reads_sections_and_settings(void **state)
{
    (void)state;
    expect("", "");
    expect("# nothing\n\n ; here\n", "");
    expect("[a]\nx=1\n[b]\ny = two words \r\n", "[a|x|1][b|y|two words]");
    expect("[profile my own]\nregion: eu-west-1", "[profile my own|region|eu-west-1]");
    expect("[a] # behind\nx = a=b#c ; d\nempty =\n", "[a|x|a=b#c ; d][a|empty|]");
    expect("[a]\n  x = 1\n  y = 2\n", "[a|x|1][a|y|2]");
}

static void nested_settings_belong_to_the_one_above(void **state)
{
    (void)state;
    expect("[a]\ns3 =\n  region = no\n\n  max = 3\nregion = yes\n", "[a|s3|][a|region|yes]");
    expect("[a]\nx = 1\n[b]\n  y = 2\n    z = 3\n", "[a|x|1][b|y|2]");
}

static void names_the_line_that_is_neither(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {{"x = 1\n", "line 1"},
                 {"[a]\nx = 1\nnonsense\n", "line 3"},
                 {"\n[a\n", "line 2"},
                 {"[]\n", "line 1"},
                 {"[a]\n= 1\n", "line 2"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        vg_err err;
        vg_buf noted = {0};
        assert_int_equal(ini_walk(vg_slice_of(cases[i].text), note, &noted, &err), VG_EPARSE);
        if (!strstr(err.msg, cases[i].line)) fail_msg("%s", err.msg);
        vg_buf_release(&noted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_sections_and_settings),
        cmocka_unit_test(nested_settings_belong_to_the_one_above),
        cmocka_unit_test(names_the_line_that_is_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
