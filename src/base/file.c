#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static vg_code sync_path(const char *path, int flags, vg_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0) return vg_fail_errno(err, "opening %s", path);
    vg_code rc = fsync(fd) == 0 ? VG_OK : vg_fail_errno(err, "syncing %s", path);
    close(fd);
    return rc;
}

/* Makes the name of `path` last. */
static vg_code sync_parent(const char *path, vg_err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return sync_path(".", O_DIRECTORY, err);
    char *parent = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    VG_ASSERT(parent);
    vg_code rc = sync_path(parent, O_DIRECTORY, err);
    free(parent);
    return rc;
}

static vg_code make_one(const char *path, vg_err *err)
{
    if (mkdir(path, 0777) == 0) return sync_parent(path, err);
    return errno == EEXIST ? VG_OK : vg_fail_errno(err, "making the directory %s", path);
}

vg_code file_make_directory(const char *path, vg_err *err)
{
    char *copy = vg_strdup(path);
    vg_code rc = VG_OK;
    for (char *p = copy + 1; !rc; p++) {
        if (*p != '/' && *p != '\0') continue;
        char end = *p;
        *p = '\0';
        if (p[-1] != '/') rc = make_one(copy, err);
        *p = end;
        if (end == '\0') break;
    }
    free(copy);
    return rc;
}

vg_code file_make_parent(const char *path, vg_err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return VG_OK;
    char *parent = strndup(path, (size_t)(slash - path));
    VG_ASSERT(parent);
    vg_code rc = file_make_directory(parent, err);
    free(parent);
    return rc;
}

vg_code file_publish(const char *from, const char *to, vg_err *err)
{
    VG_TRY(sync_path(from, 0, err));
    if (rename(from, to) != 0) return vg_fail_errno(err, "renaming %s to %s", from, to);
    return sync_parent(to, err);
}

static vg_code write_all(int fd, vg_slice bytes, const char *path, vg_err *err)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return vg_fail_errno(err, "writing %s", path);
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return VG_OK;
}

vg_code file_write_atomic(const char *temporary, const char *path, vg_slice bytes, vg_err *err)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return vg_fail_errno(err, "creating %s", temporary);
    vg_code rc = write_all(fd, bytes, temporary, err);
    if (close(fd) != 0 && !rc) rc = vg_fail_errno(err, "closing %s", temporary);
    return rc ? rc : file_publish(temporary, path, err);
}

vg_code file_read_all(const char *path, size_t limit, vg_buf *buf, vg_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return vg_fail_errno(err, "opening %s", path);
    vg_code rc = VG_OK;
    vg_buf_clear(buf);
    for (;;) {
        vg_buf_reserve(buf, 65536);
        ssize_t n = read(fd, buf->data + buf->len, 65536);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) rc = vg_fail_errno(err, "reading %s", path);
        if (n <= 0) break;
        buf->len += (size_t)n;
        if (buf->len > limit) {
            rc = vg_fail(err, VG_ELIMIT, "%s: larger than %zu bytes", path, limit);
            break;
        }
    }
    if (buf->data) buf->data[buf->len] = '\0';
    close(fd);
    return rc;
}

vg_code file_list(const char *path, struct file_names *names, vg_err *err)
{
    *names = (struct file_names){0};
    DIR *directory = opendir(path);
    if (!directory && errno == ENOENT) return VG_OK;
    if (!directory) return vg_fail_errno(err, "opening the directory %s", path);
    struct dirent *entry;
    while ((errno = 0, entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        names->items = vg_realloc(names->items, (names->n + 1) * sizeof *names->items);
        names->items[names->n++] = vg_strdup(entry->d_name);
    }
    vg_code rc = errno ? vg_fail_errno(err, "reading the directory %s", path) : VG_OK;
    closedir(directory);
    if (names->n) qsort(names->items, names->n, sizeof *names->items, vg_text_order);
    return rc;
}

void file_names_release(struct file_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct file_names){0};
}

vg_code file_empty_directory(const char *path, vg_err *err)
{
    struct file_names names;
    VG_TRY(file_list(path, &names, err));
    vg_code rc = VG_OK;
    for (size_t i = 0; i < names.n && !rc; i++) {
        char *child = vg_path_join(path, names.items[i]);
        struct stat info;
        if (lstat(child, &info) != 0) {
            rc = vg_fail_errno(err, "%s", child);
        } else if (S_ISDIR(info.st_mode)) {
            rc = file_empty_directory(child, err);
            if (!rc && rmdir(child) != 0) rc = vg_fail_errno(err, "removing %s", child);
        } else if (unlink(child) != 0) {
            rc = vg_fail_errno(err, "removing %s", child);
        }
        free(child);
    }
    file_names_release(&names);
    return rc;
}
