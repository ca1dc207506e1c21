/* service_manager.h: tells systemd how the server is (sd_notify(3): a datagram to the socket in NOTIFY_SOCKET). */
#ifndef VIGIL_SERVE_SERVICE_MANAGER_H
#define VIGIL_SERVE_SERVICE_MANAGER_H

#include <stdint.h>

/* "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…". Does nothing where no service manager listens. */
void service_manager_tell(const char *state);

/* How often WATCHDOG=1 is wanted, in ms: half of what systemd allows; 0: never. */
uint32_t service_manager_watchdog_ms(void);

#endif
