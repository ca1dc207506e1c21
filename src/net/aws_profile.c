#include "net/aws_profile.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "net/ini.h"

#define MAX_FILE_BYTES (1 << 20)

struct reading {
    struct aws_profile *profile;
    struct aws_keys keys; /* of this file */
    bool is_config;
};

/* The name in "[profile name]" and "[default]" of the config file; quotes around a name are taken off. */
static vg_slice config_profile(vg_slice section)
{
    if (vg_slice_is(section, "default")) return section;
    if (section.n < 9 || memcmp(section.p, "profile", 7) != 0 || (section.p[7] != ' ' && section.p[7] != '\t'))
        return (vg_slice){NULL, 0};
    vg_slice name = {section.p + 8, section.n - 8};
    while (name.n > 0 && (name.p[0] == ' ' || name.p[0] == '\t'))
        name = (vg_slice){name.p + 1, name.n - 1};
    while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
        name.n--;
    if (name.n >= 2 && (name.p[0] == '"' || name.p[0] == '\'') && name.p[name.n - 1] == name.p[0])
        name = (vg_slice){name.p + 1, name.n - 2};
    return name;
}

static bool key_is(vg_slice key, const char *name) { return key.n == strlen(name) && !strncasecmp(key.p, name, key.n); }

static void keep(char **field, vg_slice value)
{
    if (*field) explicit_bzero(*field, strlen(*field));
    free(*field);
    *field = strndup(value.p, value.n);
    VG_ASSERT(*field);
}

static void on_setting(void *ctx, vg_slice section, vg_slice key, vg_slice value)
{
    static const char *const others[] = {"role_arn", "credential_process", "sso_session", "sso_start_url",
                                         "web_identity_token_file"};
    struct reading *reading = ctx;
    struct aws_profile *profile = reading->profile;
    vg_slice name = reading->is_config ? config_profile(section) : section;
    if (!name.p || !vg_slice_is(name, profile->name)) return;
    profile->found = true;
    if (key_is(key, "aws_access_key_id")) keep(&reading->keys.access_key, value);
    if (key_is(key, "aws_secret_access_key")) keep(&reading->keys.secret_key, value);
    if (key_is(key, "aws_session_token")) keep(&reading->keys.session_token, value);
    if (key_is(key, "region")) keep(&profile->region, value);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (key_is(key, others[i])) keep(&profile->other_means, vg_slice_of(others[i]));
}

/* The path in the variable, else the file in the home directory. NULL without a home. */
static char *file_path(const char *variable, const char *name)
{
    const char *path = getenv(variable), *home = getenv("HOME");
    if (path && *path && strncmp(path, "~/", 2) != 0) return vg_strdup(path);
    return home ? vg_path_join(home, path && *path ? path + 2 : name) : NULL;
}

static vg_code read_file(struct reading *reading, const char *variable, const char *name, vg_err *err)
{
    char *path = file_path(variable, name);
    if (!path || access(path, F_OK) != 0) {
        free(path);
        return VG_OK;
    }
    vg_buf text = {0};
    vg_err what;
    vg_code rc = file_read_all(path, MAX_FILE_BYTES, &text, err);
    if (!rc) {
        rc = ini_walk(vg_buf_view(&text), on_setting, reading, &what);
        if (rc) vg_fail(err, rc, "%s, %s", path, what.msg);
    }
    aws_wipe(&text);
    struct aws_keys *keys = &reading->keys, *kept = &reading->profile->keys;
    if (!rc && (keys->access_key || keys->secret_key)) rc = aws_keys_check(keys, path, err);
    if (!rc && keys->access_key && !kept->access_key) {
        *kept = *keys;
        kept->expires_s = AWS_KEYS_FOREVER;
        *keys = (struct aws_keys){0};
    }
    aws_keys_release(keys);
    free(path);
    return rc;
}

vg_code aws_profile_load(struct aws_profile *profile, vg_err *err)
{
    const char *chosen = getenv("AWS_PROFILE");
    bool named = chosen && *chosen;
    *profile = (struct aws_profile){.name = vg_strdup(named ? chosen : "default")};
    struct reading credentials = {.profile = profile}, config = {.profile = profile, .is_config = true};
    VG_TRY(read_file(&credentials, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", err));
    VG_TRY(read_file(&config, "AWS_CONFIG_FILE", ".aws/config", err));
    if (named && !profile->found)
        return vg_fail(err, VG_EUSAGE,
                       "AWS_PROFILE is %s, but neither the credentials file nor the config file has such a profile",
                       profile->name);
    return VG_OK;
}

void aws_profile_release(struct aws_profile *profile)
{
    aws_keys_release(&profile->keys);
    free(profile->name);
    free(profile->region);
    free(profile->other_means);
    *profile = (struct aws_profile){0};
}
