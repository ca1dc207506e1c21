#include "serve/accept.h"
#include "serve/answers.h"
#include "serve/dashboard.h"

/* Nothing but our own files may run or be asked: no inline script or style, no other host, no frame around us. */
#define POLICY                                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " \
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

static const struct dashboard_file *find_file(const char *name)
{
    for (size_t i = 0; i < dashboard_file_count; i++)
        if (strcmp(dashboard_files[i].name, name) == 0) return &dashboard_files[i];
    return NULL;
}

static void send_file(struct api_call *call, const struct dashboard_file *file, int status)
{
    struct web_response *r = call->response;
    vg_slice accepted = web_request_header(call->request, "Accept-Encoding");
    r->status = status;
    r->shared = file->plain;
    web_response_header(r, "Content-Type", file->type);
    call->gzip = false; /* it is done already */
    if (file->brotli.n && accept_coding(accepted, "br")) {
        r->shared = file->brotli;
        web_response_header(r, "Content-Encoding", "br");
    } else if (file->gzip.n && accept_coding(accepted, "gzip")) {
        r->shared = file->gzip;
        web_response_header(r, "Content-Encoding", "gzip");
    }
}

bool dashboard_is_wanted(const struct web_request *request)
{
    return accept_media(web_request_header(request, "Accept")) == MEDIA_HTML;
}

void dashboard_page(struct api_call *call, int status)
{
    const struct dashboard_file *page = find_file("index.html");
    if (!page) VG_BUG("the program was built without its page");
    send_file(call, page, status);
    web_response_header(call->response, "Cache-Control", "no-cache");
    web_response_header(call->response, "Content-Security-Policy", POLICY);
    web_response_header(call->response, "Referrer-Policy", "same-origin");
}

void answer_static(struct api_call *call)
{
    const char *name = call_argument(call, "name")->text;
    const struct dashboard_file *file = find_file(name);
    if (!file || strcmp(name, "index.html") == 0) {
        call_not_found(call, "file", name);
        return;
    }
    send_file(call, file, 200);
    web_response_header(call->response, "Cache-Control", "public, max-age=31536000, immutable");
}
