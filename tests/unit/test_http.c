/* What needs no server; tests/e2e/s3_client.py and s3_faults.py have the rest. */
#include "net/http.h"

#include "support.h"

static void only_http_is_spoken(void **state)
{
    (void)state;
    struct http_client *client = http_client_new(&(struct http_options){0});
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://"};
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct http_request request = {.method = "GET", .url = urls[i]};
        struct http_response response = {0};
        vg_err err;
        assert_int_equal(http_fetch(client, &request, 100, &response, &err), VG_EUSAGE);
        http_response_release(&response);
    }
    http_client_free(client);
}

static void a_header_cannot_become_two(void **state)
{
    (void)state;
    struct http_client *client = http_client_new(&(struct http_options){0});
    struct net_pair header = NET_PAIR("if-match", VG_SLICE("\"a\"\r\nx-other: 1"));
    struct http_request request = {
        .method = "GET", .url = "http://127.0.0.1:1/", .headers = &header, .header_count = 1};
    struct http_response response = {0};
    vg_err err;
    assert_int_equal(http_fetch(client, &request, 100, &response, &err), VG_EUSAGE);
    header.value = VG_SLICE("\"a\"");
    assert_int_equal(http_fetch(client, &request, 100, &response, &err), VG_EIO); /* nobody is there */
    http_response_release(&response);
    http_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_http_is_spoken),
        cmocka_unit_test(a_header_cannot_become_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
