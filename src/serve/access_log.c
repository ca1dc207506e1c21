#include "serve/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/day.h"

#define SHOWN 500 /* bytes of a path or query */

struct access_log {
    int fd;
};

vg_code access_log_open(struct access_log **log, const char *path, vg_err *err)
{
    int fd = strcmp(path, "-") == 0 ? STDERR_FILENO : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return vg_fail_errno(err, "cannot open the access log %s", path);
    *log = vg_alloc(sizeof **log);
    (*log)->fd = fd;
    return VG_OK;
}

void access_log_close(struct access_log *log)
{
    if (!log) return;
    if (log->fd != STDERR_FILENO) close(log->fd);
    free(log);
}

/* A line stays a line, and its fields stay apart. */
static void add_visible(vg_buf *out, vg_slice text)
{
    for (size_t i = 0; i < text.n && i < SHOWN; i++)
        vg_buf_addc(out, text.p[i] > 0x20 && text.p[i] < 0x7f ? text.p[i] : '?');
    if (text.n > SHOWN) vg_buf_adds(out, "...");
}

void access_log_write(struct access_log *log, const struct web_request *request, const struct web_sent *sent,
                      const char *key, bool understood)
{
    char now[VG_TIME_TEXT];
    vg_buf line = {0};
    vg_time_print(vg_now_ns(), 3, now);
    vg_buf_addf(&line, "%sZ %s ", now, request->client);
    add_visible(&line, request->method_name);
    vg_buf_addc(&line, ' ');
    add_visible(&line, request->path);
    if (request->query.n && understood) {
        vg_buf_addc(&line, '?');
        add_visible(&line, request->query);
    }
    vg_buf_addf(&line, " %d %llu %.2fms", sent->status, (unsigned long long)sent->bytes,
                (double)sent->duration_ns / 1e6);
    if (key) vg_buf_addf(&line, " key=%s", key);
    vg_buf_addc(&line, '\n');
    /* One write a line: lines of several threads do not mix. A full disk must not stop the server. */
    ssize_t written = write(log->fd, line.data, line.len);
    (void)written;
    vg_buf_release(&line);
}
