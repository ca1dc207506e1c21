/* fill_scan.h: the fast road: events exactly as the exchange writes them.
 *
 * A template of the known keys in their known order is laid over the bytes. What does not fit the
 * template is not judged here: the scanner gives up and fill_read.h decides.
 */
#ifndef VIGIL_INGEST_FILL_SCAN_H
#define VIGIL_INGEST_FILL_SCAN_H

#include "ingest/fill_read.h"

/* Bytes that may be read (not used) beyond `end`: the caller's buffer must own them. */
#define FILL_SCAN_SLACK 128

/* Scans the event that starts at p. Returns the byte behind it, or NULL when it is not written in the
 * known way. Slices in *fill point into the text. Whatever this accepts, fill_read accepts with the
 * same result (fuzz/fuzz_fill.c proves it). */
const char *fill_scan(const char *p, const char *end, enum fill_form form, struct fill *fill);

struct block_head {
    int64_t local_time_ns, time_ns, number;
};

/* Scans `{"local_time":…,"block_time":…,"block_number":…,"events":[` and returns the byte behind it,
 * or NULL. */
const char *block_scan(const char *p, const char *end, struct block_head *head);

#endif
