#include "serve/api.h"

#include "serve/api_parts.h"
#include "serve/openapi.h"

static bool now(void *ctx, const struct web_request *request, struct web_response *response, void **state)
{
    struct api_call *call = vg_calloc(1, sizeof *call);
    *state = call;
    call->api = ctx;
    call->request = request;
    call->response = response;
    if (!api_check(call)) {
        if (!(call->route->flags & ROUTE_QUICK)) return false;
        call->route->answer(call);
    }
    api_finish(call);
    return true;
}

static void later(void *ctx, const struct web_request *request, struct web_response *response, void *state)
{
    struct api_call *call = state;
    (void)ctx, (void)request, (void)response;
    call->route->answer(call);
    api_finish(call);
}

static void refused(void *ctx, const struct web_request *request, struct web_response *response, void *state)
{
    (void)ctx;
    problem_answer(response, request, &(struct problem){.status = 503, .retry_after_s = 2},
                   "too much is being asked at once, or the server is stopping: come back later");
    api_finish(state);
}

static void done(void *ctx, const struct web_request *request, const struct web_sent *sent, void *state)
{
    struct api *api = ctx;
    struct api_call *call = state;
    metrics_count(api->metrics, call->route ? (size_t)(call->route - routes) : route_count, sent->status,
                  sent->duration_ns);
    if (api->log) access_log_write(api->log, request, sent, call->key, call->understood);
    snapshot_release(call->snapshot);
    request_path_release(&call->path);
    query_string_release(&call->query);
    free(call);
}

struct web_handler api_handler(struct api *api) { return (struct web_handler){api, now, later, refused, done}; }

/* Life. */

vg_code api_new(struct api **out, const struct api_options *options, struct store *store, struct publisher *publisher,
                struct event_hub *hub, vg_err *err)
{
    struct api *api = vg_calloc(1, sizeof *api);
    vg_code rc = VG_OK;
    api->options = *options;
    api->store = store;
    api->publisher = publisher;
    api->hub = hub;
    api->route_names = vg_calloc(route_count, sizeof *api->route_names);
    for (size_t i = 0; i < route_count; i++)
        api->route_names[i] = routes[i].path;
    api->metrics = metrics_new(api->route_names, route_count);
    if (options->rate) api->limit = rate_limit_new(options->rate, options->burst ? options->burst : 2 * options->rate);
    if (options->keys_file) rc = api_keys_load(&api->keys, options->keys_file, err);
    if (!rc && options->access_log) rc = access_log_open(&api->log, options->access_log, err);
    openapi_print(&api->openapi, options->version, api->keys != NULL);
    if (rc) {
        api_free(api);
        api = NULL;
    }
    *out = api;
    return rc;
}

void api_free(struct api *api)
{
    if (!api) return;
    api_keys_free(api->keys);
    rate_limit_free(api->limit);
    access_log_close(api->log);
    metrics_free(api->metrics);
    free(api->route_names);
    vg_buf_release(&api->openapi);
    free(api);
}

bool api_has_keys(const struct api *api) { return api->keys != NULL; }
void api_set_server(struct api *api, struct web_server *server) { api->server = server; }
