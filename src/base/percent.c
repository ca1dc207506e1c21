#include "base/percent.h"

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void percent_add(vg_buf *out, vg_slice bytes, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            vg_buf_addc(out, c);
        } else {
            vg_buf_addc(out, '%');
            vg_buf_addc(out, digits[(unsigned char)c >> 4]);
            vg_buf_addc(out, digits[(unsigned char)c & 15]);
        }
    }
}

/* 16 when it is none. */
static unsigned digit(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    return 16;
}

bool percent_decode(vg_buf *out, vg_slice text, bool is_form)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (is_form && c == '+') c = ' ';
        if (c == '%') {
            if (text.n - i < 3) return false;
            unsigned high = digit(text.p[i + 1]), low = digit(text.p[i + 2]);
            if (high > 15 || low > 15) return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        vg_buf_addc(out, c);
    }
    return true;
}
