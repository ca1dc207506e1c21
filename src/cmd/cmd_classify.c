#include "base/day.h"
#include "cmd/cmd.h"
#include "cmd/table.h"
#include "flow/classify_flow.h"

static void print_text(const struct classify_report *r, vg_buf *out)
{
    struct table table = {0};
    char as_of[VG_TIME_TEXT];
    table_column(&table, "class", false);
    for (enum class_profile profile = 0; profile < CLASS_PROFILES; profile++)
        table_column(&table, class_profile_name(profile), true);
    for (enum trader_class class = 0; class < TRADER_CLASSES; class ++) {
        table_cell(&table, trader_class_name(class), strlen(trader_class_name(class)));
        for (enum class_profile profile = 0; profile < CLASS_PROFILES; profile++)
            table_cellf(&table, "%llu", (unsigned long long)r->counts[profile][class]);
    }
    table_print(&table, out);
    table_release(&table);
    vg_time_print(r->as_of_ns, 0, as_of);
    vg_buf_addf(out, "\n%llu traders as of %s UTC; %llu changed their class (profile vigil)\n",
                (unsigned long long)r->traders, as_of, (unsigned long long)r->changed);
}

static void print_json(const struct classify_report *r, vg_buf *out)
{
    char as_of[VG_TIME_TEXT];
    vg_time_print(r->as_of_ns, 3, as_of);
    vg_buf_addf(out, "{\"traders\":%llu,\"changed\":%llu,\"as_of\":\"%sZ\",\"profiles\":{",
                (unsigned long long)r->traders, (unsigned long long)r->changed, as_of);
    for (enum class_profile profile = 0; profile < CLASS_PROFILES; profile++) {
        vg_buf_addf(out, "%s\"%s\":{\"version\":\"%s\"", profile ? "," : "", class_profile_name(profile),
                    class_profile_version(profile));
        for (enum trader_class class = 0; class < TRADER_CLASSES; class ++)
            vg_buf_addf(out, ",\"%s\":%llu", trader_class_name(class), (unsigned long long)r->counts[profile][class]);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "}}\n");
}

static int run_classify(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL;
    bool json = false;
    const struct vg_option options[] = {
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read, and to write the table to"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct classify_report report;
    if (classify_run(command_lake(lake, &storage), &report, &err)) {
        code = command_fail(self, &err);
    } else {
        if (json)
            print_json(&report, &text);
        else
            print_text(&report, &text);
        code = command_print(self, &text);
    }
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_classify = {
    .name = "classify",
    .summary = "classes of traders by three profiles of rules, with the reason",
    .usage = "",
    .help = "Reads the tables of `vigil features` and writes the table classes: for each trader and profile the\n"
            "class, the rule that made it with its numbers, the rule's version, and the time up to which data\n"
            "were known. The profile vigil keeps a class while a trader is near its bounds. Rules: docs/classes.md.\n"
            "\n"
            "  vigil classify\n"
            "  vigil sql \"SELECT user_address, reason FROM classes WHERE profile = 'vigil' AND class = 'HFT'\"\n"
            "\n"
            "exit: 0 done; 1 failed; 2 wrong usage",
    .run = run_classify,
};
