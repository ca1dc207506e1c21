/* lines.h: bytes of an object into lines: LZ4 frames or plain text, streamed.
 *
 * LZ4 frames may follow each other, skippable frames are skipped, checksums are checked, and an
 * object that ends inside a frame is an error: nobody may take a cut object for a whole one.
 * Memory: 4 MiB of input, and a window that grows from 8 MiB with the longest line, never beyond LINE_MAX_BYTES.
 * Only one window of the process at a time is larger than 16 MiB: lines_next waits for it. So one thread reads
 * one object at a time, from lines_new to lines_free.
 */
#ifndef VIGIL_INGEST_LINES_H
#define VIGIL_INGEST_LINES_H

#include "ingest/source.h"

#define LINE_MAX_BYTES (64u << 20)

struct line {
    vg_slice text;   /* without the newline; valid until the next call; FILL_SCAN_SLACK bytes and a '\n' follow */
    uint64_t number; /* 1 is the first */
    uint64_t offset; /* of its first byte in the decoded text */
    bool terminated; /* false: the object ended before the newline */
    bool too_long;   /* longer than LINE_MAX_BYTES: text is only its beginning */
    uint64_t length; /* bytes of the line, also where too_long */
};

struct lines;

/* Reads from `stream`, which stays the caller's and must outlive the result. `name` is the object's
 * name: "….lz4" must be LZ4, other names may be. */
struct lines *lines_new(struct stream *stream, const char *name);
void lines_free(struct lines *lines);

/* *more is false after the last line. VG_EPARSE: not LZ4, damaged, or cut. */
VG_MUST_USE vg_code lines_next(struct lines *lines, struct line *line, bool *more, vg_err *err);

/* Bytes taken from the stream so far, and bytes of decoded text. */
uint64_t lines_bytes_in(const struct lines *lines);
uint64_t lines_bytes_out(const struct lines *lines);

/* Version of the LZ4 library as loaded. */
const char *lines_library_version(void);

#endif
