/* connections.h: the open connections of a server, and how long each may take for what it is doing.
 *
 * A library's own time limit begins anew with each byte, so a client that sends a byte a second would stay for ever.
 * Here each phase has a deadline; a connection that misses it is shut down, and the library then closes it.
 */
#ifndef VIGIL_SERVE_CONNECTIONS_H
#define VIGIL_SERVE_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum connection_phase {
    CONNECTION_IDLE,    /* no request yet, or none after the last */
    CONNECTION_ASKING,  /* a request has begun to arrive */
    CONNECTION_WORKING, /* it is being answered: bounded elsewhere */
    CONNECTION_SENDING, /* the answer is on its way */
    CONNECTION_PHASES
};

#define CLIENT_TEXT 46 /* bytes for an address with its NUL */

struct connection {
    struct connection *previous, *next;
    int fd;
    char client[CLIENT_TEXT];    /* address as text */
    uint8_t address[16];         /* IPv6; IPv4 mapped into it */
    _Atomic int64_t deadline_ns; /* vg_clock_ns; INT64_MAX: none */
};

/* Longest stay in each phase, in ms; 0: no limit. */
struct connection_limits {
    uint32_t phase_ms[CONNECTION_PHASES];
};

struct connections;
struct connections *connections_new(const struct connection_limits *limits);
void connections_free(struct connections *connections);

/* The socket is watched until connections_remove; its options are set for a server: keep-alive, and an end to unsent
 * bytes of a peer that is gone. */
struct connection *connections_add(struct connections *connections, int fd);
void connections_remove(struct connections *connections, struct connection *connection);

/* Any thread. */
void connection_enter(const struct connections *connections, struct connection *connection,
                      enum connection_phase phase);

/* Open now; cut off so far. */
size_t connections_open(struct connections *connections);
uint64_t connections_cut(struct connections *connections);

#endif
