#include "lake/trader_rows.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "lake/parquet_read.h"

#define MAP_BYTES (64u << 20)
#define BUCKETS 1024
#define READERS 8
#define ALL_COLUMNS ((UINT64_C(1) << FILL_COLUMNS) - 1)

/* What is known of a part's file. Nobody changes `map` once it is in the table. */
struct known_file {
    struct known_file *next;
    char sha256[65];
    struct parquet_map map;
    size_t bytes;
    unsigned users;
    bool dropped;  /* the last user frees it */
    uint64_t used; /* the table's clock, then */
};

struct trader_rows {
    pthread_mutex_t lock; /* over what follows, but for the maps */
    struct known_file *buckets[BUCKETS];
    size_t bytes;
    uint64_t clock;
    struct parquet_reader *idle[READERS];
    size_t idle_count;
};

struct trader_rows *trader_rows_new(void)
{
    struct trader_rows *t = vg_calloc(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

static void free_file(struct known_file *f)
{
    parquet_map_release(&f->map);
    free(f);
}

void trader_rows_free(struct trader_rows *t)
{
    if (!t) return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct known_file *f = t->buckets[i], *next; f; f = next) {
            next = f->next;
            free_file(f);
        }
    for (size_t i = 0; i < t->idle_count; i++)
        parquet_reader_free(t->idle[i]);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* Files: by their content. All of this with the lock held, but for reading a footer. */

static struct known_file **bucket_of(struct trader_rows *t, const char *sha256)
{
    size_t hash = 0;
    for (int i = 0; i < 8; i++)
        hash = hash * 31 + (unsigned char)sha256[i];
    return &t->buckets[hash % BUCKETS];
}

static struct known_file *find_file(struct trader_rows *t, const char *sha256)
{
    for (struct known_file *f = *bucket_of(t, sha256); f; f = f->next)
        if (strcmp(f->sha256, sha256) == 0) return f;
    return NULL;
}

static void drop_file(struct trader_rows *t, struct known_file *file)
{
    struct known_file **at = bucket_of(t, file->sha256);
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    t->bytes -= file->bytes;
    file->dropped = true;
    if (file->users == 0) free_file(file);
}

/* NULL: there is none. */
static struct known_file *find_oldest(struct trader_rows *t)
{
    struct known_file *oldest = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct known_file *f = t->buckets[i]; f; f = f->next)
            if (!oldest || f->used < oldest->used) oldest = f;
    return oldest;
}

static void make_room(struct trader_rows *t)
{
    struct known_file *oldest;
    while (t->bytes > MAP_BYTES && (oldest = find_oldest(t)))
        drop_file(t, oldest);
}

/* The file as it is known from now on: another thread may have been faster. */
static struct known_file *add_file(struct trader_rows *t, struct known_file *fresh)
{
    struct known_file *known = find_file(t, fresh->sha256), **bucket = bucket_of(t, fresh->sha256);
    if (known) {
        free_file(fresh);
        return known;
    }
    fresh->next = *bucket;
    *bucket = fresh;
    t->bytes += fresh->bytes;
    return fresh;
}

static vg_code read_file(const struct part *part, const char *path, struct known_file **out, vg_err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return vg_fail_errno(err, "opening %s (`vigil verify` tells which files are missing)", path);
    struct known_file *f = vg_calloc(1, sizeof *f);
    memcpy(f->sha256, part->sha256, sizeof f->sha256);
    vg_code rc = parquet_map_read(&f->map, file, path, err);
    if (!rc && (uint64_t)f->map.status.st_size != part->bytes)
        rc = vg_fail(err, VG_ESTATE, "%s is not of the size that its record says", path);
    close(file);
    f->bytes = sizeof *f + parquet_map_bytes(&f->map);
    if (rc) {
        free_file(f);
        f = NULL;
    }
    *out = f;
    return rc;
}

static vg_code take_file(struct trader_rows *t, const struct part *part, const char *path, struct known_file **file,
                         vg_err *err)
{
    struct known_file *fresh = NULL;
    pthread_mutex_lock(&t->lock);
    *file = find_file(t, part->sha256);
    if (!*file) {
        pthread_mutex_unlock(&t->lock);
        VG_TRY(read_file(part, path, &fresh, err));
        VG_ASSERT(fresh);
        pthread_mutex_lock(&t->lock);
        *file = add_file(t, fresh);
    }
    (*file)->users++;
    (*file)->used = ++t->clock;
    if (fresh) make_room(t);
    pthread_mutex_unlock(&t->lock);
    return VG_OK;
}

/* `stale`: the file on disk is not the one that was known. */
static void give_file(struct trader_rows *t, struct known_file *file, bool stale)
{
    pthread_mutex_lock(&t->lock);
    file->users--;
    if (stale && !file->dropped)
        drop_file(t, file);
    else if (file->dropped && file->users == 0)
        free_file(file);
    pthread_mutex_unlock(&t->lock);
}

/* Readers. */

static struct parquet_reader *take_reader(struct trader_rows *t)
{
    pthread_mutex_lock(&t->lock);
    struct parquet_reader *reader = t->idle_count ? t->idle[--t->idle_count] : NULL;
    pthread_mutex_unlock(&t->lock);
    return reader ? reader : parquet_reader_new(ALL_COLUMNS);
}

static void give_reader(struct trader_rows *t, struct parquet_reader *reader)
{
    parquet_reader_close(reader);
    pthread_mutex_lock(&t->lock);
    bool keep = t->idle_count < READERS;
    if (keep) t->idle[t->idle_count++] = reader;
    pthread_mutex_unlock(&t->lock);
    if (!keep) parquet_reader_free(reader);
}

/* Rows. */

static bool give_rows(const struct fill_batch *batch, struct row_range rows, bool backwards, trader_row_fn *row,
                      void *ctx)
{
    for (size_t i = rows.begin; i < rows.end; i++)
        if (!row(ctx, batch, backwards ? rows.end - 1 - (i - rows.begin) : i)) return false;
    return true;
}

static vg_code visit_groups(struct parquet_reader *reader, size_t groups, vg_slice user, bool backwards,
                            trader_row_fn *row, void *ctx, vg_err *err)
{
    for (size_t i = 0; i < groups; i++) {
        struct fill_batch batch;
        struct row_range rows;
        VG_TRY(parquet_reader_trader(reader, backwards ? groups - 1 - i : i, user, &batch, &rows, err));
        if (!give_rows(&batch, rows, backwards, row, ctx)) break;
    }
    return VG_OK;
}

vg_code trader_rows_visit(struct trader_rows *t, const struct lake *lake, const struct part *part, vg_slice user,
                          bool backwards, trader_row_fn *row, void *ctx, vg_err *err)
{
    struct known_file *file;
    char *path = lake_path(lake, part->path);
    vg_code rc = take_file(t, part, path, &file, err);
    if (!rc) {
        struct parquet_reader *reader = take_reader(t);
        vg_code opened = rc = parquet_reader_open_mapped(reader, path, &file->map, err);
        if (!rc) rc = visit_groups(reader, file->map.footer.groups, user, backwards, row, ctx, err);
        give_reader(t, reader);
        give_file(t, file, opened == VG_ESTATE);
    }
    free(path);
    return rc;
}
