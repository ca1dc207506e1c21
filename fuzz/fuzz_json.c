/* The JSON reader against jansson: both take the same texts. */
#include "base/json.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct json_reader r = json_reader(text, size);
    vg_slice raw;
    bool ours = json_skip(&r, &raw) && json_finish(&r);
    CHECK(ours == (r.error == NULL));
    CHECK(r.p >= r.start && r.p <= r.end);
    CHECK(!ours || (r.p == r.end && r.depth == 0));
    CHECK(!ours || utf8_valid(text, size));
    int theirs = jansson_says(text, size);
    if (theirs < 0 || (r.error && strcmp(r.error, "nested too deep") == 0)) return 0;
    CHECK(ours == theirs);

    /* what is a string in UTF-8 can be written and read */
    if (!utf8_valid(text, size)) return 0;
    vg_buf out = {0};
    bool escaped;
    json_add_string(&out, (vg_slice){text, size});
    r = json_reader(out.data, out.len);
    CHECK(json_text(&r, &raw, &escaped) && json_finish(&r));
    json_t *value = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    CHECK(value && json_string_length(value) == size);
    CHECK(size == 0 || memcmp(json_string_value(value), text, size) == 0);
    json_decref(value);
    vg_buf_release(&out);
    return 0;
}
