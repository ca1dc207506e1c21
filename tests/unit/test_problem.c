#include "serve/problem.h"

#include "support.h"

/* jansson has a json_string too. */
#define json_string jansson_string
#include <jansson.h>
#undef json_string

static json_t *answer(const struct problem *problem, const char *path, const char *detail)
{
    struct web_response response = {0};
    struct web_request request = {.path = vg_slice_of(path)};
    vg_buf_adds(&response.body, "half an answer");
    problem_answer(&response, &request, problem, "%s", detail);
    assert_int_equal(response.status, problem->status);
    assert_string_equal(response.headers.data, "Content-Type");
    json_t *document = json_loadb(response.body.data, response.body.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    web_response_release(&response);
    return document;
}

static const char *text(json_t *document, const char *name)
{
    return json_string_value(json_object_get(document, name));
}

static void says_what_where_and_what_is_allowed(void **state)
{
    (void)state;
    json_t *d =
        answer(&(struct problem){.status = 400, .parameter = "limit", .allowed = "1 to 5"}, "/traders", "no \"x\"\n");
    assert_string_equal(text(d, "type"), "/docs#bad-request");
    assert_string_equal(text(d, "title"), "Bad request");
    assert_int_equal(json_integer_value(json_object_get(d, "status")), 400);
    assert_string_equal(text(d, "detail"), "no \"x\"\n");
    assert_string_equal(text(d, "instance"), "/traders");
    assert_string_equal(text(d, "parameter"), "limit");
    assert_string_equal(text(d, "allowed"), "1 to 5");
    json_decref(d);
}

static void is_sound_whatever_the_client_sent(void **state)
{
    (void)state;
    char path[400], detail[3000];
    memset(path, 0xff, sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    for (size_t cut = 0; cut < 4; cut++) { /* a character of three bytes is cut somewhere */
        memset(detail, 'a', cut);
        for (size_t i = cut; i + 3 < sizeof detail; i += 3)
            memcpy(detail + i, "€", 4);
        json_t *d = answer(&(struct problem){.status = 404}, path, detail);
        assert_int_equal(strncmp(text(d, "instance"), "/????", 5), 0);
        assert_null(json_object_get(d, "parameter"));
        json_decref(d);
    }
}

static void every_failure_has_a_status(void **state)
{
    (void)state;
    for (vg_code code = VG_EIO; code <= VG_ECANCEL; code++) {
        int status = problem_status(code);
        json_decref(answer(&(struct problem){.status = status}, "/", "x"));
        assert_true(status >= 400);
    }
    assert_int_equal(problem_status(VG_EUSAGE), 400);
    assert_int_equal(problem_status(VG_ELIMIT), 504);
    assert_int_equal(problem_status(VG_EIO), 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_where_and_what_is_allowed),
        cmocka_unit_test(is_sound_whatever_the_client_sent),
        cmocka_unit_test(every_failure_has_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
