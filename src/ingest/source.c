#include "ingest/source.h"

static const struct {
    const char *name;
    enum stream_kind kind;
} streams[] = {
    {"node_fills_by_block", STREAM_BLOCKS},
    {"node_fills_streaming", STREAM_STREAMING},
    {"node_fills", STREAM_LEGACY},
    {"node_trades", STREAM_TRADES},
};

/* The path component that ends before `end`: returns its start. */
static const char *component_before(const char *path, const char *end)
{
    while (end > path && end[-1] != '/')
        end--;
    return end;
}

/* "7" or "7.lz4" or "07": an hour. */
static bool hour_parse(const char *name, int *hour)
{
    int value = 0, digits = 0;
    while (*name >= '0' && *name <= '9' && digits < 3) {
        value = value * 10 + (*name++ - '0');
        digits++;
    }
    if (digits < 1 || digits > 2 || value > 23) return false;
    *hour = value;
    return *name == '\0' || strcmp(name, ".lz4") == 0;
}

/* …/STREAM/hourly/YYYYMMDD/H[.lz4], also without hourly/, or …/YYYYMMDD/H[.lz4], which is taken for block
 * lines. */
static bool hourly_key(struct object *object, const char *path, vg_buf *key)
{
    const char *hour = component_before(path, path + strlen(path));
    if (hour == path || !hour_parse(hour, &object->hour)) return false;
    const char *day = component_before(path, hour - 1);
    if (!vg_day_parse(day, (size_t)(hour - 1 - day), &object->day)) return false;
    const char *stream = streams[0].name;
    object->kind = streams[0].kind;
    if (day > path) {
        const char *hourly = component_before(path, day - 1);
        bool named_hourly = hourly > path && strncmp(hourly, "hourly/", 7) == 0;
        const char *name = named_hourly ? component_before(path, hourly - 1) : hourly;
        const char *name_end = (named_hourly ? hourly : day) - 1;
        for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
            size_t n = strlen(streams[i].name);
            if ((size_t)(name_end - name) != n || memcmp(name, streams[i].name, n) != 0) continue;
            stream = streams[i].name;
            object->kind = streams[i].kind;
        }
    }
    char date[VG_DATE_TEXT];
    vg_day_print(object->day, 0, date);
    vg_buf_addf(key, "%s/hourly/%s/%d", stream, date, object->hour);

    vg_buf part = {0};
    vg_buf_addf(&part, "%s-%02d", date, object->hour);
    if (object->kind != STREAM_BLOCKS) vg_buf_addf(&part, "-%s", stream);
    object->part = part.data;
    return true;
}

/* A name for parts of other files: what is harmless of the file's own name, and a hash of the key. */
static char *other_part(const char *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (const char *p = key; *p; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    vg_buf part = {0};
    for (const char *p = component_before(key, key + strlen(key)); *p && *p != '.' && part.len < 64; p++)
        vg_buf_addc(&part, (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ? *p : '_');
    vg_buf_addf(&part, "-%08x", (unsigned)(hash ^ (hash >> 32)));
    return part.data;
}

void object_init(struct object *object, const char *location)
{
    *object = (struct object){.location = vg_strdup(location), .kind = STREAM_OTHER};
    vg_buf key = {0};
    object->hourly = hourly_key(object, location, &key);
    if (!object->hourly) {
        object->kind = STREAM_OTHER;
        vg_buf_adds(&key, location);
        object->part = other_part(location);
    }
    object->key = key.data;
}

void object_release(struct object *object)
{
    free(object->location);
    free(object->key);
    free(object->part);
    free(object->etag);
}

void object_list_release(struct object_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        object_release(&list->items[i]);
    free(list->items);
    *list = (struct object_list){0};
}

void object_list_add(struct object_list *list, const struct object *object)
{
    list->items = vg_realloc(list->items, (list->n + 1) * sizeof *list->items);
    list->items[list->n++] = *object;
}

bool object_name_fits(const char *path)
{
    static const char *const endings[] = {".lz4", ".jsonl", ".ndjson"};
    const char *name = component_before(path, path + strlen(path));
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (n > strlen(endings[i]) && strcmp(name + n - strlen(endings[i]), endings[i]) == 0) return true;
    int hour;
    return hour_parse(name, &hour);
}

static int by_key(const void *a, const void *b)
{
    const struct object *x = a, *y = b;
    if (x->hourly != y->hourly) return x->hourly ? -1 : 1;
    if (x->hourly && x->day != y->day) return x->day < y->day ? -1 : 1;
    if (x->hourly && x->hour != y->hour) return x->hour < y->hour ? -1 : 1;
    int order = strcmp(x->key, y->key);
    return order ? order : strcmp(x->location, y->location);
}

void object_list_sort(struct object_list *list)
{
    if (list->n == 0) return;
    qsort(list->items, list->n, sizeof *list->items, by_key);
    size_t kept = 1;
    for (size_t i = 1; i < list->n; i++) {
        if (strcmp(list->items[i].location, list->items[kept - 1].location) == 0)
            object_release(&list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->n = kept;
}
