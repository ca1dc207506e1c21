/* listen_socket.h: a socket that takes connections at an address. */
#ifndef VIGIL_SERVE_LISTEN_SOCKET_H
#define VIGIL_SERVE_LISTEN_SOCKET_H

#include <stdbool.h>

#include "base/buf.h"

#define LISTEN_TEXT 64 /* bytes for "[address]:port" with its NUL */

struct listen_socket {
    int fd;                    /* the caller's to close */
    bool is_local;             /* only this machine reaches it */
    char address[LISTEN_TEXT]; /* with the port that the system chose for 0 */
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080". VG_EUSAGE: not of this form; VG_EIO: taken, or not ours. */
VG_MUST_USE vg_code listen_socket_open(struct listen_socket *socket, const char *where, vg_err *err);

#endif
