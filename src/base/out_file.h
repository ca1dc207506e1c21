/* out_file.h: a file for the user that appears whole or not at all.
 *
 * It is written under another name beside its place and renamed when it is finished; a file that was there
 * keeps its rights, and a link to it stays a link. What is there and is no regular file (a pipe, a device)
 * is written into directly.
 */
#ifndef VIGIL_BASE_OUT_FILE_H
#define VIGIL_BASE_OUT_FILE_H

#include <stdio.h>

#include "base/err.h"

struct out_file {
    FILE *stream;
    char *path;      /* where it is to appear */
    char *temporary; /* where it is written; NULL: directly */
};

/* VG_EUSAGE: `path` is a directory. */
VG_MUST_USE vg_code out_file_open(struct out_file *out, const char *path, vg_err *err);

/* Closes the stream and makes the file appear. Release follows in any case. */
VG_MUST_USE vg_code out_file_finish(struct out_file *out, vg_err *err);

/* Removes what was not finished; takes a zeroed struct, too. */
void out_file_release(struct out_file *out);

#endif
