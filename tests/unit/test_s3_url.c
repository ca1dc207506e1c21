#include "net/s3_url.h"

#include "support.h"

static void takes_bucket_and_key_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bucket, *key;
    } cases[] = {
        {"s3://bucket", "bucket", ""},
        {"s3://bucket/", "bucket", ""},
        {"S3://my.bucket-1/a/b", "my.bucket-1", "a/b"},
        {"s3://bucket//a%20b?c=d#e+f", "bucket", "/a%20b?c=d#e+f"},
        {"s3://hl-mainnet-node-data/node_fills_by_block/hourly", "hl-mainnet-node-data", "node_fills_by_block/hourly"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct s3_url url;
        vg_err err;
        assert_true(s3_url_is(cases[i].text));
        assert_int_equal(s3_url_parse(cases[i].text, &url, &err), VG_OK);
        assert_string_equal(url.bucket, cases[i].bucket);
        assert_string_equal(url.key, cases[i].key);
        s3_url_release(&url);
    }
}

static void refuses_what_no_bucket_is_called(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "bucket/key",
                                        "http://bucket/",
                                        "s3:/bucket",
                                        "s3://",
                                        "s3:///key",
                                        "s3://ab",
                                        "s3://-bucket",
                                        "s3://bucket-",
                                        "s3://a..b",
                                        "s3://b@host/x",
                                        "s3://b:80/x",
                                        "s3://buck et",
                                        "s3://.bucket",
                                        "s3://bücket"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct s3_url url;
        vg_err err = {0};
        if (s3_url_parse(texts[i], &url, &err) != VG_EUSAGE || !err.msg[0]) fail_msg("%s", texts[i]);
        assert_null(url.bucket);
    }
    assert_false(s3_url_is("/home/s3://x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_bucket_and_key_apart),
        cmocka_unit_test(refuses_what_no_bucket_is_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
