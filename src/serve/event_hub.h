/* event_hub.h: news for everybody who listens: server-sent events with a bounded history.
 *
 * Events are numbered from 1 and kept, the newest EVENTS_KEPT of them; a listener that comes back with Last-Event-ID
 * gets those after it. The number carries the time the hub was made, so that an id of an earlier run is recognized:
 * such a listener gets all that is kept. A listener that falls behind what is kept is sent away; so is everybody at the
 * end. A comment line every HEARTBEAT_S keeps proxies from closing, and shows us who is gone.
 */
#ifndef VIGIL_SERVE_EVENT_HUB_H
#define VIGIL_SERVE_EVENT_HUB_H

#include "serve/web_server.h"

#define EVENTS_KEPT 256
#define EVENT_BYTES (16 << 10) /* of one event's data, at most */
#define HEARTBEAT_S 15
#define LISTENERS_MOST 2000

struct event_hub;
struct event_hub *event_hub_new(void);

/* All listeners must be gone (web_server_stop). */
void event_hub_free(struct event_hub *hub);

/* Sends an event to all. `data` is one line of JSON. */
void event_hub_publish(struct event_hub *hub, const char *name, vg_slice data);

/* Makes the response a stream of events after the id `last`; p NULL: only of what comes. False: too many listen. */
VG_MUST_USE bool event_hub_listen(struct event_hub *hub, vg_slice last, struct web_response *response);

/* Ends all streams, and takes no further listeners. */
void event_hub_close(struct event_hub *hub);

struct event_hub_figures {
    size_t listeners;
    uint64_t published, dropped; /* listeners that were too slow */
};
void event_hub_figures(struct event_hub *hub, struct event_hub_figures *figures);

#endif
