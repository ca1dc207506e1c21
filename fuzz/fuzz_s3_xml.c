/* S3's answers: no document breaks a reader, and none gives what the caller must not see. */
#include "net/s3_xml.h"
#include "oracle.h"

static void check_page(vg_slice text)
{
    struct s3_page page;
    vg_err err = {0};
    vg_code rc = s3_xml_page(text, &page, &err);
    CHECK(rc == VG_OK || ((rc == VG_EPARSE || rc == VG_ELIMIT) && err.msg[0] && page.n == 0));
    for (size_t i = 0; i < page.n; i++)
        CHECK(page.items[i].key.n > 0);
    s3_page_release(&page);
}

static void check_uploads(vg_slice text)
{
    struct s3_uploads uploads;
    vg_err err = {0};
    vg_code rc = s3_xml_uploads(text, &uploads, &err);
    CHECK(rc == VG_OK || ((rc == VG_EPARSE || rc == VG_ELIMIT) && err.msg[0] && uploads.n == 0));
    for (size_t i = 0; i < uploads.n; i++)
        CHECK(uploads.items[i].key.n > 0 && uploads.items[i].id.n > 0);
    CHECK(!uploads.truncated || uploads.next_key.n > 0);
    s3_uploads_release(&uploads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vg_slice text = {(const char *)data, size};
    struct s3_error error;
    vg_buf out = {0};
    vg_err err;
    bool completed;
    check_page(text);
    check_uploads(text);
    if (s3_xml_error(text, &error, &err) == VG_OK) {
        CHECK(error.code.len > 0);
        CHECK(s3_xml_completed(text, &completed, &out, &err) == VG_OK && !completed);
    }
    s3_error_release(&error);
    CHECK(s3_xml_upload_id(text, &out, &err) != VG_OK || out.len > 0);
    vg_buf_release(&out);
    return 0;
}
