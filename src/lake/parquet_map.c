#include "lake/parquet_map.h"

#include <errno.h>
#include <unistd.h>

#include "lake/parquet_format.h"

#define FOOTER_MAX (256u << 20) /* 650 million rows */

vg_code parquet_bytes_read(int file, const char *path, uint64_t at, size_t n, vg_buf *out, vg_err *err)
{
    vg_buf_clear(out);
    vg_buf_reserve(out, n);
    while (out->len < n) {
        ssize_t got = pread(file, out->data + out->len, n - out->len, (off_t)(at + out->len));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return vg_fail_errno(err, "reading %s", path);
        if (got == 0) return vg_fail(err, VG_ESTATE, "%s became shorter while it was read", path);
        out->len += (size_t)got;
    }
    return VG_OK;
}

static vg_code not_ours(const char *path, const char *why, vg_err *err)
{
    return vg_fail(err, VG_ESTATE, "%s is no file of fills of this version: %s", path, why);
}

static vg_code read_footer(struct parquet_map *map, int file, const char *path, vg_buf *bytes, vg_err *err)
{
    static const struct parquet_kind kind = {fill_columns, FILL_COLUMNS, "fills", PARQUET_FILL_GROUP_MOST,
                                             FILL_USER_ADDRESS};
    uint64_t size = (uint64_t)map->status.st_size;
    uint32_t n;
    vg_err why = {0};
    VG_TRY(parquet_bytes_read(file, path, size - PARQUET_TAIL_BYTES, PARQUET_TAIL_BYTES, bytes, err));
    memcpy(&n, bytes->data, sizeof n);
    if (memcmp(bytes->data + 4, PARQUET_MAGIC, 4) != 0) return not_ours(path, "it does not end as Parquet does", err);
    if (n > FOOTER_MAX || n > size - PARQUET_TAIL_BYTES - 4) return not_ours(path, "its footer is too long", err);
    uint64_t at = size - PARQUET_TAIL_BYTES - n;
    VG_TRY(parquet_bytes_read(file, path, at, n, bytes, err));
    if (parquet_footer_read(&map->footer, vg_buf_view(bytes), at, &kind, &why)) return not_ours(path, why.msg, err);
    return VG_OK;
}

vg_code parquet_map_read(struct parquet_map *map, int file, const char *path, vg_err *err)
{
    vg_buf bytes = {0};
    *map = (struct parquet_map){0};
    if (fstat(file, &map->status) != 0) return vg_fail_errno(err, "reading %s", path);
    if (!S_ISREG(map->status.st_mode) || map->status.st_size < 4 + PARQUET_TAIL_BYTES)
        return not_ours(path, "it is too short", err);
    vg_code rc = read_footer(map, file, path, &bytes, err);
    vg_buf_release(&bytes);
    return rc;
}

void parquet_map_release(struct parquet_map *map)
{
    parquet_footer_release(&map->footer);
    *map = (struct parquet_map){0};
}

vg_code parquet_map_check(const struct parquet_map *map, int file, const char *path, vg_err *err)
{
    const struct stat *then = &map->status;
    struct stat now;
    if (fstat(file, &now) != 0) return vg_fail_errno(err, "reading %s", path);
    if (now.st_dev == then->st_dev && now.st_ino == then->st_ino && now.st_size == then->st_size &&
        now.st_mtim.tv_sec == then->st_mtim.tv_sec && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return VG_OK;
    return vg_fail(err, VG_ESTATE, "%s is another file than a moment ago", path);
}

size_t parquet_map_bytes(const struct parquet_map *map)
{
    const struct parquet_footer *f = &map->footer;
    size_t group = sizeof *f->rows + FILL_COLUMNS * sizeof *f->chunks + sizeof *f->bounds + 2 * 48;
    return sizeof *map + (64u << 10) /* the least of an arena */ + f->groups * group;
}

static int order(vg_slice a, vg_slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool parquet_map_may_have(const struct parquet_footer *footer, size_t group, vg_slice user)
{
    const struct parquet_bounds *b = &footer->bounds[group];
    return !b->least.p || (order(b->least, user) <= 0 && order(user, b->largest) <= 0);
}
