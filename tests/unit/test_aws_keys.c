#include "net/aws_keys.h"

#include "support.h"

static void reads_what_endpoints_answer(void **state)
{
    (void)state;
    struct aws_keys keys;
    vg_err err;
    vg_slice instance = VG_SLICE("{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2026-03-15T10:00:00Z\",\n"
                                 "  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"ASIAEXAMPLE\",\n"
                                 "  \"SecretAccessKey\" : \"a\\/b+c=\",\n  \"Token\" : \"tok\\/en\",\n"
                                 "  \"Expiration\" : \"2026-03-15T16:30:01Z\"\n}");
    assert_int_equal(aws_keys_parse(instance, &keys, &err), VG_OK);
    assert_string_equal(keys.access_key, "ASIAEXAMPLE");
    assert_string_equal(keys.secret_key, "a/b+c=");
    assert_string_equal(keys.session_token, "tok/en");
    assert_true(keys.expires_s == 1773592201); /* date -u -d 2026-03-15T16:30:01Z +%s */
    aws_keys_release(&keys);

    vg_slice lasting = VG_SLICE("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"B\",\"RoleArn\":{\"x\":[1,null]}}");
    assert_int_equal(aws_keys_parse(lasting, &keys, &err), VG_OK);
    assert_null(keys.session_token);
    assert_true(keys.expires_s == AWS_KEYS_FOREVER);
    aws_keys_release(&keys);
}

static void refuses_other_answers_and_keeps_secrets_out_of_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        vg_code code;
    } cases[] = {
        {"", VG_EPARSE},
        {"not JSON", VG_EPARSE},
        {"[]", VG_EPARSE},
        {"{}", VG_EPARSE},
        {"{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"SECRET\"}", VG_ESTATE},
        {"{\"AccessKeyId\":\"SECRET\"}", VG_EPARSE},
        {"{\"AccessKeyId\":\"\",\"SecretAccessKey\":\"SECRET\"}", VG_EPARSE},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\",\"Expiration\":\"SECRET\"}", VG_EPARSE},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\\n\"}", VG_EPARSE},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET SECRET\"}", VG_EPARSE},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\"}x", VG_EPARSE},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\"", VG_EPARSE},
        {"{\"AccessKeyId\":1,\"SecretAccessKey\":\"SECRET\"}", VG_EPARSE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct aws_keys keys;
        vg_err err = {0};
        vg_code rc = aws_keys_parse(vg_slice_of(cases[i].text), &keys, &err);
        if (rc != cases[i].code) fail_msg("%s: %d %s", cases[i].text, rc, err.msg);
        if (strstr(err.msg, "SECRET")) fail_msg("%s", err.msg);
        assert_null(keys.access_key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_endpoints_answer),
        cmocka_unit_test(refuses_other_answers_and_keeps_secrets_out_of_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
