/* main.c: the table of commands. */

#include <stdio.h>

#include "base/env.h"
#include "base/pool.h"
#include "cmd/cmd.h"

static const struct command *const commands[] = {
    &cmd_sync,     &cmd_backfill, &cmd_fetch,       &cmd_validate, &cmd_verify,  &cmd_compact, &cmd_features,
    &cmd_classify, &cmd_cluster,  &cmd_leaderboard, &cmd_trader,   &cmd_coin,    &cmd_sql,     &cmd_load,
    &cmd_serve,    &cmd_export,   &cmd_simulate,    &cmd_doctor,   &cmd_version, &cmd_help,
};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static void print_overview(FILE *out)
{
    fputs("vigil: every fill of Hyperliquid, from raw files to knowledge about traders\n\ncommands:\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nfirst steps:\n"
          "  vigil simulate --fills 200k --traders 500 --output market   a market to play with\n"
          "  vigil fetch market                                          its files into the lake\n"
          "  vigil verify                                                is everything there, does it add up\n"
          "  vigil features                                              positions, episodes, figures\n"
          "  vigil leaderboard                                           who earned what\n"
          "\n`vigil help COMMAND` tells more. The lake is vigil-data/lake unless --lake or VIGIL_LAKE says\n"
          "otherwise; a file .env in the current folder may hold settings.\n",
          out);
}

static int unknown(const char *name)
{
    fprintf(stderr, "vigil: there is no command '%s'; `vigil help` lists them\n", name);
    return EXIT_WRONG_USAGE;
}

static int run_help(const struct command *self, int argc, char **argv)
{
    static char help_flag[] = "--help";
    char *flags[] = {help_flag, NULL};
    (void)self;
    if (argc == 0 || strcmp(argv[0], "--help") == 0) {
        print_overview(stdout);
        return EXIT_DONE;
    }
    const struct command *command = find(argv[0]);
    if (!command) return unknown(argv[0]);
    if (command == &cmd_help) {
        print_overview(stdout);
        return EXIT_DONE;
    }
    return command->run(command, 1, flags);
}

const struct command cmd_help = {
    .name = "help",
    .summary = "this overview, or the page of one command",
    .usage = "[COMMAND]",
    .help = "Prints the commands, or everything about one of them.",
    .run = run_help,
};

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_WRONG_USAGE;
    }
    vg_err err = {0};
    if (env_load(".env", &err)) {
        fprintf(stderr, "vigil: %s\n", err.msg);
        return EXIT_FAILED;
    }
    vg_cancel_on_signals();
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    const struct command *command = find(name);
    if (!command) return unknown(argv[1]);
    int code = command->run(command, argc - 2, argv + 2);
    if (code == EXIT_FAILED || (fflush(stdout) == 0 && !ferror(stdout))) return code;
    fprintf(stderr, "vigil %s: standard output could not be written\n", command->name);
    return EXIT_FAILED;
}
