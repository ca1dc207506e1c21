/* quarantine.h: what was refused, kept with its place, its reason and its bytes.
 *
 * One JSON line a refusal: {"source","line","byte","event","reason","length","text"}; bytes that are
 * not UTF-8 stand as "base64" instead of "text". `byte` is the offset of the line in the decoded
 * object, `event` the index in the block or null for a whole line.
 */
#ifndef VIGIL_LAKE_QUARANTINE_H
#define VIGIL_LAKE_QUARANTINE_H

#include <stdio.h>

#include "base/buf.h"

struct quarantine {
    char *path; /* temporary file; made with the first refusal */
    FILE *file;
    uint64_t count;
};

/* Takes over `temporary_path`. */
void quarantine_init(struct quarantine *quarantine, char *temporary_path);

VG_MUST_USE vg_code quarantine_add(struct quarantine *quarantine, const char *source, uint64_t line, uint64_t offset,
                                   int64_t event, const char *reason, vg_slice bytes, uint64_t length, vg_err *err);

/* Flushes and closes the file. */
VG_MUST_USE vg_code quarantine_finish(struct quarantine *quarantine, vg_err *err);
void quarantine_release(struct quarantine *quarantine); /* removes a file that was not published */

#endif
