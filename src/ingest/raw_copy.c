#include "ingest/raw_copy.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

struct raw_copy {
    struct stream inner;
    FILE *file;
    char *path, *temporary;
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Hours by their key; other objects by the name of their parts, which is theirs alone. */
static char *path_of(const char *folder, const struct object *object)
{
    vg_buf path = {0};
    vg_buf_addf(&path, "%s/%s%s", folder, object->hourly ? object->key : object->part,
                ends_with(object->location, ".lz4") ? ".lz4" : "");
    return path.data;
}

static vg_code copy_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct raw_copy *copy = state;
    VG_TRY(stream_read(&copy->inner, bytes, room, n, err));
    return fwrite(bytes, 1, *n, copy->file) == *n ? VG_OK : vg_fail_errno(err, "writing %s", copy->temporary);
}

static void copy_close(void *state) { stream_close(&((struct raw_copy *)state)->inner); }

vg_code raw_copy_begin(struct raw_copy **out, const char *folder, const struct object *object, struct stream *stream,
                       vg_err *err)
{
    struct raw_copy *copy = *out = vg_calloc(1, sizeof *copy);
    vg_buf temporary = {0};
    copy->path = path_of(folder, object);
    vg_buf_addf(&temporary, "%s.%d.tmp", copy->path, (int)getpid());
    copy->temporary = temporary.data;
    VG_TRY(file_make_parent(copy->path, err));
    copy->file = fopen(copy->temporary, "we");
    if (!copy->file) return vg_fail_errno(err, "creating %s", copy->temporary);
    copy->inner = *stream;
    *stream = (struct stream){copy, copy_read, copy_close};
    return VG_OK;
}

vg_code raw_copy_finish(struct raw_copy *copy, vg_err *err)
{
    FILE *file = copy->file;
    copy->file = NULL;
    if (fclose(file) != 0) return vg_fail_errno(err, "writing %s", copy->temporary);
    return file_publish(copy->temporary, copy->path, err);
}

void raw_copy_release(struct raw_copy *copy)
{
    if (!copy) return;
    if (copy->file) fclose(copy->file);
    unlink(copy->temporary);
    free(copy->path);
    free(copy->temporary);
    free(copy);
}
