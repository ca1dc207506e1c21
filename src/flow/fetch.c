#include "flow/fetch.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/opt.h"
#include "base/pool.h"
#include "flow/take.h"
#include "ingest/archive.h"

struct fetch {
    const struct fetch_options *options;
    struct object_list objects;
    struct fetch_result *results; /* one per object */
    struct take_common common;
    struct taker **takers; /* one per worker, made when needed */
    size_t *fresh;         /* objects that are new to the lake */
};

static vg_code check_cancelled(vg_err *err)
{
    return vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request") : VG_OK;
}

static struct taker *taker_of(struct fetch *fetch, unsigned worker)
{
    if (!fetch->takers[worker]) fetch->takers[worker] = taker_new(&fetch->common);
    return fetch->takers[worker];
}

/* What became of an object; of a failure its result has the error already. */
static void note(const struct fetch *fetch, size_t index, vg_code rc, enum fetch_outcome outcome,
                 const struct decode_stats *stats)
{
    struct fetch_result *result = &fetch->results[index];
    result->outcome = rc == VG_ECANCEL ? FETCH_CANCELLED : rc ? FETCH_FAILED : outcome;
    if (rc) return;
    result->fills = stats->fills;
    result->blocks = stats->blocks;
    result->duplicate_blocks = stats->duplicate_blocks;
    result->quarantined = stats->refused;
    result->lines = stats->lines;
    result->lines_strict = stats->lines_strict;
    result->unknown_line_keys = stats->unknown_line_keys;
    result->bytes_in = stats->bytes_in;
    result->bytes_out = stats->bytes_out;
    result->growing = fetch->objects.items[index].growing && stats->bytes_in < fetch->objects.items[index].size;
    free(result->quarantine);
    result->quarantine = NULL;
    if (stats->refused) {
        vg_buf path = {0};
        vg_buf_addf(&path, "%s/quarantine/%s.jsonl", fetch->common.lake.root, fetch->objects.items[index].part);
        result->quarantine = path.data;
    }
}

static bool is_listed(const struct fetch *fetch, const char *part)
{
    for (size_t i = 0; i < fetch->objects.n; i++)
        if (strcmp(fetch->objects.items[i].part, part) == 0) return true;
    return false;
}

/* Objects that left out blocks because this one had them must be taken again when its content changes; so
 * they must be at hand. */
static vg_code check_sharers(const struct fetch *fetch, const struct object *object, const char *etag, vg_err *err)
{
    const struct manifest *manifest = &fetch->common.lake.manifest;
    for (size_t i = 0; i < manifest->n; i++) {
        const struct manifest_record *record = &manifest->records[i];
        for (size_t k = 0; k < record->shares_with.n; k++) {
            const struct share *share = &record->shares_with.items[k];
            if (strcmp(share->part, object->part) != 0 || strcmp(share->etag, etag) == 0 ||
                is_listed(fetch, record->part))
                continue;
            return vg_fail(err, VG_ESTATE,
                           "has changed, but %s left out blocks that are in both: fetch that one (%s) and this one "
                           "in the same run",
                           record->key, record->location);
        }
    }
    return VG_OK;
}

/* What the source says of the object without reading it. */
static bool looks_the_same(const struct object *object, const struct manifest_record *record)
{
    if (strcmp(record->location, object->location) != 0 || record->size != object->size) return false;
    if (object->etag) return record->source_etag && strcmp(record->source_etag, object->etag) == 0;
    return record->mtime_ns == object->mtime_ns;
}

/* Compares with the record of the same object: by what the source says first, then by content. Of an object in a
 * bucket, whose bytes cost, the bucket's word counts. An object whose parts were lost, or damaged and removed, is
 * taken again. */
static vg_code compare(const struct fetch *fetch, const struct object *object, const struct manifest_record *record,
                       bool *changed, vg_err *err)
{
    bool same_place = strcmp(record->location, object->location) == 0;
    bool whole = lake_has_parts(&fetch->common.lake, record);
    char etag[40] = "";
    *changed = false;
    if (looks_the_same(object, record) && whole) return VG_OK;
    if (!object->etag || !same_place) VG_TRY(take_etag(fetch->common.sources, object, etag, err));
    bool same_content = strcmp(etag, record->etag) == 0;
    *changed = !same_content || !whole;
    if (same_content) return VG_OK;
    if (!same_place && !fetch->options->replace)
        return vg_fail(err, VG_ESTATE, "the lake has %s with other content from %s; --replace takes this one instead",
                       object->key, record->location);
    return check_sharers(fetch, object, etag, err);
}

static void take_if_changed(struct fetch *fetch, size_t index, const struct manifest_record *record)
{
    const struct object *object = &fetch->objects.items[index];
    vg_err *err = &fetch->results[index].error;
    struct decode_stats stats = {0};
    bool changed = false;
    vg_code rc = check_cancelled(err);
    if (!rc) rc = compare(fetch, object, record, &changed, err);
    if (!rc && changed) rc = take_again(taker_of(fetch, 0), object, &stats, err);
    if (!rc && !changed) vg_progress_add(fetch->options->progress, object->size, 0);
    note(fetch, index, rc, changed ? FETCH_REPLACED : FETCH_UNCHANGED, &stats);
}

/* The object left out blocks that another one had, and that one has changed or is gone. */
static void take_if_stale(struct fetch *fetch, size_t index, const struct manifest_record *record)
{
    struct fetch_result *result = &fetch->results[index];
    struct decode_stats stats = {0};
    if (result->outcome == FETCH_FAILED || result->outcome == FETCH_CANCELLED ||
        !manifest_stale_share(&fetch->common.lake.manifest, record))
        return;
    vg_code rc = check_cancelled(&result->error);
    if (!rc) rc = take_again(taker_of(fetch, 0), &fetch->objects.items[index], &stats, &result->error);
    note(fetch, index, rc, FETCH_REPLACED, &stats);
}

static void take_fresh(void *ctx, unsigned worker, size_t turn)
{
    struct fetch *fetch = ctx;
    size_t index = fetch->fresh[turn];
    vg_err *err = &fetch->results[index].error;
    struct decode_stats stats = {0};
    vg_code rc = check_cancelled(err);
    if (!rc) rc = take_new(taker_of(fetch, worker), &fetch->objects.items[index], turn, &stats, err);
    claims_settle(fetch->common.claims, turn, rc == VG_OK);
    note(fetch, index, rc, FETCH_DONE, &stats);
}

/* What a block is compared with must not depend on which thread is faster. So objects that the lake knows come one
 * after the other; then those that are new to it, in parallel, where the claims keep them in order. */
static void take_all(struct fetch *fetch, unsigned jobs)
{
    size_t n = fetch->objects.n, fresh = 0;
    const struct manifest_record **records = vg_calloc(n, sizeof *records); /* replaced in place, so they stay */
    fetch->fresh = vg_calloc(n, sizeof *fetch->fresh);
    for (size_t i = 0; i < n; i++) {
        records[i] = manifest_find(&fetch->common.lake.manifest, fetch->objects.items[i].part);
        if (!records[i]) fetch->fresh[fresh++] = i;
    }
    for (size_t i = 0; i < n; i++)
        if (records[i]) take_if_changed(fetch, i, records[i]);
    for (size_t i = 0; i < n; i++)
        if (records[i]) take_if_stale(fetch, i, records[i]);
    free(records);
    fetch->common.claims = claims_new(fresh);
    vg_pool_run(jobs, fresh, take_fresh, fetch);
    claims_free(fetch->common.claims);
    free(fetch->fresh);
}

static vg_code list_objects(struct fetch *fetch, vg_err *err)
{
    struct sources *sources = fetch->common.sources;
    const struct fetch_options *options = fetch->options;
    struct object_list *list = &fetch->objects;
    if (options->source_count == 0) VG_TRY(sources_list_exchange(sources, &options->range, list, err));
    for (size_t i = 0; i < options->source_count; i++)
        VG_TRY(sources_list(sources, options->sources[i], &options->range, list, err));
    object_list_sort(list);
    for (size_t i = 1; i < list->n; i++)
        if (strcmp(list->items[i].part, list->items[i - 1].part) == 0)
            return vg_fail(err, VG_EUSAGE, "%s and %s are the same object: name only one of them",
                           list->items[i - 1].location, list->items[i].location);
    return VG_OK;
}

static void sum_up(struct fetch_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        const struct fetch_result *result = &report->results[i];
        report->outcomes[result->outcome]++;
        report->fills += result->fills;
        report->blocks += result->blocks;
        report->duplicate_blocks += result->duplicate_blocks;
        report->quarantined += result->quarantined;
        report->lines += result->lines;
        report->lines_strict += result->lines_strict;
        report->unknown_line_keys += result->unknown_line_keys;
        report->bytes_in += result->bytes_in;
        report->bytes_out += result->bytes_out;
    }
}

static void prepare(struct fetch *fetch, struct fetch_report *report)
{
    size_t n = fetch->objects.n;
    uint64_t bytes = 0;
    report->results = vg_calloc(n, sizeof *report->results);
    report->n = n;
    for (size_t i = 0; i < n; i++) {
        report->results[i].key = vg_strdup(fetch->objects.items[i].key);
        report->results[i].location = vg_strdup(fetch->objects.items[i].location);
        report->results[i].size = fetch->objects.items[i].size;
        bytes += fetch->objects.items[i].size;
    }
    if (fetch->options->progress) fetch->options->progress->total = bytes;
    if (fetch->options->progress && sources_budget(fetch->common.sources) && bytes)
        fetch->options->progress->price = fetch_price(bytes, n) / (double)bytes;
    fetch->results = report->results;
}

/* The lake is open. */
static void run(struct fetch *fetch, unsigned jobs)
{
    fetch->takers = vg_calloc(jobs, sizeof *fetch->takers);
    pthread_mutex_init(&fetch->common.mutex, NULL);
    take_all(fetch, jobs);
    pthread_mutex_destroy(&fetch->common.mutex);
    for (unsigned i = 0; i < jobs; i++)
        taker_free(fetch->takers[i]);
    free(fetch->takers);
}

/* The objects are ordered by hour. */
static void note_absent(const struct fetch *fetch, struct fetch_report *report)
{
    const struct source_range *range = &fetch->options->range;
    const struct object_list *objects = &fetch->objects;
    if (range->from == VG_NO_DATE || range->to == VG_NO_DATE) return;
    int64_t end = archive_hour(range->to, 23), now = vg_floor_div(vg_now_ns(), 3600 * VG_NS_PER_S);
    size_t next = 0;
    for (int64_t hour = archive_hour(range->from, 0); hour <= end && hour < now; hour++) {
        bool there = false;
        for (; next < objects->n && objects->items[next].hourly; next++) {
            int64_t at = archive_hour(objects->items[next].day, objects->items[next].hour);
            if (at > hour) break;
            there = there || at == hour;
        }
        if (there) continue;
        report->absent = vg_realloc(report->absent, (report->absent_count + 1) * sizeof *report->absent);
        int32_t day = (int32_t)vg_floor_div(hour, 24);
        report->absent[report->absent_count++] = (struct fetch_hour){day, (int)(hour - archive_hour(day, 0))};
    }
}

/* What taking the objects would do, as far as it shows without reading them. */
static void plan(struct fetch *fetch, struct fetch_report *report)
{
    for (size_t i = 0; i < fetch->objects.n; i++) {
        const struct object *object = &fetch->objects.items[i];
        const struct manifest_record *record = manifest_find(&fetch->common.lake.manifest, object->part);
        bool known = record && looks_the_same(object, record) && lake_has_parts(&fetch->common.lake, record);
        report->results[i].outcome = known ? FETCH_UNCHANGED : FETCH_PLANNED;
    }
}

static void add_cost(const struct s3_budget *budget, struct fetch_report *report)
{
    if (!budget) return;
    report->asked_s3 = true;
    report->s3_requests += budget->class_a + budget->class_b;
    report->s3_retries += budget->retries;
    report->s3_bytes_in += budget->bytes_in;
    report->s3_bytes_out += budget->bytes_out;
    report->s3_usd += s3_budget_cost(budget, &s3_prices_tokyo);
}

/* A dry run of a lake that is not there yet is one of an empty lake. */
static vg_code open_lake(struct fetch *fetch, vg_err *err)
{
    const struct fetch_options *options = fetch->options;
    struct lake *lake = &fetch->common.lake;
    if (!options->dry_run) return lake_open(lake, options->lake, LAKE_CREATE, err);
    vg_code rc = lake_open(lake, options->lake, LAKE_READ, err);
    return rc == VG_ESTATE ? VG_OK : rc;
}

vg_code fetch_run(const struct fetch_options *options, struct fetch_report *report, vg_err *err)
{
    struct fetch fetch = {.options = options,
                          .common = {.lake = {.lock = -1},
                                     .sources = sources_new(),
                                     .keep_raw = options->keep_raw,
                                     .progress = options->progress}};
    int64_t started = vg_clock_ns();
    unsigned jobs = options->jobs ? options->jobs : vg_processors() < 2 ? 1 : 2;
    *report = (struct fetch_report){0};
    vg_code rc = list_objects(&fetch, err);
    if (!rc) rc = open_lake(&fetch, err);
    if (!rc) {
        prepare(&fetch, report);
        note_absent(&fetch, report);
        if (options->dry_run)
            plan(&fetch, report);
        else
            run(&fetch, jobs);
        sum_up(report);
        add_cost(lake_budget(&fetch.common.lake), report);
        lake_close(&fetch.common.lake);
    }
    add_cost(sources_budget(fetch.common.sources), report);
    report->seconds = (double)(vg_clock_ns() - started) / 1e9;
    object_list_release(&fetch.objects);
    sources_free(fetch.common.sources);
    return rc;
}

double fetch_price(uint64_t bytes, uint64_t objects)
{
    struct s3_budget budget = {.class_b = objects, .bytes_in = bytes};
    return s3_budget_cost(&budget, &s3_prices_tokyo);
}

void fetch_report_release(struct fetch_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        free(report->results[i].key);
        free(report->results[i].location);
        free(report->results[i].quarantine);
    }
    free(report->results);
    free(report->absent);
    *report = (struct fetch_report){0};
}
