/* Manifest records: loading never breaks, and what was loaded prints and loads as the same text. The
 * reader reads files, so the input becomes one, in a folder that lives as long as the process. */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "lake/manifest.h"
#include "oracle.h"

static char root[64], record_path[128], compaction_file[128];

static void remove_folder(void)
{
    if (file_empty_directory(root, NULL) == VG_OK) rmdir(root);
}

static void set_up(void)
{
    snprintf(root, sizeof root, "%s/vigil-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    CHECK(mkdtemp(root));
    char folder[100];
    snprintf(folder, sizeof folder, "%s/manifest", root);
    CHECK(file_make_directory(folder, NULL) == VG_OK);
    snprintf(record_path, sizeof record_path, "%s/x.json", folder);
    snprintf(compaction_file, sizeof compaction_file, "%s/compacted-2025-11-01.json", folder);
    atexit(remove_folder);
}

static void put(const char *path, vg_slice text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    close(fd);
}

/* Loads what is there and prints it; false when it is no manifest. */
static bool load_and_print(vg_buf *out)
{
    struct manifest manifest;
    vg_err err = {0};
    vg_code rc = manifest_load(root, &manifest, &err);
    CHECK(rc == VG_OK || ((rc == VG_EPARSE || rc == VG_ESTATE) && err.msg[0]));
    if (rc) return false;
    for (enum lake_table table = 0; table < LAKE_TABLES; table++) {
        struct part_list live;
        manifest_live_parts(&manifest, table, INT32_MIN, INT32_MAX, &live);
        for (size_t i = 1; i < live.n; i++)
            CHECK(live.items[i - 1].day <= live.items[i].day);
        part_list_release(&live);
    }
    if (manifest.n) {
        const struct share_list *shares = &manifest.records[0].shares_with;
        const struct share *stale = manifest_stale_share(&manifest, &manifest.records[0]);
        CHECK(!stale || (stale >= shares->items && stale < shares->items + shares->n));
        manifest_record_print(&manifest.records[0], out);
    }
    if (manifest.compaction_count) compaction_print(&manifest.compactions[0], out);
    manifest_release(&manifest);
    return true;
}

static void check(const char *path, vg_slice text)
{
    vg_buf printed = {0}, twice = {0};
    put(path, text);
    if (load_and_print(&printed)) {
        put(path, vg_buf_view(&printed));
        CHECK(load_and_print(&twice));
        CHECK(vg_slice_eq(vg_buf_view(&printed), vg_buf_view(&twice)));
    }
    unlink(path);
    vg_buf_release(&printed);
    vg_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vg_slice text = {(const char *)data, size};
    if (!root[0]) set_up();
    check(record_path, text);
    check(compaction_file, text);
    return 0;
}
