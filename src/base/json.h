/* json.h: a strict pull reader for JSON text, and the little that writing needs.
 *
 * The reader walks bytes that the caller holds; it allocates nothing and every slice points into
 * those bytes. It accepts exactly RFC 8259 in valid UTF-8, nested at most JSON_MAX_DEPTH deep.
 *
 *     struct json_reader r = json_reader(text, n);
 *     vg_slice key;
 *     if (!json_enter(&r, '{')) ...
 *     while (json_next_key(&r, &key)) {
 *         if (vg_slice_is(key, "px")) ok = json_text(&r, &px);
 *         else json_skip(&r, &raw);
 *     }
 *     if (r.error) ...                       (one check at the end is enough: errors are sticky)
 */
#ifndef VIGIL_BASE_JSON_H
#define VIGIL_BASE_JSON_H

#include "base/buf.h"

#define JSON_MAX_DEPTH 64

struct json_reader {
    const char *p, *start, *end;
    const char *error; /* NULL, or what is wrong; p then shows where */
    unsigned depth;    /* containers entered by the caller and not left yet */
    bool first;        /* no element of the innermost container has been seen */
};

static inline struct json_reader json_reader(const char *text, size_t n)
{
    return (struct json_reader){.p = text, .start = text, .end = text + n};
}

/* First byte of the next value ('"', '{', '[', 't', 'f', 'n', '-' or a digit); 0 at the end. */
char json_peek(struct json_reader *r);

/* Steps into an object ('{') or array ('['). */
bool json_enter(struct json_reader *r, char open);

/* The next key of the object (raw, escapes not decoded), standing before its value; false at '}',
 * which is consumed, or on error. */
bool json_next_key(struct json_reader *r, vg_slice *key);

/* True when the array has a further element, which stands next; false at ']', which is consumed. */
bool json_next_element(struct json_reader *r);

/* A string: the bytes between the quotes as written. *escaped tells whether a backslash is in there. */
bool json_text(struct json_reader *r, vg_slice *raw, bool *escaped);

/* Any value, checked whole and returned as its raw text. */
bool json_skip(struct json_reader *r, vg_slice *raw);

/* An integer without fraction or exponent that fits. */
bool json_int(struct json_reader *r, int64_t *value);
bool json_count(struct json_reader *r, uint64_t *value); /* the same, not below 0 */
bool json_day(struct json_reader *r, int32_t *day);      /* "2025-11-01" as a day number (day.h) */
bool json_bool(struct json_reader *r, bool *value);

/* True when nothing but white space is left and no error occurred. */
bool json_finish(struct json_reader *r);

/* Appends "text" with quotes, escaped as JSON needs it; text must be UTF-8. */
void json_add_string(vg_buf *out, vg_slice text);

/* Appends ,"key":value for an object that has a member already: nine digits, null where it is not finite; or a text.
 * The key is written as it is. */
void json_member_number(const char *key, double value, vg_buf *out);
void json_member_text(const char *key, const char *text, vg_buf *out);

/* Whether n bytes are well-formed UTF-8. */
bool utf8_valid(const char *p, size_t n);

#endif
