/* hour_file.h: writes text into the exchange's layout, one LZ4 file an hour.
 *
 *     DIR/node_fills_by_block/hourly/YYYYMMDD/H.lz4      H without leading zero
 *
 * Frames are as the exchange's: blocks of 4 MiB, independent, with a content checksum. A file is
 * written under a temporary name, synced, renamed. Compression and writing happen on one thread of the
 * writer's own while the caller prepares the next text; the bytes do not depend on timing.
 */
#ifndef VIGIL_SIMULATE_HOUR_FILE_H
#define VIGIL_SIMULATE_HOUR_FILE_H

#include <stdint.h>

#include "base/buf.h"

struct hour_writer;

/* `directory` is created when it is missing. */
VG_MUST_USE vg_code hour_writer_open(struct hour_writer **writer, const char *directory, vg_err *err);

/* Starts the file of an hour and completes the one before. */
VG_MUST_USE vg_code hour_writer_begin(struct hour_writer *writer, int32_t day, unsigned hour, vg_err *err);

/* Where the hour's text is to be appended. Valid until the next call for this writer. */
vg_buf *hour_writer_text(struct hour_writer *writer);

/* Hands text over when enough has come together; call it between lines. Reports earlier failures. */
VG_MUST_USE vg_code hour_writer_push(struct hour_writer *writer, vg_err *err);

/* Completes the last file. */
VG_MUST_USE vg_code hour_writer_finish(struct hour_writer *writer, uint64_t *bytes_raw, uint64_t *bytes_lz4,
                                       vg_err *err);

/* Stops the thread, removes an incomplete file, frees. NULL is fine. */
void hour_writer_close(struct hour_writer *writer);

/* Creates a directory and its parents. */
VG_MUST_USE vg_code simulate_make_directories(const char *path, vg_err *err);

/* Writes a whole small file under a temporary name, syncs, renames. */
VG_MUST_USE vg_code simulate_write_file(const char *directory, const char *name, const vg_buf *content, vg_err *err);

#endif
