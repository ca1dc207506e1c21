#include "lake/lake.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/pool.h"
#include "lake/checksum.h"
#include "lake/remote.h"

/* The file that makes a folder a lake: nothing is ever written to, or removed from, a folder without it. */
#define LAKE_MARKER ".vigil-lake"
#define LAKE_TMP "tmp"

static const char *const table_folders[LAKE_TABLES] = {"fills", "blocks"};

char *lake_path(const struct lake *lake, const char *relative) { return vg_path_join(lake->root, relative); }

char *lake_part_path(enum lake_table table, int32_t day, const char *stem)
{
    char date[VG_DATE_TEXT];
    vg_buf path = {0};
    vg_day_print(day, '-', date);
    vg_buf_addf(&path, "%s/date=%s/part-%s.parquet", table_folders[table], date, stem);
    return path.data;
}

static vg_code take_lock(struct lake *lake, vg_err *err)
{
    char *path = lake_path(lake, ".lock");
    vg_code rc = VG_OK;
    lake->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lake->lock < 0) {
        rc = vg_fail_errno(err, "opening %s (is the lake read-only?)", path);
    } else if (flock(lake->lock, LOCK_EX | LOCK_NB) != 0) {
        char owner[32] = "";
        ssize_t n = pread(lake->lock, owner, sizeof owner - 1, 0);
        owner[n > 0 ? strcspn(owner, "\n") : 0] = '\0';
        rc = errno == EWOULDBLOCK
                 ? vg_fail(err, VG_ESTATE,
                           "%s: another vigil%s%s is writing to this lake: wait for it, then run this again",
                           lake->root, *owner ? ", process " : "", owner)
                 : vg_fail_errno(err, "locking %s", path);
    } else {
        char owner[32];
        int n = snprintf(owner, sizeof owner, "%d\n", (int)getpid());
        if (ftruncate(lake->lock, 0) != 0 || pwrite(lake->lock, owner, (size_t)n, 0) != n)
            rc = vg_fail_errno(err, "writing %s (is the lake read-only or the disk full?)", path);
    }
    free(path);
    return rc;
}

/* The files that some record names, sorted: there are few thousands. */
struct named {
    const char **items;
    size_t n;
};

static void add_named(struct named *named, const char *path)
{
    named->items = vg_realloc(named->items, (named->n + 1) * sizeof *named->items);
    named->items[named->n++] = path;
}

static struct named named_files(const struct manifest *manifest, struct part_list parts[LAKE_TABLES])
{
    struct named named = {0};
    for (enum lake_table table = 0; table < LAKE_TABLES; table++) {
        manifest_live_parts(manifest, table, INT32_MIN, INT32_MAX, &parts[table]);
        for (size_t i = 0; i < parts[table].n; i++)
            add_named(&named, parts[table].items[i].path);
    }
    for (size_t i = 0; i < manifest->n; i++)
        if (manifest->records[i].quarantine) add_named(&named, manifest->records[i].quarantine);
    if (named.n) qsort(named.items, named.n, sizeof *named.items, vg_text_order);
    return named;
}

static bool is_named(const struct named *named, const char *path)
{
    return named->n && bsearch(&path, named->items, named->n, sizeof *named->items, vg_text_order);
}

/* What a killed run may leave behind; anything else in the lake's folders is somebody else's. */
static bool looks_like_ours(const char *name)
{
    size_t n = strlen(name);
    return (strncmp(name, "part-", 5) == 0 && n > 8 && strcmp(name + n - 8, ".parquet") == 0) ||
           (n > 6 && strcmp(name + n - 6, ".jsonl") == 0);
}

static vg_code remove_unnamed(const struct lake *lake, const char *folder, const struct named *named, vg_err *err)
{
    char *path = lake_path(lake, folder);
    struct file_names names;
    vg_code rc = file_list(path, &names, err);
    for (size_t i = 0; i < names.n && !rc; i++) {
        char *relative = vg_path_join(folder, names.items[i]), *child = lake_path(lake, relative);
        struct stat info;
        if (lstat(child, &info) != 0)
            rc = vg_fail_errno(err, "%s", child);
        else if (S_ISDIR(info.st_mode))
            rc = remove_unnamed(lake, relative, named, err);
        else if (looks_like_ours(names.items[i]) && !is_named(named, relative))
            rc = unlink(child) == 0 ? VG_OK : vg_fail_errno(err, "removing the leftover %s", child);
        free(relative);
        free(child);
    }
    file_names_release(&names);
    free(path);
    return rc;
}

static bool is_kept(const void *ctx, const char *path)
{
    return !looks_like_ours(strrchr(path, '/') + 1) || is_named(ctx, path);
}

/* A killed run leaves temporary files, and parts whose record was never written. */
static vg_code remove_leftovers(const struct lake *lake, vg_err *err)
{
    struct part_list parts[LAKE_TABLES];
    VG_TRY(file_empty_directory(lake->tmp, err));
    struct named named = named_files(&lake->manifest, parts);
    vg_code rc = remove_unnamed(lake, "fills", &named, err);
    if (!rc) rc = remove_unnamed(lake, "blocks", &named, err);
    if (!rc) rc = remove_unnamed(lake, "quarantine", &named, err);
    if (!rc && lake->remote) rc = remote_remove_unnamed(lake->remote, is_kept, &named, err);
    if (!rc && lake->remote) rc = remote_abort_uploads(lake->remote, err);
    free(named.items);
    for (enum lake_table table = 0; table < LAKE_TABLES; table++)
        part_list_release(&parts[table]);
    return rc;
}

static bool exists(const struct lake *lake, const char *relative)
{
    struct stat info;
    char *path = lake_path(lake, relative);
    bool found = stat(path, &info) == 0;
    free(path);
    return found;
}

static vg_code make_folder(const struct lake *lake, const char *relative, vg_err *err)
{
    char *path = lake_path(lake, relative);
    vg_code rc = file_make_directory(path, err);
    free(path);
    return rc;
}

static vg_code other_files(const struct lake *lake, vg_err *err)
{
    return vg_fail(err, VG_ESTATE, "%s: a place with other files, no lake: name an empty or a new one", lake->name);
}

static vg_code write_marker(const struct lake *lake, vg_err *err)
{
    char *marker = lake_path(lake, LAKE_MARKER);
    int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    vg_code rc = fd >= 0 && close(fd) == 0 ? VG_OK : vg_fail_errno(err, "creating %s", marker);
    free(marker);
    return rc;
}

/* Makes a lake of a folder that is empty or not there yet. */
static vg_code create(const struct lake *lake, vg_err *err)
{
    struct file_names names;
    VG_TRY(file_make_directory(lake->root, err));
    VG_TRY(file_list(lake->root, &names, err));
    bool empty = names.n == 0;
    file_names_release(&names);
    return empty ? write_marker(lake, err) : other_files(lake, err);
}

static vg_code no_lake(const struct lake *lake, vg_err *err)
{
    return vg_fail(err, VG_ESTATE, "%s: no lake here; `vigil fetch SOURCE --lake %s` makes one", lake->name,
                   lake->name);
}

static vg_code find_on_disk(struct lake *lake, enum lake_mode mode, vg_err *err)
{
    if (exists(lake, LAKE_MARKER)) return VG_OK;
    return mode == LAKE_CREATE ? create(lake, err) : no_lake(lake, err);
}

/* The mirror becomes what the bucket has of records; parts follow when they are read. */
static vg_code find_in_bucket(struct lake *lake, enum lake_mode mode, vg_err *err)
{
    bool found, empty;
    VG_TRY(remote_find(lake->remote, LAKE_MARKER, &found, err));
    if (!found) {
        if (mode != LAKE_CREATE) return no_lake(lake, err);
        VG_TRY(remote_is_empty(lake->remote, &empty, err));
        if (!empty) return other_files(lake, err);
        VG_TRY(remote_put_bytes(lake->remote, LAKE_MARKER, VG_SLICE("\n"), err));
    }
    VG_TRY(file_make_directory(lake->root, err));
    return write_marker(lake, err);
}

static vg_code begin_writing(struct lake *lake, vg_err *err)
{
    VG_TRY(make_folder(lake, LAKE_TMP, err));
    VG_TRY(make_folder(lake, "manifest", err));
    VG_TRY(take_lock(lake, err));
    if (!lake->remote) return VG_OK;
    VG_TRY(remote_lock(lake->remote, err));
    return remote_index(lake->remote, err);
}

static vg_code pull_records(struct lake *lake, vg_err *err)
{
    VG_TRY(remote_pull(lake->remote, "manifest", err));
    return remote_pull(lake->remote, "features", err);
}

vg_code lake_open(struct lake *lake, const char *name, enum lake_mode mode, vg_err *err)
{
    vg_code rc = VG_OK;
    *lake = (struct lake){.name = vg_strdup(name), .lock = -1};
    if (remote_is(name))
        VG_GO(remote_new(&lake->remote, name, &lake->root, err));
    else
        lake->root = vg_strdup(name);
    lake->tmp = vg_path_join(lake->root, LAKE_TMP);
    VG_GO(lake->remote ? find_in_bucket(lake, mode, err) : find_on_disk(lake, mode, err));
    if (mode != LAKE_READ) VG_GO(begin_writing(lake, err));
    if (lake->remote) VG_GO(pull_records(lake, err));
    VG_GO(manifest_load(lake->root, &lake->manifest, err));
    if (mode != LAKE_READ) VG_GO(remove_leftovers(lake, err));
out:
    if (rc) lake_close(lake);
    return rc;
}

void lake_close(struct lake *lake)
{
    manifest_release(&lake->manifest);
    remote_free(lake->remote);
    if (lake->lock >= 0) close(lake->lock);
    free(lake->name);
    free(lake->root);
    free(lake->tmp);
    *lake = (struct lake){.lock = -1};
}

const struct s3_budget *lake_budget(const struct lake *lake)
{
    return lake->remote ? remote_budget(lake->remote) : NULL;
}

bool lake_record_names(const struct manifest_record *record, const char *path)
{
    for (size_t i = 0; i < record->parts.n; i++)
        if (strcmp(record->parts.items[i].path, path) == 0) return true;
    return record->quarantine && strcmp(record->quarantine, path) == 0;
}

/* Of this size; 0: of any. */
static bool has_file(const struct lake *lake, const char *relative, uint64_t bytes)
{
    if (lake->remote) return remote_has(lake->remote, relative, bytes);
    char *path = lake_path(lake, relative);
    struct stat info;
    bool there = stat(path, &info) == 0 && (bytes == 0 || (uint64_t)info.st_size == bytes);
    free(path);
    return there;
}

bool lake_has_parts(const struct lake *lake, const struct manifest_record *record)
{
    bool there = !record->quarantine || has_file(lake, record->quarantine, 0);
    for (size_t i = 0; i < record->parts.n && there; i++) {
        const struct part *part = &record->parts.items[i];
        if (!manifest_part_is_live(&lake->manifest, part)) continue;
        there = has_file(lake, part->path, part->bytes);
    }
    return there;
}

vg_code lake_need_file(const struct lake *lake, const char *relative, uint64_t bytes, const char *sha256, vg_err *err)
{
    return lake->remote ? remote_need(lake->remote, relative, bytes, sha256, err) : VG_OK;
}

#define NEEDS_AT_ONCE 4

struct needs {
    const struct lake *lake;
    const struct part_list *parts;
    vg_err *errors; /* of each */
};

static void need_one(void *ctx, unsigned worker, size_t task)
{
    struct needs *needs = ctx;
    const struct part *part = &needs->parts->items[task];
    vg_err *err = &needs->errors[task];
    (void)worker;
    err->code = vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request")
                               : lake_need_file(needs->lake, part->path, part->bytes, part->sha256, err);
}

vg_code lake_need(const struct lake *lake, const struct part_list *parts, vg_err *err)
{
    if (!lake->remote) return VG_OK;
    struct needs needs = {lake, parts, vg_calloc(parts->n, sizeof *needs.errors)};
    vg_code rc = VG_OK;
    vg_pool_run(NEEDS_AT_ONCE, parts->n, need_one, &needs);
    for (size_t i = 0; i < parts->n && !rc; i++) {
        rc = needs.errors[i].code;
        if (rc && err) *err = needs.errors[i];
    }
    free(needs.errors);
    return rc;
}

vg_code lake_publish_part(const struct lake *lake, const char *temporary, struct part *part, vg_err *err)
{
    char *path = lake_path(lake, part->path);
    vg_code rc = lake_checksum(temporary, part->sha256, &part->bytes, err);
    if (!rc) rc = file_make_parent(path, err);
    if (!rc) rc = file_publish(temporary, path, err);
    if (!rc && lake->remote) rc = remote_put(lake->remote, part->path, err);
    free(path);
    return rc;
}

vg_code lake_write_record(const struct lake *lake, const char *relative, const vg_buf *text, vg_err *err)
{
    char *path = lake_path(lake, relative), *temporary = vg_path_join(lake->tmp, "record.json");
    vg_code rc = lake->remote ? remote_put_bytes(lake->remote, relative, vg_buf_view(text), err) : VG_OK;
    if (!rc) rc = file_write_atomic(temporary, path, vg_buf_view(text), err);
    free(path);
    free(temporary);
    return rc;
}

void lake_remove_file(const struct lake *lake, const char *relative)
{
    char *path = lake_path(lake, relative);
    vg_err ignored;
    unlink(path);
    if (lake->remote) (void)!remote_remove(lake->remote, relative, &ignored);
    free(path);
}

vg_code lake_commit(struct lake *lake, struct manifest_record *record, vg_err *err)
{
    vg_buf text = {0};
    char *relative = manifest_record_path(record->part);
    manifest_record_print(record, &text);
    vg_code rc = lake_write_record(lake, relative, &text, err);
    free(relative);
    vg_buf_release(&text);
    if (rc) return rc;

    struct manifest *manifest = &lake->manifest;
    struct manifest_record *old = manifest_find(manifest, record->part);
    if (old) {
        for (size_t i = 0; i < old->parts.n; i++)
            if (!lake_record_names(record, old->parts.items[i].path)) lake_remove_file(lake, old->parts.items[i].path);
        if (old->quarantine && !lake_record_names(record, old->quarantine)) lake_remove_file(lake, old->quarantine);
        manifest_record_release(old);
    } else {
        manifest->records = vg_realloc(manifest->records, (manifest->n + 1) * sizeof *manifest->records);
        old = &manifest->records[manifest->n++];
    }
    *old = *record;
    *record = (struct manifest_record){0};
    return VG_OK;
}

vg_code lake_commit_compaction(struct lake *lake, struct compaction *compaction, vg_err *err)
{
    vg_buf text = {0};
    char *relative = compaction_path(compaction->day);
    compaction_print(compaction, &text);
    vg_code rc = lake_write_record(lake, relative, &text, err);
    free(relative);
    vg_buf_release(&text);
    if (rc) return rc;

    struct manifest *manifest = &lake->manifest;
    struct compaction *old = manifest_compaction(manifest, compaction->day);
    for (size_t i = 0; i < compaction->replaced.n; i++) /* not those that an object has just put there anew */
        if (!old || !part_list_has(&old->replaced, &compaction->replaced.items[i]))
            lake_remove_file(lake, compaction->replaced.items[i].path);
    if (old) {
        if (strcmp(old->part.path, compaction->part.path) != 0) lake_remove_file(lake, old->part.path);
        compaction_release(old);
    } else {
        manifest->compactions =
            vg_realloc(manifest->compactions, (manifest->compaction_count + 1) * sizeof *manifest->compactions);
        old = &manifest->compactions[manifest->compaction_count++];
    }
    *old = *compaction;
    *compaction = (struct compaction){0};
    return VG_OK;
}

const char *lake_library_version(void) { return OpenSSL_version(OPENSSL_VERSION_STRING); }
