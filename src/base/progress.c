#include "base/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

void vg_progress_start(struct vg_progress *progress, const char *what, const char *unit, uint64_t total, bool quiet)
{
    progress->what = what;
    progress->unit = unit;
    progress->total = total;
    progress->price = 0;
    progress->started_ns = vg_clock_ns();
    progress->shown = !quiet && isatty(STDERR_FILENO);
    atomic_store(&progress->done, 0);
    atomic_store(&progress->items, 0);
    atomic_store(&progress->drawn_ns, 0);
}

static void draw(const struct vg_progress *progress, int64_t now)
{
    double seconds = (double)(now - progress->started_ns) / 1e9;
    double rate = seconds > 0 ? (double)progress->items / seconds : 0;
    fprintf(stderr, "\r\033[K%s: %llu %s, %.0f/s", progress->what, (unsigned long long)progress->items, progress->unit,
            rate);
    if (progress->total && progress->done) {
        double share = (double)progress->done / (double)progress->total;
        if (share > 1) share = 1;
        double left = seconds / share - seconds;
        fprintf(stderr, ", %.0f %%, %d:%02d left", share * 100, (int)left / 60, (int)left % 60);
    }
    if (progress->price > 0)
        fprintf(stderr, ", %.1f MB, %.2f USD", (double)progress->done / 1e6, (double)progress->done * progress->price);
    fflush(stderr);
}

void vg_progress_add(struct vg_progress *progress, uint64_t done, uint64_t items)
{
    if (!progress) return;
    atomic_fetch_add(&progress->done, done);
    atomic_fetch_add(&progress->items, items);
    if (!progress->shown) return;
    int64_t now = vg_clock_ns(), drawn = atomic_load(&progress->drawn_ns);
    if (now - drawn < 200 * INT64_C(1000000)) return;
    if (atomic_compare_exchange_strong(&progress->drawn_ns, &drawn, now)) draw(progress, now);
}

void vg_progress_stop(struct vg_progress *progress)
{
    if (progress->shown) fputs("\r\033[K", stderr);
    progress->shown = false;
}
