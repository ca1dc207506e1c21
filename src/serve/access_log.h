/* access_log.h: a line for each request, such as
 *
 *     2026-03-15T00:00:00.123Z 127.0.0.1 GET /traders?limit=5 200 18342 0.41ms key=dashboard
 *
 * The query is told only when it was understood: what somebody sends by mistake may be a secret. Keys are told by name.
 */
#ifndef VIGIL_SERVE_ACCESS_LOG_H
#define VIGIL_SERVE_ACCESS_LOG_H

#include "serve/web_server.h"

struct access_log;

/* "-": stderr. The file is appended to. VG_EIO. */
VG_MUST_USE vg_code access_log_open(struct access_log **log, const char *path, vg_err *err);
void access_log_close(struct access_log *log);

/* `key`: the name of the client's key, or NULL. `understood`: the query's parameters were all known and well formed. */
void access_log_write(struct access_log *log, const struct web_request *request, const struct web_sent *sent,
                      const char *key, bool understood);

#endif
