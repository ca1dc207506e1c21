/* The bytes are those of the specification of Thrift's compact protocol. */
#include "lake/thrift.h"

#include "support.h"

static void assert_bytes(vg_buf *out, const char *bytes, size_t n)
{
    assert_slice(vg_buf_view(out), (vg_slice){bytes, n});
    vg_buf_release(out);
}
#define ASSERT_BYTES(out, literal) assert_bytes(out, literal, sizeof(literal) - 1)

static void numbers_take_seven_bits_a_byte(void **state)
{
    (void)state;
    vg_buf out = {0};
    static const uint64_t values[] = {0, 127, 128, 300, UINT64_MAX};
    for (size_t i = 0; i < COUNT(values); i++)
        varint_add(&out, values[i]);
    ASSERT_BYTES(&out, "\x00\x7f\x80\x01\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_true(zigzag(0) == 0 && zigzag(-1) == 1 && zigzag(1) == 2 && zigzag(-2) == 3);
    assert_true(zigzag(INT64_MAX) == UINT64_MAX - 1 && zigzag(INT64_MIN) == UINT64_MAX);
}

static void fields_say_how_far_they_are_from_the_one_before(void **state)
{
    (void)state;
    vg_buf out = {0};
    struct thrift t;
    thrift_begin(&t, &out);
    thrift_i32(&t, 1, -1);
    thrift_i64(&t, 3, 64);
    thrift_bool(&t, 4, true);
    thrift_bool(&t, 5, false);
    thrift_text(&t, 20, "ab");
    thrift_binary(&t, 21, "\0", 1);
    thrift_end(&t);
    ASSERT_BYTES(&out, "\x15\x01\x26\x80\x01\x11\x12\xf8\x02"
                       "ab\x18\x01\x00\x00");
}

static void structs_count_their_own_fields(void **state)
{
    (void)state;
    vg_buf out = {0};
    struct thrift t;
    thrift_begin(&t, &out);
    thrift_i32(&t, 4, 0);
    thrift_struct(&t, 5);
    thrift_i32(&t, 1, 1);
    thrift_struct(&t, 2);
    thrift_end(&t);
    thrift_end(&t);
    thrift_i32(&t, 6, 2); /* goes on where the outer struct was */
    thrift_end(&t);
    ASSERT_BYTES(&out, "\x45\x00\x1c\x15\x02\x1c\x00\x00\x15\x04\x00");
}

static void lists_have_a_short_and_a_long_head(void **state)
{
    (void)state;
    vg_buf out = {0};
    struct thrift t;
    thrift_begin(&t, &out);
    thrift_list(&t, 1, THRIFT_I32, 2);
    thrift_element_i32(&t, 1);
    thrift_element_i32(&t, -1);
    thrift_list(&t, 2, THRIFT_BINARY, 15);
    for (int i = 0; i < 15; i++)
        thrift_element_text(&t, "x");
    thrift_list(&t, 3, THRIFT_STRUCT, 1);
    thrift_element(&t);
    thrift_i32(&t, 1, 3);
    thrift_end(&t);
    thrift_end(&t);
    ASSERT_BYTES(&out,
                 "\x19\x25\x02\x01\x19\xf8\x0f\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x"
                 "\x01x\x19\x1c\x15\x06\x00\x00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_seven_bits_a_byte),
        cmocka_unit_test(fields_say_how_far_they_are_from_the_one_before),
        cmocka_unit_test(structs_count_their_own_fields),
        cmocka_unit_test(lists_have_a_short_and_a_long_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
