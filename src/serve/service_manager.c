#include "serve/service_manager.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"

void service_manager_tell(const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof address.sun_path || (*path != '/' && *path != '@')) return;
    memcpy(address.sun_path, path, n);
    if (*path == '@') address.sun_path[0] = '\0'; /* an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    /* Nobody to tell a failure to: the service manager notices silence by itself. */
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    (void)sent;
    close(fd);
}

uint32_t service_manager_watchdog_ms(void)
{
    uint64_t us, pid;
    const char *period = getenv("WATCHDOG_USEC"), *who = getenv("WATCHDOG_PID");
    if (!period || !number_count(vg_slice_of(period), &us)) return 0;
    if (who && (!number_count(vg_slice_of(who), &pid) || pid != (uint64_t)getpid())) return 0;
    uint64_t ms = us / 2000;
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}
