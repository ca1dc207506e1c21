#include "serve/metrics.h"

#include <stdatomic.h>

#include "base/number.h"

#define STATUSES(X) X(0) X(200) X(204) X(304) X(400) X(401) X(404) X(405) X(413) X(414) X(429) X(500) X(503) X(504)
#define STATUS_VALUE(status) status,
static const int statuses[] = {STATUSES(STATUS_VALUE)};
#define STATUS_COUNT (sizeof statuses / sizeof *statuses)

/* Upper bounds in µs; the last bucket has none. */
static const int64_t bounds_us[] = {100,   250,   500,    1000,   2500,    5000,   10000,
                                    25000, 50000, 100000, 250000, 1000000, 5000000};
#define BOUND_COUNT (sizeof bounds_us / sizeof *bounds_us)

struct route_figures {
    _Atomic uint64_t by_status[STATUS_COUNT];
    _Atomic uint64_t by_duration[BOUND_COUNT + 1];
    _Atomic uint64_t total_us;
};

struct metrics {
    const char *const *names;
    size_t routes;
    struct route_figures figures[];
};

struct metrics *metrics_new(const char *const *names, size_t routes)
{
    struct metrics *metrics = vg_calloc(1, sizeof *metrics + (routes + 1) * sizeof *metrics->figures);
    metrics->names = names;
    metrics->routes = routes;
    return metrics;
}

void metrics_free(struct metrics *metrics) { free(metrics); }

static void add(_Atomic uint64_t *counter, uint64_t n) { atomic_fetch_add_explicit(counter, n, memory_order_relaxed); }
static uint64_t get(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

void metrics_count(struct metrics *metrics, size_t route, int status, int64_t duration_ns)
{
    struct route_figures *f = &metrics->figures[route];
    int64_t us = duration_ns / 1000;
    size_t bucket = 0, which = 0;
    while (bucket < BOUND_COUNT && us > bounds_us[bucket])
        bucket++;
    while (statuses[which] != status)
        if (++which == STATUS_COUNT) VG_BUG("a status that is not counted");
    add(&f->by_status[which], 1);
    add(&f->by_duration[bucket], 1);
    add(&f->total_us, (uint64_t)us);
}

static const char *name_of(const struct metrics *m, size_t route)
{
    return route < m->routes ? m->names[route] : "none";
}

static void print_durations(const struct metrics *m, size_t route, vg_buf *out)
{
    const struct route_figures *f = &m->figures[route];
    const char *name = name_of(m, route);
    uint64_t n = 0;
    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        char bound[NUMBER_TEXT] = "+Inf";
        n += get(&f->by_duration[i]);
        if (i < BOUND_COUNT) number_print((double)bounds_us[i] / 1e6, bound);
        vg_buf_addf(out, "vigil_http_request_duration_seconds_bucket{route=\"%s\",le=\"%s\"} %llu\n", name, bound,
                    (unsigned long long)n);
    }
    vg_buf_addf(out, "vigil_http_request_duration_seconds_sum{route=\"%s\"} %.6f\n", name,
                (double)get(&f->total_us) / 1e6);
    vg_buf_addf(out, "vigil_http_request_duration_seconds_count{route=\"%s\"} %llu\n", name, (unsigned long long)n);
}

void metrics_print(const struct metrics *m, vg_buf *out)
{
    vg_buf_adds(out, "# HELP vigil_http_requests_total Requests answered; status 0: the client went away.\n"
                     "# TYPE vigil_http_requests_total counter\n");
    for (size_t route = 0; route <= m->routes; route++)
        for (size_t i = 0; i < STATUS_COUNT; i++) {
            uint64_t n = get(&m->figures[route].by_status[i]);
            if (n)
                vg_buf_addf(out, "vigil_http_requests_total{route=\"%s\",status=\"%d\"} %llu\n", name_of(m, route),
                            statuses[i], (unsigned long long)n);
        }
    vg_buf_adds(out, "# HELP vigil_http_request_duration_seconds From the request line to the last byte sent.\n"
                     "# TYPE vigil_http_request_duration_seconds histogram\n");
    for (size_t route = 0; route <= m->routes; route++)
        print_durations(m, route, out);
}

void metrics_print_figure(vg_buf *out, const char *name, const char *type, const char *help, double value)
{
    char text[NUMBER_TEXT];
    number_print(value, text);
    vg_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", name, help, name, type, name, text);
}
