/* http_head.h: reads the lines of headers of an answer. Pure functions. */
#ifndef VIGIL_NET_HTTP_HEAD_H
#define VIGIL_NET_HTTP_HEAD_H

#include "base/buf.h"

/* Value of the first header of this name, whatever its case; p is NULL when there is none. */
vg_slice http_header(vg_slice head, const char *name);

/* "Sun, 06 Nov 1994 08:49:37 GMT" as seconds since 1970; -1 when it is no date. */
int64_t http_date(vg_slice text);

/* What a Retry-After header asks for, in ms: it is seconds or a date. 0 without a header, or when it is neither. */
uint64_t http_retry_after_ms(vg_slice head, int64_t now_s);

#endif
