/* Credentials in JSON: what is taken is what jansson finds there, and can be a header. */
#include "net/aws_keys.h"
#include "oracle.h"

static void check_member(const json_t *object, const char *name, const char *taken)
{
    const char *theirs = json_string_value(json_object_get(object, name));
    CHECK((theirs == NULL) == (taken == NULL));
    CHECK(!taken || strcmp(theirs, taken) == 0);
    for (; taken && *taken; taken++)
        CHECK(*taken > 0x20 && *taken < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aws_keys keys;
    vg_err err = {0};
    vg_slice text = {(const char *)data, size};
    vg_code rc = aws_keys_parse(text, &keys, &err);
    if (rc) {
        CHECK((rc == VG_EPARSE || rc == VG_ESTATE) && err.msg[0] && !keys.access_key && !keys.secret_key);
        return 0;
    }
    json_t *object = json_loadb(text.p, size, JSON_ALLOW_NUL, NULL);
    if (object) { /* else: beyond jansson's own limits */
        check_member(object, "AccessKeyId", keys.access_key);
        check_member(object, "SecretAccessKey", keys.secret_key);
        check_member(object, "Token", keys.session_token);
        json_decref(object);
    }
    CHECK(jansson_says(text.p, size) != 0);
    aws_keys_release(&keys);
    return 0;
}
