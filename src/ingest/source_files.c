#include "ingest/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

#define GROWING_NS (INT64_C(600) * VG_NS_PER_S)

/* A node writes its hour files line by line, so their end may be half a line. */
static bool may_grow(const struct object *object)
{
    size_t n = strlen(object->location);
    bool plain = object->hourly && (n < 4 || strcmp(object->location + n - 4, ".lz4") != 0);
    return plain && vg_now_ns() - object->mtime_ns < GROWING_NS;
}

static vg_code add_file(const char *path, const struct stat *info, struct object_list *list, vg_err *err)
{
    char resolved[PATH_MAX];
    if (!realpath(path, resolved)) return vg_fail_errno(err, "%s", path);
    if (!utf8_valid(resolved, strlen(resolved))) /* it could not be written into the manifest, which is JSON */
        return vg_fail(err, VG_EUSAGE, "%s: the path is not UTF-8: rename the file or its folder", path);
    struct object object;
    object_init(&object, resolved);
    object.size = (uint64_t)info->st_size;
    object.mtime_ns = info->st_mtim.tv_sec * VG_NS_PER_S + info->st_mtim.tv_nsec;
    object.growing = may_grow(&object);
    object_list_add(list, &object);
    return VG_OK;
}

#define MAX_DIRECTORY_DEPTH 32

/* A lake holds no sources: its quarantine looks like one. (The marker: lake/lake.h.) */
static bool is_lake(const char *path)
{
    char *marker = vg_path_join(path, ".vigil-lake");
    bool found = access(marker, F_OK) == 0;
    free(marker);
    return found;
}

static vg_code add_directory(const char *path, unsigned depth, struct object_list *list, vg_err *err)
{
    if (is_lake(path)) return VG_OK;
    if (depth > MAX_DIRECTORY_DEPTH) return vg_fail(err, VG_ELIMIT, "%s: nested too deep", path);
    DIR *directory = opendir(path);
    if (!directory) return vg_fail_errno(err, "%s", path);
    vg_code rc = VG_OK;
    struct dirent *entry;
    while (!rc && (errno = 0, entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        char *child = vg_path_join(path, entry->d_name);
        struct stat info;
        if (stat(child, &info) != 0)
            rc = vg_fail_errno(err, "%s", child);
        else if (S_ISDIR(info.st_mode))
            rc = add_directory(child, depth + 1, list, err);
        else if (S_ISREG(info.st_mode) && object_name_fits(entry->d_name))
            rc = add_file(child, &info, list, err);
        free(child);
    }
    if (!rc && errno) rc = vg_fail_errno(err, "%s", path);
    closedir(directory);
    return rc;
}

vg_code source_files_list(const char *path, struct object_list *list, vg_err *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return vg_fail_errno(err, "%s", path);
    if (S_ISDIR(info.st_mode)) {
        size_t before = list->n;
        VG_TRY(add_directory(path, 0, list, err));
        if (list->n > before) return VG_OK;
        return vg_fail(err, VG_EUSAGE,
                       "%s: no objects in this directory (wanted: *.lz4, *.jsonl, *.ndjson or hour files 0 to 23)",
                       path);
    }
    if (!S_ISREG(info.st_mode)) return vg_fail(err, VG_EUSAGE, "%s: neither a file nor a directory", path);
    return add_file(path, &info, list, err);
}

struct file_stream {
    int fd;
    uint64_t left; /* bytes to hand out, at most */
};

static vg_code file_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct file_stream *file = state;
    ssize_t got;
    if (room > file->left) room = (size_t)file->left;
    do
        got = room ? read(file->fd, bytes, room) : 0;
    while (got < 0 && errno == EINTR);
    if (got < 0) return vg_fail_errno(err, "reading");
    file->left -= (uint64_t)got;
    *n = (size_t)got;
    return VG_OK;
}

static void file_close(void *state)
{
    struct file_stream *file = state;
    close(file->fd);
    free(file);
}

/* Where the last line that is there as a whole ends; the file may grow meanwhile. */
static vg_code end_of_lines(int fd, uint64_t *end, vg_err *err)
{
    char bytes[4096];
    struct stat info;
    if (fstat(fd, &info) != 0) return vg_fail_errno(err, "reading its size");
    for (off_t at = info.st_size; at > 0;) {
        off_t from = at > (off_t)sizeof bytes ? at - (off_t)sizeof bytes : 0;
        ssize_t n = pread(fd, bytes, (size_t)(at - from), from);
        if (n < 0) return vg_fail_errno(err, "reading");
        const char *newline = memrchr(bytes, '\n', (size_t)n);
        if (newline) {
            *end = (uint64_t)from + (uint64_t)(newline - bytes) + 1;
            return VG_OK;
        }
        at = from;
    }
    *end = 0;
    return VG_OK;
}

/* An LZ4 frame begins the file, whatever its name says: it is no text that grows by lines. */
static bool is_text(int fd)
{
    unsigned char magic[4];
    return pread(fd, magic, 4, 0) != 4 || memcmp(magic, "\x04\x22\x4d\x18", 4) != 0;
}

vg_code source_files_open(const struct object *object, struct stream *stream, vg_err *err)
{
    int fd = open(object->location, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return vg_fail_errno(err, "opening");
    uint64_t end = UINT64_MAX;
    vg_code rc = object->growing && is_text(fd) ? end_of_lines(fd, &end, err) : VG_OK;
    if (rc) {
        close(fd);
        return rc;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    struct file_stream *file = vg_alloc(sizeof *file);
    *file = (struct file_stream){fd, end};
    *stream = (struct stream){file, file_read, file_close};
    return VG_OK;
}
