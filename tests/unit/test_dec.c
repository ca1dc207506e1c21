/* Decimals against vectors from Python's decimal module and against arithmetic by hand on digit strings. */
#include "base/dec.h"
#include "support.h"

static const struct {
    const char *text;
    vg_dec_status status;
    const char *units; /* the value times 10^10 */
} vectors[] = {
    /* from a Python script: int(Decimal(text) * 10**10) and a regular expression for the status */
    {"0.0", VG_DEC_OK, "0"},
    {"1.0", VG_DEC_OK, "10000000000"},
    {"-1.0", VG_DEC_OK, "-10000000000"},
    {"0.5", VG_DEC_OK, "5000000000"},
    {"-0.25", VG_DEC_OK, "-2500000000"},
    {"50.0", VG_DEC_OK, "500000000000"},
    {"76466.0", VG_DEC_OK, "764660000000000"},
    {"0.0000086141", VG_DEC_OK, "86141"},
    {"12817942.2417900003", VG_DEC_OK, "128179422417900003"},
    {"2549046.7684444501", VG_DEC_OK, "25490467684444501"},
    {"-0.0", VG_DEC_OTHER, "0"},
    {"0", VG_DEC_OTHER, "0"},
    {"-0", VG_DEC_OTHER, "0"},
    {"00.1", VG_DEC_OTHER, "1000000000"},
    {"01.0", VG_DEC_OTHER, "10000000000"},
    {"0.10", VG_DEC_OTHER, "1000000000"},
    {"1.50", VG_DEC_OTHER, "15000000000"},
    {"1", VG_DEC_OTHER, "10000000000"},
    {"-1", VG_DEC_OTHER, "-10000000000"},
    {"1.", VG_DEC_SYNTAX, NULL},
    {".5", VG_DEC_SYNTAX, NULL},
    {"+1", VG_DEC_SYNTAX, NULL},
    {"+1.0", VG_DEC_SYNTAX, NULL},
    {"-", VG_DEC_SYNTAX, NULL},
    {"", VG_DEC_SYNTAX, NULL},
    {"-.5", VG_DEC_SYNTAX, NULL},
    {"--1", VG_DEC_SYNTAX, NULL},
    {"1e5", VG_DEC_SYNTAX, NULL},
    {"1E5", VG_DEC_SYNTAX, NULL},
    {"1.0e1", VG_DEC_SYNTAX, NULL},
    {"1,5", VG_DEC_SYNTAX, NULL},
    {"1.5.2", VG_DEC_SYNTAX, NULL},
    {"0x10", VG_DEC_SYNTAX, NULL},
    {" 1.0", VG_DEC_SYNTAX, NULL},
    {"1.0 ", VG_DEC_SYNTAX, NULL},
    {"1.0\n", VG_DEC_SYNTAX, NULL},
    {"NaN", VG_DEC_SYNTAX, NULL},
    {"inf", VG_DEC_SYNTAX, NULL},
    {"99999999999999999999.9999999999", VG_DEC_OK, "999999999999999999999999999999"},
    {"-99999999999999999999.9999999999", VG_DEC_OK, "-999999999999999999999999999999"},
    {"100000000000000000000.0", VG_DEC_TOO_LONG, NULL},
    {"-100000000000000000000.0", VG_DEC_TOO_LONG, NULL},
    {"9999999999999999999.0", VG_DEC_OK, "99999999999999999990000000000"},
    {"10000000000000000000.0", VG_DEC_OK, "100000000000000000000000000000"},
    {"18446744073709551615.0", VG_DEC_OK, "184467440737095516150000000000"},
    {"18446744073709551616.0", VG_DEC_OK, "184467440737095516160000000000"},
    {"18446744073709551615.9999999999", VG_DEC_OK, "184467440737095516159999999999"},
    {"0.0000000001", VG_DEC_OK, "1"},
    {"-0.0000000001", VG_DEC_OK, "-1"},
    {"0.00000000001", VG_DEC_TOO_LONG, NULL},
    {"0.10000000000", VG_DEC_OTHER, "1000000000"},
    {"0.00000000000", VG_DEC_OTHER, "0"},
    {"1.12345678901", VG_DEC_TOO_LONG, NULL},
    {"1.12345678900", VG_DEC_OTHER, "11234567890"},
    {"1.1234567890", VG_DEC_OTHER, "11234567890"},
    {"1.123456789", VG_DEC_OK, "11234567890"},
    {"00000000000000000001.0", VG_DEC_OTHER, "10000000000"},
    {"000000000000000000000000000001.5", VG_DEC_OTHER, "15000000000"},
    {"99999999999999999999", VG_DEC_OTHER, "999999999999999999990000000000"},
    {"12345678901234567890.0123456789", VG_DEC_OK, "123456789012345678900123456789"},
    {"0000000000000000000000000000000000000000000000000000000000000007.0", VG_DEC_OTHER, "70000000000"},
    {"00000000000000000000000000000000000000000000000000000000000000007.0", VG_DEC_TOO_LONG, NULL},
    {"0000000000000000000000000000000000000000000000000000000000000000.0", VG_DEC_OTHER, "0"},
    {"00000000000000000000000000000000000000000000000000000000000000000.0", VG_DEC_TOO_LONG, NULL},
    {"9999999999999999999999999999999999999999999999999999999999999999.0", VG_DEC_TOO_LONG, NULL},
    {"99999999999999999999999999999999999999999999999999999999999999999.0", VG_DEC_TOO_LONG, NULL},
    {"99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"
     "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"
     "99999999999999999999999999999999999999999999999999999999999999999999999999",
     VG_DEC_TOO_LONG, NULL},
    {"1.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
     VG_DEC_OTHER, "10000000000"},
    {"1.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
     VG_DEC_TOO_LONG, NULL},
    {"123456789012345678.5", VG_DEC_OK, "1234567890123456785000000000"},
    {"1234567890123456789.5", VG_DEC_OK, "12345678901234567895000000000"},
    {"-1234567890123456789.5", VG_DEC_OK, "-12345678901234567895000000000"},
    {"5.0", VG_DEC_OK, "50000000000"},
    {"5.00", VG_DEC_OTHER, "50000000000"},
    {"-5.05", VG_DEC_OK, "-50500000000"},
    {"1_0.0", VG_DEC_SYNTAX, NULL},
    {"１.0", VG_DEC_SYNTAX, NULL},
    {"0.0.", VG_DEC_SYNTAX, NULL},
    {"1.0-", VG_DEC_SYNTAX, NULL},
};

/* --- numbers as strings of digits, least significant first; slow and plain --- */

struct digits {
    unsigned n; /* without leading zeros; 0: zero */
    unsigned char d[96];
    bool negative;
};

static void trim(struct digits *a)
{
    while (a->n && a->d[a->n - 1] == 0)
        a->n--;
    if (a->n == 0) a->negative = false;
}

static struct digits digits_of(const char *text)
{
    struct digits a = {.negative = *text == '-'};
    text += a.negative;
    size_t n = strlen(text);
    assert_true(n <= sizeof a.d);
    for (size_t i = 0; i < n; i++)
        a.d[a.n++] = (unsigned char)(text[n - 1 - i] - '0');
    trim(&a);
    return a;
}

static int compare_magnitude(const struct digits *a, const struct digits *b)
{
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    for (unsigned i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i]) return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static struct digits longhand_product(const struct digits *a, const struct digits *b)
{
    struct digits c = {.n = a->n + b->n, .negative = a->negative != b->negative};
    for (unsigned i = 0; i < a->n; i++) {
        unsigned carry = 0;
        for (unsigned k = 0; k < b->n || carry; k++) {
            unsigned x = c.d[i + k] + carry + (k < b->n ? (unsigned)a->d[i] * b->d[k] : 0);
            c.d[i + k] = (unsigned char)(x % 10);
            carry = x / 10;
        }
    }
    trim(&c);
    return c;
}

static struct digits longhand_sum(const struct digits *a, const struct digits *b)
{
    if (a->negative != b->negative && compare_magnitude(a, b) < 0) return longhand_sum(b, a);
    struct digits c = {.negative = a->negative};
    bool subtract = a->negative != b->negative;
    int carry = 0;
    for (unsigned i = 0; i < a->n || i < b->n || carry; i++) {
        int x = (i < a->n ? a->d[i] : 0) + carry, y = i < b->n ? b->d[i] : 0;
        x = subtract ? x - y : x + y;
        carry = x < 0 ? -1 : x / 10;
        c.d[c.n++] = (unsigned char)((x + 10) % 10);
    }
    trim(&c);
    return c;
}

/* The text of a number with `scale` fractional digits in the exchange's form. */
static void longhand_print(const struct digits *a, unsigned scale, char *out)
{
    unsigned whole = a->n > scale ? a->n : scale + 1, end = 0;
    while (end + 1 < scale && (end >= a->n || a->d[end] == 0))
        end++;
    if (a->negative) *out++ = '-';
    for (unsigned i = whole; i-- > end;) {
        *out++ = (char)('0' + (i < a->n ? a->d[i] : 0));
        if (i == scale) *out++ = '.';
    }
    *out = '\0';
}

static void to_digits(__int128 value, char *out)
{
    char text[48], *p = text + sizeof text;
    unsigned __int128 m = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    *--p = '\0';
    do {
        *--p = (char)('0' + (unsigned)(m % 10));
        m /= 10;
    } while (m);
    if (value < 0) *--p = '-';
    strcpy(out, p);
}

static void random_text(struct vg_rng *rng, unsigned max_integers, char *out)
{
    uint64_t integers = 1 + vg_rng_below(rng, max_integers), decimals = 1 + vg_rng_below(rng, 10);
    if (vg_rng_below(rng, 2)) *out++ = '-';
    for (uint64_t i = 0; i < integers; i++)
        *out++ = (char)('0' + (integers > 1 && i == 0 ? 1 + vg_rng_below(rng, 9) : vg_rng_below(rng, 10)));
    *out++ = '.';
    for (uint64_t i = 0; i < decimals; i++)
        *out++ = (char)('0' + (i + 1 == decimals && i > 0 ? 1 + vg_rng_below(rng, 9) : vg_rng_below(rng, 10)));
    *out = '\0';
}

/* --- tests --- */

static void parses_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        vg_dec value = -7;
        vg_dec_status status = vg_dec_parse(vectors[i].text, strlen(vectors[i].text), &value);
        if (status != vectors[i].status)
            fail_msg("'%s': status %d, not %d", vectors[i].text, status, vectors[i].status);
        if (!vectors[i].units) {
            assert_true(value == -7); /* untouched */
            continue;
        }
        char units[48];
        to_digits(value, units);
        assert_string_equal(units, vectors[i].units);
    }
}

static void says_ok_exactly_when_printing_gives_the_text_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        vg_dec value;
        char text[VG_DEC_TEXT];
        vg_dec_status status = vg_dec_parse(vectors[i].text, strlen(vectors[i].text), &value);
        if (status != VG_DEC_OK && status != VG_DEC_OTHER) continue;
        vg_slice printed = {text, vg_dec_print(value, text)};
        assert_int_equal(vg_slice_is(printed, vectors[i].text), status == VG_DEC_OK);
    }
}

static void never_reads_beyond_its_bytes(void **state)
{
    (void)state;
    vg_dec value;
    assert_int_equal(vg_dec_parse("1.25", 3, &value), VG_DEC_OK);
    assert_true(value == 12 * (vg_dec)1000000000);
    assert_int_equal(vg_dec_parse("1.25", 2, &value), VG_DEC_SYNTAX);
    assert_int_equal(vg_dec_parse("1.25", 0, &value), VG_DEC_SYNTAX);
    char zero[] = {'1', '\0', '5'};
    assert_int_equal(vg_dec_parse(zero, 3, &value), VG_DEC_SYNTAX);
    char *exact = malloc(3); /* the address sanitizer looks behind the last byte */
    memcpy(exact, "1.5", 3);
    assert_int_equal(vg_dec_parse(exact, 3, &value), VG_DEC_OK);
    free(exact);
}

static void refuses_every_byte_that_is_no_digit(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (unsigned at = 0; at < 5; at++) {
            char text[] = "12.34";
            vg_dec value;
            text[at] = (char)c;
            bool good = (c >= '0' && c <= '9') || (at == 2 && c == '.') || (at == 0 && c == '-');
            vg_dec_status status = vg_dec_parse(text, 5, &value);
            if (at == 0 && c == '0')
                assert_int_equal(status, VG_DEC_OTHER); /* 02.34 */
            else if (at == 4 && c == '0')
                assert_int_equal(status, VG_DEC_OTHER); /* 12.30 */
            else if (at == 2 && good && c != '.')
                assert_int_equal(status, VG_DEC_OTHER); /* 12534 */
            else if ((at == 1 || at == 3) && c == '.')
                assert_int_equal(status, VG_DEC_SYNTAX); /* two points */
            else
                assert_int_equal(status, good ? VG_DEC_OK : VG_DEC_SYNTAX);
        }
}

static void gives_random_texts_back(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 100000; i++) {
        char text[64], again[VG_DEC_TEXT];
        vg_dec value;
        random_text(&rng, 20, text);
        if (strcmp(text, "-0.0") == 0) continue;
        assert_int_equal(vg_dec_parse(text, strlen(text), &value), VG_DEC_OK);
        assert_slice((vg_slice){again, vg_dec_print(value, again)}, vg_slice_of(text));
    }
}

static void prints_the_largest_and_smallest_of_128_bits(void **state)
{
    (void)state;
    __int128 max = ((__int128)1 << 126) - 1 + ((__int128)1 << 126), min = -max - 1;
    char out[VG_DEC_TEXT];
    assert_slice_is(((vg_slice){out, vg_dec_print(max, out)}), "17014118346046923173168730371.5884105727");
    assert_slice_is(((vg_slice){out, vg_dec_print(min, out)}), "-17014118346046923173168730371.5884105728");
    assert_slice_is(((vg_slice){out, vg_dec20_print(max, out)}), "1701411834604692317.31687303715884105727");
    assert_slice_is(((vg_slice){out, vg_dec20_print(min, out)}), "-1701411834604692317.31687303715884105728");
    assert_slice_is(((vg_slice){out, vg_dec20_print(1, out)}), "0.00000000000000000001");
    assert_slice_is(((vg_slice){out, vg_dec20_print(0, out)}), "0.0");
    assert_slice_is(((vg_slice){out, vg_dec20_print(-(__int128)VG_DEC_ONE * VG_DEC_ONE, out)}), "-1.0");
}

static void appends_the_same_text_to_a_buffer(void **state)
{
    (void)state;
    vg_buf buf = {0};
    vg_buf_add_dec(&buf, -25 * (vg_dec)100000000);
    vg_buf_addc(&buf, ' ');
    vg_buf_add_dec20(&buf, 5);
    assert_string_equal(buf.data, "-0.25 0.00000000000000000005");
    vg_buf_release(&buf);
}

static void multiplies_as_by_hand_and_reports_what_does_not_fit(void **state)
{
    (void)state;
    const struct digits max = digits_of("170141183460469231731687303715884105727"),
                        min = digits_of("170141183460469231731687303715884105728"),
                        widest = digits_of("99999999999999999999999999999999999999");
    struct vg_rng rng;
    vg_rng_init(&rng, 2);
    unsigned fitted = 0, overflowed = 0;
    for (int i = 0; i < 20000; i++) {
        char a_text[64], b_text[64], units[48], wanted[128], got[VG_DEC_TEXT];
        vg_dec a, b;
        vg_dec20 product;
        random_text(&rng, 20, a_text);
        random_text(&rng, i % 2 ? 5 : 20, b_text);
        vg_dec_status status = vg_dec_parse(a_text, strlen(a_text), &a);
        assert_true(status == VG_DEC_OK || status == VG_DEC_OTHER);
        status = vg_dec_parse(b_text, strlen(b_text), &b);
        assert_true(status == VG_DEC_OK || status == VG_DEC_OTHER);
        to_digits(a, units);
        struct digits x = digits_of(units);
        to_digits(b, units);
        struct digits y = digits_of(units), truth = longhand_product(&x, &y);
        bool fits = compare_magnitude(&truth, truth.negative ? &min : &max) <= 0;
        assert_int_equal(vg_dec_mul(a, b, &product), fits);
        bool short_enough = compare_magnitude(&truth, &widest) <= 0;
        if (a >= 0 && b >= 0) assert_int_equal(vg_dec_product_fits(a, b), short_enough);
        fitted += fits;
        overflowed += !fits;
        if (!fits) continue;
        longhand_print(&truth, 20, wanted);
        assert_slice((vg_slice){got, vg_dec20_print(product, got)}, vg_slice_of(wanted));
    }
    assert_true(fitted > 1000 && overflowed > 1000);
}

static void adds_as_by_hand_and_reports_what_does_not_fit(void **state)
{
    (void)state;
    const struct digits max = digits_of("170141183460469231731687303715884105727"),
                        min = digits_of("170141183460469231731687303715884105728");
    struct vg_rng rng;
    vg_rng_init(&rng, 3);
    unsigned fitted = 0, overflowed = 0;
    for (int i = 0; i < 20000; i++) {
        unsigned shift = i % 3 ? 0 : (unsigned)vg_rng_below(&rng, 127);
        __int128 a = (__int128)((unsigned __int128)vg_rng_next(&rng) << 64 | vg_rng_next(&rng)) >> shift;
        __int128 b = (__int128)((unsigned __int128)vg_rng_next(&rng) << 64 | vg_rng_next(&rng)), sum;
        char units[48], wanted[128], got[VG_DEC_TEXT];
        to_digits(a, units);
        struct digits x = digits_of(units);
        to_digits(b, units);
        struct digits y = digits_of(units), truth = longhand_sum(&x, &y);
        bool fits = compare_magnitude(&truth, truth.negative ? &min : &max) <= 0;
        assert_int_equal(vg_dec_add(a, b, &sum), fits);
        fitted += fits;
        overflowed += !fits;
        if (!fits) continue;
        longhand_print(&truth, 10, wanted);
        assert_slice((vg_slice){got, vg_dec_print(sum, got)}, vg_slice_of(wanted));
    }
    assert_true(fitted > 1000 && overflowed > 1000);
}

static void widens_without_changing_the_value(void **state)
{
    (void)state;
    vg_dec a;
    vg_dec20 wide;
    char text[VG_DEC_TEXT];
    assert_int_equal(vg_dec_parse("-12.5", 5, &a), VG_DEC_OK);
    assert_true(vg_dec_widen(a, &wide));
    assert_slice_is(((vg_slice){text, vg_dec20_print(wide, text)}), "-12.5");
    const char *largest = "1701411834604692317.3168730371", *beyond = "1701411834604692317.3168730372";
    assert_int_equal(vg_dec_parse(largest, strlen(largest), &a), VG_DEC_OK);
    assert_true(vg_dec_widen(a, &wide));
    assert_int_equal(vg_dec_parse(beyond, strlen(beyond), &a), VG_DEC_OK);
    assert_false(vg_dec_widen(a, &wide));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_as_python_does),
        cmocka_unit_test(says_ok_exactly_when_printing_gives_the_text_back),
        cmocka_unit_test(never_reads_beyond_its_bytes),
        cmocka_unit_test(refuses_every_byte_that_is_no_digit),
        cmocka_unit_test(gives_random_texts_back),
        cmocka_unit_test(prints_the_largest_and_smallest_of_128_bits),
        cmocka_unit_test(appends_the_same_text_to_a_buffer),
        cmocka_unit_test(multiplies_as_by_hand_and_reports_what_does_not_fit),
        cmocka_unit_test(adds_as_by_hand_and_reports_what_does_not_fit),
        cmocka_unit_test(widens_without_changing_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
