#include "lake/mirror.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/number.h"

#define DEFAULT_LIMIT (UINT64_C(32) * 1000000000)

struct cached {
    char *path;
    uint64_t bytes;
    struct timespec used;
};

struct mirror {
    char *root;
    uint64_t limit;
    uint64_t since; /* bytes used since the files were counted last */
    pthread_mutex_t mutex;
};

static uint64_t limit_from_environment(void)
{
    const char *text = getenv("VIGIL_MIRROR_BYTES");
    uint64_t limit;
    return text && number_count(vg_slice_of(text), &limit) ? limit : DEFAULT_LIMIT;
}

struct mirror *mirror_new(const char *root)
{
    struct mirror *mirror = vg_calloc(1, sizeof *mirror);
    mirror->root = vg_strdup(root);
    mirror->limit = limit_from_environment();
    mirror->since = mirror->limit; /* the first use counts them */
    pthread_mutex_init(&mirror->mutex, NULL);
    return mirror;
}

void mirror_free(struct mirror *mirror)
{
    if (!mirror) return;
    pthread_mutex_destroy(&mirror->mutex);
    free(mirror->root);
    free(mirror);
}

struct cache_list {
    struct cached *items;
    size_t n;
    uint64_t bytes;
};

static void add_files(const char *folder, struct cache_list *list)
{
    struct file_names names;
    if (file_list(folder, &names, NULL)) return;
    for (size_t i = 0; i < names.n; i++) {
        char *path = vg_path_join(folder, names.items[i]);
        struct stat info;
        if (lstat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            list->items = vg_realloc(list->items, (list->n + 1) * sizeof *list->items);
            list->items[list->n++] = (struct cached){path, (uint64_t)info.st_size, info.st_mtim};
            list->bytes += (uint64_t)info.st_size;
            continue;
        }
        if (S_ISDIR(info.st_mode)) add_files(path, list);
        free(path);
    }
    file_names_release(&names);
}

static int least_recent_first(const void *a, const void *b)
{
    const struct cached *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec) return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    return (x->used.tv_nsec > y->used.tv_nsec) - (x->used.tv_nsec < y->used.tv_nsec);
}

/* Records stay: readers need them all. The file that was just used is the last to go, and never goes. */
static void prune(const struct mirror *mirror)
{
    static const char *const folders[] = {"fills", "blocks", "features"};
    struct cache_list list = {0};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *folder = vg_path_join(mirror->root, folders[i]);
        add_files(folder, &list);
        free(folder);
    }
    if (list.n) qsort(list.items, list.n, sizeof *list.items, least_recent_first);
    for (size_t i = 0; i + 1 < list.n && list.bytes > mirror->limit; i++) {
        const char *name = strrchr(list.items[i].path, '/') + 1;
        const char *end = strrchr(name, '.');
        if ((end && strcmp(end, ".json") == 0) || unlink(list.items[i].path) != 0) continue;
        list.bytes -= list.items[i].bytes;
    }
    for (size_t i = 0; i < list.n; i++)
        free(list.items[i].path);
    free(list.items);
}

void mirror_used(struct mirror *mirror, const char *path)
{
    struct stat info;
    utimensat(AT_FDCWD, path, NULL, 0);
    if (stat(path, &info) != 0) return;
    pthread_mutex_lock(&mirror->mutex);
    mirror->since += (uint64_t)info.st_size;
    if (mirror->since > mirror->limit / 8) {
        mirror->since = 0;
        prune(mirror);
    }
    pthread_mutex_unlock(&mirror->mutex);
}
