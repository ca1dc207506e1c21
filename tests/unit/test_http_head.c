#include "net/http_head.h"

#include "support.h"

static const vg_slice head =
    VG_SLICE("Server: x\r\nETag: \"abc\"\r\nX-Empty:\r\ncontent-length:  12 \r\nETag: second\r\n\r\n");

static void finds_headers_whatever_their_case(void **state)
{
    (void)state;
    assert_slice_is(http_header(head, "etag"), "\"abc\"");
    assert_slice_is(http_header(head, "Content-Length"), "12");
    assert_slice_is(http_header(head, "server"), "x");
    assert_true(http_header(head, "x-empty").p && http_header(head, "x-empty").n == 0);
    assert_null(http_header(head, "tag").p);
    assert_null(http_header(head, "etag:").p);
    assert_null(http_header(VG_SLICE(""), "etag").p);
    assert_slice_is(http_header(VG_SLICE("a: b"), "a"), "b");
}

static void reads_dates(void **state)
{
    (void)state;
    assert_true(http_date(VG_SLICE("Sun, 06 Nov 1994 08:49:37 GMT")) == 784111777); /* RFC 9110, 5.6.7; date -d */
    assert_true(http_date(VG_SLICE("soon")) == -1);
    assert_true(http_date((vg_slice){NULL, 0}) == -1);
}

static void reads_how_long_to_wait(void **state)
{
    (void)state;
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: 3\r\n"), 0) == 3000);
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 784111770) == 7000);
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 784111780) == 0);
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: later\r\n"), 0) == 0);
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: 99999999999999999999\r\n"), 0) == 0);
    assert_true(http_retry_after_ms(VG_SLICE("Retry-After: 9999999999999\r\n"), 0) >= 3600000);
    assert_true(http_retry_after_ms(head, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_headers_whatever_their_case),
        cmocka_unit_test(reads_dates),
        cmocka_unit_test(reads_how_long_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
