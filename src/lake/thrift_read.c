#include "lake/thrift_read.h"

bool varint_read(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
        uint8_t byte = *(*p)++;
        if (shift == 63 && byte > 1) return false;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return true;
    }
    return false;
}

static void fail(struct thrift_reader *t)
{
    t->failed = true;
    t->p = t->end;
}

static uint64_t varint(struct thrift_reader *t)
{
    uint64_t value;
    if (varint_read(&t->p, t->end, &value)) return value;
    fail(t);
    return 0;
}

void thrift_read_begin(struct thrift_reader *t, const void *bytes, size_t n)
{
    *t = (struct thrift_reader){.p = bytes, .end = (const uint8_t *)bytes + n};
}

bool thrift_is_next(const struct thrift_reader *t, int number, enum thrift_type type)
{
    return t->p < t->end && *t->p == ((number - t->last[t->depth]) << 4 | (int)type);
}

static bool field(struct thrift_reader *t, int number, enum thrift_type type)
{
    if (!thrift_is_next(t, number, type)) {
        fail(t);
        return false;
    }
    t->p++;
    t->last[t->depth] = number;
    return true;
}

static void enter(struct thrift_reader *t)
{
    VG_ASSERT(t->depth + 1 < THRIFT_DEPTH);
    t->last[++t->depth] = 0;
}

int64_t thrift_read_element_int(struct thrift_reader *t) { return zigzag_back(varint(t)); }

int64_t thrift_read_int(struct thrift_reader *t, int number, enum thrift_type type)
{
    return field(t, number, type) ? thrift_read_element_int(t) : 0;
}

void thrift_read_flag(struct thrift_reader *t, int number)
{
    field(t, number, thrift_is_next(t, number, THRIFT_TRUE) ? THRIFT_TRUE : THRIFT_FALSE);
}

vg_slice thrift_read_element_binary(struct thrift_reader *t)
{
    uint64_t n = varint(t);
    if (n > (uint64_t)(t->end - t->p)) fail(t);
    if (t->failed) return VG_SLICE("");
    vg_slice bytes = {(const char *)t->p, n};
    t->p += n;
    return bytes;
}

vg_slice thrift_read_binary(struct thrift_reader *t, int number)
{
    return field(t, number, THRIFT_BINARY) ? thrift_read_element_binary(t) : VG_SLICE("");
}

void thrift_enter(struct thrift_reader *t, int number)
{
    field(t, number, THRIFT_STRUCT);
    enter(t);
}

void thrift_leave(struct thrift_reader *t)
{
    if (t->p < t->end && *t->p == 0)
        t->p++;
    else
        fail(t);
    t->depth--;
}

void thrift_enter_element(struct thrift_reader *t) { enter(t); }

size_t thrift_read_list(struct thrift_reader *t, int number, enum thrift_type type)
{
    if (!field(t, number, THRIFT_LIST)) return 0;
    if (t->p == t->end || (*t->p & 15) != type) {
        fail(t);
        return 0;
    }
    size_t n = *t->p++ >> 4;
    return n < 15 ? n : varint(t);
}
