#include "lake/manifest.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"

#define MANIFEST_VERSION 1
#define RECORD_MAX_BYTES (64u << 20)

static const char *const table_names[LAKE_TABLES] = {"fills", "blocks"};

static void part_release(struct part *part) { free(part->path); }

void part_list_release(struct part_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        part_release(&list->items[i]);
    free(list->items);
    *list = (struct part_list){0};
}

void part_list_add(struct part_list *list, const struct part *part)
{
    list->items = vg_realloc(list->items, (list->n + 1) * sizeof *list->items);
    list->items[list->n] = *part;
    list->items[list->n++].path = vg_strdup(part->path);
}

bool part_list_has(const struct part_list *list, const struct part *part)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].path, part->path) == 0 && strcmp(list->items[i].sha256, part->sha256) == 0)
            return true;
    return false;
}

void share_list_release(struct share_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].part);
    free(list->items);
    *list = (struct share_list){0};
}

void share_list_add(struct share_list *list, const char *part, const char *etag)
{
    list->items = vg_realloc(list->items, (list->n + 1) * sizeof *list->items);
    size_t i = list->n++;
    for (; i > 0 && strcmp(list->items[i - 1].part, part) > 0; i--)
        list->items[i] = list->items[i - 1];
    list->items[i].part = vg_strdup(part);
    snprintf(list->items[i].etag, sizeof list->items[i].etag, "%s", etag);
}

void manifest_record_release(struct manifest_record *record)
{
    free(record->part);
    free(record->key);
    free(record->location);
    free(record->source_etag);
    free(record->quarantine);
    share_list_release(&record->shares_with);
    part_list_release(&record->parts);
    *record = (struct manifest_record){0};
}

void compaction_release(struct compaction *compaction)
{
    part_release(&compaction->part);
    part_list_release(&compaction->replaced);
    *compaction = (struct compaction){0};
}

void manifest_release(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->n; i++)
        manifest_record_release(&manifest->records[i]);
    for (size_t i = 0; i < manifest->compaction_count; i++)
        compaction_release(&manifest->compactions[i]);
    free(manifest->records);
    free(manifest->compactions);
    *manifest = (struct manifest){0};
}

char *manifest_record_path(const char *part)
{
    vg_buf path = {0};
    vg_buf_addf(&path, "manifest/%s.json", part);
    return path.data;
}

char *compaction_path(int32_t day)
{
    char date[VG_DATE_TEXT];
    vg_buf path = {0};
    vg_day_print(day, '-', date);
    vg_buf_addf(&path, "manifest/compacted-%s.json", date);
    return path.data;
}

/* Writing: one member a line, so that records diff well. */

static void add_text(vg_buf *out, const char *key, const char *text)
{
    vg_buf_addf(out, "  \"%s\": ", key);
    json_add_string(out, vg_slice_of(text));
    vg_buf_adds(out, ",\n");
}

static void add_count(vg_buf *out, const char *key, uint64_t value)
{
    vg_buf_addf(out, "  \"%s\": %llu,\n", key, (unsigned long long)value);
}

static void add_signed(vg_buf *out, const char *key, int64_t value)
{
    vg_buf_addf(out, "  \"%s\": %lld,\n", key, (long long)value);
}

static void add_part(vg_buf *out, const struct part *part)
{
    char date[VG_DATE_TEXT];
    vg_day_print(part->day, '-', date);
    vg_buf_addf(out, "{\"table\": \"%s\", \"date\": \"%s\", \"path\": ", table_names[part->table], date);
    json_add_string(out, vg_slice_of(part->path));
    vg_buf_addf(out, ", \"rows\": %llu, \"bytes\": %llu, \"sha256\": \"%s\"}", (unsigned long long)part->rows,
                (unsigned long long)part->bytes, part->sha256);
}

static void add_parts(vg_buf *out, const char *key, const struct part_list *parts)
{
    vg_buf_addf(out, "  \"%s\": [", key);
    for (size_t i = 0; i < parts->n; i++) {
        vg_buf_adds(out, i ? ",\n    " : "\n    ");
        add_part(out, &parts->items[i]);
    }
    vg_buf_adds(out, "]\n}\n");
}

static void add_shares(vg_buf *out, const struct share_list *shares)
{
    vg_buf_adds(out, "  \"shares_with\": [");
    for (size_t i = 0; i < shares->n; i++) {
        vg_buf_adds(out, i ? ",\n    {\"part\": " : "\n    {\"part\": ");
        json_add_string(out, vg_slice_of(shares->items[i].part));
        vg_buf_adds(out, ", \"etag\": ");
        json_add_string(out, vg_slice_of(shares->items[i].etag));
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "],\n");
}

void manifest_record_print(const struct manifest_record *record, vg_buf *out)
{
    vg_buf_addf(out, "{\n  \"version\": %d,\n", MANIFEST_VERSION);
    add_text(out, "part", record->part);
    add_text(out, "key", record->key);
    add_text(out, "location", record->location);
    if (record->source_etag) add_text(out, "source_etag", record->source_etag);
    add_text(out, "etag", record->etag);
    add_count(out, "size", record->size);
    add_signed(out, "mtime_ns", record->mtime_ns);
    if (record->hourly) {
        char date[VG_DATE_TEXT];
        vg_day_print(record->day, '-', date);
        add_text(out, "date", date);
        add_signed(out, "hour", record->hour);
    }
    add_count(out, "lines", record->lines);
    add_count(out, "lines_fast", record->lines_fast);
    add_count(out, "lines_strict", record->lines_strict);
    add_count(out, "lines_block", record->lines_block);
    add_count(out, "lines_streaming", record->lines_streaming);
    add_count(out, "lines_legacy", record->lines_legacy);
    add_count(out, "lines_trade", record->lines_trade);
    add_count(out, "fills", record->fills);
    add_count(out, "blocks", record->blocks);
    add_count(out, "empty_blocks", record->empty_blocks);
    add_count(out, "duplicate_blocks", record->duplicate_blocks);
    add_count(out, "quarantined", record->quarantined);
    add_count(out, "unknown_line_keys", record->unknown_line_keys);
    if (record->fills || record->blocks) {
        add_signed(out, "first_block", record->first_block);
        add_signed(out, "last_block", record->last_block);
        add_signed(out, "first_time_ns", record->first_time_ns);
        add_signed(out, "last_time_ns", record->last_time_ns);
    }
    if (record->surrogate) vg_buf_adds(out, "  \"surrogate\": true,\n");
    if (record->quarantine) {
        add_text(out, "quarantine", record->quarantine);
        add_text(out, "quarantine_sha256", record->quarantine_sha256);
    }
    if (record->shares_with.n) add_shares(out, &record->shares_with);
    add_parts(out, "parts", &record->parts);
}

void compaction_print(const struct compaction *compaction, vg_buf *out)
{
    char date[VG_DATE_TEXT];
    vg_day_print(compaction->day, '-', date);
    vg_buf_addf(out, "{\n  \"version\": %d,\n", MANIFEST_VERSION);
    add_text(out, "compacted", date);
    vg_buf_adds(out, "  \"part\": ");
    add_part(out, &compaction->part);
    vg_buf_adds(out, ",\n");
    add_parts(out, "replaces", &compaction->replaced);
}

/* Reading: members by name; unknown ones are for later versions and skipped. */

/* Takes back what json_add_string writes; other escapes are none of ours, and refused. */
static bool read_text(struct json_reader *r, char **out)
{
    vg_slice raw;
    bool escaped, ok = true;
    if (!json_text(r, &raw, &escaped)) return false;
    vg_buf text = {0};
    for (size_t i = 0; i < raw.n && ok; i++) {
        char c = raw.p[i];
        if (c == '\\') {
            c = raw.p[++i];
            ok = c == '"' || c == '\\';
            if (c == 'u') {
                char digits[5] = {raw.p[i + 1], raw.p[i + 2], raw.p[i + 3], raw.p[i + 4], 0};
                c = (char)strtoul(digits, NULL, 16);
                ok = strncmp(digits, "00", 2) == 0 && c > 0 && c < 0x20;
                i += 4;
            }
        }
        vg_buf_addc(&text, c);
    }
    vg_buf_reserve(&text, 0);
    free(*out);
    *out = text.data;
    return ok;
}

static bool read_fixed(struct json_reader *r, char *out, size_t room)
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped) || escaped || raw.n >= room) return false;
    memcpy(out, raw.p, raw.n);
    out[raw.n] = '\0';
    return true;
}

static bool read_part(struct json_reader *r, struct part *part)
{
    vg_slice key, raw;
    bool escaped, ok = json_enter(r, '{');
    *part = (struct part){.table = LAKE_TABLES};
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "table")) {
            ok = json_text(r, &raw, &escaped);
            for (enum lake_table table = 0; ok && table < LAKE_TABLES; table++)
                if (vg_slice_is(raw, table_names[table])) part->table = table;
        } else if (vg_slice_is(key, "date")) {
            ok = json_day(r, &part->day);
        } else if (vg_slice_is(key, "path")) {
            ok = read_text(r, &part->path);
        } else if (vg_slice_is(key, "rows")) {
            ok = json_count(r, &part->rows);
        } else if (vg_slice_is(key, "bytes")) {
            ok = json_count(r, &part->bytes);
        } else if (vg_slice_is(key, "sha256")) {
            ok = read_fixed(r, part->sha256, sizeof part->sha256);
        } else {
            ok = json_skip(r, &raw);
        }
    }
    return ok && !r->error && part->path && part->table != LAKE_TABLES;
}

static bool read_parts(struct json_reader *r, struct part_list *list)
{
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r)) {
        struct part part;
        ok = read_part(r, &part);
        if (ok) part_list_add(list, &part);
        part_release(&part);
    }
    return ok && !r->error;
}

static bool read_shares(struct json_reader *r, struct share_list *list)
{
    vg_slice key, raw;
    bool ok = json_enter(r, '[');
    while (ok && json_next_element(r)) {
        struct share share = {0};
        ok = json_enter(r, '{');
        while (ok && json_next_key(r, &key)) {
            if (vg_slice_is(key, "part"))
                ok = read_text(r, &share.part);
            else if (vg_slice_is(key, "etag"))
                ok = read_fixed(r, share.etag, sizeof share.etag);
            else
                ok = json_skip(r, &raw);
        }
        ok = ok && !r->error && share.part;
        if (ok) share_list_add(list, share.part, share.etag);
        free(share.part);
    }
    return ok && !r->error;
}

/* Members of a record that are plain numbers. */
static const struct {
    const char *key;
    size_t offset;
    bool may_be_negative;
} numbers[] = {
#define NUMBER(name, may_be_negative)                                  \
    {                                                                  \
#name, offsetof(struct manifest_record, name), may_be_negative \
    }
    NUMBER(size, false),         NUMBER(lines, false),
    NUMBER(lines_fast, false),   NUMBER(lines_strict, false),
    NUMBER(lines_block, false),  NUMBER(lines_streaming, false),
    NUMBER(lines_legacy, false), NUMBER(lines_trade, false),
    NUMBER(fills, false),        NUMBER(blocks, false),
    NUMBER(empty_blocks, false), NUMBER(duplicate_blocks, false),
    NUMBER(quarantined, false),  NUMBER(unknown_line_keys, false),
    NUMBER(mtime_ns, true),      NUMBER(first_block, true),
    NUMBER(last_block, true),    NUMBER(first_time_ns, true),
    NUMBER(last_time_ns, true),
#undef NUMBER
};

static bool read_number(struct json_reader *r, vg_slice key, struct manifest_record *record, bool *known)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!vg_slice_is(key, numbers[i].key)) continue;
        int64_t value;
        *known = true;
        if (!json_int(r, &value) || (value < 0 && !numbers[i].may_be_negative)) return false;
        memcpy((char *)record + numbers[i].offset, &value, sizeof value);
        return true;
    }
    *known = false;
    return true;
}

static bool read_record(struct json_reader *r, struct manifest_record *record)
{
    vg_slice key, raw;
    bool ok = json_enter(r, '{'), known;
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "part")) {
            ok = read_text(r, &record->part);
        } else if (vg_slice_is(key, "key")) {
            ok = read_text(r, &record->key);
        } else if (vg_slice_is(key, "location")) {
            ok = read_text(r, &record->location);
        } else if (vg_slice_is(key, "source_etag")) {
            ok = read_text(r, &record->source_etag);
        } else if (vg_slice_is(key, "etag")) {
            ok = read_fixed(r, record->etag, sizeof record->etag);
        } else if (vg_slice_is(key, "date")) {
            record->hourly = true;
            ok = json_day(r, &record->day);
        } else if (vg_slice_is(key, "hour")) {
            int64_t hour = 0;
            ok = json_int(r, &hour) && hour >= 0 && hour < 24;
            record->hour = (int)hour;
        } else if (vg_slice_is(key, "surrogate")) {
            ok = json_bool(r, &record->surrogate);
        } else if (vg_slice_is(key, "quarantine")) {
            ok = read_text(r, &record->quarantine);
        } else if (vg_slice_is(key, "quarantine_sha256")) {
            ok = read_fixed(r, record->quarantine_sha256, sizeof record->quarantine_sha256);
        } else if (vg_slice_is(key, "shares_with")) {
            ok = read_shares(r, &record->shares_with);
        } else if (vg_slice_is(key, "parts")) {
            ok = read_parts(r, &record->parts);
        } else {
            ok = read_number(r, key, record, &known);
            if (ok && !known) ok = json_skip(r, &raw);
        }
    }
    return ok && json_finish(r) && record->part && record->key && record->location;
}

static bool read_compaction(struct json_reader *r, struct compaction *compaction)
{
    vg_slice key, raw;
    bool ok = json_enter(r, '{');
    while (ok && json_next_key(r, &key)) {
        if (vg_slice_is(key, "compacted")) {
            ok = json_day(r, &compaction->day);
        } else if (vg_slice_is(key, "part")) {
            part_release(&compaction->part);
            ok = read_part(r, &compaction->part);
        } else if (vg_slice_is(key, "replaces")) {
            ok = read_parts(r, &compaction->replaced);
        } else {
            ok = json_skip(r, &raw);
        }
    }
    return ok && json_finish(r) && compaction->part.path;
}

static vg_code load_one(const char *root, const char *name, struct manifest *manifest, vg_err *err)
{
    vg_buf path = {0}, text = {0};
    vg_buf_addf(&path, "%s/manifest/%s", root, name);
    vg_code rc = file_read_all(path.data, RECORD_MAX_BYTES, &text, err);
    bool ok = true;
    if (!rc) {
        struct json_reader r = json_reader(vg_buf_str(&text), text.len);
        if (strncmp(name, "compacted-", 10) == 0) {
            manifest->compactions =
                vg_realloc(manifest->compactions, (manifest->compaction_count + 1) * sizeof *manifest->compactions);
            struct compaction *compaction = &manifest->compactions[manifest->compaction_count++];
            *compaction = (struct compaction){0};
            ok = read_compaction(&r, compaction);
        } else {
            manifest->records = vg_realloc(manifest->records, (manifest->n + 1) * sizeof *manifest->records);
            struct manifest_record *record = &manifest->records[manifest->n++];
            *record = (struct manifest_record){0};
            ok = read_record(&r, record);
        }
        if (!ok)
            rc = vg_fail(err, VG_EPARSE,
                         "%s is not a manifest record (near byte %zu%s%s): remove it, then fetch its objects again",
                         path.data, (size_t)(r.p - r.start), r.error ? ": " : "", r.error ? r.error : "");
    }
    vg_buf_release(&path);
    vg_buf_release(&text);
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const struct manifest_record *x = a, *y = b;
    if (x->first_time_ns != y->first_time_ns) return x->first_time_ns < y->first_time_ns ? -1 : 1;
    return strcmp(x->key ? x->key : "", y->key ? y->key : "");
}

static int by_day(const void *a, const void *b)
{
    const struct compaction *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* Rows of a compacted day whose object has no record any more would land a second time. */
static vg_code check_compactions(const char *root, const struct manifest *manifest, vg_err *err)
{
    const char **paths = NULL;
    size_t n = 0;
    vg_code rc = VG_OK;
    for (size_t i = 0; i < manifest->n && manifest->compaction_count; i++) {
        const struct part_list *parts = &manifest->records[i].parts;
        paths = vg_realloc(paths, (n + parts->n) * sizeof *paths);
        for (size_t k = 0; k < parts->n; k++)
            paths[n++] = parts->items[k].path;
    }
    if (n) qsort(paths, n, sizeof *paths, vg_text_order);
    for (size_t i = 0; i < manifest->compaction_count && !rc; i++) {
        const struct compaction *compaction = &manifest->compactions[i];
        for (size_t k = 0; k < compaction->replaced.n && !rc; k++) {
            const char *path = compaction->replaced.items[k].path;
            if (n && bsearch(&path, paths, n, sizeof *paths, vg_text_order)) continue;
            char *relative = compaction_path(compaction->day);
            rc = vg_fail(err, VG_ESTATE,
                         "%s/%s holds the rows of %s, of which no record is left: remove the former, then fetch that "
                         "day again",
                         root, relative, path);
            free(relative);
        }
    }
    free(paths);
    return rc;
}

vg_code manifest_load(const char *root, struct manifest *manifest, vg_err *err)
{
    *manifest = (struct manifest){0};
    char *directory = vg_path_join(root, "manifest");
    struct file_names names;
    vg_code rc = file_list(directory, &names, err);
    for (size_t i = 0; i < names.n && !rc; i++) {
        size_t n = strlen(names.items[i]);
        if (n > 5 && strcmp(names.items[i] + n - 5, ".json") == 0) rc = load_one(root, names.items[i], manifest, err);
    }
    file_names_release(&names);
    free(directory);
    if (!rc) rc = check_compactions(root, manifest, err);
    if (rc) {
        manifest_release(manifest);
        return rc;
    }
    if (manifest->n) qsort(manifest->records, manifest->n, sizeof *manifest->records, by_time);
    if (manifest->compaction_count)
        qsort(manifest->compactions, manifest->compaction_count, sizeof *manifest->compactions, by_day);
    return VG_OK;
}

struct manifest_record *manifest_find(const struct manifest *manifest, const char *part)
{
    for (size_t i = 0; i < manifest->n; i++)
        if (strcmp(manifest->records[i].part, part) == 0) return &manifest->records[i];
    return NULL;
}

struct compaction *manifest_compaction(const struct manifest *manifest, int32_t day)
{
    for (size_t i = 0; i < manifest->compaction_count; i++)
        if (manifest->compactions[i].day == day) return &manifest->compactions[i];
    return NULL;
}

const struct share *manifest_stale_share(const struct manifest *manifest, const struct manifest_record *record)
{
    for (size_t i = 0; i < record->shares_with.n; i++) {
        const struct share *share = &record->shares_with.items[i];
        const struct manifest_record *other = manifest_find(manifest, share->part);
        if (!other || strcmp(other->etag, share->etag) != 0) return share;
    }
    return NULL;
}

bool manifest_part_is_live(const struct manifest *manifest, const struct part *part)
{
    const struct compaction *compaction = manifest_compaction(manifest, part->day);
    return !compaction || part->table != TABLE_FILLS || !part_list_has(&compaction->replaced, part);
}

/* Records come by time, so a stable order by day keeps time order within the day. */
static void sort_by_day(struct part_list *list)
{
    for (size_t i = 1; i < list->n; i++) {
        struct part part = list->items[i];
        size_t j = i;
        for (; j > 0 && list->items[j - 1].day > part.day; j--)
            list->items[j] = list->items[j - 1];
        list->items[j] = part;
    }
}

void manifest_live_parts(const struct manifest *manifest, enum lake_table table, int32_t from, int32_t to,
                         struct part_list *out)
{
    *out = (struct part_list){0};
    for (size_t i = 0; i < manifest->compaction_count && table == TABLE_FILLS; i++) {
        const struct compaction *compaction = &manifest->compactions[i];
        if (compaction->day >= from && compaction->day <= to) part_list_add(out, &compaction->part);
    }
    for (size_t i = 0; i < manifest->n; i++)
        for (size_t k = 0; k < manifest->records[i].parts.n; k++) {
            const struct part *part = &manifest->records[i].parts.items[k];
            if (part->table == table && part->day >= from && part->day <= to && manifest_part_is_live(manifest, part))
                part_list_add(out, part);
        }
    sort_by_day(out);
}
