/* thrift_read.h: reads back what thrift.h writes: the same calls in the same order.
 *
 * The caller says which field must come next, of which type; anything else, and any end before its
 * time, sets `failed`, after which all calls give zeros. So a caller reads a whole struct and looks at
 * `failed` once. Input is not trusted: nothing behind `end` is touched.
 */
#ifndef VIGIL_LAKE_THRIFT_READ_H
#define VIGIL_LAKE_THRIFT_READ_H

#include "lake/thrift.h"

struct thrift_reader {
    const uint8_t *p, *end;
    int last[THRIFT_DEPTH]; /* number of the last field, by nesting */
    int depth;
    bool failed;
};

void thrift_read_begin(struct thrift_reader *t, const void *bytes, size_t n);       /* the outermost struct */
int64_t thrift_read_int(struct thrift_reader *t, int field, enum thrift_type type); /* THRIFT_I32, THRIFT_I64 */
void thrift_read_flag(struct thrift_reader *t, int field);                          /* a boolean, whichever */
vg_slice thrift_read_binary(struct thrift_reader *t, int field);                    /* points into the bytes */
void thrift_enter(struct thrift_reader *t, int field);                              /* a struct, left by thrift_leave */
void thrift_leave(struct thrift_reader *t); /* also leaves the outermost struct */

/* Whether the field comes next. */
bool thrift_is_next(const struct thrift_reader *t, int field, enum thrift_type type);

/* Number of elements, which follow: bare values, or structs between thrift_enter_element and thrift_leave. */
size_t thrift_read_list(struct thrift_reader *t, int field, enum thrift_type type);
void thrift_enter_element(struct thrift_reader *t);
int64_t thrift_read_element_int(struct thrift_reader *t);
vg_slice thrift_read_element_binary(struct thrift_reader *t);

/* Seven bits a byte, low first; false: no such number before `end`. */
bool varint_read(const uint8_t **p, const uint8_t *end, uint64_t *value);
static inline int64_t zigzag_back(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }

#endif
