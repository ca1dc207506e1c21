#include "lake/coverage.h"

#include "base/map.h"

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = hash_mix64(hash ^ ((const unsigned char *)bytes)[i]);
    return hash;
}

/* Of the record of features, which has their checksums, and of the checksums of all parts. */
static uint64_t version_of(const struct lake *lake, const struct feature_files *files)
{
    struct part_list parts;
    vg_buf record = {0};
    feature_files_print(files, &record);
    uint64_t version = mix(1, record.data, record.len);
    vg_buf_release(&record);
    manifest_live_parts(&lake->manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    for (size_t i = 0; i < parts.n; i++)
        version = mix(version, parts.items[i].sha256, strlen(parts.items[i].sha256));
    part_list_release(&parts);
    return version ? version : 1;
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

/* An hour of blocks without a fill is there, too. */
static bool is_hour(const struct manifest_record *record)
{
    return record->hourly && (record->fills > 0 || record->blocks > 0);
}

static void count_hours(const struct lake *lake, const struct feature_files *files, struct lake_coverage *coverage)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *r = &lake->manifest.records[i];
        if (!is_hour(r)) continue;
        if (r->last_time_ns < files->first_time_ns || r->first_time_ns > files->last_time_ns) continue;
        int64_t hour = r->day * INT64_C(24) + r->hour;
        coverage->hours_present++;
        if (hour < first) first = hour;
        if (hour > last) last = hour;
    }
    if (first <= last) coverage->hours_span = (uint64_t)(last - first + 1);
}

uint64_t lake_hours_missing(const struct lake *lake, int32_t from, int32_t to)
{
    VG_ASSERT(from <= to);
    size_t hours = ((size_t)(to - from) + 1) * 24;
    uint64_t missing = hours;
    bool *there = vg_calloc(hours, sizeof *there);
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *r = &lake->manifest.records[i];
        if (!is_hour(r) || r->day < from || r->day > to) continue;
        bool *hour = &there[(size_t)(r->day - from) * 24 + (size_t)r->hour];
        missing -= !*hour;
        *hour = true;
    }
    free(there);
    return missing;
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
