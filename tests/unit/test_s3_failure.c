#include "net/s3_failure.h"

#include "net/s3_budget.h"
#include "support.h"

static struct s3_error document(const char *code, const char *message)
{
    struct s3_error error = {0};
    vg_buf_adds(&error.code, code);
    vg_buf_adds(&error.message, message);
    return error;
}

static void what_an_answer_means(void **state)
{
    (void)state;
    static const struct {
        int http;
        const char *code;
        enum s3_status status;
    } cases[] = {
        {404, "NoSuchKey", S3_MISSING},
        {404, "", S3_MISSING},
        {404, "NoSuchBucket", S3_NO_BUCKET},
        {404, "NoSuchUpload", S3_NO_UPLOAD},
        {403, "AccessDenied", S3_FORBIDDEN},
        {403, "", S3_FORBIDDEN},
        {403, "SignatureDoesNotMatch", S3_CREDENTIALS},
        {403, "InvalidAccessKeyId", S3_CREDENTIALS},
        {400, "ExpiredToken", S3_CREDENTIALS},
        {403, "RequestTimeTooSkewed", S3_CLOCK},
        {412, "PreconditionFailed", S3_CHANGED},
        {412, "", S3_CHANGED},
        {503, "SlowDown", S3_BUSY},
        {503, "", S3_BUSY},
        {429, "", S3_BUSY},
        {500, "InternalError", S3_BUSY},
        {200, "InternalError", S3_BUSY},
        {400, "RequestTimeout", S3_BUSY},
        {501, "NotImplemented", S3_UNSUPPORTED},
        {400, "BadDigest", S3_DAMAGED},
        {400, "EntityTooSmall", S3_REFUSED},
        {400, "", S3_REFUSED},
        {301, "PermanentRedirect", S3_REFUSED},
        {416, "InvalidRange", S3_REFUSED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct s3_error error = document(cases[i].code, "");
        enum s3_status status = s3_status_of(cases[i].http, &error);
        if (status != cases[i].status) fail_msg("%d %s: %d", cases[i].http, cases[i].code, status);
        s3_error_release(&error);
    }
}

static void errors_say_where_what_and_what_to_do(void **state)
{
    (void)state;
    struct s3_error error = document("ExpiredToken", "The provided\ntoken has expired.");
    vg_err err;
    assert_int_equal(s3_fail(S3_CREDENTIALS, "bucket", VG_SLICE("a/b"), 400, &error, &err), S3_CREDENTIALS);
    assert_string_equal(err.msg,
                        "s3://bucket/a/b: HTTP status 400, ExpiredToken: The provided token has expired. - the "
                        "session has expired: get new credentials");
    s3_error_release(&error);
    for (enum s3_status status = S3_MISSING; status <= S3_STOPPED; status++)
        assert_int_not_equal(s3_code(status), VG_OK);
    assert_int_equal(s3_code(S3_OK), VG_OK);
    assert_int_equal(s3_code(S3_STOPPED), VG_ECANCEL);
}

static void costs_add_up(void **state)
{
    (void)state;
    struct s3_budget budget = {.class_a = 2000, .class_b = 10000, .bytes_in = 3000000000};
    /* 2 × 0.0047 + 10 × 0.00037 + 3 × 0.114 */
    assert_near(s3_budget_cost(&budget, &s3_prices_tokyo), 0.3551);
    assert_near(s3_budget_cost(&(struct s3_budget){0}, &s3_prices_tokyo), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_answer_means),
        cmocka_unit_test(errors_say_where_what_and_what_to_do),
        cmocka_unit_test(costs_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
