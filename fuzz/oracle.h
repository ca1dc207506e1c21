/* oracle.h: jansson's opinion on JSON, for differential fuzzing, and a check that is never compiled out. */
#ifndef VIGIL_FUZZ_ORACLE_H
#define VIGIL_FUZZ_ORACLE_H

/* jansson has a json_string too */
#define json_string jansson_string
#include <jansson.h>
#undef json_string

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

/* 1: JSON, 0: not, -1: beyond jansson's own limits (huge numbers, NUL in keys, depth). A NUL byte is
 * nowhere allowed, but jansson 2.14 overlooks one behind a number. */
static inline int jansson_says(const char *text, size_t n)
{
    json_error_t error;
    if (n == 0 || memchr(text, '\0', n)) return 0;
    json_t *value = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (value) {
        json_decref(value);
        return 1;
    }
    enum json_error_code code = json_error_code(&error);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
                   code == json_error_stack_overflow
               ? -1
               : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
