/* opt.h: command-line options from a table.
 *
 * One row is the parser, the help and the environment: --name VALUE, --name=VALUE, flags without a
 * value. A flag beats the environment variable named in its row, which beats the target's initial
 * value (the default). "--" ends the options.
 */
#ifndef VIGIL_BASE_OPT_H
#define VIGIL_BASE_OPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/day.h"

enum vg_opt_kind {
    VG_OPT_FLAG,  /* bool *          set to true */
    VG_OPT_TEXT,  /* const char **   points into argv or the environment */
    VG_OPT_COUNT, /* uint64_t *      digits, with k, M, G for powers of ten */
    VG_OPT_DATE,  /* int32_t *       2025-11-01 or 20251101 as a day number (day.h) */
};

struct vg_option {
    const char *name; /* without dashes; a row with name NULL ends the table */
    enum vg_opt_kind kind;
    void *target;
    const char *value; /* what the help calls the value: "DIR" */
    const char *env;   /* environment variable, or NULL */
    const char *help;
};

/* Reads argv[0 .. argc) into the targets. What is not an option moves to the front of argv and is
 * counted in *positionals. VG_EUSAGE names the offending word. */
VG_MUST_USE vg_code vg_opt_parse(const struct vg_option *options, int argc, char **argv, int *positionals, vg_err *err);

/* Appends one help line per row. */
void vg_opt_help(const struct vg_option *options, vg_buf *out);

#endif
