#include <stdio.h>

#include "cmd/cmd.h"
#include "flow/doctor.h"

static int run_version(const struct command *self, int argc, char **argv)
{
    bool json = false;
    const struct vg_option options[] = {{"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"}, {0}};
    int positionals = 0;
    int code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    vg_buf text = {0};
    struct library_version libraries[DOCTOR_LIBRARIES];
    doctor_versions(libraries);
    vg_buf_addf(&text, json ? "{\"vigil\":\"%s\"" : "vigil %s\n", VIGIL_VERSION);
    for (size_t i = 0; i < DOCTOR_LIBRARIES; i++)
        vg_buf_addf(&text, json ? ",\"%s\":\"%s\"" : "  %s %s\n", libraries[i].name, libraries[i].version);
    if (json) vg_buf_adds(&text, "}\n");
    code = command_print(self, &text);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_version = {
    .name = "version",
    .summary = "versions of vigil and of the libraries it runs with",
    .usage = "[--json]",
    .help = "Prints the version of vigil and of the libraries that are loaded right now.",
    .run = run_version,
};
