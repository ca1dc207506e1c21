#include "serve/cursor.h"

#include "base/json.h"

#define VERSION 1
#define BYTES_LIMIT 2048

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* base64url without padding (RFC 4648, 5). */
static void add_base64(vg_buf *out, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t word =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        for (unsigned k = 0; k <= (left > 2 ? 3 : left); k++)
            vg_buf_addc(out, digits[word >> (18 - 6 * k) & 63]);
    }
}

/* One text for one string of bytes: bits that stand for nothing must be 0. */
static bool take_base64(vg_slice text, unsigned char bytes[BYTES_LIMIT], size_t *n)
{
    uint32_t word = 0;
    unsigned bits = 0;
    *n = 0;
    if (text.n % 4 == 1 || text.n / 4 * 3 + 2 >= BYTES_LIMIT) return false;
    for (size_t i = 0; i < text.n; i++) {
        const char *digit = text.p[i] ? strchr(digits, text.p[i]) : NULL;
        if (!digit) return false;
        word = (word << 6 | (uint32_t)(digit - digits)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[(*n)++] = (unsigned char)(word >> bits);
        }
    }
    return (word & ((1u << bits) - 1)) == 0;
}

/* Bytes of a value of this type; 0: a text. */
static size_t width_of(enum column_type type)
{
    switch (type) {
    case COLUMN_TEXT: return 0;
    case COLUMN_DECIMAL:
    case COLUMN_SUM: return 16;
    default: return 8;
    }
}

/* The 16 or 8 bytes of the union's member in use. */
static void *value_bytes(struct feature_value *value, enum column_type type)
{
    if (width_of(type) == 16) return &value->decimal;
    if (type == COLUMN_DOUBLE) return &value->number;
    return &value->integer;
}

void cursor_print(const struct cursor *cursor, uint64_t question, vg_buf *out)
{
    unsigned char bytes[BYTES_LIMIT] = {VERSION};
    size_t n = 1;
    memcpy(bytes + n, &question, 8);
    n += 8;
    for (size_t i = 0; i < cursor->n; i++) {
        struct feature_value value = cursor->values[i];
        enum column_type type = cursor->types[i];
        bytes[n++] = value.null;
        if (value.null) continue;
        size_t width = width_of(type);
        if (width) {
            memcpy(bytes + n, value_bytes(&value, type), width);
        } else {
            width = value.text.n;
            VG_ASSERT(width <= CURSOR_TEXT_LIMIT);
            bytes[n++] = (unsigned char)width;
            memcpy(bytes + n, value.text.p, width);
        }
        n += width;
    }
    add_base64(out, bytes, n);
}

static bool take_text(struct cursor *cursor, size_t i, const unsigned char *bytes, size_t n)
{
    memcpy(cursor->texts[i], bytes, n);
    cursor->values[i] = feature_text((vg_slice){cursor->texts[i], n});
    return utf8_valid(cursor->texts[i], n) && !memchr(cursor->texts[i], '\0', n);
}

/* Of the values' bytes from *at on. */
static bool take_value(struct cursor *cursor, size_t i, const unsigned char *bytes, size_t n, size_t *at)
{
    enum column_type type = cursor->types[i];
    size_t width = width_of(type);
    if (*at == n || bytes[*at] > 1) return false;
    cursor->values[i] = (struct feature_value){.null = bytes[(*at)++] == 1};
    if (cursor->values[i].null) return true;
    if (width == 0) {
        if (*at == n) return false;
        width = bytes[(*at)++];
        if (width > CURSOR_TEXT_LIMIT) return false;
    }
    if (n - *at < width) return false;
    const unsigned char *from = bytes + *at;
    *at += width;
    if (type == COLUMN_TEXT) return take_text(cursor, i, from, width);
    memcpy(value_bytes(&cursor->values[i], type), from, width);
    return type != COLUMN_DOUBLE || isfinite(cursor->values[i].number);
}

bool cursor_parse(struct cursor *cursor, uint64_t question, vg_slice text)
{
    unsigned char bytes[BYTES_LIMIT];
    size_t n, at = 9;
    uint64_t asked;
    if (!take_base64(text, bytes, &n) || n < at || bytes[0] != VERSION) return false;
    memcpy(&asked, bytes + 1, 8);
    if (asked != question) return false;
    for (size_t i = 0; i < cursor->n; i++)
        if (!take_value(cursor, i, bytes, n, &at)) return false;
    return at == n;
}
