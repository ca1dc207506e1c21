/* loader_core.h: what the parts of the loader share. Private to src/store. */
#ifndef VIGIL_STORE_LOADER_CORE_H
#define VIGIL_STORE_LOADER_CORE_H

#include <pthread.h>

#include "store/loader.h"
#include "store/pg.h"

/* Rows and exact sums of fills. */
struct fill_sums {
    uint64_t rows;
    vg_dec20 notional; /* price x size */
    vg_dec closed_pnl, fee;
};
bool fill_sums_add(struct fill_sums *sums, const struct fill_sums *more); /* false: more than 128 bits */

/* One connection, and the part that comes through it. */
struct loader_worker {
    struct pg *pg;
    vg_buf rows; /* encoded, not sent yet */
    const struct part *part;
    struct fill_sums sums;
    char purpose[80];
};

struct loaded_part {
    const struct part *part; /* the caller's */
    struct fill_sums sums;
};

struct loader {
    char *name;
    bool timescale;
    bool bare; /* a fresh hypertable without indexes yet */
    struct loader_worker *workers;
    unsigned worker_count; /* the first holds the lock and does what is not done in parallel */
    struct loaded_file *files;
    size_t file_count;
    uint64_t lake_version;
    bool conflict;

    /* The day at hand. */
    int32_t day;
    bool whole;
    bool in_transaction;  /* else it is built beside the table */
    char target[40];      /* table that rows go to */
    pthread_mutex_t lock; /* over the parts */
    struct loaded_part *parts;
    size_t part_count;

    /* The file of figures at hand, and the tables that had no rows and have no indexes now. */
    const struct feature_file *file;
    bool fresh[FEATURE_TABLES];
};

#define COPY_BYTES (256u << 10) /* sent at once */

struct pg *loader_control(struct loader *loader);

/* Remembers why a statement failed. */
vg_code loader_note(struct loader *loader, const struct pg *pg, vg_code rc);

/* Appends the row of vigil_lake.loaded_files for a file; `sums` may be NULL. */
void loader_record(vg_buf *sql, const char *path, const char *sha256, unsigned table, int32_t day, uint64_t rows,
                   const struct fill_sums *sums);

/* Continuous aggregates, where there are any. `note` adds to the transaction that changes a day's fills; `refresh`,
 * after it, makes the aggregates follow; `rest` does so for days that a killed load left. */
void loader_rollups_note(const struct loader *loader, const char *date, vg_buf *sql);
vg_code loader_rollups_refresh(struct loader *loader, int32_t day, vg_err *err);
vg_code loader_rollups_rest(struct loader *loader, vg_err *err);

/* SQL that gives the data another version. */
extern const char loader_new_version[];

#endif
