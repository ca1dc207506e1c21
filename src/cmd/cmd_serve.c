#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/day.h"
#include "base/pool.h"
#include "cmd/cmd.h"
#include "serve/api.h"
#include "serve/service_manager.h"

#define GRACE_MS 10000 /* for answers that are on their way when the server is told to stop */

struct service {
    struct store *store;
    struct event_hub *hub;
    struct publisher *publisher;
    struct api *api;
    struct web_server *server;
};

/* What to serve: a database, or, when `url` is NULL or "", the lake itself. */
struct origin {
    const char *url, *lake;
    uint32_t refresh_ms;
};

static vg_code start(struct service *s, const struct origin *origin, const struct web_server_options *web,
                     const struct api_options *options, vg_err *err)
{
    VG_TRY(store_open(&s->store, origin->url, origin->lake, err));
    s->hub = event_hub_new();
    s->publisher = publisher_start(s->store, s->hub, origin->refresh_ms);
    VG_TRY(api_new(&s->api, options, s->store, s->publisher, s->hub, err));
    struct web_handler handler = api_handler(s->api);
    VG_TRY(web_server_start(&s->server, web, &handler, err));
    api_set_server(s->api, s->server);
    return VG_OK;
}

/* In the order in which the parts use each other. */
static void stop(struct service *s)
{
    if (s->hub) event_hub_close(s->hub);
    if (s->server) web_server_stop(s->server, GRACE_MS);
    publisher_stop(s->publisher);
    event_hub_free(s->hub);
    api_free(s->api);
    store_close(s->store);
}

static void wait_for_the_end(void)
{
    uint32_t watchdog_ms = service_manager_watchdog_ms();
    while (!vg_cancelled()) {
        vg_wait_until(vg_now_ns() + (watchdog_ms ? watchdog_ms : 3600000) * VG_NS_PER_MS);
        if (watchdog_ms) service_manager_tell("WATCHDOG=1");
    }
}

static int run(const struct command *self, const struct origin *origin, const struct web_server_options *web,
               const struct api_options *options)
{
    struct service service = {0};
    vg_err err = {0};
    int code = EXIT_DONE;
    if (start(&service, origin, web, options, &err)) {
        code = command_fail(self, &err);
    } else {
        const char *address = web_server_address(service.server);
        if (!web_server_is_local(service.server) && !api_has_keys(service.api))
            fprintf(stderr,
                    "vigil serve: warning: %s can be reached from other machines, and everybody may ask: see "
                    "--api-keys\n",
                    address);
        publisher_wait(service.publisher);
        fprintf(stderr, "vigil serve: http://%s (documentation: /docs)\n", address);
        service_manager_tell("READY=1");
        wait_for_the_end();
        service_manager_tell("STOPPING=1");
    }
    stop(&service);
    return code;
}

static int run_serve(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *url = NULL;
    struct web_server_options web = {.listen = "127.0.0.1:8080"};
    struct api_options api = {.version = VIGIL_VERSION};
    uint64_t rate = 0, refresh = 5, connections = 10000;
    const struct vg_option options[] = {
        {"listen", VG_OPT_TEXT, &web.listen, "ADDRESS", "VIGIL_LISTEN", "where to listen (127.0.0.1:8080)"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to serve"},
        {"database", VG_OPT_TEXT, &url, "URL", NULL,
         "or a database that `vigil load` filled: postgresql://user@host/name, without password (DATABASE_URL)"},
        {"api-keys", VG_OPT_TEXT, &api.keys_file, "FILE", "VIGIL_API_KEYS",
         "who may ask: NAME and SHA-256 of the key a line"},
        {"rate-limit", VG_OPT_COUNT, &rate, "N", NULL,
         "requests a second and client, twice as many at once (no limit)"},
        {"cors-origin", VG_OPT_TEXT, &api.cors_origins, "LIST", "VIGIL_CORS_ORIGIN",
         "origins whose pages may read answers, separated by commas (none)"},
        {"access-log", VG_OPT_TEXT, &api.access_log, "FILE", NULL, "a line for each request; -: stderr (none)"},
        {"connections", VG_OPT_COUNT, &connections, "N", NULL, "at the same time (10000)"},
        {"refresh", VG_OPT_COUNT, &refresh, "SECONDS", NULL, "how often to look for new data (5)"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    code = command_database(self, &url);
    if (code >= 0) return code;
    if (rate > 1000000) return command_usage(self, "--rate-limit is at most 1000000");
    if (connections < 1 || connections > 1000000) return command_usage(self, "--connections is from 1 to 1000000");
    if (refresh < 1 || refresh > 86400) return command_usage(self, "--refresh is from 1 to 86400 seconds");
    api.rate = (unsigned)rate;
    web.connection_limit = (unsigned)connections;
    vg_buf storage = {0}, reports = {0};
    struct origin origin = {url, command_lake(lake, &storage), (uint32_t)refresh * 1000};
    vg_buf_addf(&reports, "%s/outputs", origin.lake);
    if (!url || !*url) api.reports = reports.data;
    code = run(self, &origin, &web, &api);
    vg_buf_release(&reports);
    vg_buf_release(&storage);
    return code;
}

const struct command cmd_serve = {
    .name = "serve",
    .summary = "the REST API, event stream and documentation over HTTP",
    .usage = "[--listen ADDRESS] [--api-keys FILE]",
    .help =
        "Serves what `vigil features` and `vigil classify` have computed, from the lake itself or from the database\n"
        "that `vigil load` filled, and follows when they compute or load anew.\n"
        "Only this machine can connect unless --listen says otherwise. docs/api.md tells more.\n"
        "\n"
        "  vigil serve\n"
        "  vigil serve --listen 0.0.0.0:8080 --api-keys keys.txt --rate-limit 50\n"
        "  DATABASE_URL=postgresql://vigil:secret@localhost/vigil vigil serve\n"
        "\n"
        "exit: 0 stopped on request (SIGTERM, SIGINT); 1 failed; 2 wrong usage",
    .run = run_serve,
};
