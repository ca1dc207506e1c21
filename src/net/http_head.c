#include "net/http_head.h"

#include <curl/curl.h>

#include "base/number.h"

vg_slice http_header(vg_slice head, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = head.p, *end = head.p + head.n, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        next = newline ? newline + 1 : end;
        const char *stop = newline ? newline : end;
        if ((size_t)(stop - line) <= length || strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        const char *value = line + length + 1;
        while (value < stop && (*value == ' ' || *value == '\t'))
            value++;
        while (stop > value && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
        return (vg_slice){value, (size_t)(stop - value)};
    }
    return (vg_slice){NULL, 0};
}

int64_t http_date(vg_slice text)
{
    char copy[64];
    if (!text.p || text.n >= sizeof copy) return -1;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return curl_getdate(copy, NULL);
}

uint64_t http_retry_after_ms(vg_slice head, int64_t now_s)
{
    vg_slice text = http_header(head, "retry-after");
    uint64_t seconds;
    if (number_count(text, &seconds)) return seconds < UINT32_MAX ? seconds * 1000 : UINT32_MAX;
    int64_t date_s = http_date(text);
    return date_s > now_s ? (uint64_t)(date_s - now_s) * 1000 : 0;
}
