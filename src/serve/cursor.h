/* cursor.h: where an answer stopped, for the client to hand back: opaque, and strictly checked.
 *
 * A cursor is base64url of: format version, digest of the question (route, filters, order), and the values of the
 * order's columns in the last row. It holds values only, which are bound as values, and it fits one question only. No
 * secret is needed: whoever makes one up gets rows that he might have asked for anyway.
 */
#ifndef VIGIL_SERVE_CURSOR_H
#define VIGIL_SERVE_CURSOR_H

#include "model/feature_value.h"
#include "model/schema.h"

#define CURSOR_VALUES 5
#define CURSOR_TEXT_LIMIT 255 /* bytes of a text in it: no coin is longer */

struct cursor {
    size_t n;
    enum column_type types[CURSOR_VALUES];
    struct feature_value values[CURSOR_VALUES];
    char texts[CURSOR_VALUES][CURSOR_TEXT_LIMIT]; /* of the values that cursor_parse made */
};

/* Appends its text. Texts of values are at most CURSOR_TEXT_LIMIT bytes. */
void cursor_print(const struct cursor *cursor, uint64_t question, vg_buf *out);

/* `n` and `types` say what is expected. False: no cursor, or one of another question. */
VG_MUST_USE bool cursor_parse(struct cursor *cursor, uint64_t question, vg_slice text);

#endif
