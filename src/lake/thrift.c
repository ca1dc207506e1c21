#include "lake/thrift.h"

void varint_add(vg_buf *out, uint64_t value)
{
    while (value >= 128) {
        vg_buf_addc(out, (char)(value | 128));
        value >>= 7;
    }
    vg_buf_addc(out, (char)value);
}

static void field(struct thrift *t, int number, enum thrift_type type)
{
    int *last = &t->last[t->depth], delta = number - *last;
    VG_ASSERT(delta > 0 && delta <= 15);
    vg_buf_addc(t->out, (char)(delta << 4 | (int)type));
    *last = number;
}

static void enter(struct thrift *t)
{
    VG_ASSERT(t->depth + 1 < THRIFT_DEPTH);
    t->last[++t->depth] = 0;
}

void thrift_begin(struct thrift *t, vg_buf *out) { *t = (struct thrift){.out = out}; }

void thrift_i32(struct thrift *t, int number, int32_t value)
{
    field(t, number, THRIFT_I32);
    varint_add(t->out, zigzag(value));
}

void thrift_i64(struct thrift *t, int number, int64_t value)
{
    field(t, number, THRIFT_I64);
    varint_add(t->out, zigzag(value));
}

void thrift_bool(struct thrift *t, int number, bool value) { field(t, number, value ? THRIFT_TRUE : THRIFT_FALSE); }

static void add_binary(struct thrift *t, const void *bytes, size_t n)
{
    varint_add(t->out, n);
    vg_buf_add(t->out, bytes, n);
}

void thrift_binary(struct thrift *t, int number, const void *bytes, size_t n)
{
    field(t, number, THRIFT_BINARY);
    add_binary(t, bytes, n);
}

void thrift_text(struct thrift *t, int number, const char *text) { thrift_binary(t, number, text, strlen(text)); }

void thrift_struct(struct thrift *t, int number)
{
    field(t, number, THRIFT_STRUCT);
    enter(t);
}

void thrift_end(struct thrift *t)
{
    vg_buf_addc(t->out, '\0');
    t->depth--;
}

void thrift_list(struct thrift *t, int number, enum thrift_type type, size_t n)
{
    field(t, number, THRIFT_LIST);
    if (n < 15) {
        vg_buf_addc(t->out, (char)(n << 4 | (size_t)type));
    } else {
        vg_buf_addc(t->out, (char)(0xf0 | (int)type));
        varint_add(t->out, n);
    }
}

void thrift_element(struct thrift *t) { enter(t); }
void thrift_element_i32(struct thrift *t, int32_t value) { varint_add(t->out, zigzag(value)); }
void thrift_element_text(struct thrift *t, const char *text) { add_binary(t, text, strlen(text)); }
