#include <stdio.h>

#include "base/map.h"
#include "serve/api_parts.h"

const struct argument *call_argument(const struct api_call *call, const char *name)
{
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (strcmp(call->route->parameters[i].name, name) == 0) return &call->arguments[i];
    VG_BUG("a handler asks for a parameter that its route does not have");
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = hash_mix64(hash ^ ((const unsigned char *)bytes)[i] ^ n << 8);
    return hash;
}

static bool is_about_the_page(const struct parameter *p)
{
    return p->type == PARAMETER_CURSOR || strcmp(p->name, "limit") == 0 || strcmp(p->name, "format") == 0;
}

uint64_t call_question(const struct api_call *call)
{
    uint64_t hash = mix(1, call->route->id, strlen(call->route->id));
    for (size_t i = 0; i < call->route->parameter_count; i++) {
        const struct argument *a = &call->arguments[i];
        if (!a->given || is_about_the_page(&call->route->parameters[i])) continue;
        hash = mix(hash, &i, sizeof i);
        hash = mix(hash, a->text, strlen(a->text));
        hash = mix(hash, &a->number, sizeof a->number);
        hash = mix(hash, &a->amount, sizeof a->amount);
    }
    return hash;
}

struct store *call_store(const struct api_call *call) { return call->api->store; }
const atomic_bool *call_cancelled(const struct api_call *call)
{
    const struct web_server *server = call->api->server;
    return server ? web_server_ending(server) : NULL;
}
struct event_hub *call_hub(const struct api_call *call) { return call->api->hub; }

void call_json(struct api_call *call)
{
    call->response->status = 200;
    web_response_header(call->response, "Content-Type", "application/json");
}

void call_begin(struct api_call *call)
{
    vg_slice coverage = snapshot_coverage_json(call->snapshot);
    call->version = snapshot_coverage(call->snapshot)->version;
    vg_buf_addc(&call->response->body, '{');
    vg_buf_add(&call->response->body, coverage.p, coverage.n);
}

void call_begin_of(struct api_call *call, const struct store_coverage *coverage)
{
    call->version = coverage->version;
    vg_buf_addc(&call->response->body, '{');
    coverage_print(coverage, &call->response->body);
}

void call_not_found(struct api_call *call, const char *what, const char *name)
{
    problem_answer(call->response, call->request, &(struct problem){.status = 404}, "there is no %s %s here", what,
                   name);
}

void call_bad_argument(struct api_call *call, const char *parameter, const char *detail)
{
    vg_buf allowed = {0};
    for (size_t i = 0; i < call->route->parameter_count; i++)
        if (strcmp(call->route->parameters[i].name, parameter) == 0)
            parameter_allowed(&call->route->parameters[i], &allowed);
    problem_answer(call->response, call->request,
                   &(struct problem){.status = 400, .parameter = parameter, .allowed = vg_buf_str(&allowed)}, "%s: %s",
                   parameter, detail);
    vg_buf_release(&allowed);
}

void call_failed(struct api_call *call, const vg_err *err)
{
    atomic_fetch_add(&call->api->store_errors, 1);
    fprintf(stderr, "vigil serve: %s: %s\n", call->route->path, err->msg);
    problem_answer(call->response, call->request,
                   &(struct problem){.status = problem_status(err->code), .retry_after_s = 5},
                   "the data cannot be read now; the server's own messages say why");
}
