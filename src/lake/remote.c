#include "lake/remote.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/intern.h"
#include "base/pool.h"
#include "lake/checksum.h"
#include "lake/lease.h"
#include "lake/mirror.h"
#include "net/s3_url.h"

#define RECORD_MAX_BYTES (64u << 20)
#define PULLS_AT_ONCE 8

struct remote {
    struct s3 *s3;
    struct s3_url url; /* its key ends with a slash, or is empty */
    char *root;        /* of the mirror */
    struct mirror *mirror;
    struct lease *lease;
    bool indexed;
    struct intern names; /* of files of fills, blocks and quarantine, when indexed */
    uint64_t *sizes;     /* by name */
};

bool remote_is(const char *name) { return s3_url_is(name); }

/* A folder's name for the lake: '/' and '%' of the prefix are written as %2F and %25. */
static char *mirror_path(const struct s3_url *url)
{
    const char *place = getenv("VIGIL_MIRROR"), *home = getenv("VIGIL_HOME");
    vg_buf path = {0};
    if (place && *place)
        vg_buf_addf(&path, "%s/", place);
    else
        vg_buf_addf(&path, "%s/mirror/", home && *home ? home : "vigil-data");
    vg_buf_addf(&path, "%s", url->bucket);
    size_t n = strlen(url->key);
    for (size_t i = 0; i < n; i++) {
        if (i == 0) vg_buf_adds(&path, "%2F");
        if (i + 1 == n && url->key[i] == '/') break;
        if (url->key[i] == '/' || url->key[i] == '%')
            vg_buf_addf(&path, "%%%02X", url->key[i]);
        else
            vg_buf_addc(&path, url->key[i]);
    }
    return path.data;
}

char *remote_mirror(const char *name)
{
    struct s3_url url;
    if (s3_url_parse(name, &url, NULL)) return NULL;
    char *path = mirror_path(&url);
    s3_url_release(&url);
    return path;
}

static void end_with_slash(struct s3_url *url)
{
    size_t n = strlen(url->key);
    if (n == 0 || url->key[n - 1] == '/') return;
    vg_buf key = {0};
    vg_buf_addf(&key, "%s/", url->key);
    free(url->key);
    url->key = key.data;
}

vg_code remote_new(struct remote **out, const char *name, char **mirror, vg_err *err)
{
    struct remote *remote = vg_calloc(1, sizeof *remote);
    struct s3_options options = {.requester_pays = true}; /* the bucket may be somebody else's */
    vg_code rc = s3_url_parse(name, &remote->url, err);
    if (!rc) rc = s3_code(s3_new(&options, &remote->s3, err));
    if (rc) {
        remote_free(remote);
        return rc;
    }
    end_with_slash(&remote->url);
    remote->root = mirror_path(&remote->url);
    remote->mirror = mirror_new(remote->root);
    *mirror = vg_strdup(remote->root);
    *out = remote;
    return VG_OK;
}

void remote_free(struct remote *remote)
{
    if (!remote) return;
    lease_free(remote->lease);
    mirror_free(remote->mirror);
    intern_release(&remote->names);
    free(remote->sizes);
    s3_free(remote->s3);
    s3_url_release(&remote->url);
    free(remote->root);
    free(remote);
}

const struct s3_budget *remote_budget(const struct remote *remote) { return s3_budget(remote->s3); }

static char *key_of(const struct remote *remote, const char *relative)
{
    vg_buf key = {0};
    vg_buf_addf(&key, "%s%s", remote->url.key, relative);
    return key.data;
}

vg_code remote_find(struct remote *remote, const char *relative, bool *found, vg_err *err)
{
    struct s3_info info = {0};
    char *key = key_of(remote, relative);
    enum s3_status status = s3_head(remote->s3, remote->url.bucket, key, &info, err);
    *found = status == S3_OK;
    s3_info_release(&info);
    free(key);
    return status == S3_MISSING ? VG_OK : s3_code(status);
}

static bool note_one(void *ctx, const struct s3_object *object)
{
    (void)object;
    *(bool *)ctx = false;
    return false;
}

vg_code remote_is_empty(struct remote *remote, bool *empty, vg_err *err)
{
    struct s3_list_options options = {.prefix = remote->url.key, .page_keys = 1};
    *empty = true;
    return s3_code(s3_list(remote->s3, remote->url.bucket, &options, note_one, empty, err));
}

vg_code remote_lock(struct remote *remote, vg_err *err)
{
    char *key = key_of(remote, ".lock");
    vg_code rc = lease_take(&remote->lease, remote->s3, remote->url.bucket, key, REMOTE_LEASE_S, err);
    free(key);
    return rc;
}

/* Listing. */

struct listing {
    size_t prefix; /* bytes of the lake's own prefix */
    void (*visit)(void *ctx, const char *relative, uint64_t bytes);
    void *ctx;
};

static bool list_one(void *ctx, const struct s3_object *object)
{
    struct listing *listing = ctx;
    if (object->key.n <= listing->prefix) return true;
    char *relative = strndup(object->key.p + listing->prefix, object->key.n - listing->prefix);
    VG_ASSERT(relative);
    listing->visit(listing->ctx, relative, object->size);
    free(relative);
    return true;
}

vg_code remote_list(struct remote *remote, const char *folder,
                    void (*visit)(void *ctx, const char *relative, uint64_t bytes), void *ctx, vg_err *err)
{
    struct listing listing = {strlen(remote->url.key), visit, ctx};
    char *prefix = key_of(remote, folder);
    struct s3_list_options options = {.prefix = prefix};
    vg_code rc = s3_code(s3_list(remote->s3, remote->url.bucket, &options, list_one, &listing, err));
    free(prefix);
    return rc;
}

static void index_one(void *ctx, const char *relative, uint64_t bytes)
{
    struct remote *remote = ctx;
    uint32_t id = intern_id(&remote->names, relative, strlen(relative));
    remote->sizes = vg_realloc(remote->sizes, remote->names.count * sizeof *remote->sizes);
    remote->sizes[id] = bytes;
}

vg_code remote_index(struct remote *remote, vg_err *err)
{
    static const char *const folders[] = {"fills/", "blocks/", "quarantine/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        VG_TRY(remote_list(remote, folders[i], index_one, remote, err));
    remote->indexed = true;
    return VG_OK;
}

bool remote_has(const struct remote *remote, const char *relative, uint64_t bytes)
{
    if (!remote->indexed) return true;
    uint32_t id = intern_find(&remote->names, relative, strlen(relative));
    return id != UINT32_MAX && (bytes == 0 || remote->sizes[id] == bytes);
}

vg_code remote_remove_unnamed(struct remote *remote, bool (*is_named)(const void *ctx, const char *relative),
                              const void *ctx, vg_err *err)
{
    for (uint32_t i = 0; i < remote->names.count; i++) {
        char *relative = strndup(remote->names.keys[i].p, remote->names.keys[i].n);
        VG_ASSERT(relative);
        vg_code rc = is_named(ctx, relative) ? VG_OK : remote_remove(remote, relative, err);
        free(relative);
        if (rc) return rc;
    }
    return VG_OK;
}

/* Pulling small files. */

struct pulled {
    char *name, *etag;
};

struct pull {
    struct remote *remote;
    const char *folder; /* with a slash */
    size_t prefix;
    struct pulled *items; /* what the bucket has, by name */
    size_t n;
    vg_err *errors; /* of each */
};

static bool note_pulled(void *ctx, const struct s3_object *object)
{
    struct pull *pull = ctx;
    vg_slice name = {object->key.p + pull->prefix, object->key.n - pull->prefix};
    if (name.n == 0 || memchr(name.p, '/', name.n)) return true;
    pull->items = vg_realloc(pull->items, (pull->n + 1) * sizeof *pull->items);
    struct pulled *item = &pull->items[pull->n++];
    item->name = strndup(name.p, name.n);
    item->etag = strndup(object->etag.p, object->etag.n);
    VG_ASSERT(item->name && item->etag);
    return true;
}

/* Where the bucket's ETag is no MD5 (encrypted with a key of one's own), it fits nothing and the file is pulled. */
static bool has_etag(const char *path, const char *etag)
{
    vg_buf text = {0};
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    bool readable = access(path, F_OK) == 0 && file_read_all(path, RECORD_MAX_BYTES, &text, NULL) == VG_OK;
    if (readable && EVP_Digest(vg_buf_str(&text), text.len, digest, &size, EVP_md5(), NULL) == 1)
        vg_hex_encode(digest, size, hex);
    hex[2 * size] = '\0';
    vg_buf_release(&text);
    return readable && size > 0 && strcmp(hex, etag) == 0;
}

static void pull_one(void *ctx, unsigned worker, size_t task)
{
    struct pull *pull = ctx;
    struct remote *remote = pull->remote;
    vg_err *err = &pull->errors[task];
    vg_buf relative = {0}, text = {0}, temporary = {0};
    (void)worker;
    vg_buf_addf(&relative, "%s%s", pull->folder, pull->items[task].name);
    char *path = vg_path_join(remote->root, relative.data), *key = key_of(remote, relative.data);
    if (!has_etag(path, pull->items[task].etag)) {
        enum s3_status status = s3_get(remote->s3, remote->url.bucket, key, RECORD_MAX_BYTES, &text, err);
        vg_buf_addf(&temporary, "%s.%d.tmp", path, (int)getpid());
        if (status == S3_OK) err->code = file_write_atomic(temporary.data, path, vg_buf_view(&text), err);
        if (status == S3_MISSING) err->code = VG_OK; /* replaced or removed meanwhile */
    }
    vg_buf_release(&relative);
    vg_buf_release(&text);
    vg_buf_release(&temporary);
    free(path);
    free(key);
}

static bool is_pulled(const struct pull *pull, const char *name)
{
    for (size_t low = 0, high = pull->n; low < high;) { /* listed in the order of bytes */
        size_t middle = low + (high - low) / 2;
        int order = strcmp(pull->items[middle].name, name);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static vg_code drop_others(const struct pull *pull, const char *folder, vg_err *err)
{
    struct file_names names;
    vg_code rc = file_list(folder, &names, err);
    for (size_t i = 0; i < names.n && !rc; i++) {
        size_t n = strlen(names.items[i]);
        bool record = n > 5 && strcmp(names.items[i] + n - 5, ".json") == 0;
        if (!record || is_pulled(pull, names.items[i])) continue;
        char *path = vg_path_join(folder, names.items[i]);
        if (unlink(path) != 0) rc = vg_fail_errno(err, "removing %s", path);
        free(path);
    }
    file_names_release(&names);
    return rc;
}

static vg_code pull_all(struct pull *pull, vg_err *err)
{
    pull->errors = vg_calloc(pull->n, sizeof *pull->errors);
    vg_pool_run(PULLS_AT_ONCE, pull->n, pull_one, pull);
    vg_code rc = VG_OK;
    for (size_t i = 0; i < pull->n && !rc; i++) {
        rc = pull->errors[i].code;
        if (rc) *err = pull->errors[i];
    }
    free(pull->errors);
    return rc;
}

vg_code remote_pull(struct remote *remote, const char *folder, vg_err *err)
{
    vg_buf name = {0};
    vg_buf_addf(&name, "%s/", folder);
    struct pull pull = {.remote = remote, .folder = name.data};
    char *prefix = key_of(remote, name.data), *path = vg_path_join(remote->root, folder);
    pull.prefix = strlen(prefix);
    struct s3_list_options options = {.prefix = prefix, .delimiter = "/"};
    vg_code rc = file_make_directory(path, err);
    if (!rc) rc = s3_code(s3_list(remote->s3, remote->url.bucket, &options, note_pulled, &pull, err));
    if (!rc) rc = pull_all(&pull, err);
    if (!rc) rc = drop_others(&pull, path, err);
    for (size_t i = 0; i < pull.n; i++) {
        free(pull.items[i].name);
        free(pull.items[i].etag);
    }
    free(pull.items);
    free(prefix);
    free(path);
    vg_buf_release(&name);
    return rc;
}

/* Files. */

vg_code remote_put(struct remote *remote, const char *relative, vg_err *err)
{
    VG_TRY(lease_check(remote->lease, err));
    char *key = key_of(remote, relative), *path = vg_path_join(remote->root, relative);
    vg_code rc = s3_code(s3_put_file(remote->s3, remote->url.bucket, key, path, NULL, err));
    if (!rc) mirror_used(remote->mirror, path);
    free(key);
    free(path);
    return rc;
}

vg_code remote_put_bytes(struct remote *remote, const char *relative, vg_slice bytes, vg_err *err)
{
    if (remote->lease) VG_TRY(lease_check(remote->lease, err));
    char *key = key_of(remote, relative);
    vg_code rc = s3_code(s3_put(remote->s3, remote->url.bucket, key, bytes, false, NULL, err));
    free(key);
    return rc;
}

static bool is_there(const char *path, uint64_t bytes, const char *sha256)
{
    struct stat info;
    char found[65];
    uint64_t size;
    return stat(path, &info) == 0 && (bytes == 0 || (uint64_t)info.st_size == bytes) &&
           lake_checksum(path, found, &size, NULL) == VG_OK && strcmp(found, sha256) == 0;
}

static vg_code copy_stream(struct s3_stream *stream, FILE *file, const char *path, vg_err *err)
{
    enum { ROOM = 1 << 18 };
    char *room = vg_alloc(ROOM);
    vg_code rc = VG_OK;
    for (size_t n = 1; n && !rc;) {
        rc = s3_code(s3_stream_read(stream, room, ROOM, &n, err));
        if (!rc && fwrite(room, 1, n, file) != n) rc = vg_fail_errno(err, "writing %s", path);
    }
    free(room);
    return rc;
}

static vg_code download(struct remote *remote, const char *relative, const char *to, vg_err *err)
{
    struct s3_stream *stream;
    char *key = key_of(remote, relative);
    enum s3_status status = s3_stream_open(remote->s3, remote->url.bucket, key, NULL, &stream, err);
    free(key);
    if (status == S3_MISSING)
        return vg_fail(err, VG_ESTATE,
                       "s3://%s/%s%s is gone: somebody has just replaced it (run this again), or it was lost "
                       "(`vigil verify` tells)",
                       remote->url.bucket, remote->url.key, relative);
    if (status != S3_OK) return s3_code(status);
    FILE *file = fopen(to, "we");
    vg_code rc = file ? copy_stream(stream, file, to, err) : vg_fail_errno(err, "creating %s", to);
    if (file && fclose(file) != 0 && !rc) rc = vg_fail_errno(err, "writing %s", to);
    s3_stream_close(stream);
    return rc;
}

vg_code remote_need(struct remote *remote, const char *relative, uint64_t bytes, const char *sha256, vg_err *err)
{
    char *path = vg_path_join(remote->root, relative);
    if (is_there(path, bytes, sha256)) {
        mirror_used(remote->mirror, path);
        free(path);
        return VG_OK;
    }
    vg_buf temporary = {0};
    vg_buf_addf(&temporary, "%s.%d.tmp", path, (int)getpid());
    vg_code rc = file_make_parent(path, err);
    if (!rc) rc = download(remote, relative, temporary.data, err);
    if (!rc && !is_there(temporary.data, bytes, sha256))
        rc = vg_fail(err, VG_ESTATE, "s3://%s/%s%s is not the file that was committed: `vigil verify` tells more",
                     remote->url.bucket, remote->url.key, relative);
    if (!rc && rename(temporary.data, path) != 0) rc = vg_fail_errno(err, "renaming %s", temporary.data);
    if (rc)
        unlink(temporary.data);
    else
        mirror_used(remote->mirror, path);
    vg_buf_release(&temporary);
    free(path);
    return rc;
}

vg_code remote_remove(struct remote *remote, const char *relative, vg_err *err)
{
    char *key = key_of(remote, relative);
    vg_code rc = lease_check(remote->lease, err);
    if (!rc) rc = s3_code(s3_delete(remote->s3, remote->url.bucket, key, err));
    free(key);
    return rc;
}

vg_code remote_abort_uploads(struct remote *remote, vg_err *err)
{
    unsigned removed;
    return s3_code(s3_abort_uploads(remote->s3, remote->url.bucket, remote->url.key, 0, &removed, err));
}
