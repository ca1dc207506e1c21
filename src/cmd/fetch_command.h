/* fetch_command.h: what `fetch` and `backfill` have in common, and how hours are told. */
#ifndef VIGIL_CMD_FETCH_COMMAND_H
#define VIGIL_CMD_FETCH_COMMAND_H

#include "cmd/cmd.h"
#include "flow/fetch.h"

struct fetch_command {
    const char *lake; /* the flag, or NULL */
    bool quiet, json;
    int (*exit_code)(const struct fetch_report *report);
};

/* Fetches with a progress line, and tells what became of it. Returns the exit code. */
int fetch_command_run(const struct command *self, const struct fetch_command *how, struct fetch_options *options);

/* Objects that failed, to stderr; and whether some are left. */
void fetch_command_failures(const struct command *self, const struct fetch_report *report);

/* "2025-11-01 07:00, 2025-11-01 08:00, …\n" */
void fetch_command_hours(const struct fetch_hour *hours, size_t n, vg_buf *out);

#endif
