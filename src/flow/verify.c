#include "flow/verify.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/opt.h"
#include "base/pool.h"
#include "lake/block_gaps.h"
#include "lake/part_read.h"
#include "lake/part_sound.h"

/* An hour whose blocks begin or end further than this from its edges is partial. The exchange has a
 * block every 70 ms; own nodes pause for minutes. */
#define EDGE_NS (INT64_C(300) * VG_NS_PER_S)
#define NS_PER_HOUR (INT64_C(3600) * VG_NS_PER_S)

struct verify {
    const struct verify_options *options;
    struct verify_report *report;
    struct lake lake;
    int32_t from, to;
    struct part_list parts[LAKE_TABLES], files;
    pthread_mutex_t mutex; /* guards the report while files are read in parallel */
};

static void add_problem(struct verify_report *report, const char *text)
{
    report->problems = vg_realloc(report->problems, (report->problem_count + 1) * sizeof *report->problems);
    report->problems[report->problem_count++] = vg_strdup(text);
}

/* Blocks that one object left out because another one had them, which may have them no more. */
static void check_shares(struct verify *v)
{
    for (size_t i = 0; i < v->lake.manifest.n; i++) {
        const struct manifest_record *record = &v->lake.manifest.records[i];
        const struct share *share = manifest_stale_share(&v->lake.manifest, record);
        if (!share) continue;
        char *relative = manifest_record_path(record->part), *path = lake_path(&v->lake, relative);
        vg_buf problem = {0};
        vg_buf_addf(&problem, "%s: left out blocks that %s had, which has changed or is gone: fetch %s again", path,
                    share->part, record->location);
        add_problem(v->report, problem.data);
        vg_buf_release(&problem);
        free(relative);
        free(path);
    }
}

/* What all objects of one hour cover together: at the switch of formats an hour had two. */
struct cover {
    uint64_t objects, fills, blocks, quarantined;
    int64_t first_ns, last_ns;
    uint64_t numbered;               /* blocks of objects that have real block numbers */
    int64_t first_block, last_block; /* of these */
    struct block_gaps gaps;
};

static void add_record(struct cover *cover, const struct manifest_record *record)
{
    cover->objects++;
    cover->quarantined += record->quarantined;
    if (record->fills == 0 && record->blocks == 0) return;
    cover->fills += record->fills;
    cover->blocks += record->blocks;
    if (record->blocks && !record->surrogate) {
        cover->numbered += record->blocks;
        if (record->first_block < cover->first_block) cover->first_block = record->first_block;
        if (record->last_block > cover->last_block) cover->last_block = record->last_block;
    }
    if (record->first_time_ns < cover->first_ns) cover->first_ns = record->first_time_ns;
    if (record->last_time_ns > cover->last_ns) cover->last_ns = record->last_time_ns;
}

/* Numbers that are missing between the hour's first block and its last, or the first of the next hour. Only
 * when the records' counts leave room for any, the blocks are looked at. */
static vg_code find_gaps(const struct verify *v, int32_t day, struct cover *cover, const struct cover *next,
                         vg_err *err)
{
    if (cover->numbered == 0) return VG_OK;
    bool follows = next && next->numbered && next->first_block > cover->last_block;
    int64_t last = follows ? next->first_block : cover->last_block;
    if ((uint64_t)(last - cover->first_block) + 1 == cover->numbered + follows) return VG_OK;
    struct part_list parts; /* of the days around, because objects are cut by another clock */
    manifest_live_parts(&v->lake.manifest, TABLE_BLOCKS, day - 1, day + 1, &parts);
    vg_code rc = block_gaps_find(&v->lake, &parts, cover->first_block, last, &cover->gaps, err);
    part_list_release(&parts);
    return rc;
}

static void judge_hour(const struct cover *cover, struct verify_hour *hour)
{
    int64_t start = hour->day * VG_NS_PER_DAY + hour->hour * NS_PER_HOUR, end = start + NS_PER_HOUR;
    hour->fills = cover->fills;
    hour->blocks = cover->blocks;
    hour->quarantined = cover->quarantined;
    hour->missing_blocks = cover->gaps.missing;
    if (cover->objects == 0) return;
    hour->state = HOUR_PARTIAL;
    char first[VG_TIME_TEXT], last[VG_TIME_TEXT];
    vg_time_print(cover->first_ns, 0, first);
    vg_time_print(cover->last_ns, 0, last);
    if (cover->first_ns > cover->last_ns)
        snprintf(hour->remark, sizeof hour->remark, "no blocks and no fills");
    else if (cover->first_ns > start + EDGE_NS || cover->last_ns < end - EDGE_NS)
        snprintf(hour->remark, sizeof hour->remark, "covers %s to %s only", first + 11, last + 11);
    else if (cover->gaps.missing)
        snprintf(hour->remark, sizeof hour->remark, "%llu block numbers are missing, first %lld to %lld",
                 (unsigned long long)cover->gaps.missing, (long long)cover->gaps.first, (long long)cover->gaps.last);
    else if (cover->quarantined)
        snprintf(hour->remark, sizeof hour->remark, "%llu records refused", (unsigned long long)cover->quarantined);
    else
        hour->state = HOUR_COMPLETE;
}

static vg_code check_coverage(struct verify *v, vg_err *err)
{
    struct verify_report *report = v->report;
    int32_t from = v->options->from, to = v->options->to;
    for (size_t i = 0; i < v->lake.manifest.n; i++) {
        const struct manifest_record *record = &v->lake.manifest.records[i];
        if (!record->hourly) {
            report->other_objects++;
            report->quarantined += record->quarantined;
            continue;
        }
        if (v->options->from == VG_NO_DATE && (from == VG_NO_DATE || record->day < from)) from = record->day;
        if (v->options->to == VG_NO_DATE && (to == VG_NO_DATE || record->day > to)) to = record->day;
    }
    if (from == VG_NO_DATE || to == VG_NO_DATE || from > to) return VG_OK;
    size_t n = (size_t)(to - from + 1) * 24;
    struct cover *covers = vg_calloc(n, sizeof *covers);
    for (size_t i = 0; i < n; i++)
        covers[i] = (struct cover){
            .first_ns = INT64_MAX, .last_ns = INT64_MIN, .first_block = INT64_MAX, .last_block = INT64_MIN};
    for (size_t i = 0; i < v->lake.manifest.n; i++) {
        const struct manifest_record *record = &v->lake.manifest.records[i];
        if (record->hourly && record->day >= from && record->day <= to)
            add_record(&covers[(record->day - from) * 24 + record->hour], record);
    }
    size_t first = 0, last = n; /* without asked dates: from the first to the last hour that is there */
    while (v->options->from == VG_NO_DATE && first < n && covers[first].objects == 0)
        first++;
    while (v->options->to == VG_NO_DATE && last > first && covers[last - 1].objects == 0)
        last--;
    report->hour_count = last - first;
    report->hours = vg_calloc(report->hour_count, sizeof *report->hours);
    vg_code rc = VG_OK;
    for (size_t i = first; i < last && !rc; i++) {
        struct verify_hour *hour = &report->hours[i - first];
        hour->day = from + (int32_t)(i / 24);
        hour->hour = (int)(i % 24);
        if (report->files_bad == 0) rc = find_gaps(v, hour->day, &covers[i], i + 1 < n ? &covers[i + 1] : NULL, err);
        judge_hour(&covers[i], hour);
        report->hours_in[hour->state]++;
        report->quarantined += hour->quarantined;
    }
    free(covers);
    return rc;
}

static void check_file(void *ctx, unsigned worker, size_t task)
{
    (void)worker;
    struct verify *v = ctx;
    vg_err err = {0};
    if (vg_cancelled()) return;
    vg_code rc = part_sound(&v->lake, &v->files.items[task], &err);
    pthread_mutex_lock(&v->mutex);
    v->report->files++;
    if (rc) {
        v->report->files_bad++;
        add_problem(v->report, err.msg);
    }
    pthread_mutex_unlock(&v->mutex);
}

/* Parts of the days asked for, and all that was ever refused. */
static void list_files(struct verify *v)
{
    for (enum lake_table table = 0; table < LAKE_TABLES; table++)
        for (size_t i = 0; i < v->parts[table].n; i++)
            part_list_add(&v->files, &v->parts[table].items[i]);
    for (size_t i = 0; i < v->lake.manifest.n; i++) {
        const struct manifest_record *record = &v->lake.manifest.records[i];
        if (!record->quarantine) continue;
        struct part file = {.path = record->quarantine};
        memcpy(file.sha256, record->quarantine_sha256, sizeof file.sha256);
        part_list_add(&v->files, &file);
    }
}

static vg_code check_days(struct verify *v, vg_err *err)
{
    const struct part_list *parts = &v->parts[TABLE_FILLS];
    for (size_t i = 0, n; i < parts->n; i += n) {
        uint64_t rows = 0;
        for (n = 0; i + n < parts->n && parts->items[i + n].day == parts->items[i].day; n++)
            rows += parts->items[i + n].rows;
        struct part_list day = {parts->items + i, n};
        if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request");
        VG_TRY(part_check_trades(&v->lake, &day, &v->report->trades, err));
        vg_progress_add(v->options->progress, rows, rows);
    }
    return VG_OK;
}

/* Whether the parts of a day, one after the other, come in time order: not so when a repaired hour stands
 * beside a compacted day, or when objects overlap. */
static bool parts_follow(const struct verify *v, const struct part_list *parts)
{
    int32_t day = parts->items[0].day;
    int64_t last_ns = INT64_MIN;
    if (parts->n == 1) return true;
    if (manifest_compaction(&v->lake.manifest, day)) return false;
    for (size_t i = 0; i < v->lake.manifest.n; i++) {
        const struct manifest_record *record = &v->lake.manifest.records[i];
        if (record->fills == 0 || vg_day_of_ns(record->first_time_ns) > day || vg_day_of_ns(record->last_time_ns) < day)
            continue;
        if (record->first_time_ns < last_ns) return false;
        last_ns = record->last_time_ns;
    }
    return true;
}

/* What looks at every row in time order. */
struct walkers {
    struct size_grid *grid;
    struct chain *chain;
    struct ledger *ledger;
};

/* szDecimals of every coin must be known before the first close is booked. */
static vg_code find_size_grid(struct verify *v, struct size_grid *grid, vg_err *err)
{
    struct part_reader *reader;
    struct fill_batch batch;
    struct read_options options = {.parts = &v->parts[TABLE_FILLS],
                                   .columns =
                                       COLUMN_BIT(FILL_COIN) | COLUMN_BIT(FILL_SIZE) | COLUMN_BIT(FILL_START_POSITION),
                                   .order = READ_AS_STORED,
                                   .threads = 1};
    VG_TRY(part_reader_new(&reader, &v->lake, &options, err));
    vg_code rc;
    while ((rc = part_reader_next(reader, &batch, err)) == VG_OK && batch.n > 0 && !vg_cancelled())
        size_grid_add(grid, &batch);
    part_reader_free(reader);
    return rc;
}

static vg_code walk_day(struct verify *v, const struct part_list *parts, struct walkers *walkers, vg_err *err)
{
    struct part_reader *reader;
    struct fill_batch batch;
    struct read_options options = {.parts = parts,
                                   .columns = chain_columns() | ledger_columns(),
                                   .order = parts_follow(v, parts) ? READ_AS_STORED : READ_BY_TRADER,
                                   .threads = 1};
    VG_TRY(part_reader_new(&reader, &v->lake, &options, err));
    vg_code rc;
    while ((rc = part_reader_next(reader, &batch, err)) == VG_OK && batch.n > 0) {
        chain_add(walkers->chain, &batch);
        ledger_add(walkers->ledger, &batch);
        vg_progress_add(v->options->progress, batch.n, 0);
        if (vg_cancelled()) {
            rc = vg_fail(err, VG_ECANCEL, "stopped on request");
            break;
        }
    }
    part_reader_free(reader);
    return rc;
}

static vg_code check_positions(struct verify *v, vg_err *err)
{
    const struct part_list *parts = &v->parts[TABLE_FILLS];
    struct walkers walkers = {.grid = size_grid_new(), .chain = chain_new()};
    walkers.ledger = ledger_new(walkers.grid);
    vg_code rc = find_size_grid(v, walkers.grid, err);
    for (size_t i = 0, n; i < parts->n && !rc; i += n) {
        for (n = 0; i + n < parts->n && parts->items[i + n].day == parts->items[i].day; n++)
            ;
        struct part_list day = {parts->items + i, n};
        rc = walk_day(v, &day, &walkers, err);
    }
    v->report->chain = *chain_report(walkers.chain);
    v->report->ledger = *ledger_report(walkers.ledger);
    ledger_free(walkers.ledger);
    chain_free(walkers.chain);
    size_grid_free(walkers.grid);
    return rc;
}

vg_code verify_run(const struct verify_options *options, struct verify_report *report, vg_err *err)
{
    struct verify v = {.options = options, .report = report, .lake = {.lock = -1}};
    int64_t started = vg_clock_ns();
    *report = (struct verify_report){0};
    VG_TRY(lake_open(&v.lake, options->lake, LAKE_READ, err));
    pthread_mutex_init(&v.mutex, NULL);
    v.from = options->from == VG_NO_DATE ? INT32_MIN : options->from;
    v.to = options->to == VG_NO_DATE ? INT32_MAX : options->to;
    for (enum lake_table table = 0; table < LAKE_TABLES; table++) {
        manifest_live_parts(&v.lake.manifest, table, v.from, v.to, &v.parts[table]);
        for (size_t i = 0; i < v.parts[table].n; i++)
            *(table == TABLE_FILLS ? &report->fills : &report->blocks) += v.parts[table].items[i].rows;
    }
    if (options->progress) options->progress->total = 2 * report->fills;
    check_shares(&v);
    list_files(&v);
    vg_pool_run(vg_processors(), v.files.n, check_file, &v);
    vg_code rc = check_coverage(&v, err);
    if (report->files_bad == 0) { /* damaged files cannot be read for the rest */
        if (!rc) rc = check_days(&v, err);
        if (!rc) rc = check_positions(&v, err);
    }
    for (enum lake_table table = 0; table < LAKE_TABLES; table++)
        part_list_release(&v.parts[table]);
    part_list_release(&v.files);
    pthread_mutex_destroy(&v.mutex);
    lake_close(&v.lake);
    report->seconds = (double)(vg_clock_ns() - started) / 1e9;
    return rc;
}

void verify_report_release(struct verify_report *report)
{
    for (size_t i = 0; i < report->problem_count; i++)
        free(report->problems[i]);
    free(report->problems);
    free(report->hours);
    *report = (struct verify_report){0};
}

bool verify_is_clean(const struct verify_report *report)
{
    uint64_t unexplained = 0;
    for (enum coin_kind kind = 0; kind < COIN_KINDS; kind++)
        unexplained += report->chain.kinds[kind].breaks[BREAK_GAP] + report->chain.kinds[kind].direction_mismatches +
                       report->ledger.kinds[kind].verdicts[CLOSE_UNEXPLAINED];
    return report->fills > 0 && report->problem_count == 0 && report->hours_in[HOUR_ABSENT] == 0 &&
           report->hours_in[HOUR_PARTIAL] == 0 && report->quarantined == 0 && report->trades.irregular == 0 &&
           report->trades.unequal == 0 && unexplained == 0 && report->chain.time_mismatches == 0;
}
