#include "flow/take.h"

#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/pool.h"
#include "flow/compact.h"
#include "ingest/raw_copy.h"
#include "lake/known_blocks.h"
#include "lake/part_write.h"
#include "lake/quarantine.h"

struct taker {
    struct take_common *common;
    struct part_writer *writer;
    struct fill_sorter *sorter;
    struct block *blocks;
    size_t block_count, block_cap;
    bool blocks_in_order;
};

/* One object on its way. */
struct job {
    struct take_common *common;
    struct taker *taker;
    const struct object *object;
    struct decode_stats *stats;
    struct known_blocks *known;
    struct quarantine quarantine;
};

struct taker *taker_new(struct take_common *common)
{
    struct taker *taker = vg_calloc(1, sizeof *taker);
    taker->common = common;
    taker->writer = part_writer_new();
    taker->sorter = fill_sorter_new(common->lake.tmp, TAKE_RUN_BYTES);
    return taker;
}

void taker_free(struct taker *taker)
{
    if (!taker) return;
    part_writer_free(taker->writer);
    fill_sorter_free(taker->sorter);
    free(taker->blocks);
    free(taker);
}

static vg_code take_fill(void *ctx, const struct fill *fill, vg_err *err)
{
    struct job *job = ctx;
    return fill_sorter_add(job->taker->sorter, fill, err);
}

static vg_code take_block(void *ctx, const struct block *block, vg_err *err)
{
    (void)err;
    struct taker *taker = ((struct job *)ctx)->taker;
    if (taker->block_count == taker->block_cap) {
        taker->block_cap = taker->block_cap ? taker->block_cap * 2 : 4096;
        taker->blocks = vg_realloc(taker->blocks, taker->block_cap * sizeof *taker->blocks);
    }
    const struct block *last = taker->block_count ? &taker->blocks[taker->block_count - 1] : block;
    if (last->number > block->number || last->time_ns > block->time_ns) taker->blocks_in_order = false;
    taker->blocks[taker->block_count++] = *block;
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
    vg_progress_add(job->common->progress, bytes_in, fills);
    return vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request") : VG_OK;
}

static void job_clear(struct job *job)
{
    fill_sorter_clear(job->taker->sorter);
    job->taker->block_count = 0;
    job->taker->blocks_in_order = true;
    known_blocks_free(job->known);
    job->known = NULL;
    quarantine_release(&job->quarantine);
}

static vg_code decode(struct job *job, vg_err *err)
{
    struct take_common *common = job->common;
    struct stream stream;
    vg_buf name = {0};
    job_clear(job);
    vg_buf_addf(&name, "%s/%s.quarantine", common->lake.tmp, job->object->part);
    quarantine_init(&job->quarantine, name.data);
    pthread_mutex_lock(&common->mutex);
    job->known = known_blocks_new(&common->lake, job->object->part);
    pthread_mutex_unlock(&common->mutex);
    VG_TRY(sources_open(common->sources, job->object, &stream, err));
    struct raw_copy *copy = NULL;
    vg_code rc = common->keep_raw ? raw_copy_begin(&copy, common->keep_raw, job->object, &stream, err) : VG_OK;
    struct decode_sink sink = {job, take_fill, take_block, take_refusal, ask_known, take_progress};
    if (!rc) rc = decode_object(&stream, job->object->location, &sink, job->stats, err);
    stream_close(&stream);
    if (!rc && copy) rc = raw_copy_finish(copy, err);
    raw_copy_release(copy);
    if (!rc) rc = quarantine_finish(&job->quarantine, err);
    if (!rc && job->stats->has_blocks && job->stats->has_surrogates)
        rc = vg_fail(err, VG_EPARSE, "mixes lines with and without block numbers: split it by form");
    return rc;
}

static struct claim claim_of_record(const struct manifest_record *record)
{
    return (struct claim){.key = record->key,
                          .first_block = record->first_block,
                          .last_block = record->last_block,
                          .first_time_ns = record->first_time_ns,
                          .last_time_ns = record->last_time_ns,
                          .surrogate = record->surrogate};
}

static struct claim claim_of_job(const struct job *job)
{
    const struct decode_stats *stats = job->stats;
    return (struct claim){.key = job->object->key,
                          .first_block = stats->first_block,
                          .last_block = stats->last_block,
                          .first_time_ns = stats->first_time_ns,
                          .last_time_ns = stats->last_time_ns,
                          .surrogate = stats->has_surrogates};
}

static vg_code same_time(const char *other, vg_err *err)
{
    return vg_fail(
        err, VG_ESTATE,
        "covers the same time as %s, and rows without block numbers cannot be told apart: nothing of it was taken",
        other);
}

/* Whether the object may stand beside those that are in the lake. */
static vg_code check_times(const struct job *job, const struct claim *own, vg_err *err)
{
    struct take_common *common = job->common;
    vg_code rc = VG_OK;
    pthread_mutex_lock(&common->mutex);
    for (size_t i = 0; i < common->lake.manifest.n && !rc; i++) {
        const struct manifest_record *record = &common->lake.manifest.records[i];
        struct claim other = claim_of_record(record);
        if ((record->fills || record->blocks) && strcmp(record->part, job->object->part) != 0 &&
            claims_clash(own, &other))
            rc = same_time(record->key, err);
    }
    pthread_mutex_unlock(&common->mutex);
    return rc;
}

static char *temporary_path(const struct job *job, enum lake_table table, int32_t day)
{
    char date[VG_DATE_TEXT];
    vg_buf path = {0};
    vg_day_print(day, 0, date);
    vg_buf_addf(&path, "%s/%s.%s.%s.parquet", job->common->lake.tmp, job->object->part,
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
        VG_TRY(fill_sorter_peek(job->taker->sorter, &fill, err));
        if (!fill) return VG_OK;
        int32_t day = vg_day_of_ns(fill->block_time_ns);
        char *temporary = temporary_path(job, TABLE_FILLS, day);
        vg_code rc = part_write_fills(job->taker->writer, job->taker->sorter, temporary, &rows, err);
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
    struct taker *taker = job->taker;
    if (!taker->blocks_in_order) qsort(taker->blocks, taker->block_count, sizeof *taker->blocks, by_day_and_number);
    for (size_t i = 0, n; i < taker->block_count; i += n) {
        int32_t day = vg_day_of_ns(taker->blocks[i].time_ns);
        for (n = 1; i + n < taker->block_count && vg_day_of_ns(taker->blocks[i + n].time_ns) == day; n++)
            ;
        char *temporary = temporary_path(job, TABLE_BLOCKS, day);
        vg_code rc = part_write_blocks(taker->writer, taker->blocks + i, n, temporary, err);
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
        rc = lake_publish_part(&job->common->lake, temporary, part, err);
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
    vg_code rc = lake_publish_part(&job->common->lake, job->quarantine.path, &file, err);
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
    const struct decode_stats *stats = job->stats;
    *record = (struct manifest_record){
        .part = vg_strdup(object->part),
        .key = vg_strdup(object->key),
        .location = vg_strdup(object->location),
        .source_etag = object->etag ? vg_strdup(object->etag) : NULL,
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
    struct take_common *common = job->common;
    struct manifest_record record;
    describe(job, &record);
    vg_code rc = fill_sorter_finish(job->taker->sorter, err);
    if (!rc) rc = write_fills(job, &record, err);
    if (!rc) rc = write_blocks(job, &record, err);
    if (!rc) rc = publish(job, TABLE_FILLS, &record, err);
    if (!rc) {
        pthread_mutex_lock(&common->mutex);
        rc = compact_evict(&common->lake, job->object->part, &record.parts, err);
        pthread_mutex_unlock(&common->mutex);
    }
    if (!rc) rc = publish(job, TABLE_BLOCKS, &record, err);
    if (!rc) rc = publish_quarantine(job, &record, err);
    if (!rc) {
        pthread_mutex_lock(&common->mutex);
        rc = lake_commit(&common->lake, &record, err);
        pthread_mutex_unlock(&common->mutex);
    }
    if (rc) remove_temporaries(job, &record);
    manifest_record_release(&record);
    return rc;
}

static vg_code decode_again(struct job *job, vg_err *err)
{
    VG_TRY(decode(job, err));
    struct claim own = claim_of_job(job);
    VG_TRY(check_times(job, &own, err));
    return write_and_commit(job, err);
}

vg_code take_again(struct taker *taker, const struct object *object, struct decode_stats *stats, vg_err *err)
{
    struct job job = {.common = taker->common, .taker = taker, .object = object, .stats = stats};
    vg_code rc = decode_again(&job, err);
    job_clear(&job);
    return rc;
}

static vg_code decode_in_turn(struct job *job, size_t turn, vg_err *err)
{
    struct claims *claims = job->common->claims;
    VG_TRY(decode(job, err));
    struct claim own = claim_of_job(job);
    if (claims_await(claims, turn, &own)) {
        VG_TRY(decode(job, err));
        own = claim_of_job(job);
    }
    VG_TRY(check_times(job, &own, err));
    const char *other = claims_hold(claims, turn, &own);
    if (other) return same_time(other, err);
    return write_and_commit(job, err);
}

vg_code take_new(struct taker *taker, const struct object *object, size_t turn, struct decode_stats *stats, vg_err *err)
{
    struct job job = {.common = taker->common, .taker = taker, .object = object, .stats = stats};
    vg_code rc = decode_in_turn(&job, turn, err);
    job_clear(&job);
    return rc;
}

vg_code take_etag(const struct sources *sources, const struct object *object, char etag[40], vg_err *err)
{
    struct stream stream;
    uint8_t hash[16];
    VG_TRY(sources_open(sources, object, &stream, err));
    vg_code rc = decode_etag(&stream, hash, err);
    stream_close(&stream);
    if (!rc) etag_print(hash, etag);
    return rc;
}
