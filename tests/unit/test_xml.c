#include "net/xml.h"

#include "support.h"

static vg_code note(void *ctx, const char *path, vg_slice text, vg_err *err)
{
    if (vg_slice_is(text, "stop")) return vg_fail(err, VG_ESTATE, "stopped");
    vg_buf_addf(ctx, "[%s|%.*s]", path, (int)text.n, text.p);
    return VG_OK;
}

static vg_code walk(const char *document, vg_buf *noted, vg_err *err)
{
    vg_buf_clear(noted);
    return xml_walk(vg_slice_of(document), note, noted, err);
}

static void gives_each_element_its_path_and_text(void **state)
{
    (void)state;
    vg_buf noted = {0};
    vg_err err;
    assert_int_equal(walk("\n <?xml version=\"1.0\"?>\n<r a=\"1\" xmlns=\"x:y\">t<c>1 &lt;&#65;</c>u<d><e/></d></r>\n",
                          &noted, &err),
                     VG_OK);
    assert_string_equal(noted.data, "[r/c|1 <A][r/d/e|][r/d|][r|tu]");
    vg_buf_release(&noted);
}

static void refuses_what_it_should(void **state)
{
    (void)state;
    vg_buf noted = {0}, deep = {0}, wide = {0}, named = {0};
    for (int i = 0; i < XML_MAX_DEPTH + 1; i++)
        vg_buf_adds(&deep, "<a>");
    for (int i = 0; i < XML_MAX_DEPTH + 1; i++)
        vg_buf_adds(&deep, "</a>");
    vg_buf_adds(&wide, "<a>");
    for (int i = 0; i < XML_MAX_TEXT + 1; i++)
        vg_buf_addc(&wide, 'x');
    vg_buf_adds(&wide, "</a>");
    vg_buf_addf(&named, "<%0300d/>", 0);
    named.data[1] = 'a';
    const struct {
        const char *text;
        vg_code code;
    } cases[] = {
        {"", VG_EPARSE},
        {"<a>", VG_EPARSE},
        {"<a></b>", VG_EPARSE},
        {"<a/>x", VG_EPARSE},
        {"<a>&unknown;</a>", VG_EPARSE},
        {"<a>\xff</a>", VG_EPARSE},
        {"<!DOCTYPE a><a/>", VG_EPARSE},
        {"<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>", VG_EPARSE},
        {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", VG_EPARSE},
        {"<a>stop</a>", VG_ESTATE},
        {deep.data, VG_ELIMIT},
        {wide.data, VG_ELIMIT},
        {named.data, VG_ELIMIT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        vg_err err = {0};
        vg_code rc = walk(cases[i].text, &noted, &err);
        if (rc != cases[i].code || !err.msg[0]) fail_msg("%.60s: %d %s", cases[i].text, rc, err.msg);
    }
    vg_buf_release(&noted);
    vg_buf_release(&deep);
    vg_buf_release(&wide);
    vg_buf_release(&named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_element_its_path_and_text),
        cmocka_unit_test(refuses_what_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
