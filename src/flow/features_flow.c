#include "flow/features_flow.h"

#include "analyze/features.h"
#include "base/clock.h"
#include "flow/fill_feed.h"
#include "lake/feature_files.h"

#define CHECKPOINT_DAYS 2 /* of the last days, the beginnings are kept too: late hours come late */

#define EPISODES_MOST 1000000 /* in memory: 200 bytes each */

struct run {
    const struct features_options *options;
    struct features_report *report;
    struct lake lake;
    struct fill_feed feed;
    struct feature_files old, now;
    struct features *features;
    struct feature_writer *writer;
    int32_t open_day; /* VG_NO_DATE: none */
    int32_t checkpoint_days[CHECKPOINT_DAYS];
};

/* Where to begin. */

static size_t common_inputs(const struct run *r)
{
    size_t n = 0;
    while (n < r->feed.parts.n && n < r->old.inputs.n &&
           strcmp(r->feed.parts.items[n].path, r->old.inputs.items[n].path) == 0 &&
           strcmp(r->feed.parts.items[n].sha256, r->old.inputs.items[n].sha256) == 0)
        n++;
    return n;
}

static bool same_question(const struct run *r)
{
    const struct features_options *o = r->options;
    return !o->full && r->old.generation > 0 && r->old.from == o->from && r->old.shard == o->shard &&
           r->old.shards == o->shards;
}

/* A checkpoint is good when all that went into it is still so, and it ends where a group does. */
static bool is_usable(const struct run *r, const struct feature_file *f, size_t common)
{
    return f->table == FEATURE_TABLES && f->inputs <= common && f->prices <= common && f->prices >= f->inputs &&
           (f->inputs == r->feed.parts.n || fill_feed_group_at(&r->feed, f->inputs) < r->feed.group_count) &&
           (f->prices == r->feed.parts.n || fill_feed_group_at(&r->feed, f->prices) < r->feed.group_count);
}

static const struct feature_file *best_checkpoint(const struct run *r, size_t common)
{
    const struct feature_file *best = NULL;
    for (size_t i = 0; i < r->old.n; i++) {
        const struct feature_file *f = &r->old.files[i];
        if (is_usable(r, f, common) && (!best || f->inputs >= best->inputs)) best = f;
    }
    return best;
}

static vg_code load_features(void *ctx, struct state_reader *in, vg_err *err) { return features_load(ctx, in, err); }
static vg_code save_features(void *ctx, const struct state_writer *out, vg_err *err)
{
    return features_save(ctx, out, err);
}

static void start_anew(struct run *r)
{
    features_free(r->features);
    r->features = features_new(r->options->shard, r->options->shards);
    r->feed.next_group = r->feed.next_prices = 0;
    r->open_day = VG_NO_DATE;
}

static void keep(struct run *r, const struct feature_file *file)
{
    struct feature_file copy = *file;
    copy.path = vg_strdup(file->path);
    if (feature_table_labels(file->table)) copy.inputs = 0;
    feature_files_add(&r->now, &copy);
}

/* Loads the latest state that still holds, and keeps the files of the days before it. */
static void resume(struct run *r, const struct feature_file *state, size_t common)
{
    vg_err ignored;
    start_anew(r);
    if (!state) return;
    if (feature_state_read(&r->lake, state, load_features, r->features, &ignored)) {
        start_anew(r); /* of an older version, or damaged: it costs time only */
        return;
    }
    r->feed.next_group = fill_feed_group_at(&r->feed, state->inputs);
    r->feed.next_prices = fill_feed_group_at(&r->feed, state->prices);
    r->open_day = state->day;
    int32_t first = state->day != VG_NO_DATE                   ? state->day
                    : r->feed.next_group < r->feed.group_count ? r->feed.groups[r->feed.next_group].day
                                                               : INT32_MAX;
    r->report->resumed_at = first;
    for (size_t i = 0; i < r->old.n; i++) {
        const struct feature_file *f = &r->old.files[i];
        bool is_state = f->table == FEATURE_TABLES;
        if (is_state                     ? is_usable(r, f, common) && f->inputs < state->inputs
            : f->table == TABLE_EPISODES ? f->inputs <= state->inputs
                                         : feature_tables[f->table].by_day && f->day < first)
            keep(r, f);
    }
}

/* Only the newest of the checkpoints that were kept; the run adds its own. */
static void drop_old_checkpoints(struct run *r)
{
    size_t states = 0, kept = 0;
    for (size_t i = 0; i < r->now.n; i++)
        states += r->now.files[i].table == FEATURE_TABLES;
    for (size_t i = 0; i < r->now.n; i++) {
        bool old = r->now.files[i].table == FEATURE_TABLES && states-- > CHECKPOINT_DAYS + 1;
        if (old)
            free(r->now.files[i].path);
        else
            r->now.files[kept++] = r->now.files[i];
    }
    r->now.n = kept;
}

static vg_code take_row(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err)
{
    struct run *r = ctx;
    r->report->traders += table == TABLE_TRADERS;
    r->report->positions += table == TABLE_POSITIONS;
    r->report->episodes += table == TABLE_EPISODES;
    return feature_writer_row(r->writer, table, values, err);
}

/* Everything that has rows, as what the parts so far gave. */
static vg_code finish_files(struct run *r, vg_err *err)
{
    size_t before = r->now.n;
    VG_TRY(feature_writer_finish(r->writer, r->open_day, &r->now, err));
    for (size_t i = before; i < r->now.n; i++)
        r->now.files[i].inputs = fill_feed_part_of(&r->feed, r->feed.next_group);
    return VG_OK;
}

/* Episodes are written out before, so that the state need not hold them. */
static vg_code save_state(struct run *r, vg_err *err)
{
    struct feature_sink sink = {r, take_row};
    VG_TRY(features_flush_episodes(r->features, &sink, err));
    VG_TRY(finish_files(r, err));
    struct feature_file file = {.table = FEATURE_TABLES, .day = r->open_day};
    file.inputs = fill_feed_part_of(&r->feed, r->feed.next_group);
    file.prices = fill_feed_part_of(&r->feed, r->feed.next_prices);
    vg_buf path = {0};
    vg_buf_addf(&path, "features/state/part-%llu-%llu.state", (unsigned long long)r->now.generation,
                (unsigned long long)file.inputs);
    file.path = path.data;
    vg_code rc = feature_state_write(&r->lake, &file, save_features, r->features, err);
    if (rc)
        free(file.path);
    else
        feature_files_add(&r->now, &file);
    return rc;
}

/* Days with very many episodes are written in several runs, each ordered by trader. */
static vg_code bound_episodes(struct run *r, vg_err *err)
{
    struct feature_sink sink = {r, take_row};
    if (features_episodes_waiting(r->features) < EPISODES_MOST) return VG_OK;
    VG_TRY(features_flush_episodes(r->features, &sink, err));
    return feature_writer_restart(r->writer, TABLE_EPISODES, err);
}

static vg_code close_day(struct run *r, bool last, vg_err *err)
{
    struct feature_sink sink = {r, take_row};
    if (r->open_day != VG_NO_DATE) VG_TRY(features_close_day(r->features, r->open_day, &sink, err));
    if (last) {
        VG_TRY(feature_writer_begin(r->writer, TABLE_TRADERS, err));
        VG_TRY(feature_writer_begin(r->writer, TABLE_POSITIONS, err));
        VG_TRY(feature_writer_begin(r->writer, TABLE_TRADER_COINS, err));
        VG_TRY(features_print(r->features, &sink, err));
    }
    VG_TRY(finish_files(r, err));
    r->report->days_written += r->open_day != VG_NO_DATE;
    r->open_day = VG_NO_DATE;
    return VG_OK;
}

static bool wants_checkpoint(const struct run *r, int32_t day)
{
    for (size_t i = 0; i < CHECKPOINT_DAYS; i++)
        if (r->checkpoint_days[i] == day) return true;
    return false;
}

static vg_code open_day(struct run *r, int32_t day, vg_err *err)
{
    if (r->open_day == day) return VG_OK;
    if (r->open_day != VG_NO_DATE) {
        VG_TRY(close_day(r, false, err));
        if (wants_checkpoint(r, day)) VG_TRY(save_state(r, err));
    }
    r->open_day = day;
    return VG_OK;
}

static vg_code compute(struct run *r, vg_err *err)
{
    while (r->feed.next_group < r->feed.group_count) {
        const struct fill_group *g = &r->feed.groups[r->feed.next_group];
        VG_TRY(open_day(r, g->day, err));
        VG_TRY(fill_feed_next(&r->feed, r->features, err));
        VG_TRY(bound_episodes(r, err));
        r->report->fills_read += g->rows;
    }
    VG_TRY(save_state(r, err));
    return close_day(r, true, err);
}

static void plan(struct run *r)
{
    const struct features_options *o = r->options;
    r->now = (struct feature_files){.generation = r->old.generation + 1,
                                    .from = o->from,
                                    .to = o->to,
                                    .shard = o->shard,
                                    .shards = o->shards,
                                    .first_time_ns = r->feed.groups[0].first_ns,
                                    .last_time_ns = r->feed.groups[r->feed.group_count - 1].last_ns};
    for (size_t i = 0; i < r->feed.parts.n; i++) {
        part_list_add(&r->now.inputs, &r->feed.parts.items[i]);
        r->now.fills += r->feed.parts.items[i].rows;
    }
    size_t known = 0;
    for (size_t i = 0; i < CHECKPOINT_DAYS; i++)
        r->checkpoint_days[i] = VG_NO_DATE;
    for (size_t i = r->feed.group_count; i > 0 && known < CHECKPOINT_DAYS; i--)
        if (known == 0 || r->checkpoint_days[known - 1] != r->feed.groups[i - 1].day)
            r->checkpoint_days[known++] = r->feed.groups[i - 1].day;
    for (size_t i = 0; i < r->feed.group_count; i++)
        r->report->days += i == 0 || r->feed.groups[i].day != r->feed.groups[i - 1].day;
}

static vg_code run_over(struct run *r, vg_err *err)
{
    const struct features_options *o = r->options;
    fill_feed_open(&r->feed, &r->lake, o->from, o->to);
    r->feed.progress = o->progress;
    if (r->feed.parts.n == 0) return vg_fail(err, VG_ESTATE, "%s: no fills in these days", o->lake);
    vg_code loaded = feature_files_load_to_rewrite(&r->lake, &r->old, err);
    if (loaded && !o->full) return loaded;
    plan(r);
    r->report->fills = r->now.fills;
    r->report->first_time_ns = r->now.first_time_ns;
    r->report->last_time_ns = r->now.last_time_ns;
    size_t common = same_question(r) ? common_inputs(r) : 0;
    if (common == r->feed.parts.n && common == r->old.inputs.n && r->old.to == o->to) {
        r->report->up_to_date = true;
        return VG_OK;
    }
    resume(r, best_checkpoint(r, common), common);
    for (size_t i = 0; i < r->old.n; i++) /* labels say themselves what they rest on */
        if (feature_table_labels(r->old.files[i].table)) keep(r, &r->old.files[i]);
    drop_old_checkpoints(r);
    if (o->progress) o->progress->total = r->now.fills;
    for (size_t i = 0; i < r->feed.next_group; i++)
        vg_progress_add(o->progress, r->feed.groups[i].rows, 0);
    r->writer = feature_writer_new(&r->lake, r->now.generation);
    VG_TRY(compute(r, err));
    return feature_files_commit(&r->lake, &r->now, err);
}

vg_code features_run(const struct features_options *options, struct features_report *report, vg_err *err)
{
    struct run r = {.options = options, .report = report, .lake = {.lock = -1}};
    int64_t started = vg_clock_ns();
    *report = (struct features_report){.resumed_at = VG_NO_DATE};
    VG_TRY(lake_open(&r.lake, options->lake, LAKE_WRITE, err));
    vg_code rc = run_over(&r, err);
    feature_writer_free(r.writer);
    features_free(r.features);
    feature_files_release(&r.old);
    feature_files_release(&r.now);
    fill_feed_close(&r.feed);
    lake_close(&r.lake);
    report->seconds = (double)(vg_clock_ns() - started) / 1e9;
    return rc;
}
