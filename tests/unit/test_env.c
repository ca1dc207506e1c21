#include "base/env.h"

#include "base/file.h"
#include "support.h"

static vg_code load(const char *text, vg_err *err)
{
    char *folder = new_folder(), *path = vg_path_join(folder, ".env"), *temporary = vg_path_join(folder, "tmp");
    assert_int_equal(file_write_atomic(temporary, path, vg_slice_of(text), err), VG_OK);
    vg_code rc = env_load(path, err);
    free(path);
    free(temporary);
    remove_tree(folder);
    return rc;
}

static const char *get(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "(none)";
}

static int forget(void **state)
{
    (void)state;
    static const char *const names[] = {"VT_A", "VT_B", "VT_C", "VT_D", "VT_E", "VT_F"};
    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    return 0;
}

static void reads_settings_comments_and_quotes(void **state)
{
    (void)state;
    vg_err err;
    assert_int_equal(load("# a comment\n"
                          "\n"
                          "VT_A=plain\n"
                          "  export VT_B = spaced out \r\n"
                          "VT_C=\"in # quotes \"\n"
                          "\t# another\n"
                          "VT_D='it''s'\n"
                          "VT_E=a=b$HOME\n"
                          "VT_F=",
                          &err),
                     VG_OK);
    assert_string_equal(get("VT_A"), "plain");
    assert_string_equal(get("VT_B"), "spaced out");
    assert_string_equal(get("VT_C"), "in # quotes ");
    assert_string_equal(get("VT_D"), "it''s");
    assert_string_equal(get("VT_E"), "a=b$HOME");
    assert_string_equal(get("VT_F"), "");
}

static void the_real_environment_wins(void **state)
{
    (void)state;
    vg_err err;
    setenv("VT_A", "real", 1);
    assert_int_equal(load("VT_A=file\nVT_B=first\nVT_B=second\n", &err), VG_OK);
    assert_string_equal(get("VT_A"), "real");
    assert_string_equal(get("VT_B"), "first");
}

static void names_the_line_that_is_no_setting(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"VT_A=1\nnonsense\n", "line 2"},
        {"=x", "line 1"},
        {"\n\n1VT=x", "line 3"},
        {"VT-A=x", "line 1"},
        {"VT A=x", "line 1"},
        {"export", "line 1"},
        {"export =x", "line 1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        vg_err err;
        assert_int_equal(load(cases[i].text, &err), VG_EPARSE);
        if (!strstr(err.msg, cases[i].line)) fail_msg("%s", err.msg);
    }
}

static void a_missing_or_empty_file_is_fine(void **state)
{
    (void)state;
    vg_err err;
    assert_int_equal(env_load("/nonexistent/.env", &err), VG_OK);
    assert_int_equal(load("", &err), VG_OK);
    assert_int_equal(load("\n\n", &err), VG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_settings_comments_and_quotes, forget),
        cmocka_unit_test_setup(the_real_environment_wins, forget),
        cmocka_unit_test_setup(names_the_line_that_is_no_setting, forget),
        cmocka_unit_test_setup(a_missing_or_empty_file_is_fine, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
