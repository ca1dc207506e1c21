/* query_string.h: name=value pairs of a URL's query. */
#ifndef VIGIL_SERVE_QUERY_STRING_H
#define VIGIL_SERVE_QUERY_STRING_H

#include "base/buf.h"

#define QUERY_LIMIT 6144 /* bytes, still encoded */
#define QUERY_PAIRS 32

struct query_string {
    size_t n;
    struct query_pair {
        vg_slice name, value; /* decoded, in `text` */
    } pairs[QUERY_PAIRS];
    vg_buf text;
};

enum query_fault { QUERY_FINE, QUERY_TOO_LONG, QUERY_TOO_MANY, QUERY_MISENCODED };

/* QUERY_MISENCODED: a '%' that encodes nothing, no UTF-8, or control characters. Release follows in any case. */
enum query_fault query_string_parse(struct query_string *query, vg_slice raw);
void query_string_release(struct query_string *query);

#endif
