#include "base/out_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* The rights that open() would give a new file. */
static mode_t new_file_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static vg_code open_temporary(struct out_file *out, mode_t mode, vg_err *err)
{
    vg_buf name = {0};
    vg_buf_addf(&name, "%s.XXXXXX", out->path);
    int fd = mkostemp(name.data, O_CLOEXEC);
    if (fd < 0) {
        vg_code rc = vg_fail_errno(err, "creating a file beside %s", out->path);
        vg_buf_release(&name);
        return rc;
    }
    out->temporary = name.data;
    if (fchmod(fd, mode) == 0) out->stream = fdopen(fd, "w");
    if (out->stream) return VG_OK;
    vg_code rc = vg_fail_errno(err, "opening %s", out->temporary);
    close(fd);
    return rc;
}

vg_code out_file_open(struct out_file *out, const char *path, vg_err *err)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    *out = (struct out_file){0};
    if (there && S_ISDIR(info.st_mode)) return vg_fail(err, VG_EUSAGE, "%s is a directory: name a file", path);
    out->path = there ? realpath(path, NULL) : NULL;
    if (!out->path) out->path = vg_strdup(path);
    if (!there || S_ISREG(info.st_mode))
        return open_temporary(out, there ? info.st_mode & 07777 : new_file_mode(), err);
    out->stream = fopen(path, "we");
    return out->stream ? VG_OK : vg_fail_errno(err, "opening %s", path);
}

vg_code out_file_finish(struct out_file *out, vg_err *err)
{
    FILE *stream = out->stream;
    out->stream = NULL;
    if (fclose(stream) != 0) return vg_fail_errno(err, "writing %s", out->path);
    if (!out->temporary) return VG_OK;
    VG_TRY(file_publish(out->temporary, out->path, err));
    free(out->temporary);
    out->temporary = NULL;
    return VG_OK;
}

void out_file_release(struct out_file *out)
{
    if (out->stream) fclose(out->stream);
    if (out->temporary) unlink(out->temporary);
    free(out->temporary);
    free(out->path);
    *out = (struct out_file){0};
}
