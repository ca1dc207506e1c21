/* Decimals: parse, print, parse again; the status says exactly whether printing gives the text back. */
#include "base/dec.h"
#include "oracle.h"

/* An own reading of the rule: [-]digits[.digits]; 20 integer and 10 fractional digits that count. */
static vg_dec_status judge(const char *p, size_t n)
{
    size_t at = n > 0 && p[0] == '-', integers = 0, decimals = 0, zeros = 0, tail = 0;
    for (; at < n && p[at] >= '0' && p[at] <= '9'; at++) {
        integers++;
        if (zeros + 1 == integers && p[at] == '0') zeros++;
    }
    if (integers == 0) return VG_DEC_SYNTAX;
    if (integers > 64 || integers - zeros > 20) return VG_DEC_TOO_LONG;
    bool point = at < n && p[at] == '.';
    if (point) at++;
    for (; point && at < n && p[at] >= '0' && p[at] <= '9'; at++) {
        decimals++;
        tail = p[at] == '0' ? tail + 1 : 0;
    }
    if (at < n || (point && decimals == 0)) return VG_DEC_SYNTAX;
    return decimals - tail > 10 ? VG_DEC_TOO_LONG : VG_DEC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    vg_dec value, again;
    vg_dec_status status = vg_dec_parse(text, size, &value), truth = judge(text, size);
    CHECK((status == VG_DEC_OTHER ? VG_DEC_OK : status) == truth);
    if (truth != VG_DEC_OK) return 0;
    char printed[VG_DEC_TEXT];
    size_t n = vg_dec_print(value, printed);
    CHECK((n == size && memcmp(printed, text, n) == 0) == (status == VG_DEC_OK));
    CHECK(vg_dec_parse(printed, n, &again) == VG_DEC_OK && again == value);
    vg_dec20 wide;
    if (!vg_dec_widen(value, &wide)) return 0;
    char wider[VG_DEC_TEXT];
    CHECK(vg_dec20_print(wide, wider) == n && memcmp(wider, printed, n) == 0);
    return 0;
}
