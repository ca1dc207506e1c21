#include "simulate/hour_file.h"

#include <errno.h>
#include <fcntl.h>
#include <lz4frame.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/day.h"

#define CHUNK_BYTES ((size_t)4 << 20) /* text that is handed over at once */
#define CHUNKS 3                      /* one being filled, one waiting, one being compressed */

static const LZ4F_preferences_t frame_form = {
    .frameInfo = {.blockSizeID = LZ4F_max4MB,
                  .blockMode = LZ4F_blockIndependent,
                  .contentChecksumFlag = LZ4F_contentChecksumEnabled},
};

/* Text of one hour; `last` completes the hour's file. */
struct chunk {
    vg_buf text;
    int32_t day;
    unsigned hour;
    bool last;
};

struct hour_writer {
    char *directory;
    pthread_t thread;
    pthread_mutex_t lock; /* guards head, tail, stop, failure */
    pthread_cond_t changed;
    struct chunk chunks[CHUNKS];
    uint64_t head, tail; /* chunks[head % CHUNKS] is being filled; those from tail on wait */
    bool stop, has_hour;
    vg_err failure;

    /* the thread's own */
    LZ4F_cctx *lz4;
    vg_buf packed;
    FILE *file;
    char *path, *temporary;
    uint64_t bytes_raw, bytes_lz4;
};

vg_code simulate_make_directories(const char *path, vg_err *err)
{
    char *copy = vg_strdup(path);
    vg_code rc = VG_OK;
    for (char *p = copy + 1; !rc; p++) {
        if (*p != '/' && *p != '\0') continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) rc = vg_fail_errno(err, "cannot create the directory %s", copy);
        *p = kept;
        if (kept == '\0') break;
    }
    free(copy);
    return rc;
}

static void sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    vg_buf parent = {0};
    if (slash) vg_buf_add(&parent, path, (size_t)(slash - path));
    int fd = open(slash ? vg_buf_str(&parent) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* a file system that cannot sync a directory is no reason to fail */
        close(fd);
    }
    vg_buf_release(&parent);
}

static vg_code publish(FILE *file, const char *temporary, const char *path, vg_err *err)
{
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) != 0) written = false;
    if (!written) return vg_fail_errno(err, "cannot write %s", temporary);
    if (rename(temporary, path) != 0) return vg_fail_errno(err, "cannot rename %s to %s", temporary, path);
    sync_directory_of(path);
    return VG_OK;
}

vg_code simulate_write_file(const char *directory, const char *name, const vg_buf *content, vg_err *err)
{
    char *path = vg_path_join(directory, name);
    vg_buf temporary = {0};
    vg_buf_addf(&temporary, "%s.tmp", path);
    vg_code rc = VG_OK;
    FILE *file = fopen(vg_buf_str(&temporary), "wbe");
    if (!file) {
        rc = vg_fail_errno(err, "cannot create %s", vg_buf_str(&temporary));
    } else if (content->len && fwrite(content->data, 1, content->len, file) != content->len) {
        rc = vg_fail_errno(err, "cannot write %s", vg_buf_str(&temporary));
        fclose(file);
    } else {
        rc = publish(file, vg_buf_str(&temporary), path, err);
    }
    if (rc) unlink(vg_buf_str(&temporary));
    vg_buf_release(&temporary);
    free(path);
    return rc;
}

static vg_code append_packed(struct hour_writer *w, size_t n, vg_err *err)
{
    if (LZ4F_isError(n)) return vg_fail(err, VG_ESTATE, "LZ4 refuses to compress: %s", LZ4F_getErrorName(n));
    if (fwrite(w->packed.data, 1, n, w->file) != n) return vg_fail_errno(err, "cannot write %s", w->temporary);
    w->bytes_lz4 += n;
    return VG_OK;
}

static vg_code start_file(struct hour_writer *w, int32_t day, unsigned hour, vg_err *err)
{
    char date[VG_DATE_TEXT];
    vg_day_print(day, 0, date);
    vg_buf path = {0}, temporary = {0};
    vg_buf_addf(&path, "%s/node_fills_by_block/hourly/%s", w->directory, date);
    vg_code rc = simulate_make_directories(vg_buf_str(&path), err);
    vg_buf_addf(&temporary, "%s/.%u.lz4.tmp", vg_buf_str(&path), hour);
    vg_buf_addf(&path, "/%u.lz4", hour);
    w->path = vg_strdup(vg_buf_str(&path));
    w->temporary = vg_strdup(vg_buf_str(&temporary));
    vg_buf_release(&path);
    vg_buf_release(&temporary);
    if (rc) return rc;
    w->file = fopen(w->temporary, "wbe");
    if (!w->file) return vg_fail_errno(err, "cannot create %s", w->temporary);
    return append_packed(w, LZ4F_compressBegin(w->lz4, w->packed.data, w->packed.cap, &frame_form), err);
}

static void forget_file(struct hour_writer *w)
{
    free(w->path);
    free(w->temporary);
    w->path = w->temporary = NULL;
    w->file = NULL;
}

static vg_code write_chunk(struct hour_writer *w, const struct chunk *chunk, vg_err *err)
{
    vg_buf_reserve(&w->packed, LZ4F_compressBound(chunk->text.len, &frame_form) + LZ4F_HEADER_SIZE_MAX);
    if (!w->file) VG_TRY(start_file(w, chunk->day, chunk->hour, err));
    if (chunk->text.len) {
        w->bytes_raw += chunk->text.len;
        VG_TRY(append_packed(
            w, LZ4F_compressUpdate(w->lz4, w->packed.data, w->packed.cap, chunk->text.data, chunk->text.len, NULL),
            err));
    }
    if (!chunk->last) return VG_OK;
    VG_TRY(append_packed(w, LZ4F_compressEnd(w->lz4, w->packed.data, w->packed.cap, NULL), err));
    FILE *file = w->file;
    w->file = NULL;
    vg_code rc = publish(file, w->temporary, w->path, err);
    if (rc) unlink(w->temporary);
    forget_file(w);
    return rc;
}

static void *write_chunks(void *argument)
{
    struct hour_writer *w = argument;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->tail == w->head && !w->stop)
            pthread_cond_wait(&w->changed, &w->lock);
        if (w->tail == w->head) break;
        struct chunk *chunk = &w->chunks[w->tail % CHUNKS];
        bool failed = w->failure.code != VG_OK;
        pthread_mutex_unlock(&w->lock);

        vg_err err = {0};
        vg_code rc = failed ? VG_OK : write_chunk(w, chunk, &err);
        vg_buf_clear(&chunk->text);

        pthread_mutex_lock(&w->lock);
        if (rc) w->failure = err;
        w->tail++;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

vg_code hour_writer_open(struct hour_writer **writer, const char *directory, vg_err *err)
{
    *writer = NULL;
    VG_TRY(simulate_make_directories(directory, err));
    struct hour_writer *w = vg_calloc(1, sizeof *w);
    w->directory = vg_strdup(directory);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    size_t made = LZ4F_createCompressionContext(&w->lz4, LZ4F_VERSION);
    VG_ASSERT(!LZ4F_isError(made));
    int failed = pthread_create(&w->thread, NULL, write_chunks, w);
    if (failed) {
        LZ4F_freeCompressionContext(w->lz4);
        free(w->directory);
        free(w);
        errno = failed;
        return vg_fail_errno(err, "cannot start the thread that writes files");
    }
    *writer = w;
    return VG_OK;
}

/* Hands the chunk over and waits until the next one is free. */
static vg_code hand_over(struct hour_writer *w, bool last, vg_err *err)
{
    struct chunk *chunk = &w->chunks[w->head % CHUNKS];
    chunk->last = last;
    int32_t day = chunk->day;
    unsigned hour = chunk->hour;
    pthread_mutex_lock(&w->lock);
    w->head++;
    pthread_cond_broadcast(&w->changed);
    while (w->head - w->tail >= CHUNKS)
        pthread_cond_wait(&w->changed, &w->lock);
    vg_err failure = w->failure;
    pthread_mutex_unlock(&w->lock);
    chunk = &w->chunks[w->head % CHUNKS];
    chunk->day = day;
    chunk->hour = hour;
    if (failure.code && err) *err = failure;
    return failure.code;
}

vg_code hour_writer_begin(struct hour_writer *writer, int32_t day, unsigned hour, vg_err *err)
{
    if (writer->has_hour) VG_TRY(hand_over(writer, true, err));
    struct chunk *chunk = &writer->chunks[writer->head % CHUNKS];
    chunk->day = day;
    chunk->hour = hour;
    writer->has_hour = true;
    return VG_OK;
}

vg_buf *hour_writer_text(struct hour_writer *writer) { return &writer->chunks[writer->head % CHUNKS].text; }

vg_code hour_writer_push(struct hour_writer *writer, vg_err *err)
{
    return hour_writer_text(writer)->len < CHUNK_BYTES ? VG_OK : hand_over(writer, false, err);
}

static void stop_thread(struct hour_writer *writer)
{
    if (writer->stop) return;
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
}

vg_code hour_writer_finish(struct hour_writer *writer, uint64_t *bytes_raw, uint64_t *bytes_lz4, vg_err *err)
{
    if (writer->has_hour) VG_TRY(hand_over(writer, true, err));
    writer->has_hour = false;
    stop_thread(writer);
    if (writer->failure.code && err) *err = writer->failure;
    *bytes_raw = writer->bytes_raw;
    *bytes_lz4 = writer->bytes_lz4;
    return writer->failure.code;
}

void hour_writer_close(struct hour_writer *writer)
{
    if (!writer) return;
    stop_thread(writer);
    if (writer->file) {
        fclose(writer->file);
        unlink(writer->temporary);
    }
    forget_file(writer);
    for (unsigned i = 0; i < CHUNKS; i++)
        vg_buf_release(&writer->chunks[i].text);
    vg_buf_release(&writer->packed);
    LZ4F_freeCompressionContext(writer->lz4);
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
    free(writer->directory);
    free(writer);
}
