#include "net/aws_keys.h"

#include "base/day.h"
#include "base/json.h"

void aws_keys_copy(struct aws_keys *to, const struct aws_keys *from)
{
    *to = (struct aws_keys){
        .access_key = vg_strdup(from->access_key),
        .secret_key = vg_strdup(from->secret_key),
        .session_token = from->session_token ? vg_strdup(from->session_token) : NULL,
        .expires_s = from->expires_s,
    };
}

static void wipe_text(char *text)
{
    if (text) explicit_bzero(text, strlen(text));
    free(text);
}

void aws_keys_release(struct aws_keys *keys)
{
    wipe_text(keys->access_key);
    wipe_text(keys->secret_key);
    wipe_text(keys->session_token);
    *keys = (struct aws_keys){0};
}

void aws_wipe(vg_buf *secret)
{
    if (secret->data) explicit_bzero(secret->data, secret->cap);
    vg_buf_release(secret);
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < 0x21 || *text > 0x7e) return false;
    return true;
}

vg_code aws_keys_check(const struct aws_keys *keys, const char *where, vg_err *err)
{
    if (!keys->access_key || !*keys->access_key) return vg_fail(err, VG_EUSAGE, "%s: there is no access key", where);
    if (!keys->secret_key || !*keys->secret_key)
        return vg_fail(err, VG_EUSAGE, "%s: there is an access key, but no secret access key", where);
    if (!is_plain(keys->access_key) || !is_plain(keys->secret_key) ||
        (keys->session_token && !is_plain(keys->session_token)))
        return vg_fail(err, VG_EUSAGE, "%s: a key holds a blank, a line break or another character that keys have not",
                       where);
    return VG_OK;
}

/* A JSON string of plain characters, where only '/' may be escaped. */
static bool take_text(struct json_reader *r, char **out)
{
    vg_slice raw;
    bool escaped;
    if (!json_text(r, &raw, &escaped)) return false;
    char *text = vg_alloc(raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && raw.p[i + 1] == '/') continue;
        text[n++] = raw.p[i];
    }
    text[n] = '\0';
    wipe_text(*out);
    *out = text;
    return !escaped || !strchr(text, '\\');
}

static bool take_member(struct json_reader *r, vg_slice name, struct aws_keys *keys, bool *success)
{
    vg_slice raw;
    bool escaped;
    if (vg_slice_is(name, "AccessKeyId")) return take_text(r, &keys->access_key);
    if (vg_slice_is(name, "SecretAccessKey")) return take_text(r, &keys->secret_key);
    if (vg_slice_is(name, "Token")) return take_text(r, &keys->session_token);
    if (vg_slice_is(name, "Expiration")) {
        int64_t ns;
        if (!json_text(r, &raw, &escaped) || !vg_time_parse(raw.p, raw.n, &ns)) return false;
        keys->expires_s = ns / VG_NS_PER_S;
        return true;
    }
    if (vg_slice_is(name, "Code")) {
        if (!json_text(r, &raw, &escaped)) return false;
        *success = vg_slice_is(raw, "Success");
        return true;
    }
    return json_skip(r, &raw);
}

vg_code aws_keys_parse(vg_slice json, struct aws_keys *keys, vg_err *err)
{
    *keys = (struct aws_keys){.expires_s = AWS_KEYS_FOREVER};
    struct json_reader r = json_reader(json.p, json.n);
    vg_slice name;
    bool success = true, good = json_enter(&r, '{');
    while (good && json_next_key(&r, &name))
        good = take_member(&r, name, keys, &success);
    vg_code rc = VG_OK;
    if (!good || !json_finish(&r))
        rc = vg_fail(err, VG_EPARSE, "credentials: the answer is not the JSON that is expected%s%s",
                     r.error ? ": " : "", r.error ? r.error : "");
    else if (!success)
        rc = vg_fail(err, VG_ESTATE, "credentials: the answer says that they are not available");
    else if (aws_keys_check(keys, "credentials of the endpoint", err))
        rc = vg_fail(err, VG_EPARSE, "credentials: the answer holds no usable AccessKeyId and SecretAccessKey");
    if (rc) aws_keys_release(keys);
    return rc;
}
