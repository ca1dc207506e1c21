#include "serve/request_path.h"

#include "support.h"

/* The segments of a path, joined by '|'; NULL when it is none. Lives until the next call. */
static const char *segments(const char *raw)
{
    static char text[200];
    struct request_path path = {0};
    bool ok = request_path_parse(&path, vg_slice_of(raw));
    *text = '\0';
    for (size_t i = 0; ok && i < path.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", i ? "|" : "", (int)path.segments[i].n,
                 path.segments[i].p);
    request_path_release(&path);
    return ok ? text : NULL;
}

static void takes_a_path_apart(void **state)
{
    (void)state;
    assert_string_equal(segments("/"), "");
    assert_string_equal(segments("/traders"), "traders");
    assert_string_equal(segments("/traders/"), "traders");
    assert_string_equal(segments("/assets/PURR%2FUSDC/daily"), "assets|PURR/USDC|daily");
    assert_string_equal(segments("/a+b/%C3%A9"), "a+b|é");
    assert_string_equal(segments("/../etc"), "..|etc");
    assert_string_equal(segments("/1/2/3/4/5/6/7/8"), "1|2|3|4|5|6|7|8");
}

static void refuses_what_is_no_path(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "traders", "//",      "/a//b", "/a//",     "/%", "/%zz",    "/%00",
        "/a%0a", "/%ff",    "/%c0%af", "/%7f",  "/%cf/%8f", "*",  "/%e2%82", "/1/2/3/4/5/6/7/8/9"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (segments(bad[i])) fail_msg("'%s' was taken", bad[i]);
    char *longest = vg_alloc(PATH_LIMIT + 2);
    memset(longest, 'a', PATH_LIMIT + 1);
    longest[0] = '/';
    longest[PATH_LIMIT] = longest[PATH_LIMIT + 1] = '\0';
    struct request_path path = {0};
    assert_true(request_path_parse(&path, vg_slice_of(longest)));
    request_path_release(&path);
    longest[PATH_LIMIT] = 'a';
    assert_false(request_path_parse(&path, vg_slice_of(longest)));
    request_path_release(&path);
    free(longest);
}

static void matches_templates(void **state)
{
    (void)state;
    static const struct {
        const char *template, *path, *captured; /* NULL: no match */
        size_t first;
    } cases[] = {
        {"/", "/", "", 0},
        {"/", "/traders", NULL, 0},
        {"/", "/api/v1", "", 2},
        {"/traders", "/traders", "", 0},
        {"/traders", "/traders/0x1", NULL, 0},
        {"/traders", "/api/v1/traders", "", 2},
        {"/traders", "/api/v1/traders", NULL, 0},
        {"/traders/{address}", "/traders/0x1", "0x1", 0},
        {"/traders/{address}", "/traders", NULL, 0},
        {"/traders/{address}/fills", "/traders/0x1/fills", "0x1", 0},
        {"/traders/{address}/fills", "/traders/0x1/daily", NULL, 0},
        {"/a/{x}/{y}", "/a/1/2%2F3", "12/3", 0},
        {"/a/{x}/{y}", "/a/{x}/{y}", "{x}{y}", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request_path path = {0};
        vg_slice captured[PATH_SEGMENTS] = {{NULL, 0}};
        vg_buf all = {0};
        assert_true(request_path_parse(&path, vg_slice_of(cases[i].path)));
        bool matches = path_template_match(cases[i].template, &path, cases[i].first, captured);
        if (matches != (cases[i].captured != NULL)) fail_msg("%s and %s", cases[i].template, cases[i].path);
        for (size_t k = 0; matches && k < PATH_SEGMENTS; k++)
            if (captured[k].p) vg_buf_add(&all, captured[k].p, captured[k].n);
        if (matches) assert_string_equal(vg_buf_str(&all), cases[i].captured);
        vg_buf_release(&all);
        request_path_release(&path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_path_apart),
        cmocka_unit_test(refuses_what_is_no_path),
        cmocka_unit_test(matches_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
