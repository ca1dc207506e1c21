/* export.h: the lake back into the exchange's own lines. */
#ifndef VIGIL_FLOW_EXPORT_H
#define VIGIL_FLOW_EXPORT_H

#include <stdio.h>

#include "base/progress.h"
#include "lake/lake.h"

struct export_options {
    const char *lake;
    int32_t from, to; /* days of block_time; VG_NO_DATE: no bound */
    FILE *output;
    const char *output_name; /* for messages */
    struct vg_progress *progress;
};

struct export_report {
    uint64_t fills, lines;
};

/* Writes every block line (empty blocks and the streaming form included), legacy line and trade line
 * whose rows the lake has, in block order: sources without block numbers first, by time. For what
 * the exchange wrote the bytes are the exchange's. Events that were refused are missing: their
 * number is in the manifest. */
VG_MUST_USE vg_code export_run(const struct export_options *options, struct export_report *report, vg_err *err);

#endif
