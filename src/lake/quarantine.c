#include "lake/quarantine.h"

#include <unistd.h>

#include "base/json.h"

void quarantine_init(struct quarantine *q, char *temporary_path) { *q = (struct quarantine){.path = temporary_path}; }

static void add_base64(vg_buf *out, vg_slice bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes.p;
    vg_buf_reserve(out, bytes.n / 3 * 4 + 6);
    vg_buf_addc(out, '"');
    for (size_t i = 0; i < bytes.n; i += 3) {
        unsigned left = bytes.n - i >= 3 ? 3 : (unsigned)(bytes.n - i);
        unsigned bits = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0u);
        for (unsigned k = 0; k < 4; k++)
            vg_buf_addc(out, k <= left ? alphabet[bits >> (18 - 6 * k) & 63] : '=');
    }
    vg_buf_addc(out, '"');
}

vg_code quarantine_add(struct quarantine *q, const char *source, uint64_t line, uint64_t offset, int64_t event,
                       const char *reason, vg_slice bytes, uint64_t length, vg_err *err)
{
    if (!q->file) q->file = fopen(q->path, "we");
    if (!q->file) return vg_fail_errno(err, "creating %s", q->path);
    vg_buf out = {0};
    vg_buf_adds(&out, "{\"source\":");
    json_add_string(&out, vg_slice_of(source));
    vg_buf_addf(&out, ",\"line\":%llu,\"byte\":%llu,\"event\":", (unsigned long long)line, (unsigned long long)offset);
    if (event < 0)
        vg_buf_adds(&out, "null");
    else
        vg_buf_addf(&out, "%lld", (long long)event);
    vg_buf_adds(&out, ",\"reason\":");
    json_add_string(&out, vg_slice_of(reason));
    vg_buf_addf(&out, ",\"length\":%llu,", (unsigned long long)length);
    if (utf8_valid(bytes.p, bytes.n)) {
        vg_buf_adds(&out, "\"text\":");
        json_add_string(&out, bytes);
    } else {
        vg_buf_adds(&out, "\"base64\":");
        add_base64(&out, bytes);
    }
    vg_buf_adds(&out, "}\n");
    q->count++;
    vg_code rc = fwrite(out.data, 1, out.len, q->file) == out.len ? VG_OK : vg_fail_errno(err, "writing %s", q->path);
    vg_buf_release(&out);
    return rc;
}

vg_code quarantine_finish(struct quarantine *q, vg_err *err)
{
    if (!q->file) return VG_OK;
    FILE *file = q->file;
    q->file = NULL;
    return fclose(file) == 0 ? VG_OK : vg_fail_errno(err, "writing %s", q->path);
}

void quarantine_release(struct quarantine *q)
{
    if (q->file) fclose(q->file);
    if (q->path && q->count) unlink(q->path); /* gone already when it was published */
    free(q->path);
    *q = (struct quarantine){0};
}
