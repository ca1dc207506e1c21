#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ingest/source.h"
#include "support.h"

static vg_err err;

static void keys_come_from_the_end_of_a_path(void **state)
{
    (void)state;
    static const struct {
        const char *location, *key, *part;
        enum stream_kind kind;
        int hour;
    } cases[] = {
        {"/x/node_fills_by_block/hourly/20251101/7.lz4", "node_fills_by_block/hourly/20251101/7", "20251101-07",
         STREAM_BLOCKS, 7},
        {"/x/node_fills_by_block/hourly/20251101/07", "node_fills_by_block/hourly/20251101/7", "20251101-07",
         STREAM_BLOCKS, 7},
        {"/x/20251101/23.lz4", "node_fills_by_block/hourly/20251101/23", "20251101-23", STREAM_BLOCKS, 23},
        {"/node_fills/hourly/20251101/0", "node_fills/hourly/20251101/0", "20251101-00-node_fills", STREAM_LEGACY, 0},
        {"/node_trades/hourly/20251101/0.lz4", "node_trades/hourly/20251101/0", "20251101-00-node_trades",
         STREAM_TRADES, 0},
        {"/node_fills_streaming/hourly/20251101/9", "node_fills_streaming/hourly/20251101/9",
         "20251101-09-node_fills_streaming", STREAM_STREAMING, 9},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct object object;
        object_init(&object, cases[i].location);
        assert_string_equal(object.location, cases[i].location);
        assert_string_equal(object.key, cases[i].key);
        assert_string_equal(object.part, cases[i].part);
        assert_int_equal(object.kind, cases[i].kind);
        assert_int_equal(object.hour, cases[i].hour);
        assert_true(object.hourly && object.day == 20393);
        struct object_list list = {vg_calloc(1, sizeof object), 1};
        list.items[0] = object;
        object_list_release(&list);
    }
}

static void other_files_are_their_own_key(void **state)
{
    (void)state;
    static const char *const others[] = {
        "/x/20251101/24.lz4",
        "/x/20251101/7.jsonl",
        "/x/20251131/7.lz4",
        "/x/2025110/7.lz4",
        "/x/20251101/7.lz4.tmp",
        "/x/wallet \"a\".lz4",
        "/7.lz4",
        "/x/20251101/123",
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        struct object_list list = {vg_calloc(1, sizeof *list.items), 1};
        object_init(&list.items[0], others[i]);
        assert_false(list.items[0].hourly);
        assert_string_equal(list.items[0].key, others[i]);
        assert_int_equal(list.items[0].kind, STREAM_OTHER);
        assert_int_equal(list.items[0].part[strspn(list.items[0].part, "0123456789abcdefghijklmnopqrstuvwxyz_-")],
                         '\0');
        object_list_release(&list);
    }
    struct object a, b;
    object_init(&a, "/one/x.lz4");
    object_init(&b, "/two/x.lz4");
    assert_string_not_equal(a.part, b.part);
    struct object_list list = {vg_calloc(2, sizeof a), 2};
    list.items[0] = a;
    list.items[1] = b;
    object_list_release(&list);
}

static void put_text(const char *folder, const char *name, const char *text)
{
    char *path = vg_path_join(folder, name), *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_directory(path, &err), VG_OK);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}
static void put(const char *folder, const char *name) { put_text(folder, name, "abc\n"); }

static void lists_objects_in_the_order_of_hours(void **state)
{
    (void)state;
    char *folder = new_folder();
    static const char *const names[] = {"20251101/10.lz4", "20251101/2.lz4", "20251031/23.lz4", "20251101/notes.txt",
                                        "20251101/.7.lz4", "20251101/0",     "other.jsonl",     "20251101/24"};
    static const char *const wanted[] = {"hourly/20251031/23", "hourly/20251101/0", "hourly/20251101/2",
                                         "hourly/20251101/10", "other.jsonl"};
    for (size_t i = 0; i < COUNT(names); i++)
        put(folder, names[i]);
    struct object_list list = {0};
    assert_int_equal(source_files_list(folder, &list, &err), VG_OK);
    assert_int_equal(source_files_list(folder, &list, &err), VG_OK); /* named twice */
    object_list_sort(&list);
    assert_int_equal(list.n, COUNT(wanted));
    for (size_t i = 0; i < list.n; i++) {
        if (!strstr(list.items[i].key, wanted[i])) fail_msg("%s is not %s", list.items[i].key, wanted[i]);
        assert_int_equal(list.items[i].size, 4);
    }
    struct stream stream;
    char bytes[10];
    size_t n;
    assert_int_equal(source_files_open(&list.items[0], &stream, &err), VG_OK);
    assert_int_equal(stream_read(&stream, bytes, sizeof bytes, &n, &err), VG_OK);
    assert_slice((vg_slice){bytes, n}, VG_SLICE("abc\n"));
    assert_int_equal(stream_read(&stream, bytes, sizeof bytes, &n, &err), VG_OK);
    assert_int_equal(n, 0);
    stream_close(&stream);
    object_list_release(&list);
    remove_tree(folder);
}

static void assert_content(const struct object *object, const char *wanted)
{
    struct stream stream;
    vg_buf content = {0};
    char bytes[7];
    size_t n;
    assert_int_equal(source_files_open(object, &stream, &err), VG_OK);
    do {
        assert_int_equal(stream_read(&stream, bytes, sizeof bytes, &n, &err), VG_OK);
        vg_buf_add(&content, bytes, n);
    } while (n);
    stream_close(&stream);
    assert_string_equal(vg_buf_str(&content), wanted);
    vg_buf_release(&content);
}

static void leaves_half_a_line_to_its_writer(void **state)
{
    (void)state;
    char *folder = new_folder();
    static const struct {
        const char *name, *text, *growing;
    } cases[] = {
        {"20251101/0", "abc\nde", "abc\n"},
        {"20251101/1", "abc\nde\n", "abc\nde\n"},
        {"20251101/2", "abc", ""},
        {"20251101/3", "", ""},
        {"20251101/4.lz4", "abc\nde", "abc\nde"},
        {"x.jsonl", "abc\nde", "abc\nde"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        put_text(folder, cases[i].name, cases[i].text);
    for (int old = 0; old < 2; old++) {
        struct object_list list = {0};
        assert_int_equal(source_files_list(folder, &list, &err), VG_OK);
        object_list_sort(&list);
        assert_int_equal(list.n, COUNT(cases));
        for (size_t i = 0; i < list.n; i++) {
            assert_content(&list.items[i], old ? cases[i].text : cases[i].growing);
            const struct timespec long_ago[2] = {{1000000000, 0}, {1000000000, 0}};
            assert_int_equal(utimensat(AT_FDCWD, list.items[i].location, long_ago, 0), 0);
        }
        object_list_release(&list);
    }
    vg_buf long_text = {0}; /* the last newline lies blocks before the end */
    for (int i = 0; i < 10000; i++)
        vg_buf_adds(&long_text, i == 100 ? "\n" : "x");
    put_text(folder, "20251101/0", vg_buf_str(&long_text));
    long_text.data[101] = '\0';
    struct object_list list = {0};
    assert_int_equal(source_files_list(folder, &list, &err), VG_OK);
    object_list_sort(&list);
    assert_content(&list.items[0], long_text.data);
    object_list_release(&list);
    vg_buf_release(&long_text);
    remove_tree(folder);
}

static void says_what_is_wrong_with_a_source(void **state)
{
    (void)state;
    struct object_list list = {0};
    char *folder = new_folder();
    assert_int_equal(source_files_list("/nonexistent/x", &list, &err), VG_EIO);
    assert_int_equal(source_files_list("/dev/null", &list, &err), VG_EUSAGE);
    assert_int_equal(source_files_list(folder, &list, &err), VG_EUSAGE); /* nothing in there */
    put(folder, "odd\xff/7.lz4");
    assert_int_equal(source_files_list(folder, &list, &err), VG_EUSAGE); /* no name for a JSON manifest */
    assert_non_null(strstr(err.msg, "not UTF-8"));
    object_list_release(&list);
    remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_from_the_end_of_a_path),    cmocka_unit_test(other_files_are_their_own_key),
        cmocka_unit_test(lists_objects_in_the_order_of_hours), cmocka_unit_test(leaves_half_a_line_to_its_writer),
        cmocka_unit_test(says_what_is_wrong_with_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
