/* What the server says about itself, and the answers without data. */
#include <stdio.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/json.h"
#include "serve/answers.h"
#include "serve/api_parts.h"
#include "serve/docs_page.h"

static void add_time(vg_buf *out, int64_t ns)
{
    char text[VG_TIME_TEXT];
    vg_time_print(ns, ns % VG_NS_PER_S ? 3 : 0, text);
    vg_buf_addf(out, "\"%sZ\"", text);
}

void answer_twaps(struct api_call *call)
{
    const struct argument *start = call_argument(call, "start"), *end = call_argument(call, "end");
    vg_buf *out = &call->response->body;
    if (start->number > end->number) {
        call_bad_argument(call, "end", "start is later than end");
        return;
    }
    vg_buf_addf(out, "{\"wallet\":\"%s\",\"start\":", call_argument(call, "wallet")->text);
    add_time(out, start->number);
    vg_buf_adds(out, ",\"end\":");
    add_time(out, end->number);
    vg_buf_adds(out, ",\"twaps\":[]}\n");
    call_json(call);
}

void answer_twap(struct api_call *call) { call_not_found(call, "TWAP order", call_argument(call, "twap_id")->text); }

void answer_stream(struct api_call *call)
{
    if (event_hub_listen(call_hub(call), web_request_header(call->request, "Last-Event-ID"), call->response)) return;
    problem_answer(call->response, call->request, &(struct problem){.status = 503, .retry_after_s = 30},
                   "as many listen as the server allows: come back later");
}

static void answer_text(struct api_call *call, const char *type, vg_slice text)
{
    call->response->status = 200;
    web_response_header(call->response, "Content-Type", type);
    vg_buf_add(&call->response->body, text.p, text.n);
}

void answer_metrics(struct api_call *call)
{
    struct publisher_status status;
    struct event_hub_figures hub;
    struct web_server_figures web = {0};
    const struct snapshot *s = call->snapshot;
    vg_buf *out = &call->response->body;
    publisher_status(call->api->publisher, &status);
    event_hub_figures(call->api->hub, &hub);
    struct web_server *server = call->api->server;
    if (server) web_server_figures(server, &web);
    metrics_print(call->api->metrics, out);
#define FIGURE(type, name, help, value) metrics_print_figure(out, "vigil_" name, type, help, (double)(value))
    FIGURE("gauge", "http_connections", "Open connections.", web.connections);
    FIGURE("gauge", "http_connection_limit", "Connections that may be open.", web.connection_limit);
    FIGURE("counter", "http_connections_cut_total", "Connections that were too slow.", web.cut_connections);
    FIGURE("gauge", "stream_listeners", "Open event streams.", hub.listeners);
    FIGURE("counter", "stream_events_total", "Events published.", hub.published);
    FIGURE("counter", "stream_dropped_total", "Listeners that fell behind.", hub.dropped);
    FIGURE("gauge", "store_up", "Whether the last look at the store succeeded.", status.store_works);
    FIGURE("counter", "store_errors_total", "Looks and questions that failed.",
           status.failures + atomic_load(&call->api->store_errors));
    FIGURE("counter", "snapshots_total", "Snapshots published.", status.published);
    FIGURE("gauge", "snapshot_build_seconds", "How long the last one took.", (double)status.build_ns / 1e9);
    FIGURE("gauge", "snapshot_age_seconds", "Since the snapshot in use was built; 0: none.",
           s ? (double)(vg_clock_ns() - snapshot_built_ns(s)) / 1e9 : 0);
    FIGURE("gauge", "snapshot_bytes", "Memory of the snapshot in use.", s ? snapshot_bytes(s) : 0);
    FIGURE("gauge", "snapshot_traders", "Traders in it.", s ? trader_index_count(snapshot_traders(s)) : 0);
    answer_text(call, "text/plain; version=0.0.4; charset=utf-8", (vg_slice){"", 0});
}

/* Open to everybody, so it tells no paths and no texts of errors. */
void answer_health(struct api_call *call)
{
    struct publisher_status status;
    vg_buf *out = &call->response->body;
    publisher_status(call->api->publisher, &status);
    if (!call->snapshot || !status.store_works) {
        problem_answer(call->response, call->request, &(struct problem){.status = 503, .retry_after_s = 5},
                       call->snapshot ? "the store cannot be read; what is served is the last that could be"
                                      : "there are no data to serve yet");
        return;
    }
    uint64_t failures = status.failures + atomic_load(&call->api->store_errors);
    vg_buf_adds(out, "{\"status\":\"ok\",\"version\":");
    json_add_string(out, vg_slice_of(call->api->options.version));
    vg_buf_addf(out,
                ",\"store\":{\"ok\":true,\"errors\":%llu},\"snapshot\":{\"version\":\"%016llx\",\"age_s\":%.1f,"
                "\"traders\":%u},",
                (unsigned long long)failures, (unsigned long long)snapshot_coverage(call->snapshot)->version,
                (double)(vg_clock_ns() - snapshot_built_ns(call->snapshot)) / 1e9,
                trader_index_count(snapshot_traders(call->snapshot)));
    vg_slice coverage = snapshot_coverage_json(call->snapshot);
    vg_buf_add(out, coverage.p, coverage.n);
    vg_buf_adds(out, "}\n");
    call_json(call);
    web_response_header(call->response, "Cache-Control", "no-store");
}

void answer_openapi(struct api_call *call) { answer_text(call, "application/json", vg_buf_view(&call->api->openapi)); }

void answer_docs(struct api_call *call)
{
    answer_text(call, "text/html; charset=utf-8", (vg_slice){docs_page, docs_page_size});
    web_response_header(
        call->response, "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

void answer_root(struct api_call *call)
{
    vg_buf *out = &call->response->body;
    vg_buf_adds(out, "{\"name\":\"vigil\",\"version\":");
    json_add_string(out, vg_slice_of(call->api->options.version));
    vg_buf_adds(out, ",\"docs\":\"/docs\",\"openapi\":\"/openapi.json\",\"health\":\"/healthz\",\"traders\":"
                     "\"/traders\",\"leaderboard\":\"/leaderboard\",\"assets\":\"/assets\",\"stream\":\"/stream\"}\n");
    call_json(call);
}
