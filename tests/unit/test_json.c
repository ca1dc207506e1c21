/* jansson has a json_string too */
#define json_string jansson_string
#include <jansson.h>
#undef json_string

#include "base/json.h"
#include "support.h"

static bool is_json(const char *text, size_t n, const char **error)
{
    struct json_reader r = json_reader(text, n);
    vg_slice raw;
    bool ok = json_skip(&r, &raw) && json_finish(&r);
    assert_int_equal(ok, r.error == NULL);
    assert_true(r.p >= r.start && r.p <= r.end);
    if (error) *error = r.error;
    return ok;
}

/* The cases of RFC 8259 that parsers get wrong; a string literal may hold NUL bytes. */
#define CASE(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const vg_slice good[] = {
    CASE("null"),
    CASE("true"),
    CASE("false"),
    CASE("0"),
    CASE("-0"),
    CASE("-0.0"),
    CASE("1e5"),
    CASE("1E+5"),
    CASE("1e-05"),
    CASE("1.0e00"),
    CASE("123456789012345678901234567890"),
    CASE("\"\""),
    CASE("[]"),
    CASE("{}"),
    CASE(" \t\r\n[ 1 , 2 ]\n "),
    CASE("{\"a\":1,\"a\":2}"),
    CASE("{\"\":{}}"),
    CASE("[[],[[]],{\"x\":[]}]"),
    CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    CASE("\"\\u0000\\u00e9\\uABCD\\uabcd\""),
    CASE("\"\\ud800\\udc00\\udbff\\udfff\""),
    CASE("\"\x7f\""),
    CASE("\"\xc2\x80\xdf\xbf\""),
    CASE("\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
    CASE("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
    CASE("\"/\""),
};
static const vg_slice bad[] = {
    CASE(""),
    CASE(" "),
    CASE("nul"),
    CASE("nullx"),
    CASE("True"),
    CASE("NaN"),
    CASE("Infinity"),
    CASE("-Infinity"),
    CASE("00"),
    CASE("01"),
    CASE("-01"),
    CASE("-"),
    CASE("+1"),
    CASE(".5"),
    CASE("1."),
    CASE("1.e1"),
    CASE("1e"),
    CASE("1e+"),
    CASE("0x10"),
    CASE("1 2"),
    CASE("[1,]"),
    CASE("[,1]"),
    CASE("[1,,2]"),
    CASE("[1 2]"),
    CASE("[1"),
    CASE("["),
    CASE("]"),
    CASE("[}"),
    CASE("{]"),
    CASE("{"),
    CASE("}"),
    CASE("[1]]"),
    CASE("{\"a\"}"),
    CASE("{\"a\":}"),
    CASE("{\"a\":1,}"),
    CASE("{,\"a\":1}"),
    CASE("{\"a\":1 \"b\":2}"),
    CASE("{\"a\" 1}"),
    CASE("{a:1}"),
    CASE("{1:1}"),
    CASE("{'a':1}"),
    CASE("'a'"),
    CASE("\""),
    CASE("\"a"),
    CASE("\"\\"),
    CASE("\"\\\""),
    CASE("\"\\x\""),
    CASE("\"\\'\""),
    CASE("\"\\0\""),
    CASE("\"\\u12\""),
    CASE("\"\\u12g4\""),
    CASE("\"\\U1234\""),
    CASE("\"\\ud800\""),
    CASE("\"\\udc00\""),
    CASE("\"\\ud800\\ud800\""),
    CASE("\"\\ud800\\u0041\""),
    CASE("\"\\ud800x\""),
    CASE("\"\\udc00\\ud800\""),
    CASE("\"\t\""),
    CASE("\"\n\""),
    CASE("\"\x01\""),
    CASE("\"\0\""),
    CASE("null\0"),
    CASE("\0"),
    CASE("[1\0]"),
    CASE("\xef\xbb\xbf{}"),
    CASE("\"\x80\""),
    CASE("\"\xbf\""),
    CASE("\"\xc0\x80\""),
    CASE("\"\xc1\xbf\""),
    CASE("\"\xc2\""),
    CASE("\"\xc2\x41\""),
    CASE("\"\xe0\x9f\xbf\""),
    CASE("\"\xe0\xa0\""),
    CASE("\"\xed\xa0\x80\""),
    CASE("\"\xed\xbf\xbf\""),
    CASE("\"\xf0\x8f\xbf\xbf\""),
    CASE("\"\xf0\x90\x80\""),
    CASE("\"\xf4\x90\x80\x80\""),
    CASE("\"\xf5\x80\x80\x80\""),
    CASE("\"\xff\""),
    CASE("[1]\v"),
    CASE("\f[1]"),
    CASE("[1]\xc2\xa0"),
    CASE("/**/1"),
    CASE("// x\n1"),
};

/* Looked at in memory of exactly its size, so that the sanitizer sees a byte too many. */
static bool is_json_exact(vg_slice text)
{
    char *copy = malloc(text.n ? text.n : 1);
    if (text.n) memcpy(copy, text.p, text.n);
    bool ok = is_json(copy, text.n, NULL);
    free(copy);
    return ok;
}

static void accepts_all_of_rfc_8259(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!is_json_exact(good[i])) fail_msg("refused: %s", good[i].p);
}

static void refuses_everything_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (is_json_exact(bad[i])) fail_msg("took: %s", bad[i].p);
}

static void strings_hold_every_ascii_character_but_controls(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++) {
        const char text[] = {'"', (char)c, '"'};
        assert_int_equal(is_json(text, 3, NULL), c >= 0x20 && c != '"' && c != '\\');
    }
}

static void refuses_every_beginning_of_a_document(void **state)
{
    (void)state;
    const vg_slice whole =
        VG_SLICE("{\"a\":[1,-2.5e+3,true,false,null,\"x\\n\\ud83d\\ude00\xf0\x9f\x98\x80\"],\"b\":{}}");
    for (size_t n = 0; n < whole.n; n++)
        assert_false(is_json_exact((vg_slice){whole.p, n}));
    assert_true(is_json_exact(whole));
}

static void nests_sixty_four_deep_and_no_deeper(void **state)
{
    (void)state;
    char text[2 * JSON_MAX_DEPTH + 3];
    for (size_t depth = 1; depth <= JSON_MAX_DEPTH + 1; depth++) {
        const char *error;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(is_json(text, 2 * depth, &error), depth <= JSON_MAX_DEPTH);
        if (depth > JSON_MAX_DEPTH) assert_string_equal(error, "nested too deep");
    }
    char *brackets = malloc(1000000); /* no stack overflow either */
    memset(brackets, '[', 1000000);
    assert_false(is_json(brackets, 1000000, NULL));
    free(brackets);
}

/* jansson's verdict; -1 where its limits differ from ours: huge numbers and NUL in keys. A NUL byte is
 * nowhere allowed, but jansson 2.14 overlooks one behind a number. */
static int jansson_says(const char *text, size_t n)
{
    if (memchr(text, '\0', n)) return 0;
    json_error_t error;
    json_t *value = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (value) {
        json_decref(value);
        return 1;
    }
    enum json_error_code code = json_error_code(&error);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ? -1 : 0;
}

static void agrees_with_jansson_on_mutated_documents(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "{\"coin\":\"BTC\",\"px\":\"66432.5\",\"side\":\"B\",\"time\":1773532799991,\"crossed\":true,\"x\":null}",
        "[\"\\u00e9\\ud83d\\ude00\\n\",1.5e-7,-0,[],{},[[{\"a\":[false]}]],\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]",
        " { \"events\" : [ [ \"0x00\" , { \"a\" : -12.25 } ] , [ ] ] , \"n\" : 0 } ",
        "[0,-1,2e3,4E-5,6.7,\"\",\"\\\\\\\"\\/\",{\"\":{\"\":{}}}]",
    };
    static const char alphabet[] = "{}[]\",:\\u/-+.eE0123456789abtfnrlsd \t\n\r\x01\x7f\x80\xbf\xc2\xe0\xed\xf0\xf4";
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    unsigned taken = 0, refused = 0;
    for (int i = 0; i < 200000; i++) {
        char text[256];
        const char *seed = seeds[vg_rng_below(&rng, COUNT(seeds))];
        size_t n = strlen(seed);
        memcpy(text, seed, n);
        for (uint64_t k = 1 + vg_rng_below(&rng, 3); k > 0; k--) {
            size_t at = vg_rng_below(&rng, n), span = 1 + vg_rng_below(&rng, 4);
            switch (vg_rng_below(&rng, 4)) {
            case 0: text[at] = alphabet[vg_rng_below(&rng, sizeof alphabet)]; break;
            case 1: /* take out */
                if (at + span >= n) break;
                memmove(text + at, text + at + span, n - at - span);
                n -= span;
                break;
            case 2: /* put in */
                memmove(text + at + 1, text + at, n - at);
                text[at] = alphabet[vg_rng_below(&rng, sizeof alphabet)];
                n++;
                break;
            default: n = n - vg_rng_below(&rng, 2); /* cut */
            }
            if (n < 5) break;
        }
        bool ours = is_json(text, n, NULL);
        int theirs = jansson_says(text, n);
        if (theirs >= 0 && ours != theirs) fail_msg("ours %d, jansson %d: %.*s", ours, theirs, (int)n, text);
        *(ours ? &taken : &refused) += 1;
    }
    assert_true(taken > 10000 && refused > 10000);
}

static void walks_members_and_elements(void **state)
{
    (void)state;
    const vg_slice text = VG_SLICE(" {\"a\" : [1, \"x\\n\", {}], \"b\":{\"c\":false}, \"d\":-5 } ");
    struct json_reader r = json_reader(text.p, text.n);
    vg_slice key, raw = {0};
    bool escaped, flag = true;
    int64_t number;
    assert_int_equal(json_peek(&r), '{');
    assert_true(json_enter(&r, '{'));
    assert_true(json_next_key(&r, &key));
    assert_slice_is(key, "a");
    assert_true(json_enter(&r, '['));
    assert_true(json_next_element(&r) && json_int(&r, &number) && number == 1);
    assert_true(json_next_element(&r) && json_text(&r, &raw, &escaped) && escaped);
    assert_slice_is(raw, "x\\n");
    assert_true(json_next_element(&r) && json_skip(&r, &raw));
    assert_slice_is(raw, "{}");
    assert_false(json_next_element(&r));
    assert_true(json_next_key(&r, &key) && json_enter(&r, '{') && json_next_key(&r, &key));
    assert_slice_is(key, "c");
    assert_true(json_bool(&r, &flag) && !flag);
    assert_false(json_next_key(&r, &key));
    assert_true(json_next_key(&r, &key) && json_int(&r, &number) && number == -5);
    assert_false(json_next_key(&r, &key));
    assert_null(r.error);
    assert_int_equal(r.depth, 0);
    assert_true(json_finish(&r));
}

static void errors_stick(void **state)
{
    (void)state;
    struct json_reader r = json_reader("[1 2]", 5);
    int64_t number;
    vg_slice raw;
    bool flag;
    assert_true(json_enter(&r, '[') && json_next_element(&r) && json_int(&r, &number));
    assert_false(json_next_element(&r));
    const char *error = r.error;
    assert_non_null(error);
    assert_false(json_int(&r, &number) || json_skip(&r, &raw) || json_bool(&r, &flag) || json_enter(&r, '[') ||
                 json_text(&r, &raw, &flag) || json_next_key(&r, &raw) || json_finish(&r));
    assert_ptr_equal(r.error, error);
}

static void integers_are_whole_and_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775807", true, -INT64_MAX},
        {"9223372036854775808", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
        {"01", true, 0}, /* the 0; what follows is for json_finish to refuse */
        {"-", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_reader r = json_reader(cases[i].text, strlen(cases[i].text));
        int64_t value;
        if (json_int(&r, &value) != cases[i].ok) fail_msg("%s", cases[i].text);
        if (cases[i].ok) assert_true(value == cases[i].value);
    }
}

static void writes_strings_that_read_back(void **state)
{
    (void)state;
    vg_buf out = {0};
    char all[129];
    size_t n = 0;
    for (int c = 1; c < 128; c++)
        all[n++] = (char)c;
    json_add_string(&out, (vg_slice){all, n});
    json_t *value = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    assert_int_equal(json_string_length(value), n);
    assert_memory_equal(json_string_value(value), all, n);
    json_decref(value);
    vg_buf_clear(&out);
    json_add_string(&out, VG_SLICE("a\"b\\c\n\xc3\xa9"));
    assert_string_equal(out.data, "\"a\\\"b\\\\c\\u000a\xc3\xa9\"");
    vg_buf_release(&out);
}

static void knows_utf8_from_other_bytes(void **state)
{
    (void)state;
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("a\0b", 3));
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            char two[] = {(char)a, (char)b}, quoted[] = {'"', (char)a, (char)b, '"'};
            bool valid = utf8_valid(two, 2);
            bool truth = (a < 0x80 && b < 0x80) || (a >= 0xc2 && a < 0xe0 && b >= 0x80 && b < 0xc0);
            assert_int_equal(valid, truth);
            if (a >= 0x80) assert_int_equal(is_json(quoted, 4, NULL), valid);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_all_of_rfc_8259),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(strings_hold_every_ascii_character_but_controls),
        cmocka_unit_test(refuses_every_beginning_of_a_document),
        cmocka_unit_test(nests_sixty_four_deep_and_no_deeper),
        cmocka_unit_test(agrees_with_jansson_on_mutated_documents),
        cmocka_unit_test(walks_members_and_elements),
        cmocka_unit_test(errors_stick),
        cmocka_unit_test(integers_are_whole_and_fit),
        cmocka_unit_test(writes_strings_that_read_back),
        cmocka_unit_test(knows_utf8_from_other_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
