#include "flow/cluster_flow.h"

#include <math.h>
#include <unistd.h>

#include "analyze/agreement.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/number.h"
#include "base/pool.h"
#include "flow/cluster_profiles.h"
#include "flow/cluster_summary.h"
#include "flow/profile_flow.h"
#include "lake/coverage.h"
#include "lake/feature_files.h"
#include "lake/query.h"

#define MODEL_PATH "features/cluster_model.json" /* lakes in buckets pull what is right there */
#define SUMMARY_PATH "outputs/cluster_summary.json"
#define MODEL_MAX_BYTES (1u << 20)
#define NO_CLUSTER UINT32_MAX

struct person {
    const char *address;
    const char *left_out;    /* why; NULL: he takes part */
    uint32_t before;         /* id of his cluster in the table before, or NO_CLUSTER */
    struct umap_place place; /* on the map before; NAN */
};

struct run {
    const struct cluster_run_options *options;
    struct cluster_report *report;
    struct lake lake;
    struct feature_files files;
    struct feature_writer *writer;
    struct arena addresses;
    struct person *people;
    struct trader_figures *figures; /* of those who take part, in the same order */
    size_t people_count, people_capacity, figure_count, figure_capacity;
};

/* --- who is there --- */

#define FIGURE_COLUMN(name) ", t." #name
static const char question[] = "SELECT t.user_address, c.cluster_id, c.map_x, c.map_y" TRADER_FIGURES(
    FIGURE_COLUMN) " FROM traders t LEFT JOIN clusters c ON c.user_address = t.user_address ORDER BY t.user_address";

static void add_person(struct run *r, const struct query *query)
{
    struct trader_figures f;
    size_t column = 4;
    uint64_t before;
    vg_slice address = query_value(query, 0);
#define READ_FIGURE(name) f.name = number_parse(query_value(query, column++));
    TRADER_FIGURES(READ_FIGURE)
    if (r->people_count == r->people_capacity) {
        r->people_capacity = r->people_capacity ? 2 * r->people_capacity : 1024;
        r->people = vg_realloc(r->people, r->people_capacity * sizeof *r->people);
    }
    char *text = arena_alloc(&r->addresses, address.n + 1);
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';
    bool known = number_count(query_value(query, 1), &before) && before < NO_CLUSTER;
    const char *left_out = cluster_left_out(address, &f);
    r->people[r->people_count++] =
        (struct person){text,
                        left_out,
                        known ? (uint32_t)before : NO_CLUSTER,
                        {(float)number_parse(query_value(query, 2)), (float)number_parse(query_value(query, 3))}};
    if (left_out) return;
    if (r->figure_count == r->figure_capacity) {
        r->figure_capacity = r->figure_capacity ? 2 * r->figure_capacity : 1024;
        r->figures = vg_realloc(r->figures, r->figure_capacity * sizeof *r->figures);
    }
    r->figures[r->figure_count++] = f;
}

static vg_code read_people(struct run *r, vg_err *err)
{
    struct query *query;
    bool more = true;
    VG_TRY(query_new(&query, &r->lake, question, 1, err));
    vg_code rc = VG_OK;
    while (!rc && more) {
        rc = query_next(query, &more, err);
        if (!rc && more) add_person(r, query);
    }
    query_free(query);
    r->report->traders = r->people_count;
    return rc;
}

/* --- models --- */

static vg_code read_model(const char *path, struct cluster_model *model, vg_err *err)
{
    vg_buf text = {0};
    vg_code rc = file_read_all(path, MODEL_MAX_BYTES, &text, err);
    if (!rc) rc = cluster_model_parse(path, vg_buf_view(&text), model, err);
    vg_buf_release(&text);
    return rc;
}

/* The model of the last run, if there is one that is to be followed. */
static vg_code read_previous(struct run *r, struct cluster_model *model, bool *found, vg_err *err)
{
    vg_err problem;
    char *path = lake_path(&r->lake, MODEL_PATH);
    *found = !r->options->fresh && access(path, F_OK) == 0;
    vg_code rc = *found ? read_model(path, model, &problem) : VG_OK;
    if (rc) rc = vg_fail(err, rc, "%.900s (--fresh goes on without it)", problem.msg);
    free(path);
    return rc;
}

static bool clusters_are_behind(const struct run *r)
{
    for (size_t i = 0; i < r->files.n; i++)
        if (r->files.files[i].table == TABLE_CLUSTERS) return r->files.files[i].inputs == 0;
    return false;
}

/* Whether the table is of the model with this identity. */
static bool is_table_of(const struct cluster_fit_facts *table, const struct cluster_model *model, const char *identity)
{
    if (table->n && table->model_id[0]) return strcmp(table->model_id, identity) == 0;
    return table->n && table->model_as_of_us == model->as_of_ns / 1000;
}

/* By the lake's own model, if the table is of that model. */
static vg_code refresh(struct run *r, struct cluster_model *model, vg_err *err)
{
    struct cluster_report *report = r->report;
    char *path = lake_path(&r->lake, MODEL_PATH);
    report->skipped = access(path, F_OK) != 0;
    vg_code rc = report->skipped ? VG_OK : read_model(path, model, err);
    free(path);
    if (rc || report->skipped) return rc;
    VG_TRY(cluster_fit_facts_read(&r->lake, &report->fit, err));
    cluster_model_identity(model, report->model_id);
    report->skipped = !is_table_of(&report->fit, model, report->model_id);
    if (report->skipped) return VG_OK;
    cluster_place(r->figures, r->figure_count, model, r->options->cluster.threads, &report->clustering);
    report->frozen = true;
    return VG_OK;
}

static vg_code group(struct run *r, vg_err *err)
{
    struct cluster_model *model = vg_calloc(1, sizeof *model);
    struct cluster_options options = r->options->cluster;
    bool found = false;
    vg_code rc;
    options.as_of_ns = r->files.last_time_ns;
    if (r->options->refresh) {
        rc = refresh(r, model, err);
    } else if (r->options->model) {
        rc = read_model(r->options->model, model, err);
        if (!rc) cluster_model_identity(model, r->report->model_id);
        if (!rc) cluster_place(r->figures, r->figure_count, model, options.threads, &r->report->clustering);
        r->report->frozen = true;
    } else {
        rc = read_previous(r, model, &found, err);
        if (!rc)
            rc = cluster_fit(r->figures, r->figure_count, &options, found ? model : NULL, &r->report->clustering, err);
        if (!rc) cluster_model_identity(&r->report->clustering.model, r->report->model_id);
    }
    free(model);
    return rc;
}

/* --- typical members --- */

static vg_code find_typical(struct run *r, vg_err *err)
{
    const struct clustering *c = &r->report->clustering;
    const char **addresses = vg_alloc((c->n + 1) * sizeof *addresses);
    size_t n = 0;
    for (size_t i = 0; i < r->people_count; i++)
        if (!r->people[i].left_out) addresses[n++] = r->people[i].address;
    r->report->typical = vg_calloc(c->model.centres.k + 1, sizeof *r->report->typical);
    cluster_typical_find(c, r->report->typical);
    struct day_hours *days;
    size_t day_count = lake_coverage_days(&r->lake, &r->files, &days);
    vg_code rc =
        cluster_typical_read(&r->lake, addresses, c->model.centres.k, days, day_count, r->report->typical, err);
    free(days);
    free(addresses);
    return rc;
}

/* --- the map --- */

/* Begins where the last map had its traders, unless all is to be fresh. */
static void draw_map(struct run *r)
{
    struct cluster_report *report = r->report;
    const struct clustering *c = &report->clustering;
    struct umap_place *before = vg_alloc((c->n + 1) * sizeof *before);
    bool keep = r->options->keep_map || r->options->refresh;
    const struct umap_options options = {before, keep, c->model.seed, r->options->cluster.threads};
    size_t n = 0;
    for (size_t i = 0; i < r->people_count; i++) {
        if (r->people[i].left_out) continue;
        before[n] = r->options->fresh ? (struct umap_place){NAN, NAN} : r->people[i].place;
        if (isfinite(before[n++].x)) report->places_known++;
    }
    if (r->options->refresh && report->places_known == 0) { /* there was no map */
        free(before);
        return;
    }
    report->places = vg_alloc((c->n + 1) * sizeof *report->places);
    umap_lay_out(c->points, c->n, c->model.centres.d, &options, report->places);
    report->map_quality =
        map_quality_of(c->points, c->n, c->model.centres.d, report->places, r->options->cluster.threads);
    free(before);
}

/* --- against the table before --- */

/* A small number for each id; AGREEMENT_LABELS_MAX when there are too many. */
static uint32_t label_of(uint32_t id, uint32_t *ids, unsigned *count)
{
    for (unsigned i = 0; i < *count; i++)
        if (ids[i] == id) return i;
    if (*count == AGREEMENT_LABELS_MAX) return AGREEMENT_LABELS_MAX;
    ids[*count] = id;
    return (*count)++;
}

static void compare(struct run *r)
{
    struct cluster_report *report = r->report;
    uint32_t *before = vg_alloc((r->figure_count + 1) * sizeof *before), ids[AGREEMENT_LABELS_MAX];
    uint32_t *now = vg_alloc((r->figure_count + 1) * sizeof *now);
    unsigned ids_count = 0;
    size_t n = 0, figure = 0;
    for (size_t i = 0; i < r->people_count; i++) {
        if (r->people[i].left_out) continue;
        uint32_t label = report->clustering.labels[figure++];
        if (r->people[i].before == NO_CLUSTER) continue;
        before[n] = label_of(r->people[i].before, ids, &ids_count);
        if (before[n] == AGREEMENT_LABELS_MAX) continue;
        now[n++] = label;
    }
    report->compared = n;
    report->agreement_rand = report->agreement_information = (double)NAN;
    if (n) {
        struct agreement *agreement = vg_alloc(sizeof *agreement);
        agreement_count(agreement, before, ids_count, now, report->clustering.model.centres.k, n);
        report->agreement_rand = agreement_rand(agreement);
        report->agreement_information = agreement_information(agreement);
        free(agreement);
    }
    free(before);
    free(now);
}

/* --- what is written --- */

static vg_code write_person(struct run *r, const struct person *person, size_t figure, vg_err *err)
{
    const struct clustering *c = &r->report->clustering;
    struct feature_value values[CLUSTER_MEMBER_COLUMN_COUNT] = {
        [CLUSTER_MEMBER_USER_ADDRESS] = feature_text(vg_slice_of(person->address)),
        [CLUSTER_MEMBER_CLUSTER_ID] = feature_null(),
        [CLUSTER_MEMBER_CLUSTER_NAME] = feature_text(VG_SLICE("unclassified")),
        [CLUSTER_MEMBER_REASON] = feature_null(),
        [CLUSTER_MEMBER_DISTANCE] = feature_null(),
        [CLUSTER_MEMBER_ARCHETYPE] = feature_null(),
        [CLUSTER_MEMBER_ARCHETYPE_SCORE] = feature_null(),
        [CLUSTER_MEMBER_NEXT_CLUSTER_ID] = feature_null(),
        [CLUSTER_MEMBER_NEXT_DISTANCE] = feature_null(),
        [CLUSTER_MEMBER_MAP_X] = feature_null(),
        [CLUSTER_MEMBER_MAP_Y] = feature_null(),
        [CLUSTER_MEMBER_SCALING] = feature_text(vg_slice_of(cluster_scaling_name(c->model.scaling))),
        [CLUSTER_MEMBER_MODEL_AS_OF] = feature_int(c->model.as_of_ns / 1000),
        [CLUSTER_MEMBER_AS_OF] = feature_int(r->files.last_time_ns / 1000),
    };
    if (person->left_out) {
        values[CLUSTER_MEMBER_REASON] = feature_text(vg_slice_of(person->left_out));
    } else {
        const struct cluster_identity *cluster = &c->model.clusters[c->labels[figure]];
        struct cluster_nearness near = cluster_nearness_of(c, figure);
        values[CLUSTER_MEMBER_CLUSTER_ID] = feature_int(cluster->id);
        values[CLUSTER_MEMBER_CLUSTER_NAME] = feature_text(vg_slice_of(cluster->name));
        values[CLUSTER_MEMBER_DISTANCE] = feature_number(near.own);
        values[CLUSTER_MEMBER_NEXT_DISTANCE] = feature_number(near.next);
        if (c->model.centres.k > 1)
            values[CLUSTER_MEMBER_NEXT_CLUSTER_ID] = feature_int(c->model.clusters[near.next_cluster].id);
    }
    if (!person->left_out) {
        values[CLUSTER_MEMBER_ARCHETYPE] = feature_text(vg_slice_of(trader_archetype_name(c->own[figure].archetype)));
        values[CLUSTER_MEMBER_ARCHETYPE_SCORE] = feature_number((double)c->own[figure].score);
    }
    if (!person->left_out && r->report->places) {
        values[CLUSTER_MEMBER_MAP_X] = feature_number((double)r->report->places[figure].x);
        values[CLUSTER_MEMBER_MAP_Y] = feature_number((double)r->report->places[figure].y);
    }
    return feature_writer_row(r->writer, TABLE_CLUSTERS, values, err);
}

static vg_code write_tables(struct run *r, vg_err *err)
{
    r->files.generation++;
    r->writer = feature_writer_new(&r->lake, r->files.generation);
    VG_TRY(feature_writer_begin(r->writer, TABLE_CLUSTERS, err));
    VG_TRY(feature_writer_begin(r->writer, TABLE_CLUSTER_PROFILES, err));
    VG_TRY(cluster_profiles_write(r->report, r->writer, err));
    for (size_t i = 0, figure = 0; i < r->people_count; i++) {
        VG_TRY(write_person(r, &r->people[i], figure, err));
        figure += !r->people[i].left_out;
    }
    feature_files_drop(&r->files, TABLE_CLUSTERS);
    feature_files_drop(&r->files, TABLE_CLUSTER_PROFILES);
    size_t kept = r->files.n;
    VG_TRY(feature_writer_finish(r->writer, VG_NO_DATE, &r->files, err));
    for (size_t i = kept; i < r->files.n; i++)
        r->files.files[i].inputs = r->files.inputs.n;
    return feature_files_commit(&r->lake, &r->files, err);
}

/* A frozen model is somebody's file already: the lake keeps the one that was fitted on it. */
static vg_code write_outputs(struct run *r, vg_err *err)
{
    vg_buf model = {0}, summary = {0};
    char *path = lake_path(&r->lake, SUMMARY_PATH);
    cluster_model_print(&r->report->clustering.model, &model);
    cluster_summary_print(r->report, &summary);
    vg_code rc = file_make_parent(path, err);
    if (!rc && !r->report->frozen) rc = lake_write_record(&r->lake, MODEL_PATH, &model, err);
    if (!rc) rc = lake_write_record(&r->lake, SUMMARY_PATH, &summary, err);
    free(path);
    vg_buf_release(&model);
    vg_buf_release(&summary);
    return rc;
}

static vg_code run_over(struct run *r, vg_err *err)
{
    VG_TRY(feature_files_load(&r->lake, &r->files, err));
    if (r->files.generation == 0) return features_missing(r->lake.name, err);
    r->report->skipped = r->options->refresh && !clusters_are_behind(r);
    if (r->report->skipped) return VG_OK;
    r->report->first_time_ns = r->files.first_time_ns;
    r->report->last_time_ns = r->files.last_time_ns;
    VG_TRY(read_people(r, err));
    VG_TRY(group(r, err));
    if (r->report->skipped) return VG_OK;
    compare(r);
    VG_TRY(find_typical(r, err));
    if (!r->options->no_map) draw_map(r);
    if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped before anything was written");
    VG_TRY(write_tables(r, err));
    return r->options->refresh ? VG_OK : write_outputs(r, err);
}

#define SHARE_CHANGED 1.5

bool cluster_report_has_changed(const struct cluster_report *report)
{
    const struct clustering *c = &report->clustering;
    for (unsigned k = 0; k < c->model.centres.k && c->n; k++) {
        double ratio = (double)c->model.centres.sizes[k] / (double)c->n / c->model.clusters[k].share;
        if (ratio > SHARE_CHANGED || ratio < 1 / SHARE_CHANGED) return true;
    }
    return false;
}

vg_code cluster_run(const struct cluster_run_options *options, struct cluster_report *report, vg_err *err)
{
    static const struct cluster_report nothing;
    struct run r = {.options = options, .report = report};
    *report = nothing;
    VG_TRY(lake_open(&r.lake, options->lake, LAKE_WRITE, err));
    vg_code rc = run_over(&r, err);
    feature_writer_free(r.writer);
    feature_files_release(&r.files);
    arena_release(&r.addresses);
    free(r.people);
    free(r.figures);
    lake_close(&r.lake);
    return rc;
}

void cluster_report_release(struct cluster_report *report)
{
    clustering_release(&report->clustering);
    free(report->places);
    free(report->typical);
    cluster_fit_facts_release(&report->fit);
    report->places = NULL;
    report->typical = NULL;
}
