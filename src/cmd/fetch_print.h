/* fetch_print.h: what `fetch` and `backfill` tell. */
#ifndef VIGIL_CMD_FETCH_PRINT_H
#define VIGIL_CMD_FETCH_PRINT_H

#include "cmd/cmd.h"
#include "flow/fetch.h"

void fetch_print_json(const struct fetch_report *report, const char *lake, vg_buf *out);
void fetch_print_text(const struct fetch_report *report, const char *lake, bool dry_run, vg_buf *out);

/* To stderr: objects that failed, and whether some are left. */
void fetch_print_failures(const struct command *self, const struct fetch_report *report);

#endif
