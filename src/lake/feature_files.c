#include "lake/feature_files.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "lake/duck.h"
#include "lake/parquet.h"
#include "lake/remote.h"

#define FEATURES_VERSION 2
#define RECORD_PATH "features/features.json"
#define RECORD_MAX_BYTES (256u << 20)

void feature_files_release(struct feature_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        free(files->files[i].path);
    free(files->files);
    part_list_release(&files->inputs);
    *files = (struct feature_files){0};
}

void feature_files_add(struct feature_files *files, const struct feature_file *file)
{
    files->files = vg_realloc(files->files, (files->n + 1) * sizeof *files->files);
    files->files[files->n++] = *file;
}

void feature_files_drop(struct feature_files *files, enum feature_table table)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->n; i++) {
        if (files->files[i].table == table)
            free(files->files[i].path);
        else
            files->files[kept++] = files->files[i];
    }
    files->n = kept;
}

/* The record. */

static const char *table_name(enum feature_table table)
{
    return table == FEATURE_TABLES ? "state" : feature_tables[table].name;
}

static void print_day(vg_buf *out, const char *key, int32_t day)
{
    char date[VG_DATE_TEXT];
    if (day == VG_NO_DATE) return;
    vg_day_print(day, '-', date);
    vg_buf_addf(out, "\"%s\": \"%s\", ", key, date);
}

static void print_file(const struct feature_file *f, vg_buf *out)
{
    vg_buf_addf(out, "{\"table\": \"%s\", ", table_name(f->table));
    print_day(out, "date", f->day);
    vg_buf_adds(out, "\"path\": ");
    json_add_string(out, vg_slice_of(f->path));
    vg_buf_addf(out, ", \"rows\": %llu, \"bytes\": %llu, \"sha256\": \"%s\", \"inputs\": %llu",
                (unsigned long long)f->rows, (unsigned long long)f->bytes, f->sha256, (unsigned long long)f->inputs);
    if (f->table == FEATURE_TABLES) vg_buf_addf(out, ", \"prices\": %llu", (unsigned long long)f->prices);
    vg_buf_adds(out, "}");
}

void feature_files_print(const struct feature_files *files, vg_buf *out)
{
    vg_buf_addf(out, "{\n  \"version\": %d, \"generation\": %llu, ", FEATURES_VERSION,
                (unsigned long long)files->generation);
    print_day(out, "from", files->from);
    print_day(out, "to", files->to);
    vg_buf_addf(out, "\"shard\": %u, \"shards\": %u,\n", files->shard, files->shards);
    vg_buf_addf(out, "  \"fills\": %llu, \"first_time_ns\": %lld, \"last_time_ns\": %lld,\n",
                (unsigned long long)files->fills, (long long)files->first_time_ns, (long long)files->last_time_ns);
    vg_buf_adds(out, "  \"inputs\": [");
    for (size_t i = 0; i < files->inputs.n; i++) {
        vg_buf_addf(out, "%s\n    {\"path\": ", i ? "," : "");
        json_add_string(out, vg_slice_of(files->inputs.items[i].path));
        vg_buf_addf(out, ", \"sha256\": \"%s\"}", files->inputs.items[i].sha256);
    }
    vg_buf_adds(out, "],\n  \"files\": [");
    for (size_t i = 0; i < files->n; i++) {
        vg_buf_adds(out, i ? ",\n    " : "\n    ");
        print_file(&files->files[i], out);
    }
    vg_buf_adds(out, "]\n}\n");
}

static bool read_sha256(struct json_reader *r, char out[65])
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped) || raw.n != 64) return false;
    memcpy(out, raw.p, 64);
    return true;
}

/* Paths are our own: no escapes, nothing outside the lake. */
static bool read_path(struct json_reader *r, char **out)
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped) || escaped || raw.n == 0 || raw.p[0] == '/') return false;
    free(*out);
    *out = strndup(raw.p, raw.n);
    return *out && !strstr(*out, "..");
}

static bool read_table(struct json_reader *r, enum feature_table *table)
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped)) return false;
    for (*table = 0; *table <= FEATURE_TABLES; ++*table)
        if (vg_slice_is(raw, table_name(*table))) return true;
    return false;
}

static bool read_file(struct json_reader *r, struct feature_file *f)
{
    vg_slice key, raw;
    bool ok = json_enter(r, '{');
    *f = (struct feature_file){.table = FEATURE_TABLES, .day = VG_NO_DATE};
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "table"))
            ok = read_table(r, &f->table);
        else if (vg_slice_is(key, "date"))
            ok = json_day(r, &f->day);
        else if (vg_slice_is(key, "path"))
            ok = read_path(r, &f->path);
        else if (vg_slice_is(key, "sha256"))
            ok = read_sha256(r, f->sha256);
        else if (vg_slice_is(key, "rows"))
            ok = json_count(r, &f->rows);
        else if (vg_slice_is(key, "bytes"))
            ok = json_count(r, &f->bytes);
        else if (vg_slice_is(key, "inputs"))
            ok = json_count(r, &f->inputs);
        else if (vg_slice_is(key, "prices"))
            ok = json_count(r, &f->prices);
        else
            ok = json_skip(r, &raw);
    }
    return ok && !r->error && f->path && f->sha256[0];
}

static bool read_files(struct json_reader *r, struct feature_files *files)
{
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r)) {
        struct feature_file file;
        ok = read_file(r, &file);
        if (ok)
            feature_files_add(files, &file);
        else
            free(file.path);
    }
    return ok && !r->error;
}

static bool read_inputs(struct json_reader *r, struct part_list *inputs)
{
    vg_slice key, raw;
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r)) {
        struct part part = {0};
        ok = json_enter(r, '{');
        while (ok && json_next_key(r, &key)) {
            if (vg_slice_is(key, "path"))
                ok = read_path(r, &part.path);
            else if (vg_slice_is(key, "sha256"))
                ok = read_sha256(r, part.sha256);
            else
                ok = json_skip(r, &raw);
        }
        ok = ok && part.path && part.sha256[0];
        if (ok) part_list_add(inputs, &part);
        free(part.path);
    }
    return ok && !r->error;
}

static bool read_record(struct json_reader *r, struct feature_files *files, int64_t *version)
{
    vg_slice key, raw;
    uint64_t number;
    bool ok = json_enter(r, '{');
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "version")) {
            ok = json_int(r, version);
        } else if (vg_slice_is(key, "generation")) {
            ok = json_count(r, &files->generation);
        } else if (vg_slice_is(key, "from")) {
            ok = json_day(r, &files->from);
        } else if (vg_slice_is(key, "to")) {
            ok = json_day(r, &files->to);
        } else if (vg_slice_is(key, "shard") || vg_slice_is(key, "shards")) {
            ok = json_count(r, &number) && number <= UINT32_MAX;
            if (ok) *(key.n == 5 ? &files->shard : &files->shards) = (unsigned)number;
        } else if (vg_slice_is(key, "fills")) {
            ok = json_count(r, &files->fills);
        } else if (vg_slice_is(key, "first_time_ns")) {
            ok = json_int(r, &files->first_time_ns);
        } else if (vg_slice_is(key, "last_time_ns")) {
            ok = json_int(r, &files->last_time_ns);
        } else if (vg_slice_is(key, "inputs")) {
            ok = read_inputs(r, &files->inputs);
        } else if (vg_slice_is(key, "files")) {
            ok = read_files(r, files);
        } else {
            ok = json_skip(r, &raw);
        }
    }
    return ok && json_finish(r);
}

static const struct feature_files no_files = {.from = VG_NO_DATE, .to = VG_NO_DATE, .shards = 1};

/* What outlives a new computation of all figures. */
static void keep_labels(struct feature_files *files)
{
    struct feature_files labels = no_files;
    labels.generation = files->generation;
    for (size_t i = 0; i < files->n; i++) {
        struct feature_file file = files->files[i];
        if (!feature_table_labels(file.table)) continue;
        file.path = vg_strdup(file.path);
        file.inputs = 0;
        feature_files_add(&labels, &file);
    }
    feature_files_release(files);
    *files = labels;
}

static vg_code parse(const char *name, vg_slice text, bool to_rewrite, struct feature_files *files, vg_err *err)
{
    struct json_reader r = json_reader(text.p, text.n);
    int64_t version = 0;
    *files = no_files;
    vg_code rc = VG_OK;
    if (!read_record(&r, files, &version))
        rc = vg_fail(err, VG_EPARSE, "%s: no record of features at byte %zu%s%s; `vigil features --full` makes it anew",
                     name, (size_t)(r.p - r.start), r.error ? ": " : "", r.error ? r.error : "");
    else if (version > 0 && version < FEATURES_VERSION && to_rewrite)
        keep_labels(files);
    else if (version > 0 && version < FEATURES_VERSION)
        rc = vg_fail(err, VG_ESTATE, "%s: of an older vigil; `vigil features` makes the tables anew", name);
    else if (version != FEATURES_VERSION)
        rc = vg_fail(err, VG_EPARSE,
                     "%s: of version %lld, which this vigil does not know; use a newer one, or `vigil features "
                     "--full` makes the tables anew",
                     name, (long long)version);
    if (rc) feature_files_release(files);
    return rc;
}

vg_code feature_files_parse(const char *name, vg_slice text, struct feature_files *files, vg_err *err)
{
    return parse(name, text, false, files, err);
}

static vg_code load_record(const struct lake *lake, bool to_rewrite, struct feature_files *files, vg_err *err)
{
    *files = no_files;
    char *path = lake_path(lake, RECORD_PATH);
    vg_buf text = {0};
    vg_code rc = VG_OK;
    if (access(path, F_OK) == 0) {
        rc = file_read_all(path, RECORD_MAX_BYTES, &text, err);
        if (!rc) rc = parse(path, vg_buf_view(&text), to_rewrite, files, err);
    }
    vg_buf_release(&text);
    free(path);
    return rc;
}

vg_code feature_files_load(const struct lake *lake, struct feature_files *files, vg_err *err)
{
    return load_record(lake, false, files, err);
}

vg_code feature_files_load_to_rewrite(const struct lake *lake, struct feature_files *files, vg_err *err)
{
    return load_record(lake, true, files, err);
}

/* What `vigil features` writes; anything else under features/ is somebody else's. */
static bool looks_like_ours(const char *name)
{
    const char *end = strrchr(name, '.');
    return strncmp(name, "part-", 5) == 0 && end && (strcmp(end, ".parquet") == 0 || strcmp(end, ".state") == 0);
}

/* Files of ours that are not named are leftovers, or of an earlier generation. */
static vg_code remove_unnamed(const struct lake *lake, const char *folder, const struct feature_files *files,
                              vg_err *err)
{
    struct file_names names;
    char *path = lake_path(lake, folder);
    vg_code rc = file_list(path, &names, err);
    for (size_t i = 0; i < names.n && !rc; i++) {
        char *relative = vg_path_join(folder, names.items[i]), *child = lake_path(lake, relative);
        struct stat info;
        bool named = false;
        for (size_t k = 0; k < files->n && !named; k++)
            named = strcmp(files->files[k].path, relative) == 0;
        if (lstat(child, &info) != 0)
            rc = vg_fail_errno(err, "%s", child);
        else if (S_ISDIR(info.st_mode))
            rc = remove_unnamed(lake, relative, files, err);
        else if (!named && looks_like_ours(names.items[i]) && unlink(child) != 0)
            rc = vg_fail_errno(err, "removing %s", child);
        free(relative);
        free(child);
    }
    file_names_release(&names);
    free(path);
    return rc;
}

struct bucket_files {
    const struct lake *lake;
    const struct feature_files *files;
};

static void remove_from_bucket(void *ctx, const char *relative, uint64_t bytes)
{
    struct bucket_files *bucket = ctx;
    (void)bytes;
    if (!looks_like_ours(strrchr(relative, '/') + 1)) return;
    for (size_t k = 0; k < bucket->files->n; k++)
        if (strcmp(bucket->files->files[k].path, relative) == 0) return;
    lake_remove_file(bucket->lake, relative);
}

vg_code feature_files_commit(const struct lake *lake, const struct feature_files *files, vg_err *err)
{
    vg_buf text = {0};
    struct bucket_files bucket = {lake, files};
    feature_files_print(files, &text);
    vg_code rc = lake_write_record(lake, RECORD_PATH, &text, err);
    if (!rc) rc = remove_unnamed(lake, "features", files, err);
    if (!rc && lake->remote) rc = remote_list(lake->remote, "features/", remove_from_bucket, &bucket, err);
    vg_buf_release(&text);
    return rc;
}

/* Tables. */

static const uint8_t by_trader[] = {0}, by_date_and_trader[] = {0, 1};

struct feature_writer {
    const struct lake *lake;
    uint64_t generation;
    struct parquet *tables[FEATURE_TABLES];
    char *temporary[FEATURE_TABLES];
    bool open[FEATURE_TABLES];
};

#define GROUP_ROWS 8192

struct feature_writer *feature_writer_new(const struct lake *lake, uint64_t generation)
{
    struct feature_writer *w = vg_calloc(1, sizeof *w);
    w->lake = lake;
    w->generation = generation;
    for (enum feature_table table = 0; table < FEATURE_TABLES; table++) {
        const struct feature_table_schema *schema = &feature_tables[table];
        bool dated = schema->columns[0].type == COLUMN_DATE;
        vg_buf name = {0};
        vg_buf_addf(&name, "%s.parquet", schema->name);
        w->temporary[table] = vg_path_join(lake->tmp, name.data);
        w->tables[table] = parquet_new(schema->columns, schema->column_count, schema->name,
                                       dated ? by_date_and_trader : by_trader, dated ? 2 : 1, GROUP_ROWS);
        vg_buf_release(&name);
    }
    return w;
}

void feature_writer_free(struct feature_writer *w)
{
    if (!w) return;
    for (enum feature_table table = 0; table < FEATURE_TABLES; table++) {
        parquet_free(w->tables[table]);
        if (w->open[table]) unlink(w->temporary[table]);
        free(w->temporary[table]);
    }
    free(w);
}

vg_code feature_writer_begin(struct feature_writer *w, enum feature_table table, vg_err *err)
{
    VG_TRY(parquet_open(w->tables[table], w->temporary[table], err));
    w->open[table] = true;
    return VG_OK;
}

/* A sum may fit in 128 bits and yet not in its column. */
static vg_code check_digits(const struct feature_table_schema *schema, size_t column, __int128 value, vg_err *err)
{
    const __int128 power19 = (__int128)10000000000000000000u;
    bool sum = schema->columns[column].type == COLUMN_SUM;
    __int128 limit = sum ? power19 * power19 : power19 * 100000000000; /* 38 and 30 digits */
    if (value > -limit && value < limit) return VG_OK;
    return vg_fail(err, VG_ELIMIT, "%s: a value of %s has more than %d digits", schema->name,
                   schema->columns[column].name, sum ? VG_DEC20_WIDTH : VG_DEC_WIDTH);
}

vg_code feature_writer_row(struct feature_writer *w, enum feature_table table, const struct feature_value *values,
                           vg_err *err)
{
    const struct feature_table_schema *schema = &feature_tables[table];
    if (!w->open[table]) VG_TRY(feature_writer_begin(w, table, err));
    struct parquet *p = w->tables[table];
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct feature_value *value = &values[i];
        if (value->null) {
            VG_ASSERT(schema->columns[i].nullable);
            parquet_null(p, i);
            continue;
        }
        switch (schema->columns[i].type) {
        case COLUMN_TEXT: parquet_text(p, i, value->text.p, value->text.n); break;
        case COLUMN_SUM:
        case COLUMN_DECIMAL:
            VG_TRY(check_digits(schema, i, value->decimal, err));
            parquet_decimal(p, i, value->decimal);
            break;
        case COLUMN_DOUBLE: parquet_double(p, i, value->number); break;
        case COLUMN_TIME:
        case COLUMN_TIME_NS:
        case COLUMN_DATE:
        case COLUMN_BOOL:
        case COLUMN_INT32:
        case COLUMN_INT64: parquet_int(p, i, value->integer); break;
        }
    }
    return parquet_end_row(p, err);
}

vg_code feature_writer_restart(struct feature_writer *w, enum feature_table table, vg_err *err)
{
    return w->open[table] ? parquet_end_group(w->tables[table], err) : VG_OK;
}

static char *table_path(const struct feature_writer *w, enum feature_table table, int32_t day)
{
    vg_buf path = {0};
    vg_buf_addf(&path, "features/%s/", feature_tables[table].name);
    if (feature_tables[table].by_day) {
        char date[VG_DATE_TEXT];
        vg_day_print(day, '-', date);
        vg_buf_addf(&path, "date=%s/", date);
    }
    vg_buf_addf(&path, "part-%llu.parquet", (unsigned long long)w->generation);
    return path.data;
}

/* Moves a finished file to its place, with its size and checksum. */
static vg_code publish(const struct lake *lake, const char *temporary, struct feature_file *file, vg_err *err)
{
    struct part part = {.path = file->path};
    VG_TRY(lake_publish_part(lake, temporary, &part, err));
    file->bytes = part.bytes;
    memcpy(file->sha256, part.sha256, sizeof file->sha256);
    return VG_OK;
}

static vg_code finish_table(struct feature_writer *w, enum feature_table table, int32_t day,
                            struct feature_files *files, vg_err *err)
{
    struct feature_file file = {.table = table, .day = feature_tables[table].by_day ? day : VG_NO_DATE};
    VG_TRY(parquet_close(w->tables[table], &file.rows, err));
    file.path = table_path(w, table, day);
    vg_code rc = publish(w->lake, w->temporary[table], &file, err);
    if (rc) {
        free(file.path);
        return rc;
    }
    w->open[table] = false;
    feature_files_add(files, &file);
    return VG_OK;
}

vg_code feature_writer_finish(struct feature_writer *w, int32_t day, struct feature_files *files, vg_err *err)
{
    for (enum feature_table table = 0; table < FEATURE_TABLES; table++)
        if (w->open[table]) VG_TRY(finish_table(w, table, day, files, err));
    return VG_OK;
}

/* Checkpoints. */

struct state_file {
    FILE *file;
    const char *path;
};

static vg_code write_state(void *ctx, const void *bytes, size_t n, vg_err *err)
{
    struct state_file *s = ctx;
    return fwrite(bytes, 1, n, s->file) == n ? VG_OK : vg_fail_errno(err, "writing %s", s->path);
}

vg_code feature_state_write(const struct lake *lake, struct feature_file *file,
                            vg_code (*save)(void *ctx, const struct state_writer *out, vg_err *err), void *ctx,
                            vg_err *err)
{
    char *temporary = vg_path_join(lake->tmp, "features.state");
    struct state_file s = {fopen(temporary, "we"), temporary};
    vg_code rc = s.file ? VG_OK : vg_fail_errno(err, "creating %s", temporary);
    if (!rc) {
        struct state_writer writer = {&s, write_state};
        rc = save(ctx, &writer, err);
        if (fclose(s.file) != 0 && !rc) rc = vg_fail_errno(err, "writing %s", temporary);
    }
    if (!rc) rc = publish(lake, temporary, file, err);
    if (rc) unlink(temporary);
    free(temporary);
    return rc;
}

static vg_code read_state(void *ctx, void *bytes, size_t n, vg_err *err)
{
    struct state_file *s = ctx;
    if (fread(bytes, 1, n, s->file) == n) return VG_OK;
    if (ferror(s->file)) return vg_fail_errno(err, "reading %s", s->path);
    return vg_fail(err, VG_EPARSE, "%s: damaged: it ends too early", s->path);
}

vg_code feature_state_read(const struct lake *lake, const struct feature_file *file,
                           vg_code (*load)(void *ctx, struct state_reader *in, vg_err *err), void *ctx, vg_err *err)
{
    VG_TRY(lake_need_file(lake, file->path, file->bytes, file->sha256, err));
    char *path = lake_path(lake, file->path), sha256[65];
    uint64_t bytes = 0;
    vg_code rc = lake_checksum(path, sha256, &bytes, err);
    if (!rc && strcmp(sha256, file->sha256) != 0) rc = vg_fail(err, VG_EPARSE, "%s: damaged: another checksum", path);
    struct state_file s = {.path = path};
    if (!rc) {
        s.file = fopen(path, "re");
        if (!s.file) rc = vg_fail_errno(err, "opening %s", path);
    }
    if (!rc) {
        struct state_reader reader = {&s, read_state, bytes};
        rc = load(ctx, &reader, err);
        fclose(s.file);
    }
    free(path);
    return rc;
}

vg_code feature_files_need(const struct lake *lake, const struct feature_files *files, enum feature_table table,
                           vg_err *err)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct feature_file *f = &files->files[i];
        if (f->table == table) VG_TRY(lake_need_file(lake, f->path, f->bytes, f->sha256, err));
    }
    return VG_OK;
}

/* All columns and no row. */
static void empty_sql(const struct feature_table_schema *schema, vg_buf *sql)
{
    vg_buf_adds(sql, "(SELECT ");
    for (size_t i = 0; i < schema->column_count; i++)
        vg_buf_addf(sql, "%sNULL::%s AS \"%s\"", i ? ", " : "", column_sql_type(schema->columns[i].type),
                    schema->columns[i].name);
    vg_buf_adds(sql, " WHERE false)");
}

/* Labels outlive the figures, and so the program that made them: a column that it did not know is NULL. */
void feature_files_sql(const struct lake *lake, const struct feature_files *files, enum feature_table table,
                       vg_buf *sql)
{
    const struct feature_table_schema *schema = &feature_tables[table];
    size_t n = 0;
    for (size_t i = 0; i < files->n; i++) {
        if (files->files[i].table != table) continue;
        if (n == 0 && feature_table_labels(table)) {
            vg_buf_adds(sql, "(FROM ");
            empty_sql(schema, sql);
            vg_buf_adds(sql, " UNION ALL BY NAME FROM ");
        }
        char *path = lake_path(lake, files->files[i].path);
        vg_buf_adds(sql, n++ ? "," : "read_parquet([");
        duck_literal(sql, path);
        free(path);
    }
    if (n)
        vg_buf_adds(sql, feature_table_labels(table) ? "], hive_partitioning=false))" : "], hive_partitioning=false)");
    else
        empty_sql(schema, sql);
}
