/* err.h: errors as values.
 *
 * A function that can fail returns a vg_code and, when the caller passed one, fills a vg_err with a
 * sentence that a person can act on: what happened, where, and what was found. Bad input is never a
 * bug; broken promises between our own functions are, and end the program through VG_BUG().
 */
#ifndef VIGIL_BASE_ERR_H
#define VIGIL_BASE_ERR_H

#include <stdarg.h>
#include <stdlib.h>

typedef enum {
    VG_OK = 0,
    VG_EIO,     /* the operating system refused: sys holds errno */
    VG_EPARSE,  /* input does not follow its format */
    VG_ELIMIT,  /* input exceeds a stated bound */
    VG_EUSAGE,  /* the caller asked for something that makes no sense */
    VG_ESTATE,  /* the lake or a file is not in the state that the operation needs */
    VG_ECANCEL, /* stopped on request */
} vg_code;

typedef struct {
    vg_code code;
    int sys;        /* errno where one is known, else 0 */
    char msg[1000]; /* one complete sentence, terminated */
} vg_err;

#define VG_MUST_USE __attribute__((warn_unused_result))
#define VG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills `err` (may be NULL) and returns `code`, so that a failure is one line. */
vg_code vg_fail(vg_err *err, vg_code code, const char *format, ...) VG_PRINTF(3, 4);

/* As vg_fail with VG_EIO, appending the text of errno. */
vg_code vg_fail_errno(vg_err *err, const char *format, ...) VG_PRINTF(2, 3);

/* Passes a failure up. */
#define VG_TRY(expr)                           \
    do {                                       \
        vg_code vg_try_code_ = (expr);         \
        if (vg_try_code_) return vg_try_code_; \
    } while (0)

/* Leaves through the label `out`, with the code in the local variable `rc`. */
#define VG_GO(expr)       \
    do {                  \
        rc = (expr);      \
        if (rc) goto out; \
    } while (0)

_Noreturn void vg_bug(const char *file, int line, const char *what);
#define VG_BUG(what) vg_bug(__FILE__, __LINE__, what)
#define VG_ASSERT(cond) ((cond) ? (void)0 : VG_BUG(#cond))

/* Allocation that aborts when memory is out. Sizes that come from input are checked before. */
void *vg_alloc(size_t size);
void *vg_calloc(size_t count, size_t size);
void *vg_realloc(void *p, size_t size);
char *vg_strdup(const char *s);

#endif
