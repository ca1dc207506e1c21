#include "lake/manifest.h"

#include <unistd.h>

#include "base/file.h"
#include "support.h"

struct world {
    char *root, *folder;
    vg_err err;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->root = new_folder();
    w->folder = vg_path_join(w->root, "manifest");
    assert_int_equal(file_make_directory(w->folder, &w->err), VG_OK);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    free(w->folder);
    remove_tree(w->root);
    free(w);
    return 0;
}

/* Takes over `relative`. */
static void put(struct world *w, char *relative, vg_buf *text)
{
    char *path = vg_path_join(w->root, relative), *temporary = vg_path_join(w->root, "tmp");
    assert_int_equal(file_write_atomic(temporary, path, vg_buf_view(text), &w->err), VG_OK);
    vg_buf_release(text);
    free(path);
    free(temporary);
    free(relative);
}

static void put_record(struct world *w, const struct manifest_record *record)
{
    vg_buf text = {0};
    manifest_record_print(record, &text);
    put(w, manifest_record_path(record->part), &text);
}

static struct part make_part(enum lake_table table, int32_t day, const char *path, char digit)
{
    struct part part = {.table = table, .day = day, .path = (char *)path, .rows = 12, .bytes = 3456};
    memset(part.sha256, digit, 64);
    return part;
}

/* Texts are string literals or copies; release with part_list_release and free of nothing else. */
static struct manifest_record make_record(const char *part, const char *key, int64_t first_time_ns)
{
    return (struct manifest_record){.part = (char *)part,
                                    .key = (char *)key,
                                    .location = (char *)"/data/\"odd\\name\"\n\x01\xc3\xa9/7.lz4",
                                    .etag = "xxh3-0123456789abcdef0123456789abcdef",
                                    .size = INT64_MAX,
                                    .mtime_ns = -5,
                                    .lines = 1,
                                    .lines_fast = 2,
                                    .lines_strict = 3,
                                    .lines_block = 4,
                                    .lines_streaming = 5,
                                    .lines_legacy = 6,
                                    .lines_trade = 7,
                                    .fills = 8,
                                    .blocks = 9,
                                    .empty_blocks = 10,
                                    .duplicate_blocks = 11,
                                    .quarantined = 12,
                                    .unknown_line_keys = 13,
                                    .first_block = -SURROGATE_BLOCK_OFFSET,
                                    .last_block = INT64_MAX,
                                    .first_time_ns = first_time_ns,
                                    .last_time_ns = first_time_ns + 1};
}

static void check_parts(const struct part_list *a, const struct part_list *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->items[i].table, b->items[i].table);
        assert_int_equal(a->items[i].day, b->items[i].day);
        assert_string_equal(a->items[i].path, b->items[i].path);
        assert_int_equal(a->items[i].rows, b->items[i].rows);
        assert_int_equal(a->items[i].bytes, b->items[i].bytes);
        assert_string_equal(a->items[i].sha256, b->items[i].sha256);
    }
}

static void check_record(const struct manifest_record *a, const struct manifest_record *b)
{
    assert_string_equal(a->part, b->part);
    assert_string_equal(a->key, b->key);
    assert_string_equal(a->location, b->location);
    assert_string_equal(a->etag, b->etag);
    assert_int_equal(a->hourly, b->hourly);
    assert_int_equal(a->day, b->day);
    assert_int_equal(a->hour, b->hour);
    assert_int_equal(a->surrogate, b->surrogate);
    assert_int_equal(!a->quarantine, !b->quarantine);
    if (a->quarantine) assert_string_equal(a->quarantine, b->quarantine);
    assert_string_equal(a->quarantine_sha256, b->quarantine_sha256);
#define SAME(field) assert_true(a->field == b->field)
    SAME(size), SAME(mtime_ns), SAME(lines), SAME(lines_fast), SAME(lines_strict), SAME(lines_block);
    SAME(lines_streaming), SAME(lines_legacy), SAME(lines_trade), SAME(fills), SAME(blocks), SAME(empty_blocks);
    SAME(duplicate_blocks), SAME(quarantined), SAME(unknown_line_keys), SAME(first_block), SAME(last_block);
    SAME(first_time_ns), SAME(last_time_ns);
#undef SAME
    check_parts(&a->parts, &b->parts);
    assert_int_equal(a->shares_with.n, b->shares_with.n);
    for (size_t i = 0; i < a->shares_with.n; i++) {
        assert_string_equal(a->shares_with.items[i].part, b->shares_with.items[i].part);
        assert_string_equal(a->shares_with.items[i].etag, b->shares_with.items[i].etag);
    }
}

static void a_printed_record_loads_equal(void **state)
{
    struct world *w = *state;
    struct manifest_record full = make_record("20251101-07", "node_fills_by_block/hourly/20251101/7", 5);
    struct part fills = make_part(TABLE_FILLS, 20393, "fills/date=2025-11-01/part-20251101-07.parquet", 'a'),
                blocks = make_part(TABLE_BLOCKS, 20394, "blocks/date=2025-11-02/part-20251101-07.parquet", 'b');
    full.hourly = true;
    full.day = 20393;
    full.hour = 23;
    full.surrogate = true;
    full.quarantine = (char *)"quarantine/20251101-07.jsonl";
    memset(full.quarantine_sha256, 'c', 64);
    part_list_add(&full.parts, &fills);
    part_list_add(&full.parts, &blocks);
    share_list_add(&full.shares_with, "20251101-08", "xxh3-fedcba9876543210fedcba9876543210");
    share_list_add(&full.shares_with, "\"odd\"", "");
    assert_string_equal(full.shares_with.items[0].part, "\"odd\""); /* ordered, so that records do not depend on it */
    struct manifest_record bare = {.part = (char *)"bare", .key = (char *)"k", .location = (char *)"l"};
    put_record(w, &full);
    put_record(w, &bare);
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_int_equal(manifest.n, 2);
    check_record(manifest_find(&manifest, "20251101-07"), &full);
    check_record(manifest_find(&manifest, "bare"), &bare);
    assert_null(manifest_find(&manifest, "20251101-08"));
    manifest_release(&manifest);
    share_list_release(&full.shares_with);
    part_list_release(&full.parts);
}

static void a_share_is_stale_when_its_object_is_gone_or_has_changed(void **state)
{
    struct world *w = *state;
    struct manifest_record a = make_record("a", "a", 1), b = make_record("b", "b", 2), c = make_record("c", "c", 3);
    share_list_add(&b.shares_with, "a", a.etag);
    share_list_add(&b.shares_with, "c", c.etag);
    put_record(w, &a);
    put_record(w, &b);
    put_record(w, &c);
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_null(manifest_stale_share(&manifest, manifest_find(&manifest, "a")));
    assert_null(manifest_stale_share(&manifest, manifest_find(&manifest, "b")));
    manifest_release(&manifest);

    c.etag[6] = 'x';
    put_record(w, &c);
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_string_equal(manifest_stale_share(&manifest, manifest_find(&manifest, "b"))->part, "c");
    manifest_release(&manifest);

    char *relative = manifest_record_path("a"), *path = vg_path_join(w->root, relative);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_string_equal(manifest_stale_share(&manifest, manifest_find(&manifest, "b"))->part, "a");
    manifest_release(&manifest);
    free(relative);
    free(path);
    share_list_release(&b.shares_with);
}

static void a_printed_compaction_loads_equal(void **state)
{
    struct world *w = *state;
    struct compaction c = {.day = 20393,
                           .part = make_part(TABLE_FILLS, 20393, "fills/date=2025-11-01/compacted.parquet", 'd')};
    struct part one = make_part(TABLE_FILLS, 20393, "fills/date=2025-11-01/part-a.parquet", 'a'),
                two = make_part(TABLE_FILLS, 20393, "fills/date=2025-11-01/part-b.parquet", 'b');
    part_list_add(&c.replaced, &one);
    part_list_add(&c.replaced, &two);
    vg_buf text = {0};
    compaction_print(&c, &text);
    put(w, compaction_path(20393), &text);
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_ESTATE); /* whose rows are these? */
    assert_non_null(strstr(w->err.msg, "compacted-2025-11-01.json holds the rows of fills/date=2025-11-01/part-a"));
    struct manifest_record record = make_record("a", "a", 1);
    part_list_add(&record.parts, &one);
    part_list_add(&record.parts, &two);
    put_record(w, &record);
    part_list_release(&record.parts);
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_int_equal(manifest.n, 1);
    const struct compaction *loaded = manifest_compaction(&manifest, 20393);
    assert_non_null(loaded);
    assert_null(manifest_compaction(&manifest, 20394));
    struct part_list a = {(struct part *)&loaded->part, 1}, b = {&c.part, 1};
    check_parts(&a, &b);
    check_parts(&loaded->replaced, &c.replaced);
    manifest_release(&manifest);
    part_list_release(&c.replaced);
}

static void records_come_by_time_whatever_their_names(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"c", "a", "d", "b"};
    static const int64_t times[] = {1, 30, 20, 20};
    for (size_t i = 0; i < 4; i++) {
        struct manifest_record record = make_record(names[i], names[i], times[i]);
        put_record(w, &record);
    }
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    static const char *const wanted[] = {"c", "b", "d", "a"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(manifest.records[i].part, wanted[i]);
    manifest_release(&manifest);
}

static void compaction_replaces_exactly_the_parts_it_names(void **state)
{
    struct world *w = *state;
    struct part day1_a = make_part(TABLE_FILLS, 1, "fills/1/a", 'a'),
                day1_b = make_part(TABLE_FILLS, 1, "fills/1/b", 'b'),
                day2_a = make_part(TABLE_FILLS, 2, "fills/2/a", 'c'),
                blocks_a = make_part(TABLE_BLOCKS, 1, "blocks/1/a", 'd'),
                day1_c = make_part(TABLE_FILLS, 1, "fills/1/c", 'e');
    struct manifest_record a = make_record("a", "a", 10), b = make_record("b", "b", 20), c = make_record("c", "c", 5);
    part_list_add(&a.parts, &day2_a); /* days are put in order */
    part_list_add(&a.parts, &day1_a);
    part_list_add(&a.parts, &blocks_a);
    part_list_add(&b.parts, &day1_b);
    part_list_add(&c.parts, &day1_c); /* came after the compaction */
    struct compaction compaction = {.day = 1, .part = make_part(TABLE_FILLS, 1, "fills/1/compacted", 'f')};
    struct part old_b = day1_b;
    old_b.sha256[0] = 'x'; /* b was fetched again since: another file of the same name */
    part_list_add(&compaction.replaced, &day1_a);
    part_list_add(&compaction.replaced, &old_b);
    put_record(w, &a);
    put_record(w, &b);
    put_record(w, &c);
    struct manifest manifest;
    struct part_list live;

    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    manifest_live_parts(&manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &live);
    static const char *const before[] = {"fills/1/c", "fills/1/a", "fills/1/b", "fills/2/a"};
    assert_int_equal(live.n, COUNT(before));
    for (size_t i = 0; i < live.n; i++)
        assert_string_equal(live.items[i].path, before[i]);
    part_list_release(&live);
    manifest_release(&manifest);

    vg_buf text = {0};
    compaction_print(&compaction, &text);
    put(w, compaction_path(1), &text);
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    manifest_live_parts(&manifest, TABLE_FILLS, 1, 1, &live);
    static const char *const after[] = {"fills/1/compacted", "fills/1/c", "fills/1/b"};
    assert_int_equal(live.n, COUNT(after));
    for (size_t i = 0; i < live.n; i++)
        assert_string_equal(live.items[i].path, after[i]);
    part_list_release(&live);
    manifest_live_parts(&manifest, TABLE_FILLS, 2, 5, &live);
    assert_int_equal(live.n, 1);
    assert_string_equal(live.items[0].path, "fills/2/a");
    part_list_release(&live);
    manifest_live_parts(&manifest, TABLE_BLOCKS, 0, 5, &live);
    assert_int_equal(live.n, 1);
    assert_string_equal(live.items[0].path, "blocks/1/a");
    part_list_release(&live);
    manifest_release(&manifest);
    part_list_release(&a.parts);
    part_list_release(&b.parts);
    part_list_release(&c.parts);
    part_list_release(&compaction.replaced);
}

static void a_missing_folder_is_an_empty_manifest(void **state)
{
    (void)state;
    struct manifest manifest;
    vg_err err;
    assert_int_equal(manifest_load("/nonexistent/lake", &manifest, &err), VG_OK);
    assert_int_equal(manifest.n, 0);
    manifest_release(&manifest);
}

static void other_files_are_left_alone(void **state)
{
    struct world *w = *state;
    vg_buf text = {0};
    vg_buf_adds(&text, "not a record");
    put(w, vg_strdup("manifest/notes.txt"), &text);
    vg_buf_adds(&text, "not a record");
    put(w, vg_strdup("manifest/.json"), &text);
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
    assert_int_equal(manifest.n, 0);
    manifest_release(&manifest);
}

static void a_file_that_is_no_record_is_named(void **state)
{
    struct world *w = *state;
#define HEAD "\"part\":\"x\",\"key\":\"k\",\"location\":\"l\""
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{" HEAD,
        "{" HEAD "}x",
        "{\"part\":\"x\",\"key\":\"k\"}",
        "{\"part\":5,\"key\":\"k\",\"location\":\"l\"}",
        "{" HEAD ",\"fills\":\"5\"}",
        "{" HEAD ",\"fills\":1.5}",
        "{" HEAD ",\"fills\":-1}",
        "{" HEAD ",\"size\":-1}",
        "{" HEAD ",\"etag\":\"\\\"\"}",
        "{\"part\":\"\\u00e9\",\"key\":\"k\",\"location\":\"l\"}",
        "{\"part\":\"\\u0000\",\"key\":\"k\",\"location\":\"l\"}",
        "{\"part\":\"\\u4101\",\"key\":\"k\",\"location\":\"l\"}",
        "{\"part\":\"\\n\",\"key\":\"k\",\"location\":\"l\"}",
        "{" HEAD ",\"date\":\"2025-02-30\"}",
        "{" HEAD ",\"hour\":24}",
        "{" HEAD ",\"hour\":-1}",
        "{" HEAD ",\"surrogate\":1}",
        "{" HEAD ",\"etag\":\"0123456789012345678901234567890123456789\"}",
        "{" HEAD ",\"shares_with\":[\"x\"]}",
        "{" HEAD ",\"shares_with\":[{\"etag\":\"x\"}]}",
        "{" HEAD ",\"shares_with\":[{\"part\":\"x\"]}",
        "{" HEAD ",\"parts\":{}}",
        "{" HEAD ",\"parts\":[{\"path\":\"p\"}]}",
        "{" HEAD ",\"parts\":[{\"table\":\"fills\"}]}",
        "{" HEAD ",\"parts\":[{\"table\":\"users\",\"path\":\"p\"}]}",
        "{" HEAD ",\"parts\":[{\"table\":\"fills\",\"path\":\"p\",\"rows\":-1}]}",
        "{" HEAD ",\"parts\":[{\"table\":\"fills\",\"path\":\"p\"}}",
        "{" HEAD ",\"new\":[1,]}",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct manifest manifest;
        vg_buf text = {0};
        vg_buf_adds(&text, bad[i]);
        put(w, manifest_record_path("x"), &text);
        if (manifest_load(w->root, &manifest, &w->err) != VG_EPARSE) fail_msg("took %s", bad[i]);
        assert_non_null(strstr(w->err.msg, "manifest/x.json is not a manifest record"));
        assert_int_equal(manifest.n, 0);
    }
    static const char *const later[] = {"{" HEAD "}", " {" HEAD ",\"new\":{\"x\":[1]},\"version\":99} \n"};
    for (size_t i = 0; i < COUNT(later); i++) {
        struct manifest manifest;
        vg_buf text = {0};
        vg_buf_adds(&text, later[i]);
        put(w, manifest_record_path("x"), &text);
        assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_OK);
        manifest_release(&manifest);
    }
    vg_buf text = {0};
    vg_buf_adds(&text, "{\"compacted\":\"2025-11-01\"}");
    put(w, compaction_path(20393), &text);
    struct manifest manifest;
    assert_int_equal(manifest_load(w->root, &manifest, &w->err), VG_EPARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_printed_record_loads_equal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_share_is_stale_when_its_object_is_gone_or_has_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_printed_compaction_loads_equal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_come_by_time_whatever_their_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(compaction_replaces_exactly_the_parts_it_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_folder_is_an_empty_manifest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_files_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_record_is_named, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
