#include "serve/accept.h"

#include "support.h"

static void finds_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum media media;
    } cases[] = {
        {"", MEDIA_JSON},
        {"*/*", MEDIA_JSON},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", MEDIA_HTML},
        {"text/html, */*", MEDIA_HTML},
        {"text/html;q=0.5, */*", MEDIA_JSON},
        {"application/json, text/html", MEDIA_JSON},
        {"text/csv", MEDIA_CSV},
        {"TEXT/CSV ; Q=0.9", MEDIA_CSV},
        {"text/csv;q=0", MEDIA_JSON},
        {"application/json;q=0.4, text/csv;q=0.401", MEDIA_CSV},
        {"text/csv;charset=utf-8;q=0.3, text/html;q=0.2", MEDIA_CSV},
        {"image/png", MEDIA_JSON},
        {",,;q=1,text/html;q=x,", MEDIA_JSON},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (accept_media(vg_slice_of(cases[i].header)) != cases[i].media) fail_msg("%s", cases[i].header);
    assert_int_equal(accept_media((vg_slice){NULL, 0}), MEDIA_JSON);
}

static void knows_who_takes_gzip(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "gzip", "br, gzip", "GZIP;q=0.1", "*", "identity;q=0, *;q=0.5", "deflate,gzip;q=1.0"};
    static const char *const no[] = {"",   "identity", "gzip;q=0", "gzip;q=0.000, *",
                                     "br", "*;q=0",    "xgzip",    "gzip;q=-1"};
    for (size_t i = 0; i < COUNT(yes); i++)
        if (!accept_coding(vg_slice_of(yes[i]), "gzip")) fail_msg("%s", yes[i]);
    for (size_t i = 0; i < COUNT(no); i++)
        if (accept_coding(vg_slice_of(no[i]), "gzip")) fail_msg("%s", no[i]);
    assert_true(accept_coding(VG_SLICE("gzip, br;q=0.2"), "br"));
    assert_false(accept_coding(VG_SLICE("gzip, *;q=0"), "br"));
    assert_false(accept_coding((vg_slice){NULL, 0}, "gzip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_kind), cmocka_unit_test(knows_who_takes_gzip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
