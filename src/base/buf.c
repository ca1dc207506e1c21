#include "base/buf.h"

#include <stdio.h>

void vg_buf_reserve(vg_buf *buf, size_t more)
{
    VG_ASSERT(more < SIZE_MAX / 2 - buf->len);
    size_t need = buf->len + more + 1;
    if (need <= buf->cap) return;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap += cap / 2;
    buf->data = vg_realloc(buf->data, cap);
    buf->data[buf->len] = '\0';
    buf->cap = cap;
}

void vg_buf_add(vg_buf *buf, const void *bytes, size_t n)
{
    vg_buf_reserve(buf, n);
    if (n) memcpy(buf->data + buf->len, bytes, n);
    buf->len += n;
    buf->data[buf->len] = '\0';
}

void vg_buf_adds(vg_buf *buf, const char *s) { vg_buf_add(buf, s, strlen(s)); }
void vg_buf_addc(vg_buf *buf, char c) { vg_buf_add(buf, &c, 1); }

void vg_buf_addf(vg_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    VG_ASSERT(n >= 0);
    vg_buf_reserve(buf, (size_t)n);
    vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
    va_end(again);
    buf->len += (size_t)n;
}

void vg_buf_clear(vg_buf *buf)
{
    buf->len = 0;
    if (buf->data) buf->data[0] = '\0';
}

void vg_buf_release(vg_buf *buf)
{
    free(buf->data);
    *buf = (vg_buf){0};
}

char *vg_path_join(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    while (n > 1 && a[n - 1] == '/')
        n--;
    char *path = vg_alloc(n + m + 2);
    memcpy(path, a, n);
    path[n] = '/';
    memcpy(path + n + 1, b, m + 1);
    return path;
}

int vg_text_order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
