/* thrift.h: the part of Thrift's compact protocol that Parquet's headers and footer are written in.
 *
 * Fields of a struct must be added in the order of their numbers.
 * Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
#ifndef VIGIL_LAKE_THRIFT_H
#define VIGIL_LAKE_THRIFT_H

#include "base/buf.h"

enum thrift_type {
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_STRUCT = 12,
};

#define THRIFT_DEPTH 8

struct thrift {
    vg_buf *out;
    int last[THRIFT_DEPTH]; /* number of the last field, by nesting */
    int depth;
};

void thrift_begin(struct thrift *t, vg_buf *out); /* the outermost struct */
void thrift_i32(struct thrift *t, int field, int32_t value);
void thrift_i64(struct thrift *t, int field, int64_t value);
void thrift_bool(struct thrift *t, int field, bool value);
void thrift_binary(struct thrift *t, int field, const void *bytes, size_t n);
void thrift_text(struct thrift *t, int field, const char *text);
void thrift_struct(struct thrift *t, int field); /* closed by thrift_end */
void thrift_end(struct thrift *t);               /* also ends the outermost struct */

/* A list of n elements follows: bare values, or structs between thrift_element and thrift_end. */
void thrift_list(struct thrift *t, int field, enum thrift_type type, size_t n);
void thrift_element(struct thrift *t);
void thrift_element_i32(struct thrift *t, int32_t value);
void thrift_element_text(struct thrift *t, const char *text);

/* Seven bits a byte, low first: Thrift's and Parquet's own number. */
void varint_add(vg_buf *out, uint64_t value);
static inline uint64_t zigzag(int64_t value) { return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0); }

#endif
