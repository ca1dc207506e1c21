#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

vg_code vg_fail(vg_err *err, vg_code code, const char *format, ...)
{
    if (!err) return code;
    va_list args;
    va_start(args, format);
    err->code = code;
    err->sys = 0;
    vsnprintf(err->msg, sizeof err->msg, format, args);
    va_end(args);
    return code;
}

vg_code vg_fail_errno(vg_err *err, const char *format, ...)
{
    int sys = errno;
    if (!err) return VG_EIO;
    va_list args;
    va_start(args, format);
    err->code = VG_EIO;
    err->sys = sys;
    int n = vsnprintf(err->msg, sizeof err->msg, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->msg)
        snprintf(err->msg + n, sizeof err->msg - (size_t)n, ": %s", strerror(sys));
    return VG_EIO;
}

void vg_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "vigil: bug at %s:%d: %s\n", file, line, what);
    abort();
}

static void *check(void *p)
{
    if (!p) {
        fputs("vigil: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *vg_alloc(size_t size) { return check(malloc(size ? size : 1)); }
void *vg_calloc(size_t count, size_t size) { return check(calloc(count ? count : 1, size ? size : 1)); }
void *vg_realloc(void *p, size_t size) { return check(realloc(p, size ? size : 1)); }
char *vg_strdup(const char *s) { return check(strdup(s)); }
