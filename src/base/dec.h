/* dec.h: exact decimals.
 *
 * vg_dec is a 128-bit integer in units of 1e-10: what the lake's DECIMAL(30,10) columns hold. Twenty
 * integer and ten fractional digits fit; anything longer is refused, never rounded. vg_dec20 is the
 * product of two of them, in units of 1e-20 (notional = price x size). Sums and products are checked:
 * a result that does not fit is reported, so a caller can refuse it loudly.
 */
#ifndef VIGIL_BASE_DEC_H
#define VIGIL_BASE_DEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef __int128 vg_dec;
typedef __int128 vg_dec20;

#define VG_DEC_SCALE 10        /* fractional digits */
#define VG_DEC_WIDTH 30        /* digits in all */
#define VG_DEC20_WIDTH 38      /* digits of a vg_dec20 */
#define VG_DEC_ONE 10000000000 /* 1 as a vg_dec */
#define VG_DEC_TEXT 48         /* bytes that hold any printed vg_dec or vg_dec20 */

typedef enum {
    VG_DEC_OK = 0,   /* parsed, and vg_dec_print gives the same text back */
    VG_DEC_OTHER,    /* parsed exactly, but the text is not the one that vg_dec_print writes */
    VG_DEC_SYNTAX,   /* not a plain decimal: [-]digits[.digits] */
    VG_DEC_TOO_LONG, /* more digits than DECIMAL(30,10) holds */
} vg_dec_status;

/* Parses all n bytes of text. *out is set for VG_DEC_OK and VG_DEC_OTHER only. */
vg_dec_status vg_dec_parse(const char *text, size_t n, vg_dec *out);

/* Writes the exchange's own form: no exponent, no plus, at least one fractional digit, no further
 * trailing zeros ("50.0", "-0.25"). Returns the length; out is not terminated. */
size_t vg_dec_print(vg_dec value, char out[VG_DEC_TEXT]);
size_t vg_dec20_print(vg_dec20 value, char out[VG_DEC_TEXT]);

/* Appends the same text. */
void vg_buf_add_dec(vg_buf *buf, vg_dec value);
void vg_buf_add_dec20(vg_buf *buf, vg_dec20 value);

/* Checked arithmetic: false when the result leaves 128 bits; *out is then unspecified. */
static inline bool vg_dec_add(__int128 a, __int128 b, __int128 *out) { return !__builtin_add_overflow(a, b, out); }
static inline bool vg_dec_mul(vg_dec a, vg_dec b, vg_dec20 *out) { return !__builtin_mul_overflow(a, b, out); }
static inline bool vg_dec_widen(vg_dec a, vg_dec20 *out) { return vg_dec_mul(a, VG_DEC_ONE, out); }
static inline vg_dec vg_dec_abs(vg_dec a) { return a < 0 ? -a : a; }

/* Whether a x b, neither negative, has at most 38 digits: 18 integer digits as a vg_dec20. Below 63 bits, which
 * is nearly always, that needs no product. */
static inline bool vg_dec_product_fits(vg_dec a, vg_dec b)
{
    const vg_dec20 limit = (vg_dec20)10000000000000000000u * 10000000000000000000u;
    vg_dec20 product;
    return (a | b) >> 63 == 0 || (vg_dec_mul(a, b, &product) && product < limit);
}

/* For statistics and display only. */
static inline double vg_dec_double(vg_dec a) { return (double)a / 1e10; }
static inline double vg_dec20_double(vg_dec20 a) { return (double)a / 1e20; }

#endif
