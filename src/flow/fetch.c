#include "flow/fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/opt.h"
#include "base/pool.h"
#include "flow/claims.h"
#include "flow/compact.h"
#include "ingest/decode.h"
#include "lake/known_blocks.h"
#include "lake/part_write.h"
#include "lake/quarantine.h"

/* What one worker needs for one object after another. */
struct worker {
    struct part_writer *writer;
    struct fill_sorter *sorter;
    struct block *blocks;
    size_t block_count, block_cap;
    bool blocks_in_order;
};

struct fetch {
    const struct fetch_options *options;
    struct object_list objects;
    struct lake lake;
    struct worker *workers;
    struct fetch_result *results;
    struct claims *claims;
    pthread_mutex_t mutex; /* guards lake.manifest */
};

/* One object on its way. */
struct job {
    struct fetch *fetch;
    struct worker *worker;
    size_t index;
    const struct object *object;
    struct known_blocks *known;
    struct quarantine quarantine;
    struct decode_stats stats;
};

static vg_code take_fill(void *ctx, const struct fill *fill, vg_err *err)
{
    struct job *job = ctx;
    return fill_sorter_add(job->worker->sorter, fill, err);
}

static vg_code take_block(void *ctx, const struct block *block, vg_err *err)
{
    (void)err;
    struct worker *w = ((struct job *)ctx)->worker;
    if (w->block_count == w->block_cap) {
        w->block_cap = w->block_cap ? w->block_cap * 2 : 4096;
        w->blocks = vg_realloc(w->blocks, w->block_cap * sizeof *w->blocks);
    }
    const struct block *last = w->block_count ? &w->blocks[w->block_count - 1] : block;
    if (last->number > block->number || last->time_ns > block->time_ns) w->blocks_in_order = false;
    w->blocks[w->block_count++] = *block;
    return VG_OK;
}

static vg_code take_refusal(void *ctx, const struct refusal *refusal, vg_err *err)
{
    struct job *job = ctx;
    return quarantine_add(&job->quarantine, job->object->key, refusal->line, refusal->offset, refusal->event,
                          refusal->reason, refusal->bytes, refusal->length, err);
}

static vg_code ask_known(void *ctx, int64_t block, bool *found, uint64_t *digest, vg_err *err)
{
    return known_blocks_find(((struct job *)ctx)->known, block, found, digest, err);
}

static vg_code take_progress(void *ctx, uint64_t bytes_in, uint64_t fills, vg_err *err)
{
    struct job *job = ctx;
    vg_progress_add(job->fetch->options->progress, bytes_in, fills);
    return vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request") : VG_OK;
}

static void job_clear(struct job *job)
{
    fill_sorter_clear(job->worker->sorter);
    job->worker->block_count = 0;
    job->worker->blocks_in_order = true;
    known_blocks_free(job->known);
    job->known = NULL;
    quarantine_release(&job->quarantine);
}

static vg_code decode(struct job *job, vg_err *err)
{
    struct fetch *fetch = job->fetch;
    struct stream stream;
    vg_buf name = {0};
    job_clear(job);
    vg_buf_addf(&name, "%s/%s.quarantine", fetch->lake.tmp, job->object->part);
    quarantine_init(&job->quarantine, name.data);
    pthread_mutex_lock(&fetch->mutex);
    job->known = known_blocks_new(&fetch->lake, job->object->part);
    pthread_mutex_unlock(&fetch->mutex);
    VG_TRY(source_files_open(job->object, &stream, err));
    struct decode_sink sink = {job, take_fill, take_block, take_refusal, ask_known, take_progress};
    vg_code rc = decode_object(&stream, job->object->location, &sink, &job->stats, err);
    stream_close(&stream);
    if (!rc) rc = quarantine_finish(&job->quarantine, err);
    if (!rc && job->stats.has_blocks && job->stats.has_surrogates)
        rc = vg_fail(err, VG_EPARSE, "mixes lines with and without block numbers: split it by form");
    return rc;
}

static struct claim claim_of_record(const struct manifest_record *record)
{
    return (struct claim){record->first_block, record->last_block, record->first_time_ns, record->last_time_ns,
                          record->surrogate};
}

static struct claim claim_of_job(const struct job *job)
{
    const struct decode_stats *stats = &job->stats;
    return (struct claim){stats->first_block, stats->last_block, stats->first_time_ns, stats->last_time_ns,
                          stats->has_surrogates};
}

static vg_code same_time(const char *other, vg_err *err)
{
    return vg_fail(
        err, VG_ESTATE,
        "covers the same time as %s, and rows without block numbers cannot be told apart: nothing of it was taken",
        other);
}

/* Whether the object may stand beside those that are in the lake. */
static vg_code check_times(const struct job *job, vg_err *err)
{
    struct fetch *fetch = job->fetch;
    struct claim own = claim_of_job(job);
    vg_code rc = VG_OK;
    pthread_mutex_lock(&fetch->mutex);
    for (size_t i = 0; i < fetch->lake.manifest.n && !rc; i++) {
        const struct manifest_record *record = &fetch->lake.manifest.records[i];
        struct claim other = claim_of_record(record);
        if ((record->fills || record->blocks) && strcmp(record->part, job->object->part) != 0 &&
            claims_clash(&own, &other))
            rc = same_time(record->key, err);
    }
    pthread_mutex_unlock(&fetch->mutex);
    return rc;
}

static vg_code hold_claim(struct job *job, vg_err *err)
{
    size_t other;
    struct claim own = claim_of_job(job);
    if (claims_hold(job->fetch->claims, job->index, &own, &other)) return VG_OK;
    return same_time(job->fetch->objects.items[other].key, err);
}

static char *temporary_path(const struct job *job, enum lake_table table, int32_t day)
{
    char date[VG_DATE_TEXT];
    vg_buf path = {0};
    vg_day_print(day, 0, date);
    vg_buf_addf(&path, "%s/%s.%s.%s.parquet", job->fetch->lake.tmp, job->object->part,
                table == TABLE_FILLS ? "fills" : "blocks", date);
    return path.data;
}

/* The part that was just written to its temporary file; `publish` moves it. */
static void add_part(const struct job *job, enum lake_table table, int32_t day, uint64_t rows,
                     struct manifest_record *record)
{
    struct part part = {.table = table, .day = day, .rows = rows};
    part.path = lake_part_path(table, day, job->object->part);
    part_list_add(&record->parts, &part);
    free(part.path);
}

static vg_code write_fills(struct job *job, struct manifest_record *record, vg_err *err)
{
    for (;;) {
        const struct fill *fill;
        uint64_t rows;
        VG_TRY(fill_sorter_peek(job->worker->sorter, &fill, err));
        if (!fill) return VG_OK;
        int32_t day = vg_day_of_ns(fill->block_time_ns);
        char *temporary = temporary_path(job, TABLE_FILLS, day);
        vg_code rc = part_write_fills(job->worker->writer, job->worker->sorter, temporary, &rows, err);
        if (rc) unlink(temporary);
        free(temporary);
        if (rc) return rc;
        add_part(job, TABLE_FILLS, day, rows, record);
    }
}

/* By day first: in damaged sources time may go back over midnight while numbers rise. */
static int by_day_and_number(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    int32_t day_x = vg_day_of_ns(x->time_ns), day_y = vg_day_of_ns(y->time_ns);
    if (day_x != day_y) return day_x < day_y ? -1 : 1;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (x->first_event > y->first_event) - (x->first_event < y->first_event);
}

static vg_code write_blocks(struct job *job, struct manifest_record *record, vg_err *err)
{
    struct worker *w = job->worker;
    if (!w->blocks_in_order) qsort(w->blocks, w->block_count, sizeof *w->blocks, by_day_and_number);
    for (size_t i = 0, n; i < w->block_count; i += n) {
        int32_t day = vg_day_of_ns(w->blocks[i].time_ns);
        for (n = 1; i + n < w->block_count && vg_day_of_ns(w->blocks[i + n].time_ns) == day; n++)
            ;
        char *temporary = temporary_path(job, TABLE_BLOCKS, day);
        vg_code rc = part_write_blocks(w->writer, w->blocks + i, n, temporary, err);
        if (rc) unlink(temporary);
        free(temporary);
        if (rc) return rc;
        add_part(job, TABLE_BLOCKS, day, n, record);
    }
    return VG_OK;
}

/* Moves the record's parts of one table to their places. */
static vg_code publish(struct job *job, enum lake_table table, struct manifest_record *record, vg_err *err)
{
    vg_code rc = VG_OK;
    for (size_t i = 0; i < record->parts.n && !rc; i++) {
        struct part *part = &record->parts.items[i];
        if (part->table != table) continue;
        char *temporary = temporary_path(job, table, part->day);
        rc = lake_publish_part(&job->fetch->lake, temporary, part, err);
        free(temporary);
    }
    return rc;
}

static void remove_temporaries(const struct job *job, const struct manifest_record *record)
{
    for (size_t i = 0; i < record->parts.n; i++) {
        char *temporary = temporary_path(job, record->parts.items[i].table, record->parts.items[i].day);
        unlink(temporary); /* gone already when it was published */
        free(temporary);
    }
}

static vg_code publish_quarantine(struct job *job, struct manifest_record *record, vg_err *err)
{
    if (job->quarantine.count == 0) return VG_OK;
    struct part file = {.rows = job->quarantine.count};
    vg_buf path = {0};
    vg_buf_addf(&path, "quarantine/%s.jsonl", job->object->part);
    file.path = path.data;
    vg_code rc = lake_publish_part(&job->fetch->lake, job->quarantine.path, &file, err);
    memcpy(record->quarantine_sha256, file.sha256, sizeof file.sha256);
    record->quarantine = path.data;
    return rc;
}

static void etag_print(const uint8_t etag[16], char out[40])
{
    memcpy(out, "xxh3-", 5);
    vg_hex_encode(etag, 16, out + 5);
    out[37] = '\0';
}

static void describe(const struct job *job, struct manifest_record *record)
{
    const struct object *object = job->object;
    const struct decode_stats *stats = &job->stats;
    *record = (struct manifest_record){
        .part = vg_strdup(object->part),
        .key = vg_strdup(object->key),
        .location = vg_strdup(object->location),
        .size = stats->bytes_in,
        .mtime_ns = object->mtime_ns,
        .hourly = object->hourly,
        .day = object->day,
        .hour = object->hour,
        .lines = stats->lines,
        .lines_fast = stats->lines_fast,
        .lines_strict = stats->lines_strict,
        .lines_block = stats->lines_of[0],
        .lines_streaming = stats->lines_of[1],
        .lines_legacy = stats->lines_of[2],
        .lines_trade = stats->lines_of[3],
        .fills = stats->fills,
        .blocks = stats->blocks,
        .empty_blocks = stats->empty_blocks,
        .duplicate_blocks = stats->duplicate_blocks,
        .quarantined = stats->refused,
        .unknown_line_keys = stats->unknown_line_keys,
        .first_block = stats->first_block,
        .last_block = stats->last_block,
        .first_time_ns = stats->first_time_ns,
        .last_time_ns = stats->last_time_ns,
        .surrogate = stats->has_surrogates,
    };
    etag_print(stats->etag, record->etag);
    known_blocks_shares(job->known, &record->shares_with);
}

/* Everything is written before anything changes: a full disk leaves the lake as it was. Old rows leave a
 * compacted day (which needs the object's old blocks) only when the new ones stand beside it. */
static vg_code write_and_commit(struct job *job, vg_err *err)
{
    struct fetch *fetch = job->fetch;
    struct manifest_record record;
    describe(job, &record);
    vg_code rc = fill_sorter_finish(job->worker->sorter, err);
    if (!rc) rc = write_fills(job, &record, err);
    if (!rc) rc = write_blocks(job, &record, err);
    if (!rc) rc = publish(job, TABLE_FILLS, &record, err);
    if (!rc) {
        pthread_mutex_lock(&fetch->mutex);
        rc = compact_evict(&fetch->lake, job->object->part, &record.parts, err);
        pthread_mutex_unlock(&fetch->mutex);
    }
    if (!rc) rc = publish(job, TABLE_BLOCKS, &record, err);
    if (!rc) rc = publish_quarantine(job, &record, err);
    if (!rc) {
        pthread_mutex_lock(&fetch->mutex);
        rc = lake_commit(&fetch->lake, &record, err);
        pthread_mutex_unlock(&fetch->mutex);
    }
    if (rc) remove_temporaries(job, &record);
    manifest_record_release(&record);
    return rc;
}

/* Compares with the record of the same object: by size and time first, then by content. An object whose
 * parts were lost, or damaged and removed, is taken again. */
static vg_code compare(struct job *job, enum fetch_outcome *outcome, vg_err *err)
{
    struct fetch *fetch = job->fetch;
    const struct object *object = job->object;
    char recorded[40] = "", now[40];
    bool found, same_place = false, same_stat = false, whole = false;
    vg_buf location = {0};
    pthread_mutex_lock(&fetch->mutex);
    const struct manifest_record *record = manifest_find(&fetch->lake.manifest, object->part);
    found = record != NULL;
    if (record) {
        same_place = strcmp(record->location, object->location) == 0;
        same_stat = record->size == object->size && record->mtime_ns == object->mtime_ns;
        whole = lake_has_parts(&fetch->lake, record);
        memcpy(recorded, record->etag, sizeof recorded);
        vg_buf_adds(&location, record->location);
    }
    pthread_mutex_unlock(&fetch->mutex);
    *outcome = found ? FETCH_REPLACED : FETCH_DONE;
    vg_code rc = VG_OK;
    if (found && same_place && same_stat && whole) {
        *outcome = FETCH_UNCHANGED;
    } else if (found) {
        struct stream stream;
        uint8_t etag[16];
        rc = source_files_open(object, &stream, err);
        if (!rc) {
            rc = decode_etag(&stream, etag, err);
            stream_close(&stream);
            etag_print(etag, now);
        }
        if (!rc && strcmp(now, recorded) == 0)
            *outcome = whole ? FETCH_UNCHANGED : FETCH_REPLACED;
        else if (!rc && !same_place && !fetch->options->replace)
            rc = vg_fail(err, VG_ESTATE, "the lake has %s with other content from %s; --replace takes this one instead",
                         object->key, location.data);
    }
    vg_buf_release(&location);
    return rc;
}

static vg_code fetch_object(struct job *job, struct fetch_result *result, vg_err *err)
{
    VG_TRY(compare(job, &result->outcome, err));
    if (result->outcome == FETCH_UNCHANGED) {
        vg_progress_add(job->fetch->options->progress, job->object->size, 0);
        return VG_OK;
    }
    if (!job->worker->writer) job->worker->writer = part_writer_new();
    if (!job->worker->sorter) job->worker->sorter = fill_sorter_new(job->fetch->lake.tmp, FETCH_RUN_BYTES);
    VG_TRY(decode(job, err));
    struct claim own = claim_of_job(job);
    if (claims_await(job->fetch->claims, job->index, &own)) VG_TRY(decode(job, err));
    VG_TRY(check_times(job, err));
    VG_TRY(hold_claim(job, err));
    return write_and_commit(job, err);
}

static void run_task(void *ctx, unsigned worker, size_t task)
{
    struct fetch *fetch = ctx;
    struct job job = {.fetch = fetch, .worker = &fetch->workers[worker], .index = task};
    job.object = &fetch->objects.items[task];
    struct fetch_result *result = &fetch->results[task];
    result->key = vg_strdup(job.object->key);
    result->location = vg_strdup(job.object->location);
    vg_code rc = vg_cancelled() ? vg_fail(&result->error, VG_ECANCEL, "stopped on request")
                                : fetch_object(&job, result, &result->error);
    if (rc) {
        result->outcome = rc == VG_ECANCEL ? FETCH_CANCELLED : FETCH_FAILED;
    } else if (result->outcome != FETCH_UNCHANGED) {
        const struct decode_stats *stats = &job.stats;
        result->fills = stats->fills;
        result->blocks = stats->blocks;
        result->duplicate_blocks = stats->duplicate_blocks;
        result->quarantined = stats->refused;
        result->lines = stats->lines;
        result->lines_strict = stats->lines_strict;
        result->unknown_line_keys = stats->unknown_line_keys;
        result->bytes_in = stats->bytes_in;
        result->bytes_out = stats->bytes_out;
        if (stats->refused) {
            vg_buf path = {0};
            vg_buf_addf(&path, "%s/quarantine/%s.jsonl", fetch->lake.root, job.object->part);
            result->quarantine = path.data;
        }
    }
    if (job.worker->sorter) job_clear(&job);
    claims_settle(fetch->claims, task, rc == VG_OK);
}

/* Hour objects outside the wanted days are left out; others have no day to judge by. */
static void select_days(struct object_list *list, int32_t from, int32_t to)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct object *object = &list->items[i];
        bool wanted =
            !object->hourly || ((from == VG_NO_DATE || object->day >= from) && (to == VG_NO_DATE || object->day <= to));
        if (!wanted) {
            struct object_list one = {vg_alloc(sizeof *one.items), 1};
            one.items[0] = *object;
            object_list_release(&one);
        } else {
            list->items[kept++] = *object;
        }
    }
    list->n = kept;
}

static vg_code list_objects(const struct fetch_options *options, struct object_list *list, vg_err *err)
{
    for (size_t i = 0; i < options->source_count; i++)
        VG_TRY(source_files_list(options->sources[i], list, err));
    select_days(list, options->from, options->to);
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

vg_code fetch_run(const struct fetch_options *options, struct fetch_report *report, vg_err *err)
{
    struct fetch fetch = {.options = options, .lake = {.lock = -1}};
    int64_t started = vg_clock_ns();
    unsigned jobs = options->jobs ? options->jobs : vg_processors() < 2 ? 1 : 2;
    *report = (struct fetch_report){0};
    pthread_mutex_init(&fetch.mutex, NULL);
    vg_code rc = list_objects(options, &fetch.objects, err);
    if (!rc) rc = lake_open(&fetch.lake, options->lake, LAKE_CREATE, err);
    if (!rc) {
        size_t n = fetch.objects.n;
        uint64_t bytes = 0;
        for (size_t i = 0; i < n; i++)
            bytes += fetch.objects.items[i].size;
        if (options->progress) options->progress->total = bytes;
        fetch.workers = vg_calloc(jobs, sizeof *fetch.workers);
        fetch.results = vg_calloc(n, sizeof *fetch.results);
        fetch.claims = claims_new(n);
        vg_pool_run(jobs, n, run_task, &fetch);
        for (unsigned i = 0; i < jobs; i++) {
            part_writer_free(fetch.workers[i].writer);
            fill_sorter_free(fetch.workers[i].sorter);
            free(fetch.workers[i].blocks);
        }
        report->results = fetch.results;
        report->n = n;
        sum_up(report);
        lake_close(&fetch.lake);
    }
    report->seconds = (double)(vg_clock_ns() - started) / 1e9;
    object_list_release(&fetch.objects);
    free(fetch.workers);
    claims_free(fetch.claims);
    pthread_mutex_destroy(&fetch.mutex);
    return rc;
}

void fetch_report_release(struct fetch_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        free(report->results[i].key);
        free(report->results[i].location);
        free(report->results[i].quarantine);
    }
    free(report->results);
    *report = (struct fetch_report){0};
}
