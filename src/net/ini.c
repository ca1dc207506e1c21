#include "net/ini.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

static vg_slice trim(vg_slice text)
{
    while (text.n > 0 && is_blank(text.p[0]))
        text = (vg_slice){text.p + 1, text.n - 1};
    while (text.n > 0 && is_blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

/* "[name]" with anything behind it. */
static bool take_section(vg_slice line, vg_slice *section)
{
    const char *close = line.p[0] == '[' ? memrchr(line.p, ']', line.n) : NULL;
    if (!close || close == line.p + 1) return false;
    *section = (vg_slice){line.p + 1, (size_t)(close - line.p) - 1};
    return true;
}

/* "key = value" or "key: value". */
static bool take_setting(vg_slice line, vg_slice *key, vg_slice *value)
{
    size_t at = 0;
    while (at < line.n && line.p[at] != '=' && line.p[at] != ':')
        at++;
    if (at == line.n || at == 0) return false;
    *key = trim((vg_slice){line.p, at});
    *value = trim((vg_slice){line.p + at + 1, line.n - at - 1});
    return true;
}

vg_code ini_walk(vg_slice text, ini_visit visit, void *ctx, vg_err *err)
{
    vg_slice section = {NULL, 0}, key, value;
    bool after_setting = false;
    size_t indent = 0;
    unsigned number = 0;
    for (const char *p = text.p, *end = text.p + text.n, *next; p < end; p = next) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        next = newline ? newline + 1 : end;
        number++;
        vg_slice line = trim((vg_slice){p, (size_t)((newline ? newline : end) - p)});
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';') continue;
        size_t depth = (size_t)(line.p - p);
        if (after_setting && depth > indent) continue;
        indent = depth;
        after_setting = false;
        if (take_section(line, &section)) continue;
        if (!section.p || !take_setting(line, &key, &value))
            return vg_fail(err, VG_EPARSE, "line %u: neither [section] nor key = value below one", number);
        visit(ctx, section, key, value);
        after_setting = true;
    }
    return VG_OK;
}
