#include "net/s3_upload.h"

#include "support.h"

static void ten_thousand_parts_are_enough_for_any_file(void **state)
{
    (void)state;
    const uint64_t mib = 1 << 20;
    assert_true(s3_part_bytes(1, 8 * mib) == 8 * mib);
    assert_true(s3_part_bytes(80000 * mib, 8 * mib) == 8 * mib);
    assert_true(s3_part_bytes(80000 * mib + 1, 8 * mib) == 9 * mib);
    static const uint64_t sizes[] = {1, 5000000000, 100000000001, 999999999999, UINT64_C(5) << 40};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint64_t part = s3_part_bytes(sizes[i], 8 * mib);
        assert_true((sizes[i] + part - 1) / part <= S3_MAX_PARTS);
        assert_true(part % mib == 0);
    }
}

static void the_etag_of_parts_is_the_md5_of_their_md5s(void **state)
{
    (void)state;
    /* hashlib.md5(hashlib.md5(b"a").digest() + hashlib.md5(b"b").digest()) */
    char *etags[] = {"0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"};
    vg_buf etag = {0};
    assert_true(s3_parts_etag(etags, 2, &etag));
    assert_string_equal(etag.data, "96e024ba2074fe77e8e965ba43a704be-2");
    char *other[] = {"0cc175b9c0f1b6a831c399e269772661", "not an MD5"};
    assert_false(s3_parts_etag(other, 2, &etag));
    vg_buf_release(&etag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_parts_are_enough_for_any_file),
        cmocka_unit_test(the_etag_of_parts_is_the_md5_of_their_md5s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
