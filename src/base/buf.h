/* buf.h: borrowed bytes (vg_slice) and growable bytes (vg_buf).
 *
 * A slice owns nothing; the header that hands one out says how long it lives. A buffer's `data` is
 * always followed by a NUL that `len` does not count, so buf.data may be used as a C string; a zeroed
 * vg_buf is valid and empty.
 */
#ifndef VIGIL_BASE_BUF_H
#define VIGIL_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

typedef struct {
    const char *p;
    size_t n;
} vg_slice;

typedef struct {
    char *data; /* NULL until the first byte arrives */
    size_t len, cap;
} vg_buf;

#define VG_SLICE(literal) ((vg_slice){(literal), sizeof(literal) - 1})

static inline vg_slice vg_slice_of(const char *s) { return (vg_slice){s, strlen(s)}; }
static inline bool vg_slice_eq(vg_slice a, vg_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool vg_slice_is(vg_slice a, const char *s) { return vg_slice_eq(a, vg_slice_of(s)); }

/* Makes room for `more` further bytes and the closing NUL; then direct writes at data + len are safe. */
void vg_buf_reserve(vg_buf *buf, size_t more);
void vg_buf_add(vg_buf *buf, const void *bytes, size_t n);
void vg_buf_adds(vg_buf *buf, const char *s);
void vg_buf_addc(vg_buf *buf, char c);
/* The format is never NULL: said, because gcc with sanitizers thinks it might be. */
void vg_buf_addf(vg_buf *buf, const char *format, ...) VG_PRINTF(2, 3) __attribute__((nonnull(2)));
void vg_buf_clear(vg_buf *buf);   /* keeps the memory */
void vg_buf_release(vg_buf *buf); /* frees and zeroes */

static inline vg_slice vg_buf_view(const vg_buf *buf) { return (vg_slice){buf->data ? buf->data : "", buf->len}; }
static inline const char *vg_buf_str(const vg_buf *buf) { return buf->data ? buf->data : ""; }

/* Joins a path of two parts with one '/'. The caller frees. */
char *vg_path_join(const char *a, const char *b);

/* For qsort and bsearch over texts (char *). */
int vg_text_order(const void *a, const void *b);

#endif
