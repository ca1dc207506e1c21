#include "analyze/cluster_model.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/map.h"
#include "base/number.h"
#include "base/pool.h"

#define MODEL_VERSION 1

/* --- application --- */

#define ROWS_PER_TASK 4096

struct projection {
    const struct cluster_model *model;
    const struct trader_figures *figures;
    size_t n;
    float *points;
};

static void project_rows(void *ctx, unsigned worker, size_t task)
{
    const struct projection *p = ctx;
    const struct cluster_model *m = p->model;
    size_t end = (task + 1) * ROWS_PER_TASK;
    (void)worker;
    for (size_t i = task * ROWS_PER_TASK; i < end && i < p->n; i++) {
        double row[CLUSTER_COLUMNS_MAX];
        cluster_columns_of(m->scaling, &p->figures[i], m->mean_win_rate, row);
        standardise_row(m->scales, m->columns, row);
        pca_project(&m->pca, row, m->centres.d, p->points + i * m->centres.d);
    }
}

void cluster_model_project(const struct cluster_model *model, const struct trader_figures *figures, size_t n,
                           unsigned threads, float *points)
{
    struct projection p = {model, figures, n, points};
    vg_pool_run(threads, (n + ROWS_PER_TASK - 1) / ROWS_PER_TASK, project_rows, &p);
}

/* --- JSON --- */

static void print_numbers(const char *key, const double *values, size_t n, vg_buf *out)
{
    vg_buf_addf(out, "%s%s%s[", key ? "\"" : "", key ? key : "", key ? "\": " : "");
    for (size_t i = 0; i < n; i++)
        vg_buf_addf(out, "%s%.17g", i ? ", " : "", values[i]);
    vg_buf_addc(out, ']');
}

static void print_columns(const struct cluster_model *m, vg_buf *out)
{
    vg_buf_adds(out, "  \"columns\": [");
    for (unsigned j = 0; j < m->columns; j++) {
        const struct column_scale *s = &m->scales[j];
        vg_buf_addf(out,
                    "%s\n    {\"name\": \"%s\", \"empty\": %s, \"median\": %.17g, \"low\": %.17g, \"high\": %.17g, "
                    "\"mean\": %.17g, \"deviation\": %.17g, \"centre\": %.17g}",
                    j ? "," : "", cluster_column_name(m->scaling, j), s->empty ? "true" : "false", s->median, s->low,
                    s->high, s->mean, s->deviation, m->pca.mean[j]);
    }
    vg_buf_adds(out, "],\n");
}

static void print_clusters(const struct cluster_model *m, vg_buf *out)
{
    vg_buf_adds(out, "  \"clusters\": [");
    for (unsigned c = 0; c < m->centres.k; c++) {
        vg_buf_addf(out, "%s\n    {\"id\": %u, \"name\": ", c ? "," : "", m->clusters[c].id);
        json_add_string(out, vg_slice_of(m->clusters[c].name));
        vg_buf_addf(out, ", \"size\": %llu, \"share\": %.17g, \"radius\": %.17g, ",
                    (unsigned long long)m->centres.sizes[c], m->clusters[c].share, m->clusters[c].radius);
        print_numbers("centre", m->centres.centres[c], m->centres.d, out);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]\n");
}

void cluster_model_print(const struct cluster_model *m, vg_buf *out)
{
    vg_buf_addf(out, "{\n  \"version\": %d, \"scaling\": \"%s\", \"seed\": %llu, \"traders\": %llu,\n", MODEL_VERSION,
                cluster_scaling_name(m->scaling), (unsigned long long)m->seed, (unsigned long long)m->traders);
    vg_buf_addf(out, "  \"as_of_ns\": %lld, \"mean_win_rate\": %.17g, \"next_id\": %u, \"inertia\": %.17g,\n",
                (long long)m->as_of_ns, m->mean_win_rate, m->next_id, m->centres.inertia);
    print_columns(m, out);
    vg_buf_adds(out, "  ");
    print_numbers("variance", m->pca.variance, m->pca.d, out);
    vg_buf_adds(out, ",\n  \"axes\": [");
    for (unsigned i = 0; i < m->centres.d; i++) {
        vg_buf_adds(out, i ? ",\n    " : "\n    ");
        print_numbers(NULL, m->pca.axes[i], m->pca.d, out);
    }
    vg_buf_adds(out, "],\n");
    print_clusters(m, out);
    vg_buf_adds(out, "}\n");
}

void cluster_model_identity(const struct cluster_model *model, char identity[CLUSTER_MODEL_IDENTITY_TEXT])
{
    vg_buf text = {0};
    uint64_t hash = 1;
    cluster_model_print(model, &text);
    for (size_t i = 0; i < text.len; i++)
        hash = hash_mix64(hash ^ (unsigned char)text.data[i]);
    snprintf(identity, CLUSTER_MODEL_IDENTITY_TEXT, "%016llx", (unsigned long long)hash);
    vg_buf_release(&text);
}

static bool read_number(struct json_reader *r, double *value)
{
    vg_slice raw;
    if (!json_skip(r, &raw)) return false;
    *value = number_parse(raw);
    return isfinite(*value);
}

/* An array of exactly `n` numbers, or of at most `n` where `count` is to be told. */
static bool read_numbers(struct json_reader *r, double *values, size_t n, size_t *count)
{
    size_t i = 0;
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r))
        ok = i < n && read_number(r, &values[i++]);
    if (count) *count = i;
    return ok && !r->error && (count || i == n);
}

static bool read_uint32(struct json_reader *r, uint32_t *value)
{
    uint64_t count;
    if (!json_count(r, &count) || count > UINT32_MAX) return false;
    *value = (uint32_t)count;
    return true;
}

static bool read_column(struct json_reader *r, struct cluster_model *m)
{
    vg_slice key, raw;
    bool escaped, ok = m->columns < cluster_column_count(m->scaling) && json_enter(r, '{');
    struct column_scale *s = &m->scales[m->columns];
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "name"))
            ok = json_text(r, &raw, &escaped) && vg_slice_is(raw, cluster_column_name(m->scaling, m->columns));
        else if (vg_slice_is(key, "empty"))
            ok = json_bool(r, &s->empty);
        else if (vg_slice_is(key, "median"))
            ok = read_number(r, &s->median);
        else if (vg_slice_is(key, "low"))
            ok = read_number(r, &s->low);
        else if (vg_slice_is(key, "high"))
            ok = read_number(r, &s->high);
        else if (vg_slice_is(key, "mean"))
            ok = read_number(r, &s->mean);
        else if (vg_slice_is(key, "deviation"))
            ok = read_number(r, &s->deviation) && s->deviation > 0;
        else if (vg_slice_is(key, "centre"))
            ok = read_number(r, &m->pca.mean[m->columns]);
        else
            ok = json_skip(r, &raw);
    }
    m->columns++;
    return ok && !r->error && s->deviation > 0;
}

/* Names are ours: no escapes. */
static bool read_name(struct json_reader *r, char name[CLUSTER_NAME_MAX])
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped) || escaped || raw.n == 0 || raw.n >= CLUSTER_NAME_MAX) return false;
    memcpy(name, raw.p, raw.n);
    return true;
}

static bool read_cluster(struct json_reader *r, struct cluster_model *m)
{
    vg_slice key, raw;
    bool ok = m->centres.k < KMEANS_CLUSTERS_MAX && json_enter(r, '{');
    unsigned c = m->centres.k < KMEANS_CLUSTERS_MAX ? m->centres.k++ : 0;
    struct cluster_identity *id = &m->clusters[c];
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "id"))
            ok = read_uint32(r, &id->id);
        else if (vg_slice_is(key, "name"))
            ok = read_name(r, id->name);
        else if (vg_slice_is(key, "size"))
            ok = json_count(r, &m->centres.sizes[c]);
        else if (vg_slice_is(key, "share"))
            ok = read_number(r, &id->share);
        else if (vg_slice_is(key, "radius"))
            ok = read_number(r, &id->radius);
        else if (vg_slice_is(key, "centre"))
            ok = m->centres.d > 0 && read_numbers(r, m->centres.centres[c], m->centres.d, NULL);
        else
            ok = json_skip(r, &raw);
    }
    return ok && !r->error && id->name[0];
}

static bool read_axes(struct json_reader *r, struct cluster_model *m)
{
    bool ok = m->columns > 0 && json_enter(r, '[');
    while (ok && json_next_element(r))
        ok = m->centres.d < KMEANS_DIMENSIONS_MAX && m->centres.d < m->columns &&
             read_numbers(r, m->pca.axes[m->centres.d++], m->columns, NULL);
    m->pca.d = m->columns;
    return ok && !r->error;
}

static bool read_each(struct json_reader *r, struct cluster_model *m,
                      bool (*read)(struct json_reader *r, struct cluster_model *m))
{
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r))
        ok = read(r, m);
    return ok && !r->error;
}

/* Keys come in the order in which they are printed: columns before axes before clusters. */
static bool read_model(struct json_reader *r, struct cluster_model *m, int64_t *version)
{
    vg_slice key, raw;
    bool escaped, ok = json_enter(r, '{');
    size_t variances;
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "version"))
            ok = json_int(r, version);
        else if (vg_slice_is(key, "scaling"))
            ok = json_text(r, &raw, &escaped) && (m->scaling = cluster_scaling_of(raw)) < CLUSTER_SCALINGS;
        else if (vg_slice_is(key, "seed"))
            ok = json_count(r, &m->seed);
        else if (vg_slice_is(key, "traders"))
            ok = json_count(r, &m->traders);
        else if (vg_slice_is(key, "as_of_ns"))
            ok = json_int(r, &m->as_of_ns);
        else if (vg_slice_is(key, "mean_win_rate"))
            ok = read_number(r, &m->mean_win_rate);
        else if (vg_slice_is(key, "next_id"))
            ok = read_uint32(r, &m->next_id);
        else if (vg_slice_is(key, "inertia"))
            ok = read_number(r, &m->centres.inertia);
        else if (vg_slice_is(key, "columns"))
            ok = read_each(r, m, read_column);
        else if (vg_slice_is(key, "variance"))
            ok = read_numbers(r, m->pca.variance, PCA_COLUMNS_MAX, &variances);
        else if (vg_slice_is(key, "axes"))
            ok = read_axes(r, m);
        else if (vg_slice_is(key, "clusters"))
            ok = read_each(r, m, read_cluster);
        else
            ok = json_skip(r, &raw);
    }
    return ok && json_finish(r);
}

vg_code cluster_model_parse(const char *name, vg_slice text, struct cluster_model *m, vg_err *err)
{
    static const struct cluster_model nothing;
    struct json_reader r = json_reader(text.p, text.n);
    int64_t version = 0;
    *m = nothing;
    if (!read_model(&r, m, &version))
        return vg_fail(err, VG_EPARSE, "%s: no model of clusters at byte %zu%s%s; `vigil cluster` makes one", name,
                       (size_t)(r.p - r.start), r.error ? ": " : "", r.error ? r.error : "");
    if (version != MODEL_VERSION || m->columns != cluster_column_count(m->scaling) || !m->centres.k || !m->centres.d)
        return vg_fail(err, VG_EPARSE, "%s: a model of another version; `vigil cluster` makes a new one", name);
    return VG_OK;
}
