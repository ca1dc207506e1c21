#include "flow/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pool.h"
#include "ingest/archive.h"
#include "lake/lake.h"

#define REPAIR_DAYS 3 /* before the last one: objects of these may come late, or anew */
#define SECONDS_PER_HOUR 3600

int64_t sync_open_hour(int64_t now_ns, uint64_t lag_s)
{
    if (lag_s == 0) return INT64_MAX;
    return vg_floor_div(vg_floor_div(now_ns, VG_NS_PER_S) - (int64_t)lag_s, SECONDS_PER_HOUR);
}

/* Hours that the lake has, ascending, each once. */
struct hours {
    int64_t *items;
    size_t n;
};

static int in_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct hours hours_of(const struct manifest *manifest)
{
    struct hours hours = {vg_alloc(manifest->n * sizeof *hours.items), 0};
    for (size_t i = 0; i < manifest->n; i++) {
        const struct manifest_record *record = &manifest->records[i];
        if (record->hourly) hours.items[hours.n++] = archive_hour(record->day, record->hour);
    }
    if (hours.n == 0) return hours;
    qsort(hours.items, hours.n, sizeof *hours.items, in_order);
    size_t kept = 1;
    for (size_t i = 1; i < hours.n; i++)
        if (hours.items[i] != hours.items[kept - 1]) hours.items[kept++] = hours.items[i];
    hours.n = kept;
    return hours;
}

static struct fetch_hour hour_at(int64_t hour)
{
    int64_t day = vg_floor_div(hour, 24);
    return (struct fetch_hour){(int32_t)day, (int)(hour - day * 24)};
}

static void note_missing(struct sync_report *report, const struct hours *hours)
{
    for (size_t i = 1; i < hours->n; i++)
        for (int64_t hour = hours->items[i - 1] + 1; hour < hours->items[i]; hour++) {
            report->missing = vg_realloc(report->missing, (report->missing_count + 1) * sizeof *report->missing);
            report->missing[report->missing_count++] = hour_at(hour);
        }
}

/* What the lake has, as far as the manifest tells. */
static void look_at(const struct lake *lake, const struct sync_options *options, struct sync_report *report)
{
    struct hours hours = hours_of(&lake->manifest);
    free(report->missing);
    report->missing = NULL;
    report->missing_count = report->fills = 0;
    report->hours = hours.n;
    note_missing(report, &hours);
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *record = &lake->manifest.records[i];
        if (record->fills && (report->fills == 0 || record->last_time_ns > report->last_fill_ns))
            report->last_fill_ns = record->last_time_ns;
        report->fills += record->fills;
    }
    if (hours.n) {
        int64_t last = hours.items[hours.n - 1], open = sync_open_hour(report->started_ns, options->lag_s);
        if (open == INT64_MAX) open = vg_floor_div(report->started_ns, VG_NS_PER_S * SECONDS_PER_HOUR);
        report->last = hour_at(last);
        report->behind_hours = open > last + 1 ? open - last - 1 : 0;
    }
    free(hours.items);
}

/* The first day that may have something new. */
static int32_t first_day(const struct sync_options *options, const struct sync_report *report)
{
    if (report->hours == 0) return options->from != VG_NO_DATE ? options->from : vg_day_of_ns(report->started_ns) - 1;
    int32_t day = report->last.day - REPAIR_DAYS;
    if (report->missing_count && report->missing[0].day < day) day = report->missing[0].day;
    return options->from != VG_NO_DATE && options->from < day ? options->from : day;
}

/* One sync at a time; the lock goes with the file descriptor. */
static vg_code take_lock(const struct lake *lake, int *lock, vg_err *err)
{
    char *path = lake_path(lake, ".sync-lock");
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    vg_code rc = VG_OK;
    if (*lock < 0)
        rc = vg_fail_errno(err, "opening %s", path);
    else if (flock(*lock, LOCK_EX | LOCK_NB) != 0)
        rc = errno == EWOULDBLOCK ? vg_fail(err, VG_ESTATE, "%s: another sync is at work on this lake", lake->name)
                                  : vg_fail_errno(err, "locking %s", path);
    free(path);
    return rc;
}

static vg_code look(const struct sync_options *options, enum lake_mode mode, int *lock, struct sync_report *report,
                    vg_err *err)
{
    struct lake lake;
    VG_TRY(lake_open(&lake, options->lake, mode, err));
    vg_code rc = *lock < 0 ? take_lock(&lake, lock, err) : VG_OK;
    if (!rc) look_at(&lake, options, report);
    lake_close(&lake);
    return rc;
}

static vg_code fetch(const struct sync_options *options, struct sync_report *report, vg_err *err)
{
    struct fetch_options fetch = {.sources = options->sources,
                                  .source_count = options->source_count,
                                  .lake = options->lake,
                                  .range = {.from = first_day(options, report),
                                            .to = VG_NO_DATE,
                                            .before_hour = sync_open_hour(report->started_ns, options->lag_s)},
                                  .jobs = options->jobs,
                                  .progress = options->progress};
    return fetch_run(&fetch, &report->fetch, err);
}

/* A model that does not fit any more, say of an older version, must not stop the rest: it is told. */
static vg_code refresh_clusters(const struct sync_options *options, struct sync_report *report, vg_err *err)
{
    struct cluster_run_options run = {.lake = options->lake, .refresh = true, .cluster.threads = vg_processors()};
    struct cluster_report clusters;
    vg_err problem;
    vg_code rc = cluster_run(&run, &clusters, &problem);
    if (rc == VG_ECANCEL) {
        rc = vg_fail(err, rc, "%s", problem.msg);
    } else if (rc) {
        report->cluster_problem = problem;
        rc = VG_OK;
    } else {
        report->clustered = !clusters.skipped;
        report->clusters_changed = report->clustered && cluster_report_has_changed(&clusters);
    }
    cluster_report_release(&clusters);
    return rc;
}

/* Also when nothing was fetched: an earlier round may have been stopped before this. */
static vg_code compute(const struct sync_options *options, struct sync_report *report, vg_err *err)
{
    struct features_options features = {
        .lake = options->lake, .from = VG_NO_DATE, .to = VG_NO_DATE, .shards = 1, .progress = options->progress};
    VG_TRY(features_run(&features, &report->features, err));
    bool current;
    VG_TRY(classify_is_current(options->lake, &current, err));
    report->computed = !report->features.up_to_date || !current;
    if (!current) VG_TRY(classify_run(options->lake, &report->classes, err));
    return refresh_clusters(options, report, err);
}

static vg_code round_under(const struct sync_options *options, int *lock, struct sync_report *report, vg_err *err)
{
    VG_TRY(look(options, LAKE_CREATE, lock, report, err));
    VG_TRY(fetch(options, report, err));
    VG_TRY(look(options, LAKE_READ, lock, report, err));
    if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request; the next run goes on from here");
    return report->fills ? compute(options, report, err) : VG_OK;
}

vg_code sync_round(const struct sync_options *options, struct sync_report *report, vg_err *err)
{
    int64_t started = vg_clock_ns();
    int lock = -1;
    *report = (struct sync_report){.started_ns = vg_now_ns()};
    vg_code rc = round_under(options, &lock, report, err);
    if (lock >= 0) close(lock);
    report->seconds = (double)(vg_clock_ns() - started) / 1e9;
    return rc;
}

void sync_report_release(struct sync_report *report)
{
    fetch_report_release(&report->fetch);
    free(report->missing);
    *report = (struct sync_report){0};
}

bool sync_is_complete(const struct sync_report *report)
{
    const size_t *outcomes = report->fetch.outcomes;
    return !outcomes[FETCH_FAILED] && !outcomes[FETCH_CANCELLED] && !report->missing_count &&
           !report->fetch.quarantined;
}
