/* archive.h: the exchange's three archives of fills, and which hour is taken from which.
 *
 * Four weeks lie in two of them, in two forms that cannot be told apart row by row; one hour lies in two
 * that follow each other within it; some minutes lie in none. docs/formats.md has the dates and who found them.
 */
#ifndef VIGIL_INGEST_ARCHIVE_H
#define VIGIL_INGEST_ARCHIVE_H

#include "ingest/source.h"

#define ARCHIVE_BUCKET "hl-mainnet-node-data"

struct archive {
    const char *prefix;    /* in the bucket: "node_fills/hourly" */
    enum stream_kind kind; /* of its keys */
    int64_t first, last;   /* hours since 1970 that are taken from here; INT64_MAX: it goes on */
};

enum { ARCHIVES = 3 };
extern const struct archive archives[ARCHIVES]; /* by time */

static inline int64_t archive_hour(int32_t day, int hour) { return (int64_t)day * 24 + hour; }

/* Whether the days [from, to] (VG_NO_DATE: no bound) have hours that are taken from this archive. */
bool archive_has_days(const struct archive *archive, int32_t from, int32_t to);

/* Whether this hour is taken from this archive. */
bool archive_has_hour(const struct archive *archive, int32_t day, int hour);

#endif
