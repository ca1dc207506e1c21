/* cmd.h: what a command is, and what the commands share.
 *
 * A command parses its options, calls one flow, prints, and maps errors to exit codes. It holds no
 * algorithm. The table of all commands is in main.c.
 */
#ifndef VIGIL_CMD_CMD_H
#define VIGIL_CMD_CMD_H

#include "base/opt.h"

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_WRONG_USAGE = 2,
    EXIT_INCOMPLETE = 3, /* nothing to do, or done with a remark; each command's help says which */
};

struct command {
    const char *name;
    const char *summary; /* one line for `vigil help` */
    const char *usage;   /* what follows the name: "[SOURCE…] [--date D]" */
    const char *help;    /* paragraphs for `vigil help NAME`: what it does, examples, exit codes */
    int (*run)(const struct command *self, int argc, char **argv); /* argv without program and name */
};

extern const struct command cmd_backfill, cmd_classify, cmd_cluster, cmd_coin, cmd_compact, cmd_doctor, cmd_export,
    cmd_features, cmd_fetch, cmd_help, cmd_leaderboard, cmd_load, cmd_serve, cmd_simulate, cmd_sql, cmd_sync,
    cmd_trader, cmd_validate, cmd_verify, cmd_version;

/* Parses options for `self`; prints the usage on --help. Returns -1 to go on, else the exit code. */
int command_options(const struct command *self, const struct vg_option *options, int argc, char **argv,
                    int *positionals);

/* Prints "vigil NAME: message" on stderr; returns the exit code that belongs to the error. */
int command_fail(const struct command *self, const vg_err *err);

/* Prints "vigil NAME: what" and the usage on stderr; returns EXIT_WRONG_USAGE. */
int command_usage(const struct command *self, const char *what);

/* Makes one range of days of --date (VG_NO_DATE where there is none), --start and --end. Returns -1, or
 * EXIT_WRONG_USAGE when they contradict each other, which it says on stderr. */
int command_days(const struct command *self, int32_t date, int32_t *from, int32_t *to);

/* Where the lake is: the flag, else VIGIL_LAKE, else s3://VIGIL_S3_BUCKET/lake, else VIGIL_HOME/lake, else
 * vigil-data/lake. `storage`
 * may come to hold the text. */
const char *command_lake(const char *flag, vg_buf *storage);

/* Which database: the flag, else DATABASE_URL; NULL: neither. Returns -1, or EXIT_WRONG_USAGE when the flag holds a
 * password, which every user of the machine could read; that is said on stderr. */
int command_database(const struct command *self, const char **url);

/* Writes the text to stdout; EXIT_FAILED when stdout is full or closed. */
int command_print(const struct command *self, const vg_buf *text);

/* Prints the help page of one command with its options. */
void command_help(const struct command *self, const struct vg_option *options);

#endif
