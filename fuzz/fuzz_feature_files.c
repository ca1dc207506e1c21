/* The record of features: parsing never breaks, and what was parsed prints and parses as the same text. */
#include "lake/feature_files.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feature_files files, again;
    vg_err err = {0};
    vg_code rc = feature_files_parse("x", (vg_slice){(const char *)data, size}, &files, &err);
    CHECK(rc == VG_OK ||
          ((rc == VG_EPARSE || rc == VG_ESTATE) && strncmp(err.msg, "x: ", 3) == 0 && files.n == 0 && !files.files));
    if (rc) return 0;
    for (size_t i = 0; i < files.n; i++)
        CHECK(files.files[i].table <= FEATURE_TABLES && files.files[i].path[0] != '/' &&
              !strstr(files.files[i].path, "..") && strlen(files.files[i].sha256) <= 64);
    vg_buf printed = {0}, twice = {0};
    feature_files_print(&files, &printed);
    rc = feature_files_parse("x", vg_buf_view(&printed), &again, &err);
    CHECK(rc == VG_OK);
    feature_files_print(&again, &twice);
    CHECK(vg_slice_eq(vg_buf_view(&printed), vg_buf_view(&twice)));
    feature_files_release(&files);
    feature_files_release(&again);
    vg_buf_release(&printed);
    vg_buf_release(&twice);
    return 0;
}
