#include <stdio.h>

#include "cmd/cmd.h"
#include "flow/features_flow.h"

/* "2/8" is the third of eight; counted from 0. */
static bool parse_shard(const char *text, unsigned *shard, unsigned *shards)
{
    int used = 0;
    return sscanf(text, "%5u/%5u%n", shard, shards, &used) == 2 && text[used] == '\0' && *shard < *shards;
}

static void print_text(const struct features_report *r, vg_buf *out)
{
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT], resumed[VG_DATE_TEXT];
    vg_time_print(r->first_time_ns, 0, from);
    vg_time_print(r->last_time_ns, 0, to);
    if (r->up_to_date) {
        vg_buf_addf(out, "up to date: %llu fills from %s to %s UTC\n", (unsigned long long)r->fills, from, to);
        return;
    }
    vg_buf_addf(out, "%llu traders, %llu open positions, %llu episodes ended in %zu day%s\n",
                (unsigned long long)r->traders, (unsigned long long)r->positions, (unsigned long long)r->episodes,
                r->days_written, r->days_written == 1 ? "" : "s");
    vg_buf_addf(out, "%llu fills from %s to %s UTC; ", (unsigned long long)r->fills, from, to);
    if (r->resumed_at == VG_NO_DATE) {
        vg_buf_adds(out, "computed from the first");
    } else {
        vg_day_print(r->resumed_at == INT32_MAX ? 0 : r->resumed_at, '-', resumed);
        vg_buf_addf(out, "went on at %s", r->resumed_at == INT32_MAX ? "the end" : resumed);
    }
    vg_buf_addf(out, ", read %llu in %.1f s\n", (unsigned long long)r->fills_read, r->seconds);
}

static void print_json(const struct features_report *r, vg_buf *out)
{
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT];
    vg_time_print(r->first_time_ns, 3, from);
    vg_time_print(r->last_time_ns, 3, to);
    vg_buf_addf(
        out,
        "{\"up_to_date\":%s,\"fills\":%llu,\"fills_read\":%llu,\"traders\":%llu,\"positions\":%llu,"
        "\"episodes\":%llu,\"days\":%zu,\"days_written\":%zu,\"from\":\"%sZ\",\"to\":\"%sZ\",\"seconds\":%.3f}\n",
        r->up_to_date ? "true" : "false", (unsigned long long)r->fills, (unsigned long long)r->fills_read,
        (unsigned long long)r->traders, (unsigned long long)r->positions, (unsigned long long)r->episodes, r->days,
        r->days_written, from, to, r->seconds);
}

static int run_features(const struct command *self, int argc, char **argv)
{
    const char *lake = NULL, *shard = "0/1";
    bool json = false, quiet = false;
    int32_t date = VG_NO_DATE;
    struct features_options flow = {.from = VG_NO_DATE, .to = VG_NO_DATE};
    const struct vg_option options[] = {
        {"date", VG_OPT_DATE, &date, "DAY", NULL, "only this day"},
        {"start", VG_OPT_DATE, &flow.from, "DAY", NULL, "from this day on"},
        {"end", VG_OPT_DATE, &flow.to, "DAY", NULL, "up to this day, itself included"},
        {"shard", VG_OPT_TEXT, &shard, "I/N", NULL, "only traders of shard I of N, by hash of the address (0/1)"},
        {"full", VG_OPT_FLAG, &flow.full, NULL, NULL, "from the first fill, whatever was computed before"},
        {"lake", VG_OPT_TEXT, &lake, "LAKE", NULL, "the lake to read, and to write the tables to"},
        {"quiet", VG_OPT_FLAG, &quiet, NULL, NULL, "no progress line"},
        {"json", VG_OPT_FLAG, &json, NULL, NULL, "one JSON document on stdout"},
        {0},
    };
    int positionals = 0, code = command_options(self, options, argc, argv, &positionals);
    if (code >= 0) return code;
    if (positionals) return command_usage(self, "takes no arguments");
    if (!parse_shard(shard, &flow.shard, &flow.shards))
        return command_usage(self, "--shard: wanted is I/N with I below N, such as 0/4");
    code = command_days(self, date, &flow.from, &flow.to);
    if (code >= 0) return code;

    vg_buf storage = {0}, text = {0};
    vg_err err = {0};
    struct vg_progress progress;
    struct features_report report;
    flow.lake = command_lake(lake, &storage);
    flow.progress = &progress;
    vg_progress_start(&progress, "computing", "fills", 0, quiet);
    vg_code rc = features_run(&flow, &report, &err);
    vg_progress_stop(&progress);
    if (rc) {
        code = command_fail(self, &err);
    } else {
        if (json)
            print_json(&report, &text);
        else
            print_text(&report, &text);
        code = command_print(self, &text);
        if (code == EXIT_DONE && report.up_to_date) code = EXIT_INCOMPLETE;
    }
    vg_buf_release(&storage);
    vg_buf_release(&text);
    return code;
}

const struct command cmd_features = {
    .name = "features",
    .summary = "positions, episodes and figures of every trader",
    .usage = "[--date DAY | --start DAY --end DAY] [--shard I/N] [--full]",
    .help =
        "Reads the fills in the order in which they happened, keeps every position, and writes the tables\n"
        "traders, trader_daily, coin_daily, trader_coins, episodes and positions under LAKE/features/. Every\n"
        "column: docs/data-dictionary.md. A further run goes on where the last one stopped; late or repaired hours\n"
        "make it go back as far as it must. The result is the same as computed at once.\n"
        "\n"
        "  vigil features\n"
        "  vigil sql 'SELECT user_address, net_pnl, sharpe_ratio FROM traders ORDER BY net_pnl DESC LIMIT 10'\n"
        "\n"
        "Memory: 180 MB, about 0.5 KiB a trader and as much for each of his coins, 56 bytes an order of the\n"
        "last four days, 200 MB of episodes.\n"
        "exit: 0 done; 1 failed; 2 wrong usage; 3 nothing new",
    .run = run_features,
};
