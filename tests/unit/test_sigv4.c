/* Vectors: the examples of "Authenticating Requests: Using the Authorization Header" of the Amazon S3 API Reference,
 * and AWS's Signature Version 4 test suite. tests/e2e/sigv4.py compares many more requests with botocore. */
#include "net/sigv4.h"

#include "support.h"

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct aws_keys s3_keys = {.access_key = "AKIAIOSFODNN7EXAMPLE",
                                        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
static const struct aws_keys suite_keys = {.access_key = "AKIDEXAMPLE",
                                           .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

static struct sigv4_request s3_example(const char *method, const char *path)
{
    return (struct sigv4_request){.method = method,
                                  .host = "examplebucket.s3.amazonaws.com",
                                  .path = vg_slice_of(path),
                                  .payload_hash = EMPTY_HASH,
                                  .region = "us-east-1",
                                  .service = "s3",
                                  .keys = &s3_keys,
                                  .time_s = 1369353600};
}

static struct sigv4_request suite_request(const char *method)
{
    return (struct sigv4_request){.method = method,
                                  .host = "example.amazonaws.com",
                                  .path = VG_SLICE("/"),
                                  .payload_hash = EMPTY_HASH,
                                  .region = "us-east-1",
                                  .service = "service",
                                  .keys = &suite_keys,
                                  .time_s = 1440938160};
}

static void expect(const struct sigv4_request *request, const char *target, const char *signed_headers,
                   const char *signature)
{
    struct sigv4_signed out = {0};
    sigv4_sign(request, &out);
    assert_string_equal(out.target.data, target);
    bool is_s3 = strcmp(request->service, "s3") == 0;
    vg_buf wanted = {0};
    vg_buf_addf(&wanted, "AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/%s/aws4_request, SignedHeaders=%s, Signature=%s",
                request->keys->access_key, is_s3 ? "20130524" : "20150830", request->service, signed_headers,
                signature);
    assert_string_equal(out.authorization.data, wanted.data);
    assert_string_equal(out.date, is_s3 ? "20130524T000000Z" : "20150830T123600Z");
    vg_buf_release(&wanted);
    sigv4_signed_release(&out);
}

static void signs_the_examples_of_s3(void **state)
{
    (void)state;
    struct net_pair range = NET_PAIR("Range", VG_SLICE("bytes=0-9"));
    struct sigv4_request get = s3_example("GET", "/test.txt");
    get.headers = &range;
    get.header_count = 1;
    expect(&get, "/test.txt", "host;range;x-amz-content-sha256;x-amz-date",
           "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    char hash[SIGV4_HASH_TEXT];
    sigv4_hash(VG_SLICE("Welcome to Amazon S3."), hash);
    struct net_pair headers[] = {NET_PAIR("x-amz-storage-class", VG_SLICE("REDUCED_REDUNDANCY")),
                                 NET_PAIR("Date", VG_SLICE("Fri, 24 May 2013 00:00:00 GMT"))};
    struct sigv4_request put = s3_example("PUT", "/test$file.text");
    put.headers = headers;
    put.header_count = COUNT(headers);
    put.payload_hash = hash;
    expect(&put, "/test%24file.text", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
           "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

    struct net_pair lifecycle = NET_PAIR("lifecycle", VG_SLICE(""));
    struct sigv4_request rules = s3_example("GET", "/");
    rules.query = &lifecycle;
    rules.query_count = 1;
    expect(&rules, "/?lifecycle=", "host;x-amz-content-sha256;x-amz-date",
           "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");

    struct net_pair query[] = {NET_PAIR("prefix", VG_SLICE("J")), NET_PAIR("max-keys", VG_SLICE("2"))};
    struct sigv4_request list = s3_example("GET", "/");
    list.query = query;
    list.query_count = COUNT(query);
    expect(&list, "/?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
           "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void signs_the_test_suite(void **state)
{
    (void)state;
    struct sigv4_request get = suite_request("GET");
    expect(&get, "/", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");

    struct net_pair query[] = {NET_PAIR("Param2", VG_SLICE("value2")), NET_PAIR("Param1", VG_SLICE("value1"))};
    get.query = query;
    get.query_count = COUNT(query);
    expect(&get, "/?Param1=value1&Param2=value2", "host;x-amz-date",
           "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");

    struct net_pair blanks[] = {NET_PAIR("My-Header1", VG_SLICE(" value1")),
                                NET_PAIR("My-Header2", VG_SLICE(" \"a   b   c\""))};
    get = suite_request("GET");
    get.headers = blanks;
    get.header_count = COUNT(blanks);
    expect(&get, "/", "host;my-header1;my-header2;x-amz-date",
           "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");

    struct sigv4_request post = suite_request("POST");
    expect(&post, "/", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");

    char hash[SIGV4_HASH_TEXT];
    sigv4_hash(VG_SLICE("Param1=value1"), hash);
    struct net_pair form = NET_PAIR("Content-Type", VG_SLICE("application/x-www-form-urlencoded"));
    post.headers = &form;
    post.header_count = 1;
    post.payload_hash = hash;
    expect(&post, "/", "content-type;host;x-amz-date",
           "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

static void a_session_token_is_a_signed_header(void **state)
{
    (void)state;
    struct aws_keys keys = suite_keys;
    keys.session_token =
        "AQoDYXdzEPT//////////"
        "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwt"
        "hAx7mSEI/qkPpKPi/"
        "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX"
        "AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/"
        "oLxBA==";
    struct sigv4_request post = suite_request("POST");
    post.keys = &keys;
    expect(&post, "/", "host;x-amz-date;x-amz-security-token",
           "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
}

static void other_services_have_the_path_encoded_twice_in_the_signature_only(void **state)
{
    (void)state;
    struct sigv4_request once = suite_request("GET"), twice = suite_request("GET");
    once.path = VG_SLICE("/a b");
    struct sigv4_signed a = {0}, b = {0};
    sigv4_sign(&once, &a);
    assert_string_equal(a.target.data, "/a%20b");
    twice.path = VG_SLICE("/a%20b");
    sigv4_sign(&twice, &b);
    assert_string_equal(b.target.data, "/a%2520b");
    assert_string_not_equal(a.authorization.data, b.authorization.data);
    sigv4_signed_release(&a);
    sigv4_signed_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_examples_of_s3),
        cmocka_unit_test(signs_the_test_suite),
        cmocka_unit_test(a_session_token_is_a_signed_header),
        cmocka_unit_test(other_services_have_the_path_encoded_twice_in_the_signature_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
