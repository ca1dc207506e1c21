#include "flow/fill_feed.h"

#include "base/day.h"
#include "base/pool.h"

#define LOOK_AHEAD_NS (INT64_C(3600) * VG_NS_PER_S)

/* --- groups --- */

static bool names(const struct part_list *parts, const char *path)
{
    for (size_t i = 0; i < parts->n; i++)
        if (strcmp(parts->items[i].path, path) == 0) return true;
    return false;
}

static const struct manifest_record *record_of(const struct manifest *manifest, const struct part *part)
{
    for (size_t i = 0; i < manifest->n; i++)
        if (names(&manifest->records[i].parts, part->path)) return &manifest->records[i];
    return NULL; /* a compacted day */
}

/* What a part covers: the object's span within the day, or the whole day. */
static struct fill_group span_of(const struct manifest *manifest, const struct part *part)
{
    int64_t day_ns = part->day * VG_NS_PER_DAY;
    struct fill_group g = {.day = part->day,
                           .first_ns = day_ns,
                           .last_ns = day_ns + VG_NS_PER_DAY - 1,
                           .first_block = INT64_MIN,
                           .last_block = INT64_MAX,
                           .parts = 1,
                           .rows = part->rows};
    const struct manifest_record *record = record_of(manifest, part);
    if (!record) return g;
    if (record->first_time_ns > g.first_ns) g.first_ns = record->first_time_ns;
    if (record->last_time_ns < g.last_ns) g.last_ns = record->last_time_ns;
    g.first_block = record->first_block;
    g.last_block = record->last_block;
    g.surrogate = record->surrogate;
    return g;
}

/* Whether b begins after a has ended; by block where both have them, because blocks share milliseconds. */
static bool follows(const struct fill_group *a, const struct fill_group *b)
{
    if (a->day != b->day || a->last_ns < b->first_ns) return true;
    return !a->surrogate && !b->surrogate && a->last_block < b->first_block;
}

static void make_groups(struct fill_feed *f)
{
    f->groups = vg_alloc(f->parts.n * sizeof *f->groups);
    VG_ASSERT(f->groups);
    for (size_t i = 0; i < f->parts.n; i++) {
        struct fill_group next = span_of(&f->lake->manifest, &f->parts.items[i]);
        struct fill_group *last = f->group_count ? &f->groups[f->group_count - 1] : NULL;
        next.first_part = i;
        if (!last || follows(last, &next)) {
            f->groups[f->group_count++] = next;
            continue;
        }
        last->parts++;
        last->rows += next.rows;
        if (next.last_ns > last->last_ns) last->last_ns = next.last_ns;
        if (next.last_block > last->last_block) last->last_block = next.last_block;
        last->surrogate = last->surrogate || next.surrogate;
    }
}

size_t fill_feed_part_of(const struct fill_feed *f, size_t group)
{
    return group < f->group_count ? f->groups[group].first_part : f->parts.n;
}

size_t fill_feed_group_at(const struct fill_feed *f, uint64_t part)
{
    size_t group = 0;
    while (group < f->group_count && f->groups[group].first_part != part)
        group++;
    return group;
}

void fill_feed_open(struct fill_feed *f, struct lake *lake, int32_t from, int32_t to)
{
    *f = (struct fill_feed){.lake = lake};
    if (from == VG_NO_DATE) from = INT32_MIN;
    if (to == VG_NO_DATE) to = INT32_MAX;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, from, to, &f->parts);
    if (f->parts.n) make_groups(f);
}

void fill_feed_close(struct fill_feed *f)
{
    part_reader_free(f->price_reader);
    part_reader_free(f->row_reader);
    part_list_release(&f->parts);
    free(f->groups);
}

/* --- reading --- */

/* The reader of this kind, at the beginning of a group; it keeps its memory from group to group. */
static vg_code begin_reading(struct fill_feed *f, struct part_reader **reader, uint64_t columns,
                             const struct fill_group *g, vg_err *err)
{
    struct part_list parts = {f->parts.items + g->first_part, g->parts};
    struct read_options read = {.parts = &parts, .columns = columns, .order = READ_AS_STORED};
    if (!*reader) return part_reader_new(reader, f->lake, &read, err);
    part_reader_again(*reader, f->lake, &parts);
    return VG_OK;
}

static vg_code read_prices(struct fill_feed *f, struct features *features, const struct fill_group *g, vg_err *err)
{
    struct fill_batch batch = {.n = 1};
    vg_code rc = begin_reading(f, &f->price_reader, features_print_columns(), g, err);
    while (!rc && batch.n) {
        rc = part_reader_next(f->price_reader, &batch, err);
        if (!rc) features_add_prints(features, &batch);
    }
    if (!rc) features_settle_prints(features, g->day);
    return rc;
}

static vg_code read_rows_with(struct fill_feed *f, struct features *features, struct part_reader *reader, vg_err *err)
{
    struct fill_batch batch = {.n = 1};
    while (batch.n) {
        VG_TRY(part_reader_next(reader, &batch, err));
        VG_TRY(features_add(features, &batch, err));
        vg_progress_add(f->progress, batch.n, batch.n);
        if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request");
    }
    return features_end_group(features, err);
}

/* Parts that overlap in time must be merged, which DuckDB does. */
static vg_code read_merged_rows(struct fill_feed *f, struct features *features, const struct fill_group *g, vg_err *err)
{
    struct part_list parts = {f->parts.items + g->first_part, g->parts};
    struct read_options read = {.parts = &parts, .columns = features_columns(), .order = READ_BY_TRADER, .threads = 1};
    struct part_reader *reader;
    VG_TRY(part_reader_new(&reader, f->lake, &read, err));
    vg_code rc = read_rows_with(f, features, reader, err);
    part_reader_free(reader);
    return rc;
}

static vg_code read_rows(struct fill_feed *f, struct features *features, const struct fill_group *g, vg_err *err)
{
    VG_TRY(features_begin_group(features, g->first_ns / VG_NS_PER_MS, err));
    if (g->parts > 1) return read_merged_rows(f, features, g, err);
    VG_TRY(begin_reading(f, &f->row_reader, features_columns(), g, err));
    return read_rows_with(f, features, f->row_reader, err);
}

/* Prices of the rows at hand and of the hour after them. */
static vg_code look_ahead(struct fill_feed *f, struct features *features, const struct fill_group *g, vg_err *err)
{
    while (f->next_prices < f->group_count) {
        const struct fill_group *ahead = &f->groups[f->next_prices];
        if (f->next_prices > f->next_group && ahead->first_ns > g->last_ns + LOOK_AHEAD_NS) break;
        VG_TRY(read_prices(f, features, ahead, err));
        f->next_prices++;
    }
    return VG_OK;
}

vg_code fill_feed_next(struct fill_feed *f, struct features *features, vg_err *err)
{
    const struct fill_group *g = &f->groups[f->next_group];
    VG_TRY(look_ahead(f, features, g, err));
    VG_TRY(read_rows(f, features, g, err));
    f->next_group++;
    return VG_OK;
}
