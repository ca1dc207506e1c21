/* row_list.h: answers that are lists: rows as JSON or CSV, and where they go on.
 *
 *     {"coverage":{…},"items":[…],"next_cursor":"…"}
 *
 * In CSV the headers X-Coverage and X-Next-Cursor say the rest.
 */
#ifndef VIGIL_SERVE_ROW_LIST_H
#define VIGIL_SERVE_ROW_LIST_H

#include "serve/api_call.h"
#include "serve/cursor.h"

struct row_list {
    struct api_call *call;
    const struct column *columns;
    size_t column_count;
    vg_buf rows;
    size_t n;
};

void row_list_begin(struct row_list *list, struct api_call *call, const struct column *columns, size_t n);
void row_list_add(struct row_list *list, const struct feature_value *values);
void row_list_add_json(struct row_list *list, vg_slice object); /* ready-printed, where the media is JSON */
void row_list_clear(struct row_list *list);                     /* back to none */

/* Completes the response and releases the list. `next` is NULL at its end. */
void row_list_finish(struct row_list *list, const struct store_coverage *coverage, const struct cursor *next);
void row_list_release(struct row_list *list);

#endif
