#include "base/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

struct world {
    char *folder, *path, *temporary;
    vg_buf buf;
    vg_err err;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->folder = new_folder();
    w->path = vg_path_join(w->folder, "file");
    w->temporary = vg_path_join(w->folder, "temporary");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    vg_buf_release(&w->buf);
    free(w->path);
    free(w->temporary);
    remove_tree(w->folder);
    free(w);
    return 0;
}

static void a_written_file_reads_back(void **state)
{
    struct world *w = *state;
    char *bytes = malloc(200001);
    for (size_t i = 0; i < 200001; i++)
        bytes[i] = (char)(i * 7);
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200001};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        vg_slice all = {bytes, sizes[i]};
        assert_int_equal(file_write_atomic(w->temporary, w->path, all, &w->err), VG_OK);
        assert_int_equal(access(w->temporary, F_OK), -1);
        assert_int_equal(file_read_all(w->path, sizes[i], &w->buf, &w->err), VG_OK);
        assert_true(vg_slice_eq(vg_buf_view(&w->buf), all));
        assert_int_equal(w->buf.data[w->buf.len], '\0');
        if (sizes[i]) assert_int_equal(file_read_all(w->path, sizes[i] - 1, &w->buf, &w->err), VG_ELIMIT);
    }
    free(bytes);
}

static void publishing_replaces_in_one_step(void **state)
{
    struct world *w = *state;
    assert_int_equal(file_write_atomic(w->temporary, w->path, VG_SLICE("old"), &w->err), VG_OK);
    struct stat before, after;
    assert_int_equal(stat(w->path, &before), 0);
    FILE *reader = fopen(w->path, "r"); /* who reads the old file goes on reading the old one */
    assert_non_null(reader);
    assert_int_equal(file_write_atomic(w->temporary, w->path, VG_SLICE("new"), &w->err), VG_OK);
    assert_int_equal(stat(w->path, &after), 0);
    assert_true(before.st_ino != after.st_ino);
    char text[4] = "";
    assert_int_equal(fread(text, 1, 3, reader), 3);
    assert_string_equal(text, "old");
    fclose(reader);
}

static void a_failed_publish_leaves_the_old_file(void **state)
{
    struct world *w = *state;
    assert_int_equal(file_write_atomic(w->temporary, w->path, VG_SLICE("old"), &w->err), VG_OK);
    assert_int_equal(file_publish("/nonexistent/file", w->path, &w->err), VG_EIO);
    assert_int_equal(w->err.sys, ENOENT);
    assert_int_equal(file_write_atomic("/nonexistent/tmp", w->path, VG_SLICE("new"), &w->err), VG_EIO);
    assert_int_equal(file_read_all(w->path, 100, &w->buf, &w->err), VG_OK);
    assert_string_equal(w->buf.data, "old");
    assert_int_equal(file_write_atomic(w->temporary, "/nonexistent/file", VG_SLICE("x"), &w->err), VG_EIO);
}

static void makes_directories_with_their_parents(void **state)
{
    struct world *w = *state;
    char *deep = vg_path_join(w->folder, "a/b//c/");
    struct stat info;
    assert_int_equal(file_make_directory(deep, &w->err), VG_OK);
    assert_int_equal(file_make_directory(deep, &w->err), VG_OK);
    assert_int_equal(stat(deep, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    free(deep);
    assert_int_equal(file_write_atomic(w->temporary, w->path, VG_SLICE("x"), &w->err), VG_OK);
    deep = vg_path_join(w->path, "below-a-file");
    assert_int_equal(file_make_directory(deep, &w->err), VG_EIO);
    free(deep);
}

static void reading_names_what_is_missing(void **state)
{
    struct world *w = *state;
    assert_int_equal(file_read_all(w->path, 100, &w->buf, &w->err), VG_EIO);
    assert_non_null(strstr(w->err.msg, w->path));
    assert_int_equal(file_read_all(w->folder, 100, &w->buf, &w->err), VG_EIO);
}

static void lists_names_in_order_and_empties_all_below(void **state)
{
    struct world *w = *state;
    static const char *const made[] = {"b", "a", ".hidden", "d/deep/file"};
    for (size_t i = 0; i < COUNT(made); i++) {
        char *path = vg_path_join(w->folder, made[i]), *slash = strrchr(path, '/');
        *slash = '\0';
        assert_int_equal(file_make_directory(path, &w->err), VG_OK);
        *slash = '/';
        assert_int_equal(file_write_atomic(w->temporary, path, VG_SLICE("x"), &w->err), VG_OK);
        free(path);
    }
    assert_int_equal(symlink("/etc", w->path), 0); /* is removed, not followed */
    struct file_names names;
    assert_int_equal(file_list(w->folder, &names, &w->err), VG_OK);
    assert_int_equal(names.n, 5);
    static const char *const wanted[] = {".hidden", "a", "b", "d", "file"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names.items[i], wanted[i]);
    file_names_release(&names);
    assert_int_equal(file_empty_directory(w->folder, &w->err), VG_OK);
    assert_int_equal(file_list(w->folder, &names, &w->err), VG_OK);
    assert_int_equal(names.n, 0);
    file_names_release(&names);
    assert_int_equal(access("/etc", F_OK), 0);
    assert_int_equal(file_list("/nonexistent/x", &names, &w->err), VG_OK);
    assert_int_equal(names.n, 0);
    assert_int_equal(file_empty_directory("/nonexistent/x", &w->err), VG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_written_file_reads_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(publishing_replaces_in_one_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_publish_leaves_the_old_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_directories_with_their_parents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reading_names_what_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_names_in_order_and_empties_all_below, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
