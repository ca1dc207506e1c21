/* file.h: files that appear whole or not at all, and small files read whole. */
#ifndef VIGIL_BASE_FILE_H
#define VIGIL_BASE_FILE_H

#include "base/buf.h"

/* Makes the directory and its parents, and syncs the parent of each that is new. */
VG_MUST_USE vg_code file_make_directory(const char *path, vg_err *err);

/* The same for the directory that the file `path` is in. */
VG_MUST_USE vg_code file_make_parent(const char *path, vg_err *err);

/* Syncs the finished file at `from`, renames it to `to`, syncs the directory of `to`. */
VG_MUST_USE vg_code file_publish(const char *from, const char *to, vg_err *err);

/* Writes bytes to `temporary`, then publishes it as `path`. */
VG_MUST_USE vg_code file_write_atomic(const char *temporary, const char *path, vg_slice bytes, vg_err *err);

/* Reads a file of at most `limit` bytes into buf (cleared first). */
VG_MUST_USE vg_code file_read_all(const char *path, size_t limit, vg_buf *buf, vg_err *err);

/* Removes everything inside the directory (not itself); a missing directory is fine. */
VG_MUST_USE vg_code file_empty_directory(const char *path, vg_err *err);

/* Names of the entries of a directory, sorted, "." and ".." left out; a missing directory is empty. */
struct file_names {
    char **items;
    size_t n;
};
VG_MUST_USE vg_code file_list(const char *path, struct file_names *names, vg_err *err);
void file_names_release(struct file_names *names);

#endif
