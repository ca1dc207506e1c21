#include "serve/row_list.h"

#include "base/json.h"
#include "serve/row_print.h"

void row_list_clear(struct row_list *list)
{
    vg_buf_clear(&list->rows);
    list->n = 0;
    if (list->call->media == MEDIA_CSV) row_print_csv_head(&list->rows, list->columns, list->column_count);
}

void row_list_begin(struct row_list *list, struct api_call *call, const struct column *columns, size_t n)
{
    *list = (struct row_list){.call = call, .columns = columns, .column_count = n};
    row_list_clear(list);
}

void row_list_release(struct row_list *list) { vg_buf_release(&list->rows); }

void row_list_add_json(struct row_list *list, vg_slice object)
{
    if (list->n++) vg_buf_addc(&list->rows, ',');
    vg_buf_add(&list->rows, object.p, object.n);
}

void row_list_add(struct row_list *list, const struct feature_value *values)
{
    if (list->call->media == MEDIA_CSV) {
        row_print_csv(&list->rows, list->columns, list->column_count, values);
        list->n++;
        return;
    }
    if (list->n++) vg_buf_addc(&list->rows, ',');
    row_print_json(&list->rows, list->columns, list->column_count, values);
}

static void finish_csv(struct row_list *list, vg_slice coverage, vg_slice next)
{
    struct web_response *r = list->call->response;
    vg_buf text = {0};
    r->status = 200;
    web_response_header(r, "Content-Type", "text/csv; charset=utf-8");
    vg_buf_add(&text, coverage.p + strlen("\"coverage\":"), coverage.n - strlen("\"coverage\":"));
    web_response_header(r, "X-Coverage", text.data);
    vg_buf_clear(&text);
    vg_buf_add(&text, next.p, next.n);
    if (next.n) web_response_header(r, "X-Next-Cursor", vg_buf_str(&text));
    vg_buf_release(&text);
    r->body = list->rows;
    list->rows = (vg_buf){0};
}

void row_list_finish(struct row_list *list, const struct store_coverage *coverage, const struct cursor *next)
{
    vg_buf place = {0}, covered = {0}, *out = &list->call->response->body;
    if (next) cursor_print(next, call_question(list->call), &place);
    coverage_print(coverage, &covered);
    list->call->version = coverage->version;
    if (list->call->media == MEDIA_CSV) {
        finish_csv(list, vg_buf_view(&covered), vg_buf_view(&place));
    } else {
        vg_buf_reserve(out, list->rows.len + covered.len + place.len + 64);
        vg_buf_addc(out, '{');
        vg_buf_add(out, covered.data, covered.len);
        vg_buf_adds(out, ",\"items\":[");
        vg_buf_add(out, vg_buf_str(&list->rows), list->rows.len);
        vg_buf_adds(out, "],\"next_cursor\":");
        if (next)
            json_add_string(out, vg_buf_view(&place));
        else
            vg_buf_adds(out, "null");
        vg_buf_adds(out, "}\n");
        call_json(list->call);
    }
    row_list_release(list);
    vg_buf_release(&place);
    vg_buf_release(&covered);
}
