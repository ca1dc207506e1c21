#include "serve/query_string.h"

#include "base/percent.h"
#include "serve/request_path.h"

static vg_slice until(vg_slice *rest, char mark)
{
    const char *at = memchr(rest->p, mark, rest->n);
    vg_slice head = {rest->p, at ? (size_t)(at - rest->p) : rest->n};
    *rest = at ? (vg_slice){at + 1, rest->n - head.n - 1} : (vg_slice){rest->p + rest->n, 0};
    return head;
}

enum query_fault query_string_parse(struct query_string *query, vg_slice raw)
{
    size_t begin = 0;
    query->n = 0;
    if (raw.n > QUERY_LIMIT) return QUERY_TOO_LONG;
    vg_buf_reserve(&query->text, raw.n); /* decoding never makes it longer: slices stay where they are */
    while (raw.n) {
        vg_slice pair = until(&raw, '&');
        if (pair.n == 0) continue;
        if (query->n == QUERY_PAIRS) return QUERY_TOO_MANY;
        vg_slice name = until(&pair, '=');
        if (!percent_decode(&query->text, name, true)) return QUERY_MISENCODED;
        size_t middle = query->text.len;
        if (!percent_decode(&query->text, pair, true)) return QUERY_MISENCODED;
        query->pairs[query->n++] = (struct query_pair){{query->text.data + begin, middle - begin},
                                                       {query->text.data + middle, query->text.len - middle}};
        begin = query->text.len;
    }
    /* One by one: half a character at the end of one must not be made whole by the next. */
    for (size_t i = 0; i < query->n; i++)
        if (!request_text_is_clean(query->pairs[i].name) || !request_text_is_clean(query->pairs[i].value))
            return QUERY_MISENCODED;
    return QUERY_FINE;
}

void query_string_release(struct query_string *query)
{
    vg_buf_release(&query->text);
    query->n = 0;
}
