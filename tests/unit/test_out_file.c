#include "base/out_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

struct world {
    char *folder, *path;
    vg_buf buf;
    vg_err err;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->folder = new_folder();
    w->path = vg_path_join(w->folder, "file");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    vg_buf_release(&w->buf);
    free(w->path);
    remove_tree(w->folder);
    free(w);
    return 0;
}

static size_t entries(const struct world *w)
{
    struct file_names names;
    assert_int_equal(file_list(w->folder, &names, NULL), VG_OK);
    size_t n = names.n;
    file_names_release(&names);
    return n;
}

static void write_out(struct world *w, const char *path, const char *text, bool finish)
{
    struct out_file out;
    assert_int_equal(out_file_open(&out, path, &w->err), VG_OK);
    assert_true(fputs(text, out.stream) >= 0);
    if (finish) assert_int_equal(out_file_finish(&out, &w->err), VG_OK);
    out_file_release(&out);
}

static void assert_content(struct world *w, const char *text)
{
    assert_int_equal(file_read_all(w->path, 100, &w->buf, &w->err), VG_OK);
    assert_slice_is(vg_buf_view(&w->buf), text);
}

static void appears_when_it_is_finished(void **state)
{
    struct world *w = *state;
    mode_t mask = umask(027);
    write_out(w, w->path, "half", false);
    assert_int_equal(entries(w), 0);
    write_out(w, w->path, "whole", true);
    umask(mask);
    assert_content(w, "whole");
    struct stat info;
    assert_int_equal(stat(w->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    write_out(w, w->path, "half", false);
    assert_content(w, "whole");
    assert_int_equal(entries(w), 1);
}

static void what_was_there_keeps_its_rights_and_links(void **state)
{
    struct world *w = *state;
    char *link = vg_path_join(w->folder, "link");
    write_out(w, w->path, "old", true);
    assert_int_equal(chmod(w->path, 0604), 0);
    assert_int_equal(symlink("file", link), 0);
    write_out(w, link, "new", true);
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(w->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
    assert_content(w, "new");
    assert_int_equal(entries(w), 2);
    free(link);
}

static void a_pipe_is_written_into(void **state)
{
    struct world *w = *state;
    char text[8] = "";
    assert_int_equal(mkfifo(w->path, 0600), 0);
    int reader = open(w->path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    write_out(w, w->path, "text", true);
    assert_int_equal(read(reader, text, sizeof text), 4);
    assert_string_equal(text, "text");
    close(reader);
    struct stat info;
    assert_int_equal(lstat(w->path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(entries(w), 1);
}

static void says_what_cannot_be_written(void **state)
{
    struct world *w = *state;
    struct out_file out;
    assert_int_equal(out_file_open(&out, w->folder, &w->err), VG_EUSAGE);
    assert_non_null(strstr(w->err.msg, "is a directory"));
    out_file_release(&out);
    char *deep = vg_path_join(w->path, "file");
    assert_int_equal(out_file_open(&out, deep, &w->err), VG_EIO);
    assert_non_null(strstr(w->err.msg, deep));
    out_file_release(&out);
    free(deep);
    assert_int_equal(entries(w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appears_when_it_is_finished, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_there_keeps_its_rights_and_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_is_written_into, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_cannot_be_written, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
