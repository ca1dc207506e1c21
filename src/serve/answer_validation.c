#include "base/file.h"
#include "serve/answers.h"
#include "serve/api_parts.h"
#include "serve/dashboard.h"

#define REPORT_MOST_BYTES ((size_t)16 << 20)

/* A report of `vigil validate`, as its file stands. It has its own style and nothing else. */
static void send_report(struct api_call *call, const char *name, const char *type)
{
    vg_buf path = {0};
    vg_err ignored;
    const char *folder = call->api->options.reports;
    vg_buf_addf(&path, "%s/%s", folder ? folder : "", name);
    if (!folder || file_read_all(path.data, REPORT_MOST_BYTES, &call->response->body, &ignored)) {
        call->response->body.len = 0;
        call_not_found(call, "report", "of `vigil validate`");
    } else {
        call->response->status = 200;
        web_response_header(call->response, "Content-Type", type);
        web_response_header(call->response, "Cache-Control", "no-cache");
        web_response_header(call->response, "Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                            "frame-ancestors 'none'");
    }
    vg_buf_release(&path);
}

void answer_validation(struct api_call *call)
{
    if (dashboard_is_wanted(call->request))
        send_report(call, "validation.html", "text/html; charset=utf-8");
    else
        send_report(call, "validation.json", "application/json");
}
