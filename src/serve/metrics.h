/* metrics.h: what the server has done, in Prometheus's text format (version 0.0.4). */
#ifndef VIGIL_SERVE_METRICS_H
#define VIGIL_SERVE_METRICS_H

#include "base/buf.h"

struct metrics;
/* `names`: of the routes, borrowed; one more is kept for what no route took. */
struct metrics *metrics_new(const char *const *names, size_t routes);
void metrics_free(struct metrics *metrics);

/* Any thread. `route` may be `routes`: none. status 0: the client went away. */
void metrics_count(struct metrics *metrics, size_t route, int status, int64_t duration_ns);

/* Appends requests by route and status, and how long they took. */
void metrics_print(const struct metrics *metrics, vg_buf *out);

/* Appends one figure with its help line; the type is "gauge" or "counter". */
void metrics_print_figure(vg_buf *out, const char *name, const char *type, const char *help, double value);

#endif
