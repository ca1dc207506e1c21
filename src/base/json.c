#include "base/json.h"

#include <math.h>
#include <stdio.h>

#include "base/day.h"

static bool fail(struct json_reader *r, const char *what)
{
    if (!r->error) r->error = what;
    return false;
}

static void white(struct json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
        r->p++;
}

char json_peek(struct json_reader *r)
{
    white(r);
    return r->p < r->end ? *r->p : '\0';
}

bool json_enter(struct json_reader *r, char open)
{
    if (r->error) return false;
    if (json_peek(r) != open) return fail(r, open == '{' ? "an object is expected" : "an array is expected");
    if (++r->depth > JSON_MAX_DEPTH) return fail(r, "nested too deep");
    r->p++;
    r->first = true;
    return true;
}

/* Steps over the comma or the closing bracket; true when an element follows. */
static bool next(struct json_reader *r, char close)
{
    if (r->error) return false;
    char c = json_peek(r);
    if (c == close) {
        r->p++;
        r->depth--;
        r->first = false;
        return false;
    }
    if (!r->first) {
        if (c != ',') return fail(r, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
        r->p++;
    }
    r->first = false;
    return true;
}

bool json_next_key(struct json_reader *r, vg_slice *key)
{
    bool escaped;
    if (!next(r, '}')) return false;
    if (json_peek(r) != '"') return fail(r, "a key is expected");
    if (!json_text(r, key, &escaped)) return false;
    if (json_peek(r) != ':') return fail(r, "':' is expected");
    r->p++;
    return true;
}

bool json_next_element(struct json_reader *r) { return next(r, ']'); }

/* Length of the well-formed UTF-8 sequence at p, 0 if there is none (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, const unsigned char *end)
{
    size_t left = (size_t)(end - p);
    unsigned char a = p[0];
    if (a < 0x80) return 1;
    if (a < 0xc2 || a > 0xf4) return 0;
    if (left < 2 || (p[1] & 0xc0) != 0x80) return 0;
    if (a < 0xe0) return 2;
    if ((a == 0xe0 && p[1] < 0xa0) || (a == 0xed && p[1] > 0x9f)) return 0;
    if ((a == 0xf0 && p[1] < 0x90) || (a == 0xf4 && p[1] > 0x8f)) return 0;
    if (left < 3 || (p[2] & 0xc0) != 0x80) return 0;
    if (a < 0xf0) return 3;
    return left < 4 || (p[3] & 0xc0) != 0x80 ? 0 : 4;
}

bool utf8_valid(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + n;
    while (p < end) {
        size_t length = utf8_sequence(p, end);
        if (length == 0) return false;
        p += length;
    }
    return true;
}

static bool hex4(const char *p, unsigned *out)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16;
        if (digit == 16) return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/* r->p stands on the backslash. */
static bool escape(struct json_reader *r)
{
    if (r->end - r->p < 2) return fail(r, "a string does not end");
    char c = r->p[1];
    if (c != 'u') {
        if (!memchr("\"\\/bfnrt", c, 8)) return fail(r, "an unknown escape");
        r->p += 2;
        return true;
    }
    unsigned unit, low;
    if (r->end - r->p < 6 || !hex4(r->p + 2, &unit)) return fail(r, "a broken \\u escape");
    r->p += 6;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    if (unit > 0xdbff || r->end - r->p < 6 || r->p[0] != '\\' || r->p[1] != 'u' || !hex4(r->p + 2, &low) ||
        low < 0xdc00 || low > 0xdfff)
        return fail(r, "half a surrogate pair");
    r->p += 6;
    return true;
}

bool json_text(struct json_reader *r, vg_slice *raw, bool *escaped)
{
    if (r->error) return false;
    if (json_peek(r) != '"') return fail(r, "a string is expected");
    r->p++;
    raw->p = r->p;
    *escaped = false;
    while (r->p < r->end) {
        unsigned char c = (unsigned char)*r->p;
        if (c == '"') {
            raw->n = (size_t)(r->p - raw->p);
            r->p++;
            return true;
        }
        if (c == '\\') {
            *escaped = true;
            if (!escape(r)) return false;
        } else if (c < 0x20) {
            return fail(r, "a control character in a string");
        } else {
            size_t length = utf8_sequence((const unsigned char *)r->p, (const unsigned char *)r->end);
            if (length == 0) return fail(r, "bad UTF-8");
            r->p += length;
        }
    }
    return fail(r, "a string does not end");
}

static bool digits(struct json_reader *r)
{
    const char *start = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > start || fail(r, "a digit is expected");
}

static bool number(struct json_reader *r)
{
    if (*r->p == '-') r->p++;
    if (r->p < r->end && *r->p == '0')
        r->p++;
    else if (!digits(r))
        return false;
    if (r->p < r->end && *r->p == '.') {
        r->p++;
        if (!digits(r)) return false;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-')) r->p++;
        if (!digits(r)) return false;
    }
    return true;
}

static bool word(struct json_reader *r, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0) return fail(r, "an unknown word");
    r->p += n;
    return true;
}

/* Recursion is bounded by JSON_MAX_DEPTH. */
static bool skip_value(struct json_reader *r)
{
    vg_slice ignored;
    bool escaped;
    switch (json_peek(r)) {
    case '{':
        if (!json_enter(r, '{')) return false;
        while (json_next_key(r, &ignored))
            if (!skip_value(r)) return false;
        return !r->error;
    case '[':
        if (!json_enter(r, '[')) return false;
        while (json_next_element(r))
            if (!skip_value(r)) return false;
        return !r->error;
    case '"': return json_text(r, &ignored, &escaped);
    case 't': return word(r, "true");
    case 'f': return word(r, "false");
    case 'n': return word(r, "null");
    case '-':
    case '0' ... '9': return number(r);
    case '\0': return fail(r, "the text ends too early");
    default: return fail(r, "a value is expected");
    }
}

bool json_skip(struct json_reader *r, vg_slice *raw)
{
    if (r->error) return false;
    json_peek(r);
    raw->p = r->p;
    if (!skip_value(r)) return false;
    raw->n = (size_t)(r->p - raw->p);
    return true;
}

bool json_int(struct json_reader *r, int64_t *value)
{
    vg_slice raw;
    char first = json_peek(r);
    if (!r->error && first != '-' && (first < '0' || first > '9')) return fail(r, "an integer is expected");
    if (!json_skip(r, &raw)) return false;
    bool negative = raw.p[0] == '-';
    uint64_t magnitude = 0;
    for (size_t i = negative; i < raw.n; i++) {
        unsigned digit = (unsigned char)raw.p[i] - (unsigned)'0';
        if (digit > 9) return fail(r, "an integer is expected");
        if (__builtin_mul_overflow(magnitude, 10u, &magnitude) || __builtin_add_overflow(magnitude, digit, &magnitude))
            return fail(r, "an integer does not fit");
    }
    if (magnitude > INT64_MAX) return fail(r, "an integer does not fit");
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

bool json_count(struct json_reader *r, uint64_t *value)
{
    int64_t number;
    if (!json_int(r, &number) || number < 0) return false;
    *value = (uint64_t)number;
    return true;
}

bool json_day(struct json_reader *r, int32_t *day)
{
    vg_slice raw;
    bool escaped;
    return json_text(r, &raw, &escaped) && vg_day_parse(raw.p, raw.n, day);
}

bool json_bool(struct json_reader *r, bool *value)
{
    if (r->error) return false;
    char first = json_peek(r);
    if (first != 't' && first != 'f') return fail(r, "true or false is expected");
    *value = first == 't';
    return word(r, first == 't' ? "true" : "false");
}

bool json_finish(struct json_reader *r)
{
    if (r->error) return false;
    return json_peek(r) == '\0' && r->p == r->end ? true : fail(r, "more text after the value");
}

void json_add_string(vg_buf *out, vg_slice text)
{
    vg_buf_addc(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\') {
            vg_buf_addc(out, '\\');
            vg_buf_addc(out, (char)c);
        } else if (c < 0x20) {
            vg_buf_addf(out, "\\u%04x", c);
        } else {
            vg_buf_addc(out, (char)c);
        }
    }
    vg_buf_addc(out, '"');
}

void json_member_number(const char *key, double value, vg_buf *out)
{
    if (isfinite(value))
        vg_buf_addf(out, ",\"%s\":%.9g", key, value);
    else
        vg_buf_addf(out, ",\"%s\":null", key);
}

void json_member_text(const char *key, const char *text, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":", key);
    json_add_string(out, vg_slice_of(text));
}
