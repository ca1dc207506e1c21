#include "serve/request_path.h"

#include "base/json.h"
#include "base/percent.h"

bool request_text_is_clean(vg_slice text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f) return false;
    return utf8_valid(text.p, text.n);
}

bool request_path_parse(struct request_path *path, vg_slice raw)
{
    size_t ends[PATH_SEGMENTS], begin = 0;
    const char *end = raw.p + raw.n;
    path->n = 0;
    if (raw.n == 0 || raw.n > PATH_LIMIT || raw.p[0] != '/') return false;
    for (const char *at = raw.p + 1; raw.n > 1;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        vg_slice segment = {at, (size_t)((slash ? slash : end) - at)};
        if (segment.n == 0 && !slash) break; /* one '/' at the end is as good as none */
        if (segment.n == 0 || path->n == PATH_SEGMENTS || !percent_decode(&path->text, segment, false)) return false;
        ends[path->n++] = path->text.len;
        if (!slash) break;
        at = slash + 1;
    }
    for (size_t i = 0; i < path->n; begin = ends[i++]) {
        path->segments[i] = (vg_slice){path->text.data + begin, ends[i] - begin};
        if (!request_text_is_clean(path->segments[i])) return false;
    }
    return true;
}

void request_path_release(struct request_path *path)
{
    vg_buf_release(&path->text);
    path->n = 0;
}

bool path_template_match(const char *template, const struct request_path *path, size_t first,
                         vg_slice captured[PATH_SEGMENTS])
{
    size_t at = first, found = 0;
    while (*template) {
        const char *begin = ++template; /* behind the '/' */
        size_t n = strcspn(begin, "/");
        template = begin + n;
        if (n == 0) break; /* "/" itself */
        if (at == path->n) return false;
        if (*begin == '{')
            captured[found++] = path->segments[at];
        else if (!vg_slice_eq((vg_slice){begin, n}, path->segments[at]))
            return false;
        at++;
    }
    return at == path->n;
}
