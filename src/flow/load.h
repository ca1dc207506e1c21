/* load.h: the lake into PostgreSQL.
 *
 * Fills go by days: those that are new or changed; the tables of figures follow the lake's latest
 * ones as a whole. Each day, and the figures, appear at once or not at all, after rows and sums were compared with the
 * lake's. A run that was killed is run again; one that has nothing to do changes nothing.
 */
#ifndef VIGIL_FLOW_LOAD_H
#define VIGIL_FLOW_LOAD_H

#include "base/day.h"
#include "base/err.h"
#include "base/progress.h"

struct load_options {
    const char *lake, *url;
    int32_t from, to; /* days of fills; VG_NO_DATE: no bound */
    unsigned jobs;    /* parts at once; 0: as many as processors, at most 4 */
    bool prune;       /* days that the lake has not are removed; else they are counted */
    struct vg_progress *progress;
};

enum load_action { LOAD_NEW, LOAD_ADDED, LOAD_REPLACED, LOAD_REMOVED };

struct load_day {
    int32_t day;
    enum load_action action;
    uint64_t parts, rows; /* that were sent */
};

struct load_report {
    char *database; /* the URL without the password */
    bool timescale;
    struct load_day *days; /* that changed */
    size_t day_count;
    size_t days_same;
    size_t days_foreign; /* that the lake has not; removed, when asked */
    bool pruned;
    uint64_t fills;                       /* rows sent */
    uint64_t figure_files, figure_rows;   /* sent; tables of figures */
    bool has_figures, figures_are_behind; /* the lake has tables of figures; it has fills that are not in them */
    double seconds, copy_s, index_s, check_s, publish_s, figures_s;
};

/* The report is the caller's to release in any case. Days that were finished before a failure stay. */
VG_MUST_USE vg_code load_run(const struct load_options *options, struct load_report *report, vg_err *err);
void load_report_release(struct load_report *report);

/* Whether a URL holds a password: it has no place on a command line. */
bool load_url_has_password(const char *url);

#endif
