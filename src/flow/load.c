#include "flow/load.h"

#include "base/clock.h"
#include "base/pool.h"
#include "lake/coverage.h"
#include "lake/part_read.h"
#include "lake/row_source.h"
#include "store/loader.h"

#define JOBS_MOST 4

struct load {
    const struct load_options *options;
    struct load_report *report;
    struct lake lake;
    struct feature_files files;
    struct part_list parts; /* live, of the days asked for, ordered by day */
    struct loader *loader;
};

static double seconds_since(int64_t start) { return (double)(vg_clock_ns() - start) / 1e9; }

/* What is to be done with a day. */

/* The parts of one day: a stretch of the list. */
struct day_parts {
    int32_t day;
    struct part_list parts;
};

static struct day_parts next_day(const struct load *l, size_t *at)
{
    struct day_parts d = {l->parts.items[*at].day, {l->parts.items + *at, 0}};
    while (*at < l->parts.n && l->parts.items[*at].day == d.day) {
        d.parts.n++;
        ++*at;
    }
    return d;
}

/* The file's record in the database; they are ordered by path. */
static int by_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct loaded_file *)file)->path);
}

static const struct loaded_file *find_loaded(const struct load *l, const char *path, const char *sha256)
{
    size_t n;
    const struct loaded_file *files = loader_files(l->loader, &n);
    const struct loaded_file *file = n ? bsearch(path, files, n, sizeof *files, by_path) : NULL;
    return file && strcmp(file->sha256, sha256) == 0 ? file : NULL;
}

/* Files of this table and day that the database has. */
static size_t count_loaded(const struct load *l, unsigned table, int32_t day)
{
    size_t n, count = 0;
    const struct loaded_file *files = loader_files(l->loader, &n);
    for (size_t i = 0; i < n; i++)
        count += files[i].table == table && files[i].day == day;
    return count;
}

/* One day on its way. */

struct copying {
    struct load *load;
    const struct part_list *parts;
    struct part_reader **readers; /* of each worker, made when it has its first part */
    vg_err *errors;               /* of each part */
    atomic_bool failed;
};

static vg_code read_part(struct copying *c, unsigned worker, const struct part *part, vg_err *err)
{
    struct load *l = c->load;
    struct part_list one = {(struct part *)part, 1};
    struct read_options options = {.parts = &one, .order = READ_AS_STORED};
    struct fill_batch batch;
    if (c->readers[worker])
        part_reader_again(c->readers[worker], &l->lake, &one);
    else
        VG_TRY(part_reader_new(&c->readers[worker], &l->lake, &options, err));
    VG_TRY(loader_part_begin(l->loader, worker, part, err));
    for (;;) {
        VG_TRY(part_reader_next(c->readers[worker], &batch, err));
        if (batch.n == 0) break;
        VG_TRY(loader_part_rows(l->loader, worker, &batch, err));
        vg_progress_add(l->options->progress, batch.n, batch.n);
    }
    return loader_part_end(l->loader, worker, err);
}

static void copy_part(void *ctx, unsigned worker, size_t task)
{
    struct copying *c = ctx;
    vg_err *err = &c->errors[task];
    if (atomic_load(&c->failed)) return;
    err->code = vg_cancelled() ? vg_fail(err, VG_ECANCEL, "stopped on request")
                               : read_part(c, worker, &c->parts->items[task], err);
    if (err->code) atomic_store(&c->failed, true);
}

static vg_code copy_parts(struct load *l, const struct part_list *parts, vg_err *err)
{
    unsigned workers = loader_day_workers(l->loader);
    struct copying c = {l, parts, vg_calloc(workers, sizeof *c.readers), vg_calloc(parts->n, sizeof *c.errors), false};
    vg_code rc = VG_OK;
    vg_pool_run(workers, parts->n, copy_part, &c);
    for (size_t i = 0; i < parts->n && !rc; i++) {
        rc = c.errors[i].code;
        if (rc && err) *err = c.errors[i];
    }
    for (unsigned i = 0; i < workers; i++)
        part_reader_free(c.readers[i]);
    free(c.readers);
    free(c.errors);
    return rc;
}

/* Runs a step, and adds its time to *seconds. */
#define TIMED(seconds, step)                 \
    do {                                     \
        int64_t timed_ = vg_clock_ns();      \
        if (!rc) rc = (step);                \
        *(seconds) += seconds_since(timed_); \
    } while (0)

static vg_code load_parts(struct load *l, int32_t day, const struct part_list *parts, bool whole, vg_err *err)
{
    struct load_report *r = l->report;
    vg_code rc = VG_OK;
    TIMED(&r->copy_s, loader_day_begin(l->loader, day, whole, err));
    TIMED(&r->copy_s, copy_parts(l, parts, err));
    TIMED(&r->index_s, loader_day_index(l->loader, err));
    TIMED(&r->check_s, loader_day_check(l->loader, err));
    TIMED(&r->publish_s, loader_day_publish(l->loader, err));
    if (rc) loader_day_abandon(l->loader);
    return rc;
}

static void add_day(struct load *l, int32_t day, enum load_action action, const struct part_list *parts)
{
    struct load_report *r = l->report;
    struct load_day d = {day, action, parts->n, 0};
    for (size_t i = 0; i < parts->n; i++)
        d.rows += parts->items[i].rows;
    r->fills += d.rows;
    r->days = vg_realloc(r->days, (r->day_count + 1) * sizeof *r->days);
    r->days[r->day_count++] = d;
}

/* Parts of the day that the database has not; the list borrows. */
static struct part_list missing_parts(const struct load *l, const struct day_parts *d)
{
    struct part_list list = {vg_calloc(d->parts.n, sizeof *list.items), 0};
    for (size_t i = 0; i < d->parts.n; i++)
        if (!find_loaded(l, d->parts.items[i].path, d->parts.items[i].sha256)) list.items[list.n++] = d->parts.items[i];
    return list;
}

static vg_code load_day(struct load *l, const struct day_parts *d, vg_err *err)
{
    struct part_list missing = missing_parts(l, d);
    size_t loaded = count_loaded(l, STORE_FILLS, d->day);
    bool has_only_ours = loaded == d->parts.n - missing.n, done = has_only_ours && missing.n == 0;
    vg_code rc = VG_OK;
    if (done) l->report->days_same++;
    if (!done && has_only_ours && loaded) {
        rc = load_parts(l, d->day, &missing, false, err);
        /* Somebody else put rows there, or took records away: what is in the lake counts. */
        done = !loader_is_conflict(l->loader);
        if (!rc) add_day(l, d->day, LOAD_ADDED, &missing);
    }
    if (!done) {
        rc = load_parts(l, d->day, &d->parts, true, err);
        if (!rc) add_day(l, d->day, loaded ? LOAD_REPLACED : LOAD_NEW, &d->parts);
    }
    free(missing.items);
    return rc;
}

static bool lake_has_day(const struct load *l, int32_t day)
{
    for (size_t i = 0; i < l->parts.n; i++)
        if (l->parts.items[i].day == day) return true;
    return false;
}

/* Days that the lake has not: of another lake, or of objects that are gone for good. */
static vg_code foreign_days(struct load *l, vg_err *err)
{
    size_t n;
    const struct loaded_file *files = loader_files(l->loader, &n);
    int32_t from = l->options->from == VG_NO_DATE ? INT32_MIN : l->options->from;
    int32_t to = l->options->to == VG_NO_DATE ? INT32_MAX : l->options->to, done = VG_NO_DATE;
    for (size_t i = 0; i < n; i++) {
        int32_t day = files[i].day; /* files of a day follow each other: their paths begin with it */
        if (files[i].table != STORE_FILLS || day == done || day < from || day > to || lake_has_day(l, day)) continue;
        done = day;
        l->report->days_foreign++;
        if (!l->options->prune) continue;
        VG_TRY(loader_day_remove(l->loader, day, err));
        add_day(l, day, LOAD_REMOVED, &(struct part_list){0});
    }
    return VG_OK;
}

static vg_code load_fills(struct load *l, vg_err *err)
{
    vg_code rc = foreign_days(l, err);
    for (size_t at = 0; at < l->parts.n && !rc;) {
        struct day_parts d = next_day(l, &at);
        rc = load_day(l, &d, err);
    }
    return rc;
}

/* The tables of figures. */

static bool figures_are_new(const struct load *l)
{
    size_t n, known = 0;
    const struct loaded_file *files = loader_files(l->loader, &n);
    for (size_t i = 0; i < n; i++)
        known += files[i].table < FEATURE_TABLES;
    for (size_t i = 0; i < l->files.n; i++) {
        const struct feature_file *f = &l->files.files[i];
        if (f->table == FEATURE_TABLES) continue; /* a checkpoint */
        if (!find_loaded(l, f->path, f->sha256)) return true;
        known--;
    }
    return known != 0;
}

static vg_code take_row(void *ctx, const struct feature_value *values, vg_err *err)
{
    return loader_table_row(ctx, values, err);
}

static vg_code load_figure_file(struct load *l, struct row_source *rows, struct feature_file *file, vg_err *err)
{
    const struct feature_table_schema *schema = &feature_tables[file->table];
    const struct feature_files one = {.files = file, .n = 1};
    vg_buf sql = {0};
    VG_TRY(feature_files_need(&l->lake, &one, file->table, err));
    vg_buf_adds(&sql, "SELECT * FROM ");
    feature_files_sql(&l->lake, &one, file->table, &sql);
    struct row_question question = {
        .sql = sql.data, .columns = schema->columns, .column_count = schema->column_count, .deadline_ns = INT64_MAX};
    vg_code rc = loader_table_begin(l->loader, file, err);
    if (!rc) rc = row_source_ask(rows, &question, take_row, l->loader, err);
    if (!rc) rc = loader_table_end(l->loader, err);
    vg_buf_release(&sql);
    l->report->figure_files++;
    l->report->figure_rows += file->rows;
    return rc;
}

static bool has_figure_file(const struct load *l, unsigned table, int32_t day)
{
    for (size_t i = 0; i < l->files.n; i++)
        if (l->files.files[i].table == table && l->files.files[i].day == day) return true;
    return false;
}

/* Days, or whole tables, that the lake's figures have no more. */
static vg_code remove_figures(struct load *l, vg_err *err)
{
    size_t n;
    const struct loaded_file *files = loader_files(l->loader, &n);
    for (size_t i = 0; i < n; i++)
        if (files[i].table < FEATURE_TABLES && !has_figure_file(l, files[i].table, files[i].day))
            VG_TRY(loader_table_remove(l->loader, files[i].table, files[i].day, err));
    return VG_OK;
}

static struct store_coverage coverage_of(const struct load *l)
{
    struct lake_coverage c;
    lake_coverage(&l->lake, &l->files, &c);
    return (struct store_coverage){
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

/* Files that changed, then what all of them rest on: also when only fills are new, since that may complete them. */
static vg_code load_figures(struct load *l, vg_err *err)
{
    struct row_source *rows = NULL;
    vg_code rc = row_source_new(&rows, &l->lake, err);
    if (!rc) rc = loader_figures_begin(l->loader, err);
    if (!rc) rc = remove_figures(l, err);
    for (size_t i = 0; i < l->files.n && !rc; i++) {
        struct feature_file *f = &l->files.files[i];
        if (f->table != FEATURE_TABLES && !find_loaded(l, f->path, f->sha256)) rc = load_figure_file(l, rows, f, err);
    }
    if (!rc && l->report->has_figures) {
        struct store_coverage coverage = coverage_of(l);
        struct day_hours *days;
        size_t n = lake_coverage_days(&l->lake, &l->files, &days);
        rc = loader_figures_publish(l->loader, &coverage, days, n, err);
        free(days);
    } else if (!rc) {
        rc = loader_figures_publish(l->loader, NULL, NULL, 0, err);
    }
    row_source_free(rows);
    return rc;
}

/* The whole. */

static vg_code run(struct load *l, vg_err *err)
{
    struct load_report *r = l->report;
    unsigned jobs = l->options->jobs ? l->options->jobs : vg_processors();
    if (!l->options->jobs && jobs > JOBS_MOST) jobs = JOBS_MOST;
    VG_TRY(feature_files_load(&l->lake, &l->files, err));
    manifest_live_parts(&l->lake.manifest, TABLE_FILLS, l->options->from == VG_NO_DATE ? INT32_MIN : l->options->from,
                        l->options->to == VG_NO_DATE ? INT32_MAX : l->options->to, &l->parts);
    VG_TRY(loader_open(&l->loader, l->options->url, jobs, err));
    r->database = vg_strdup(loader_name(l->loader));
    r->timescale = loader_has_timescale(l->loader);
    r->pruned = l->options->prune;
    r->has_figures = l->files.generation != 0;
    r->figures_are_behind = r->has_figures && coverage_of(l).fills < coverage_of(l).fills_in_lake;
    VG_TRY(load_fills(l, err));
    vg_code rc = VG_OK;
    bool is_other = r->has_figures && coverage_of(l).version != loader_lake_version(l->loader);
    if (figures_are_new(l) || is_other || r->day_count) TIMED(&r->figures_s, load_figures(l, err));
    TIMED(&r->index_s, loader_finish(l->loader, err));
    return rc;
}

vg_code load_run(const struct load_options *options, struct load_report *report, vg_err *err)
{
    struct load l = {.options = options, .report = report};
    int64_t start = vg_clock_ns();
    *report = (struct load_report){0};
    VG_TRY(lake_open(&l.lake, options->lake, LAKE_READ, err));
    vg_code rc = run(&l, err);
    loader_close(l.loader);
    part_list_release(&l.parts);
    feature_files_release(&l.files);
    lake_close(&l.lake);
    report->seconds = seconds_since(start);
    return rc;
}

bool load_url_has_password(const char *url) { return loader_url_has_password(url); }

void load_report_release(struct load_report *report)
{
    free(report->database);
    free(report->days);
    *report = (struct load_report){0};
}
