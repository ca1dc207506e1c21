#include "base/hex.h"
#include "support.h"

static void encodes_as_printf_does(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (size_t n = 4; n <= 64; n += 4)
        for (int i = 0; i < 200; i++) {
            uint8_t bytes[64], again[64];
            char text[129], wanted[129];
            for (size_t k = 0; k < n; k++) {
                bytes[k] = (uint8_t)vg_rng_below(&rng, 256);
                snprintf(wanted + 2 * k, 3, "%02x", bytes[k]);
            }
            text[2 * n] = '\0';
            vg_hex_encode(bytes, n, text);
            assert_string_equal(text, wanted);
            assert_true(vg_hex_decode(text, again, n));
            assert_memory_equal(again, bytes, n);
        }
}

static void takes_only_lower_case_digits_at_every_place(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 16; at++)
        for (unsigned c = 0; c < 256; c++) {
            char text[] = "0123456789abcdef";
            uint8_t bytes[8];
            text[at] = (char)c;
            bool good = c && strchr("0123456789abcdef", (int)c);
            if (vg_hex_decode(text, bytes, 8) != good) fail_msg("byte %u at %u", c, at);
            if (good)
                assert_int_equal(at % 2 ? bytes[at / 2] & 15 : bytes[at / 2] >> 4, c < 'a' ? c - '0' : c - 'a' + 10);
        }
}

static void writes_exactly_the_bytes_asked_for(void **state)
{
    (void)state;
    uint8_t bytes[8] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
    assert_true(vg_hex_decode("01020304", bytes, 4));
    assert_int_equal(bytes[3], 4);
    assert_int_equal(bytes[4], 0xaa);
    char text[12];
    memset(text, 'x', sizeof text);
    vg_hex_encode(bytes, 4, text);
    assert_memory_equal(text, "01020304xxxx", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_as_printf_does),
        cmocka_unit_test(takes_only_lower_case_digits_at_every_place),
        cmocka_unit_test(writes_exactly_the_bytes_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
