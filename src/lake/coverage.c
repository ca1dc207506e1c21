#include "lake/coverage.h"

#include "base/map.h"

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = hash_mix64(hash ^ ((const unsigned char *)bytes)[i]);
    return hash;
}

static uint64_t fills_in_lake(const struct lake *lake, const struct feature_files *files)
{
    struct part_list parts;
    uint64_t fills = 0;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, files->from == VG_NO_DATE ? INT32_MIN : files->from,
                        files->to == VG_NO_DATE ? INT32_MAX : files->to, &parts);
    for (size_t i = 0; i < parts.n; i++)
        fills += parts.items[i].rows;
    part_list_release(&parts);
    return fills;
}

/* Hours since 1970. */
struct hours {
    int64_t first, last; /* none: last is before first */
};

static int64_t hour_of(int64_t ns) { return vg_floor_div(ns, VG_NS_PER_DAY / HOURS_OF_DAY); }

/* What an object tells of: the hour that its name says, or all in which it may have fills. Blocks without a fill are an
 * hour, too: the exchange may stand still. Blocks near an hour's end
 * may be in the object of the next one; a name farther away from the fills is none of theirs. */
static struct hours hours_of(const struct manifest_record *r, const struct feature_files *files)
{
    int64_t first_ns = r->first_time_ns > files->first_time_ns ? r->first_time_ns : files->first_time_ns;
    int64_t last_ns = r->last_time_ns < files->last_time_ns ? r->last_time_ns : files->last_time_ns;
    struct hours of_fills = {hour_of(first_ns), hour_of(last_ns)};
    if ((r->fills == 0 && r->blocks == 0) || last_ns < first_ns) return (struct hours){0, -1};
    if (!r->hourly) return of_fills;
    int64_t named = r->day * (int64_t)HOURS_OF_DAY + r->hour;
    bool is_near = named >= of_fills.first - 1 && named <= of_fills.last + 1;
    return is_near ? (struct hours){named, named} : (struct hours){0, -1};
}

static struct hours hours_of_all(const struct lake *lake, const struct feature_files *files)
{
    struct hours all = {INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < lake->manifest.n; i++) {
        struct hours h = hours_of(&lake->manifest.records[i], files);
        if (h.last < h.first) continue;
        if (h.first < all.first) all.first = h.first;
        if (h.last > all.last) all.last = h.last;
    }
    return all;
}

static void mark(struct day_hours *days, struct hours hours, char state)
{
    for (int64_t hour = hours.first; hour <= hours.last; hour++) {
        int64_t at = hour - days->day * (int64_t)HOURS_OF_DAY;
        char *known = &days[at / HOURS_OF_DAY].hours[at % HOURS_OF_DAY];
        if (*known != HOUR_PRESENT) *known = state;
    }
}

size_t lake_coverage_days(const struct lake *lake, const struct feature_files *files, struct day_hours **days)
{
    struct hours all = hours_of_all(lake, files);
    *days = NULL;
    if (all.last < all.first) return 0;
    int64_t first_day = vg_floor_div(all.first, HOURS_OF_DAY);
    size_t n = (size_t)(vg_floor_div(all.last, HOURS_OF_DAY) - first_day) + 1;
    *days = vg_calloc(n, sizeof **days);
    for (size_t i = 0; i < n; i++) {
        (*days)[i].day = (int32_t)first_day + (int32_t)i;
        memset((*days)[i].hours, HOUR_OUTSIDE, HOURS_OF_DAY);
    }
    mark(*days, all, HOUR_ABSENT);
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *r = &lake->manifest.records[i];
        mark(*days, hours_of(r, files), r->hourly ? HOUR_PRESENT : HOUR_UNTOLD);
    }
    return n;
}

static void count_hours(const struct lake *lake, const struct feature_files *files, struct lake_coverage *coverage)
{
    struct day_hours *days;
    size_t n = lake_coverage_days(lake, files, &days), first = SIZE_MAX, last = 0;
    for (size_t hour = 0; hour < n * HOURS_OF_DAY; hour++) {
        if (days[hour / HOURS_OF_DAY].hours[hour % HOURS_OF_DAY] != HOUR_PRESENT) continue;
        if (first == SIZE_MAX) first = hour;
        last = hour;
        coverage->hours_present++;
    }
    if (coverage->hours_present) coverage->hours_span = last - first + 1;
    free(days);
}

/* Of the record of features, which has their checksums, of the checksums of all parts, and of the hours: one without a
 * fill has no part. */
static uint64_t version_of(const struct lake *lake, const struct feature_files *files)
{
    struct part_list parts;
    struct day_hours *days;
    vg_buf record = {0};
    feature_files_print(files, &record);
    uint64_t version = mix(1, record.data, record.len);
    vg_buf_release(&record);
    manifest_live_parts(&lake->manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    for (size_t i = 0; i < parts.n; i++)
        version = mix(version, parts.items[i].sha256, strlen(parts.items[i].sha256));
    part_list_release(&parts);
    size_t n = lake_coverage_days(lake, files, &days);
    for (size_t i = 0; i < n; i++)
        version = mix(version, days[i].hours, HOURS_OF_DAY);
    free(days);
    return version ? version : 1;
}

/* An hour of blocks without a fill is there, too. */
static bool is_hour(const struct manifest_record *record)
{
    return record->hourly && (record->fills > 0 || record->blocks > 0);
}

/* An object without an hour may hold all of its first and of its last day. */
static void mark_untold(struct day_hours *days, size_t n, const struct manifest_record *record)
{
    int32_t first = vg_day_of_ns(record->first_time_ns), last = vg_day_of_ns(record->last_time_ns);
    for (size_t i = 0; i < n; i++)
        for (size_t hour = 0; hour < HOURS_OF_DAY && days[i].day >= first && days[i].day <= last; hour++)
            if (days[i].hours[hour] == HOUR_ABSENT) days[i].hours[hour] = HOUR_UNTOLD;
}

struct day_hours *lake_hours_of_days(const struct lake *lake, int32_t from, int32_t to)
{
    VG_ASSERT(from <= to);
    size_t n = (size_t)(to - from) + 1;
    struct day_hours *days = vg_calloc(n, sizeof *days);
    for (size_t i = 0; i < n; i++) {
        days[i].day = from + (int32_t)i;
        memset(days[i].hours, HOUR_ABSENT, HOURS_OF_DAY);
    }
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *r = &lake->manifest.records[i];
        if (is_hour(r) && r->day >= from && r->day <= to)
            days[r->day - from].hours[r->hour] = HOUR_PRESENT;
        else if (!r->hourly && r->fills)
            mark_untold(days, n, r);
    }
    return days;
}

struct hours_lacking hours_lacking(const struct day_hours *days, size_t n)
{
    struct hours_lacking lacking = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t hour = 0; hour < HOURS_OF_DAY; hour++) {
            lacking.missing += days[i].hours[hour] == HOUR_ABSENT;
            lacking.untold += days[i].hours[hour] == HOUR_UNTOLD;
        }
    return lacking;
}

void lake_coverage(const struct lake *lake, const struct feature_files *files, struct lake_coverage *coverage)
{
    VG_ASSERT(files->generation);
    *coverage = (struct lake_coverage){
        .first_time_ns = files->first_time_ns,
        .last_time_ns = files->last_time_ns,
        .fills = files->fills,
        .fills_in_lake = fills_in_lake(lake, files),
        .sharded = files->shards > 1,
        .version = version_of(lake, files),
    };
    count_hours(lake, files, coverage);
}
