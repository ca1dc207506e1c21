/* thrift_read.h: the counterpart of thrift.h: a pull reader for Thrift's compact protocol.
 *
 * Every read is checked against the end; the first mistake sticks in `bad`, and all that follows is 0.
 */
#ifndef VIGIL_LAKE_THRIFT_READ_H
#define VIGIL_LAKE_THRIFT_READ_H

#include "base/buf.h"
#include "lake/thrift.h"

struct thrift_in {
    const uint8_t *p, *end;
    bool bad;
    unsigned depth; /* of what is skipped */
};

static inline struct thrift_in thrift_in(const void *bytes, size_t n)
{
    return (struct thrift_in){.p = bytes, .end = (const uint8_t *)bytes + n};
}

struct thrift_field {
    int number;
    enum thrift_type type;
};

/* The next field of the struct at hand; `field` is zeroed before the first. False at its end. */
bool thrift_next(struct thrift_in *in, struct thrift_field *field);

/* Values of a field or element of that type. */
int64_t thrift_take_int(struct thrift_in *in);
vg_slice thrift_take_binary(struct thrift_in *in);

/* Elements that follow; at most as many as bytes are left. */
size_t thrift_take_list(struct thrift_in *in, enum thrift_type *type);

void thrift_skip(struct thrift_in *in, enum thrift_type type);

#endif
