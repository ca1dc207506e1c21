#include "serve/listen_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"

#define BACKLOG 1024

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse_host(vg_slice host, in_port_t port, union socket_address *address)
{
    char text[INET6_ADDRSTRLEN];
    bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracketed) host = (vg_slice){host.p + 1, host.n - 2};
    if (vg_slice_is(host, "localhost")) host = VG_SLICE("127.0.0.1");
    if (host.n == 0 || host.n >= sizeof text) return false;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    memset(address, 0, sizeof *address);
    if (bracketed) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = port;
        return inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = port;
    return inet_pton(AF_INET, text, &address->v4.sin_addr) == 1;
}

static vg_code parse(const char *where, union socket_address *address, vg_err *err)
{
    const char *colon = strrchr(where, ':');
    uint64_t port;
    if (!colon || !number_count(vg_slice_of(colon + 1), &port) || port > 65535 ||
        !parse_host((vg_slice){where, (size_t)(colon - where)}, htons((uint16_t)port), address))
        return vg_fail(err, VG_EUSAGE,
                       "'%.100s' is no address to listen at: wanted is ADDRESS:PORT, such as 127.0.0.1:8080, "
                       "[::1]:8080 or 0.0.0.0:8080",
                       where);
    return VG_OK;
}

static void describe(struct listen_socket *s, const union socket_address *address)
{
    char text[INET6_ADDRSTRLEN];
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof text);
        snprintf(s->address, sizeof s->address, "%s:%u", text, ntohs(address->v4.sin_port));
        s->is_local = ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    } else {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, text, sizeof text);
        snprintf(s->address, sizeof s->address, "[%s]:%u", text, ntohs(address->v6.sin6_port));
        s->is_local = IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
    }
}

vg_code listen_socket_open(struct listen_socket *s, const char *where, vg_err *err)
{
    union socket_address address = {0};
    const int on = 1;
    VG_TRY(parse(where, &address, err));
    socklen_t size = address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6;
    s->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) return vg_fail_errno(err, "no socket for %s", where);
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s->fd, &address.any, size) != 0 || listen(s->fd, BACKLOG) != 0 ||
        getsockname(s->fd, &address.any, &size) != 0) {
        vg_code rc = vg_fail_errno(err, "cannot listen at %s", where);
        close(s->fd);
        return rc;
    }
    describe(s, &address);
    return VG_OK;
}
