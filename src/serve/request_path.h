/* request_path.h: a path in its parts, and the templates of routes. */
#ifndef VIGIL_SERVE_REQUEST_PATH_H
#define VIGIL_SERVE_REQUEST_PATH_H

#include "base/buf.h"

#define PATH_SEGMENTS 8
#define PATH_LIMIT 2048 /* bytes, still encoded */

/* "/assets/PURR%2FUSDC" has the segments "assets" and "PURR/USDC". */
struct request_path {
    size_t n;
    vg_slice segments[PATH_SEGMENTS]; /* decoded, in `text` */
    vg_buf text;
};

/* False: it does not begin with '/', has an empty segment before the last or too many, is no UTF-8 or has control
 * characters, or a '%' that encodes nothing. "/" has no segment. Release follows in any case. */
VG_MUST_USE bool request_path_parse(struct request_path *path, vg_slice raw);
void request_path_release(struct request_path *path);

/* Whether segments from `first` on are those of the template, such as "/traders/{address}/fills". What stands for names
 * in braces is written to `captured`, in order; the template has at most PATH_SEGMENTS of them. */
bool path_template_match(const char *template, const struct request_path *path, size_t first,
                         vg_slice captured[PATH_SEGMENTS]);

/* Whether decoded text may be worked with: UTF-8 without control characters. */
bool request_text_is_clean(vg_slice text);

#endif
