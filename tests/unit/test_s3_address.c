#include "net/s3_address.h"

#include "support.h"

static void expect(const char *url, const char *moved_to, const char *bucket, const char *region, const char *key,
                   const char *base, const char *path)
{
    struct s3_endpoint endpoint;
    struct s3_address address = {0};
    vg_err err;
    assert_int_equal(s3_endpoint_parse(url, &endpoint, &err), VG_OK);
    s3_address_make(&address, &endpoint, moved_to, bucket, region, vg_slice_of(key));
    assert_string_equal(address.base.data, base);
    assert_string_equal(address.path.data, path);
    assert_string_equal(strstr(address.base.data, "://") + 3, address.host.data);
    s3_address_release(&address);
    s3_endpoint_release(&endpoint);
}

static void buckets_are_hosts_at_aws_and_paths_elsewhere(void **state)
{
    (void)state;
    expect(NULL, NULL, "bucket", "eu-west-1", "a/b", "https://bucket.s3.eu-west-1.amazonaws.com", "/a/b");
    expect("", NULL, "bucket", "us-east-1", "", "https://bucket.s3.us-east-1.amazonaws.com", "/");
    expect(NULL, NULL, "bucket", "cn-north-1", "k", "https://bucket.s3.cn-north-1.amazonaws.com.cn", "/k");
    expect(NULL, NULL, "my.bucket", "eu-west-1", "k", "https://s3.eu-west-1.amazonaws.com", "/my.bucket/k");
    expect(NULL, NULL, "Old_Bucket", "us-east-1", "", "https://s3.us-east-1.amazonaws.com", "/Old_Bucket");
    expect("http://127.0.0.1:9000", NULL, "bucket", "r", "//k", "http://127.0.0.1:9000", "/bucket///k");
    expect("https://s3.example.com/", NULL, "bucket", "r", "", "https://s3.example.com", "/bucket");
    expect("https://s3.example.com:443", NULL, "bucket", "r", "k", "https://s3.example.com", "/bucket/k");
    expect("http://s3.example.com:80", NULL, "bucket", "r", "k", "http://s3.example.com", "/bucket/k");
    expect("http://s3.example.com:443", NULL, "bucket", "r", "k", "http://s3.example.com:443", "/bucket/k");
    expect(NULL, "bucket.s3-us-west-2.amazonaws.com", "bucket", "us-west-2", "k",
           "https://bucket.s3-us-west-2.amazonaws.com", "/k");
    expect(NULL, "s3-us-west-2.amazonaws.com", "bucket", "us-west-2", "k", "https://s3-us-west-2.amazonaws.com",
           "/bucket/k");
}

static void refuses_endpoints_that_are_none(void **state)
{
    (void)state;
    static const char *const urls[] = {"s3.example.com", "ftp://x",    "http://", "https://u:p@host",
                                       "http://h/path",  "http://h?x", "http:///"};
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct s3_endpoint endpoint;
        vg_err err = {0};
        if (s3_endpoint_parse(urls[i], &endpoint, &err) != VG_EUSAGE) fail_msg("%s", urls[i]);
        assert_null(strstr(err.msg, "u:p"));
    }
}

static void only_hosts_of_the_same_service_are_followed(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *host;
        bool followed;
    } cases[] = {
        {NULL, "bucket.s3-us-west-2.amazonaws.com", true},
        {NULL, "s3.cn-north-1.amazonaws.com.cn", true},
        {NULL, "evil.example.com", false},
        {NULL, "amazonaws.com.evil.example.com", false},
        {NULL, "evilamazonaws.com", false},
        {NULL, "x/y.amazonaws.com", false},
        {NULL, "u@s3.amazonaws.com", false},
        {NULL, "", false},
        {"http://127.0.0.1:9000", "127.0.0.1:9001", true},
        {"http://127.0.0.1:9000", "127.0.0.2:9000", false},
        {"https://s3.example.com", "b.s3.example.com", true},
        {"https://s3.example.com", "example.com", false},
        {"https://s3.example.com", "s3.amazonaws.com", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct s3_endpoint endpoint;
        vg_err err;
        assert_int_equal(s3_endpoint_parse(cases[i].endpoint, &endpoint, &err), VG_OK);
        if (s3_endpoint_moved(&endpoint, vg_slice_of(cases[i].host)) != cases[i].followed)
            fail_msg("%s %s", cases[i].endpoint ? cases[i].endpoint : "AWS", cases[i].host);
        s3_endpoint_release(&endpoint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_hosts_at_aws_and_paths_elsewhere),
        cmocka_unit_test(refuses_endpoints_that_are_none),
        cmocka_unit_test(only_hosts_of_the_same_service_are_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
