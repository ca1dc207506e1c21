#include "lake/thrift_read.h"

#define SKIP_DEPTH 16

static uint8_t take_byte(struct thrift_in *in)
{
    if (in->p == in->end) in->bad = true;
    return in->bad ? 0 : *in->p++;
}

static uint64_t take_varint(struct thrift_in *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = take_byte(in);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return in->bad ? 0 : value;
    }
    in->bad = true;
    return 0;
}

static int64_t unzigzag(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }

bool thrift_next(struct thrift_in *in, struct thrift_field *field)
{
    uint8_t head = take_byte(in);
    if (in->bad || head == 0) return false;
    int64_t number = head >> 4 ? field->number + (head >> 4) : unzigzag(take_varint(in));
    if (number <= 0 || number > INT16_MAX) in->bad = true;
    *field = (struct thrift_field){(int)number, (enum thrift_type)(head & 0x0f)};
    return !in->bad;
}

int64_t thrift_take_int(struct thrift_in *in) { return unzigzag(take_varint(in)); }

vg_slice thrift_take_binary(struct thrift_in *in)
{
    uint64_t n = take_varint(in);
    if (n > (uint64_t)(in->end - in->p)) in->bad = true;
    if (in->bad) return (vg_slice){"", 0};
    vg_slice bytes = {(const char *)in->p, n};
    in->p += n;
    return bytes;
}

size_t thrift_take_list(struct thrift_in *in, enum thrift_type *type)
{
    uint8_t head = take_byte(in);
    uint64_t n = head >> 4 == 15 ? take_varint(in) : head >> 4;
    *type = (enum thrift_type)(head & 0x0f);
    if (n > (uint64_t)(in->end - in->p)) in->bad = true;
    return in->bad ? 0 : n;
}

static void skip_struct(struct thrift_in *in)
{
    struct thrift_field field = {0};
    while (thrift_next(in, &field))
        thrift_skip(in, field.type);
}

static void skip_list(struct thrift_in *in)
{
    enum thrift_type type;
    size_t n = thrift_take_list(in, &type);
    bool flags = type == THRIFT_TRUE || type == THRIFT_FALSE; /* a byte each, in lists */
    for (size_t i = 0; i < n && !in->bad; i++)
        flags ? (void)take_byte(in) : thrift_skip(in, type);
}

void thrift_skip(struct thrift_in *in, enum thrift_type type)
{
    if (++in->depth > SKIP_DEPTH) in->bad = true;
    if (!in->bad) {
        switch (type) {
        case THRIFT_TRUE:
        case THRIFT_FALSE: break;
        case THRIFT_I16:
        case THRIFT_I32:
        case THRIFT_I64: take_varint(in); break;
        case THRIFT_BINARY: thrift_take_binary(in); break;
        case THRIFT_LIST: skip_list(in); break;
        case THRIFT_STRUCT: skip_struct(in); break;
        default: in->bad = true;
        }
    }
    in->depth--;
}
