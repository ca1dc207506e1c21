/* api.h: the REST API: takes requests apart, checks them against the table of routes, and has them answered.
 *
 * Order of the checks: size, encoding, path, method, key, rate, parameters. Whatever fails is answered with a problem
 * document that says what is wrong and what is allowed.
 */
#ifndef VIGIL_SERVE_API_H
#define VIGIL_SERVE_API_H

#include "serve/event_hub.h"
#include "serve/publisher.h"
#include "serve/web_server.h"

/* Zero means none, or the default. Texts must outlive the API. */
struct api_options {
    const char *version;      /* of the program */
    const char *cors_origins; /* separated by commas; "*": all */
    const char *keys_file;
    const char *access_log;
    const char *reports;  /* folder of reports that commands leave in the lake; NULL: none */
    unsigned rate, burst; /* requests a second and client, and at once (twice the rate) */
};

struct api;
VG_MUST_USE vg_code api_new(struct api **api, const struct api_options *options, struct store *store,
                            struct publisher *publisher, struct event_hub *hub, vg_err *err);
void api_free(struct api *api); /* after the server has stopped */

bool api_has_keys(const struct api *api);
struct web_handler api_handler(struct api *api);

/* Once the server runs: its figures are part of /metrics. */
void api_set_server(struct api *api, struct web_server *server);

#endif
