/* INI files: every setting lies inside the text, and is found again when the file is written out anew. */
#include "base/buf.h"
#include "net/ini.h"
#include "oracle.h"

struct check {
    vg_slice text;
    vg_buf copy, seen;
};

static bool is_inside(vg_slice part, vg_slice whole)
{
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static void on_setting(void *ctx, vg_slice section, vg_slice key, vg_slice value)
{
    struct check *check = ctx;
    vg_slice parts[] = {section, key, value};
    CHECK(section.n > 0 && key.n > 0);
    for (int i = 0; i < 3; i++) {
        CHECK(is_inside(parts[i], check->text));
        CHECK(parts[i].n == 0 || !memchr(parts[i].p, '\n', parts[i].n));
        vg_buf_add(&check->seen, parts[i].p, parts[i].n);
        vg_buf_addc(&check->seen, '\n');
    }
    vg_buf_addf(&check->copy, "[%.*s]\n%.*s = %.*s\n", (int)section.n, section.p, (int)key.n, key.p, (int)value.n,
                value.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct check first = {.text = {(const char *)data, size}}, second = {0};
    vg_err err = {0};
    vg_code rc = ini_walk(first.text, on_setting, &first, &err);
    CHECK(rc == VG_OK || (rc == VG_EPARSE && err.msg[0]));
    if (!memchr(data, '\0', size)) { /* printf would end there */
        second.text = vg_buf_view(&first.copy);
        CHECK(ini_walk(second.text, on_setting, &second, &err) == VG_OK);
        CHECK(vg_slice_eq(vg_buf_view(&first.seen), vg_buf_view(&second.seen)));
    }
    vg_buf_release(&first.copy);
    vg_buf_release(&first.seen);
    vg_buf_release(&second.copy);
    vg_buf_release(&second.seen);
    return 0;
}
