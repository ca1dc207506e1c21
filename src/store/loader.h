/* loader.h: rows of the lake into PostgreSQL, so that what a reader sees is always whole.
 *
 * Fills come by days (UTC). A day that is new, or to be replaced, is built beside the table by several connections at
 * once, indexed, checked and then put in place in one transaction; parts that are only added to a day come in one
 * transaction. On TimescaleDB a day is one transaction of one connection, since more are no faster there. Tables of
 * figures are replaced all in one transaction. Which files of the lake are in the database is written with their rows
 * (vigil_lake.loaded_files): so a run that was killed is run again, and one that has nothing to do does nothing.
 *
 *     loader_open
 *     for each day: loader_day_begin, for each part: loader_part_begin, _rows, _end, then loader_day_index, _check,
 * _publish loader_figures_begin, for each file: loader_table_begin, _row, _end, then loader_figures_publish
 *     loader_finish, loader_close
 */
#ifndef VIGIL_STORE_LOADER_H
#define VIGIL_STORE_LOADER_H

#include "lake/feature_files.h"
#include "model/fill_batch.h"
#include "store/store.h"

struct loader;

/* Whether a URL holds a password. */
bool loader_url_has_password(const char *url);

/* Connects, takes the lock (VG_ESTATE: another load has it), makes or updates the schema and removes what a killed run
 * left. `connections`: for parts of a day. */
VG_MUST_USE vg_code loader_open(struct loader **loader, const char *url, unsigned connections, vg_err *err);
void loader_close(struct loader *loader); /* NULL is fine; what is not published is gone */

const char *loader_name(const struct loader *loader); /* without the password */
bool loader_has_timescale(const struct loader *loader);

/* A file of the lake whose rows are in the database. */
struct loaded_file {
    char *path;
    char sha256[65];
    unsigned table; /* as the store counts them */
    int32_t day;    /* VG_NO_DATE: of no day */
};
const struct loaded_file *loader_files(const struct loader *loader, size_t *n); /* as they were at the beginning */

/* `version` of the coverage that was published last; 0: none was. */
uint64_t loader_lake_version(const struct loader *loader);

/* Whether parts were taken for rows that are in the database already: the day is to be replaced whole. */
bool loader_is_conflict(const struct loader *loader);

/* `whole`: all of the day's rows come, and replace what there is; else some parts are added. */
VG_MUST_USE vg_code loader_day_begin(struct loader *loader, int32_t day, bool whole, vg_err *err);
unsigned loader_day_workers(const struct loader *loader); /* parts that may be on their way at once */

/* One part by one worker, in [0, loader_day_workers). Batches have all columns. */
VG_MUST_USE vg_code loader_part_begin(struct loader *loader, unsigned worker, const struct part *part, vg_err *err);
VG_MUST_USE vg_code loader_part_rows(struct loader *loader, unsigned worker, const struct fill_batch *batch,
                                     vg_err *err);
VG_MUST_USE vg_code loader_part_end(struct loader *loader, unsigned worker, vg_err *err);

VG_MUST_USE vg_code loader_day_index(struct loader *loader, vg_err *err);

/* VG_ESTATE: rows, or the sums of price x size, closed_pnl and fee, are not those of the parts. */
VG_MUST_USE vg_code loader_day_check(struct loader *loader, vg_err *err);

/* From here on readers see the day. Rollups of plain PostgreSQL are refreshed with it, those of TimescaleDB after. */
VG_MUST_USE vg_code loader_day_publish(struct loader *loader, vg_err *err);
void loader_day_abandon(struct loader *loader); /* instead, after a failure */

/* A day that the lake has no more. */
VG_MUST_USE vg_code loader_day_remove(struct loader *loader, int32_t day, vg_err *err);

VG_MUST_USE vg_code loader_figures_begin(struct loader *loader, vg_err *err);

/* Rows of a file replace those of its table, or of its day in it. */
VG_MUST_USE vg_code loader_table_begin(struct loader *loader, const struct feature_file *file, vg_err *err);
VG_MUST_USE vg_code loader_table_row(struct loader *loader, const struct feature_value *values, vg_err *err);
VG_MUST_USE vg_code loader_table_end(struct loader *loader, vg_err *err);

/* A table, or a day of it, that the lake has no more. */
VG_MUST_USE vg_code loader_table_remove(struct loader *loader, unsigned table, int32_t day, vg_err *err);

/* `coverage` and its days are the lake's; complete only if all of its fills are in the database, too. NULL: there are
 * no figures. */
VG_MUST_USE vg_code loader_figures_publish(struct loader *loader, const struct store_coverage *coverage,
                                           const struct day_hours *days, size_t n, vg_err *err);

/* Indexes that a fresh hypertable waited for, and the policies of TimescaleDB. */
VG_MUST_USE vg_code loader_finish(struct loader *loader, vg_err *err);

#endif
