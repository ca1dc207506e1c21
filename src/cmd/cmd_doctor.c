#include "base/json.h"
#include "cmd/cmd.h"
#include "flow/doctor.h"

/* What is a secret is only said to be there. */
static const struct {
    const char *name;
    bool secret;
} variables[] = {
    {"VIGIL_HOME", false},           {"VIGIL_LAKE", false},         {"VIGIL_S3_BUCKET", false},
    {"VIGIL_MIRROR", false},         {"VIGIL_MIRROR_BYTES", false}, {"AWS_ENDPOINT_URL", false},
    {"AWS_REGION", false},           {"AWS_PROFILE", false},        {"AWS_ACCESS_KEY_ID", true},
    {"AWS_SECRET_ACCESS_KEY", true}, {"AWS_SESSION_TOKEN", true},
};

static void print_text(const struct doctor_check *checks, const char *lake, vg_buf *out)
{
    vg_buf_addf(out, "vigil %s\n\nconfiguration\n", VIGIL_VERSION);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value)
            vg_buf_addf(out, "  %-21s %s\n", variables[i].name, variables[i].secret ? "(set, not shown)" : value);
    }
    vg_buf_addf(out, "  %-21s %s\n\nchecks\n", "lake", lake);
    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        vg_buf_addf(out, "  %-4s %-12s %s\n", checks[i].ok ? "ok" : "FAIL", checks[i].name, checks[i].detail.data);
}

static void print_json(const struct doctor_check *checks, const char *lake, vg_buf *out)
{
    vg_buf_adds(out, "{\"version\":\"" VIGIL_VERSION "\",\"lake\":");
    json_add_string(out, vg_slice_of(lake));
    vg_buf_adds(out, ",\"checks\":[");
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        vg_buf_addf(out, "%s{\"name\":\"%s\",\"ok\":%s,\"detail\":", i ? "," : "", checks[i].name,
                    checks[i].ok ? "true" : "false");
        json_add_string(out, vg_buf_view(&checks[i].detail));
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "]}\n");
}

static int run_doctor(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false;
    const struct vg_option options[] = {
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to look at"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    vg_buf storage = {0}, text = {0};
    struct doctor_check checks[DOCTOR_CHECKS];
    lake = command_lake(lake, &storage);
    doctor_run(lake, checks);
    (json ? print_json : print_text)(checks, lake, &text);
    code = command_print(self, &text);
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        if (!checks[i].ok && code == EXIT_DONE) code = EXIT_FAILED;
        vg_buf_release(&checks[i].detail);
    }
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .summary = "configuration, versions, and whether everything works",
    .usage = "[--lake LAKE]",
    .help = "Prints the effective configuration and tries what vigil needs.\n"
            "\n"
            "exit: 0 all checks pass; 1 one fails",
    .run = run_doctor,
};
