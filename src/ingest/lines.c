#include "ingest/lines.h"

#include <lz4.h>
#include <lz4frame.h>
#include <pthread.h>

#include "ingest/fill_scan.h"

/* A block of the exchange's frames has 4 MiB. Where input and window hold a whole one, the library
 * decodes from the one straight into the other; else it copies through buffers of its own. */
#define BLOCK_BYTES (4u << 20)
#define INPUT_BYTES (BLOCK_BYTES + 64)
#define WINDOW_BYTES (2 * BLOCK_BYTES)
#define READ_BYTES (256u << 10)
#define LZ4_MAGIC 0x184d2204u
#define LZ4_SKIPPABLE 0x184d2a50u /* and the 15 above it */

/* Lines that need more than this are rare. All of the process share one window of that size, so that memory
 * does not grow with the number of jobs: whoever needs one waits until the other has read its line. */
#define LARGE_BYTES (16u << 20)
static pthread_mutex_t large_window = PTHREAD_MUTEX_INITIALIZER;

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_LZ4 };

struct lines {
    struct stream *stream;
    const char *name;
    enum packing packing;
    LZ4F_dctx *lz4;
    size_t lz4_hint;  /* 0: between frames */
    bool input_ended; /* the stream has no more bytes */
    char *input;      /* bytes as they came: input[at .. end) are not decoded yet */
    size_t at, end;
    char *window; /* decoded: window[start .. len) is not handed out yet */
    size_t start, len, cap;
    bool large;      /* holds large_window */
    size_t searched; /* window[start .. searched) holds no newline */
    uint64_t bytes_in, bytes_out, offset, number;
};

struct lines *lines_new(struct stream *stream, const char *name)
{
    struct lines *lines = vg_calloc(1, sizeof *lines);
    lines->stream = stream;
    lines->name = name;
    lines->input = vg_alloc(INPUT_BYTES);
    lines->cap = WINDOW_BYTES;
    lines->window = vg_alloc(lines->cap + FILL_SCAN_SLACK);
    return lines;
}

static void resize(struct lines *lines, size_t cap)
{
    bool large = cap > LARGE_BYTES;
    if (large && !lines->large) pthread_mutex_lock(&large_window);
    lines->window = vg_realloc(lines->window, cap + FILL_SCAN_SLACK);
    lines->cap = cap;
    if (!large && lines->large) pthread_mutex_unlock(&large_window);
    lines->large = large;
}

void lines_free(struct lines *lines)
{
    if (!lines) return;
    LZ4F_freeDecompressionContext(lines->lz4);
    free(lines->input);
    free(lines->window);
    if (lines->large) pthread_mutex_unlock(&large_window);
    free(lines);
}

uint64_t lines_bytes_in(const struct lines *lines) { return lines->bytes_in; }
uint64_t lines_bytes_out(const struct lines *lines) { return lines->bytes_out; }

/* Tops up the input so that at least one byte is there, unless the stream has ended. */
static vg_code fill_input(struct lines *lines, size_t want, vg_err *err)
{
    while (lines->end - lines->at < want && !lines->input_ended) {
        memmove(lines->input, lines->input + lines->at, lines->end - lines->at);
        lines->end -= lines->at;
        lines->at = 0;
        size_t n = 0;
        size_t room = INPUT_BYTES - lines->end;
        if (room > READ_BYTES && lines->end - lines->at + READ_BYTES >= want) room = READ_BYTES;
        VG_TRY(stream_read(lines->stream, lines->input + lines->end, room, &n, err));
        if (n == 0) lines->input_ended = true;
        lines->end += n;
        lines->bytes_in += n;
    }
    return VG_OK;
}

static bool ends_in_lz4(const char *name)
{
    size_t n = strlen(name);
    return n >= 4 && strcmp(name + n - 4, ".lz4") == 0;
}

static vg_code recognise(struct lines *lines, vg_err *err)
{
    VG_TRY(fill_input(lines, 4, err));
    uint32_t magic = 0;
    if (lines->end - lines->at >= 4) memcpy(&magic, lines->input + lines->at, 4);
    if (magic == LZ4_MAGIC || (magic & 0xfffffff0u) == LZ4_SKIPPABLE) {
        lines->packing = PACKING_LZ4;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&lines->lz4, LZ4F_VERSION))) VG_BUG("LZ4 context");
        return VG_OK;
    }
    if (ends_in_lz4(lines->name)) {
        if (lines->end == lines->at) return vg_fail(err, VG_EPARSE, "empty: not an LZ4 frame");
        return vg_fail(err, VG_EPARSE, "not an LZ4 frame (byte 0 of the file)");
    }
    lines->packing = PACKING_NONE;
    return VG_OK;
}

static vg_code decode_lz4(struct lines *lines, size_t room, size_t *made, vg_err *err)
{
    while (*made == 0) {
        size_t want = lines->lz4_hint < INPUT_BYTES ? lines->lz4_hint : INPUT_BYTES;
        VG_TRY(fill_input(lines, want ? want : 1, err));
        size_t in = lines->end - lines->at, out = room;
        if (in == 0 && lines->lz4_hint != 0)
            return vg_fail(err, VG_EPARSE, "cut: the file ends inside an LZ4 frame, after %llu bytes",
                           (unsigned long long)lines->bytes_in);
        if (in == 0) return VG_OK;
        size_t hint =
            LZ4F_decompress(lines->lz4, lines->window + lines->len, &out, lines->input + lines->at, &in, NULL);
        if (LZ4F_isError(hint))
            return vg_fail(err, VG_EPARSE, "damaged LZ4 frame near byte %llu: %s",
                           (unsigned long long)(lines->bytes_in - (lines->end - lines->at)), LZ4F_getErrorName(hint));
        lines->lz4_hint = hint;
        lines->at += in;
        *made = out;
    }
    return VG_OK;
}

/* Plain text goes from the stream straight into the window, behind what was read to recognise it. */
static vg_code decode_plain(struct lines *lines, size_t room, size_t *made, vg_err *err)
{
    char *to = lines->window + lines->len;
    size_t n = lines->end - lines->at;
    if (n > 0) {
        *made = n < room ? n : room;
        memcpy(to, lines->input + lines->at, *made);
        lines->at += *made;
        return VG_OK;
    }
    VG_TRY(stream_read(lines->stream, to, room < READ_BYTES ? room : READ_BYTES, made, err));
    lines->bytes_in += *made;
    return VG_OK;
}

/* Decodes more text behind window[len); *made is 0 at the end of the object. */
static vg_code decode(struct lines *lines, size_t *made, vg_err *err)
{
    *made = 0;
    if (lines->packing == PACKING_UNKNOWN) VG_TRY(recognise(lines, err));
    size_t room = lines->cap - lines->len;
    if (lines->packing == PACKING_LZ4) {
        VG_TRY(decode_lz4(lines, room, made, err));
    } else {
        VG_TRY(decode_plain(lines, room, made, err));
    }
    lines->len += *made;
    lines->bytes_out += *made;
    return VG_OK;
}

/* Makes room behind window[len): first by moving what is left to the front, then by growing. */
static void make_room(struct lines *lines)
{
    if (lines->start > 0) {
        memmove(lines->window, lines->window + lines->start, lines->len - lines->start);
        lines->len -= lines->start;
        lines->searched -= lines->start;
        lines->start = 0;
    }
    if (lines->len < lines->cap) return;
    resize(lines, lines->cap * 2 < LINE_MAX_BYTES ? lines->cap * 2 : LINE_MAX_BYTES);
}

/* Gives a window that one long line made large back, once its content fits again. */
static void shrink(struct lines *lines)
{
    if (lines->cap <= WINDOW_BYTES || lines->len - lines->start > WINDOW_BYTES / 2) return;
    memmove(lines->window, lines->window + lines->start, lines->len - lines->start);
    lines->len -= lines->start;
    lines->searched = lines->start = 0;
    resize(lines, WINDOW_BYTES);
}

static void hand_out(struct lines *lines, size_t length, bool terminated, struct line *line)
{
    *line = (struct line){.text = {lines->window + lines->start, length},
                          .number = ++lines->number,
                          .offset = lines->offset,
                          .terminated = terminated,
                          .length = length};
    lines->start += length + terminated;
    lines->offset += length + terminated;
    lines->searched = lines->start;
}

/* The window is full and holds no newline: drops text up to the next one, keeps the beginning. */
static vg_code skip_long_line(struct lines *lines, struct line *line, vg_err *err)
{
    enum { KEPT = 4096 };
    uint64_t length = lines->len;
    const char *newline = NULL;
    size_t made = 0;
    do {
        lines->len = KEPT;
        VG_TRY(decode(lines, &made, err));
        newline = memchr(lines->window + KEPT, '\n', made);
        length += newline ? (uint64_t)(newline - lines->window - KEPT) : made;
    } while (!newline && made > 0);
    *line = (struct line){.text = {lines->window, KEPT},
                          .number = ++lines->number,
                          .offset = lines->offset,
                          .terminated = newline != NULL,
                          .too_long = true,
                          .length = length};
    lines->offset += length + (newline != NULL);
    lines->start = lines->searched = newline ? (size_t)(newline - lines->window) + 1 : lines->len;
    return VG_OK;
}

vg_code lines_next(struct lines *lines, struct line *line, bool *more, vg_err *err)
{
    shrink(lines);
    *more = true;
    for (;;) {
        const char *from = lines->window + lines->searched;
        const char *newline = memchr(from, '\n', lines->len - lines->searched);
        if (newline) {
            hand_out(lines, (size_t)(newline - lines->window) - lines->start, true, line);
            return VG_OK;
        }
        lines->searched = lines->len;
        make_room(lines);
        if (lines->len == LINE_MAX_BYTES) return skip_long_line(lines, line, err);
        size_t made;
        VG_TRY(decode(lines, &made, err));
        if (made > 0) continue;
        if (lines->start == lines->len) {
            *more = false;
            return VG_OK;
        }
        lines->window[lines->len] = '\n'; /* stops the scanner; there is slack behind the window */
        hand_out(lines, lines->len - lines->start, false, line);
        return VG_OK;
    }
}

const char *lines_library_version(void) { return LZ4_versionString(); }
