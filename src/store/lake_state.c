#include "store/lake_state.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/map.h"
#include "lake/coverage.h"

/* A bucket does not tell that something in it is new: it is looked at this often. */
#define BUCKET_NS (60 * VG_NS_PER_S)

static uint64_t mix(uint64_t hash, int64_t value) { return hash_mix64(hash ^ (uint64_t)value); }

/* Records appear by rename, which changes their folder: as long as this is the same, so is the lake. */
static uint64_t stamp_of(const char *root)
{
    static const char *const places[] = {"manifest", "features/features.json"};
    uint64_t stamp = 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct stat info = {0};
        char *path = vg_path_join(root, places[i]);
        if (stat(path, &info) == 0) {
            stamp = mix(stamp, info.st_mtim.tv_sec);
            stamp = mix(stamp, info.st_mtim.tv_nsec);
            stamp = mix(stamp, (int64_t)info.st_ino);
        }
        free(path);
    }
    return stamp;
}

bool lake_state_is_old(const struct lake_state *state)
{
    if (state->lake.remote) return vg_clock_ns() - state->read_ns > BUCKET_NS;
    return stamp_of(state->lake.root) != state->stamp;
}

static void describe(struct lake_state *s)
{
    struct lake_coverage c;
    if (s->files.generation == 0) return;
    lake_coverage(&s->lake, &s->files, &c);
    s->coverage = (struct store_coverage){
        .version = c.version,
        .from_ns = c.first_time_ns,
        .to_ns = c.last_time_ns,
        .fills = c.fills,
        .fills_in_lake = c.fills_in_lake,
        .hours_present = c.hours_present,
        .hours_span = c.hours_span,
        .complete = lake_coverage_is_complete(&c) && c.fills == c.fills_in_lake,
    };
}

static int by_time(const void *a, const void *b)
{
    const struct timed_part *x = a, *y = b;
    if (x->to_ns != y->to_ns) return x->to_ns < y->to_ns ? -1 : 1;
    return strcmp(x->part->path, y->part->path);
}

/* Block times and numbers. */
struct bounds {
    int64_t from_ns, to_ns, first_block, last_block;
};

static const struct bounds nothing = {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN};

static void widen(struct bounds *b, const struct manifest_record *r)
{
    if (r->first_time_ns < b->from_ns) b->from_ns = r->first_time_ns;
    if (r->last_time_ns > b->to_ns) b->to_ns = r->last_time_ns;
    /* Surrogates are no part of a record's first and last block. */
    int64_t first = r->surrogate ? INT64_MIN : r->first_block, last = r->surrogate ? INT64_MAX : r->last_block;
    if (first < b->first_block) b->first_block = first;
    if (last > b->last_block) b->last_block = last;
}

static void add_part(struct lake_state *s, const struct part *part, const struct bounds *b)
{
    int64_t begin = part->day * VG_NS_PER_DAY, end = begin + VG_NS_PER_DAY - 1;
    s->parts = vg_realloc(s->parts, (s->part_count + 1) * sizeof *s->parts);
    s->parts[s->part_count++] = (struct timed_part){part, b->from_ns > begin ? b->from_ns : begin,
                                                    b->to_ns < end ? b->to_ns : end, b->first_block, b->last_block};
}

/* An object's record tells bounds for its parts; the rows of a compacted day were in parts of objects before. */
static void list_fills(struct lake_state *s)
{
    const struct manifest *manifest = &s->lake.manifest;
    size_t days = manifest->compaction_count;
    struct bounds *compacted = vg_calloc(days + 1, sizeof *compacted);
    for (size_t i = 0; i < days; i++)
        compacted[i] = nothing;
    for (size_t i = 0; i < manifest->n; i++) {
        const struct manifest_record *r = &manifest->records[i];
        struct bounds own = nothing;
        widen(&own, r);
        for (size_t k = 0; k < r->parts.n; k++) {
            const struct part *part = &r->parts.items[k];
            if (part->table != TABLE_FILLS) continue;
            const struct compaction *c = manifest_compaction(manifest, part->day);
            if (c) widen(&compacted[c - manifest->compactions], r);
            if (manifest_part_is_live(manifest, part)) add_part(s, part, &own);
        }
    }
    for (size_t i = 0; i < days; i++)
        add_part(s, &manifest->compactions[i].part, &compacted[i]);
    free(compacted);
    if (s->part_count) qsort(s->parts, s->part_count, sizeof *s->parts, by_time);
}

vg_code lake_state_read(const char *name, struct lake_state **state, vg_err *err)
{
    struct lake_state *s = vg_calloc(1, sizeof *s);
    *state = NULL;
    s->stamp = stamp_of(name); /* before the records are read: what changes meanwhile makes it old */
    vg_code rc = lake_open(&s->lake, name, LAKE_READ, err);
    if (rc) {
        free(s);
        return rc;
    }
    atomic_init(&s->users, 1);
    s->read_ns = vg_clock_ns();
    rc = feature_files_load(&s->lake, &s->files, err);
    if (!rc) {
        describe(s);
        list_fills(s);
        for (enum feature_table table = 0; table < FEATURE_TABLES; table++)
            feature_files_sql(&s->lake, &s->files, table, &s->from[table]);
    }
    if (rc)
        lake_state_release(s);
    else
        *state = s;
    return rc;
}

void lake_state_release(struct lake_state *s)
{
    if (!s || atomic_fetch_sub(&s->users, 1) > 1) return;
    for (size_t i = 0; i < FEATURE_TABLES; i++)
        vg_buf_release(&s->from[i]);
    free(s->parts);
    feature_files_release(&s->files);
    lake_close(&s->lake);
    free(s);
}
