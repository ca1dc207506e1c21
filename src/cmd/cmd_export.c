#include <stdio.h>

#include "base/out_file.h"
#include "cmd/cmd.h"
#include "flow/export.h"

static int run_export(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *format = "node-fills", *output = NULL;
    bool json = false, quiet = false;
    int32_t date = VG_NO_DATE, from = VG_NO_DATE, to = VG_NO_DATE;
    const struct vg_option options[] = {
        {"format", VG_OPT_TEXT, &format, "NAME", NULL, "node-fills: the exchange's own lines"},
        {"output", VG_OPT_TEXT, &output, "FILE", NULL, "write here instead of stdout"},
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only blocks of this day"},
        {"start", VG_OPT_DATE, &from, "DAY", NULL, "from this day on"},
        {"end", VG_OPT_DATE, &to, "DAY", NULL, "up to this day, itself included"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "a report on stdout; needs --output"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    if (strcmp(format, "node-fills") != 0) return command_usage(self, "--format: only node-fills is there");
    if (json && !output) return command_usage(self, "--json needs --output: stdout cannot hold both");
    code = command_days(self, date, &from, &to);
    if (code >= 0) return code;

    vg_err err = {0};
    vg_buf storage = {0}, text = {0};
    struct vg_progress progress;
    struct export_report report;
    struct out_file out = {0};
    const char *name = output ? output : "standard output";
    vg_code rc = output ? out_file_open(&out, output, &err) : VG_OK;
    vg_progress_start(&progress, "exporting", "fills", 0, quiet);
    struct export_options flow = {command_lake(lake, &storage), from, to,
                                  output ? out.stream : stdout, name, &progress};
    if (!rc) rc = export_run(&flow, &report, &err);
    vg_progress_stop(&progress);
    if (!rc && output) rc = out_file_finish(&out, &err);
    if (!rc && !output && fflush(stdout) != 0) rc = vg_fail_errno(&err, "writing %s", name);
    out_file_release(&out);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        code = report.lines ? EXIT_DONE : EXIT_INCOMPLETE;
        if (output) {
            vg_buf_addf(&text, json ? "{\"fills\":%llu,\"lines\":%llu}\n" : "%llu fills in %llu lines\n",
                        (unsigned long long)report.fills, (unsigned long long)report.lines);
            if (command_print(self, &text) != EXIT_DONE) code = EXIT_FAILED;
        }
    }
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_export = {
    .name = "export",
    .summary = "the lake back into the exchange's own lines",
    .usage = "[--output FILE] [--date DAY | --start DAY --end DAY]",
    .help = "Writes block lines, empty blocks and the streaming form included, and the lines of older sources,\n"
            "in block order. What the exchange wrote comes back byte for byte; a source with other key order\n"
            "or spacing comes back in the exchange's form. FILE appears when it is whole; a pipe or a device is\n"
            "written into.\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage; 3 nothing to write",
    .run = run_export,
};
