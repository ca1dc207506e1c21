#include "serve/problem.h"

#include <stdio.h>

#include "base/json.h"

#define DETAIL_LIMIT 1200
#define INSTANCE_LIMIT 200 /* bytes of a path that are told back */

static const struct kind {
    int status;
    const char *slug, *title;
} kinds[] = {
#define KIND(status, slug, title) {status, slug, title},
    PROBLEM_STATUSES(KIND)
#undef KIND
};

static const struct kind *kind_of(int status)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].status == status) return &kinds[i];
    VG_BUG("a status without a kind of problem");
}

int problem_status(vg_code code)
{
    switch (code) {
    case VG_EUSAGE: return 400;
    case VG_ELIMIT: return 504; /* the store gives up on a question that takes too long */
    case VG_EIO:
    case VG_ECANCEL:
    case VG_ESTATE: return 503;
    default: return 500;
    }
}

static void add_member(vg_buf *out, const char *name, vg_slice text)
{
    vg_buf_addf(out, ",\"%s\":", name);
    json_add_string(out, text);
}

/* The path as it came is still encoded: ASCII, if somebody did not break the rules. */
static void add_instance(vg_buf *out, vg_slice path)
{
    vg_buf text = {0};
    for (size_t i = 0; i < path.n && i < INSTANCE_LIMIT; i++)
        vg_buf_addc(&text, path.p[i] > 0x20 && path.p[i] < 0x7f ? path.p[i] : '?');
    if (path.n > INSTANCE_LIMIT) vg_buf_adds(&text, "…");
    add_member(out, "instance", vg_buf_view(&text));
    vg_buf_release(&text);
}

void problem_answer(struct web_response *response, const struct web_request *request, const struct problem *problem,
                    const char *detail, ...)
{
    const struct kind *kind = kind_of(problem->status);
    char text[DETAIL_LIMIT], seconds[16];
    va_list args;
    va_start(args, detail);
    int n = vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    while (length && !utf8_valid(text, length)) /* cut within a character */
        length--;

    web_response_release(response);
    response->status = problem->status;
    web_response_header(response, "Content-Type", "application/problem+json");
    web_response_header(response, "Cache-Control", "no-store");
    if (problem->retry_after_s) {
        snprintf(seconds, sizeof seconds, "%u", problem->retry_after_s);
        web_response_header(response, "Retry-After", seconds);
    }
    if (problem->status == 401) web_response_header(response, "WWW-Authenticate", "Bearer realm=\"vigil\"");
    vg_buf *out = &response->body;
    vg_buf_addf(out, "{\"type\":\"/docs#%s\",\"title\":\"%s\",\"status\":%d", kind->slug, kind->title, problem->status);
    add_member(out, "detail", (vg_slice){text, length});
    add_instance(out, request->path);
    if (problem->parameter) add_member(out, "parameter", vg_slice_of(problem->parameter));
    if (problem->allowed) add_member(out, "allowed", vg_slice_of(problem->allowed));
    vg_buf_adds(out, "}\n");
}
