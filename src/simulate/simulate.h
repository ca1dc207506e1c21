/* simulate.h: a synthetic market in the exchange's own file format, with the truth beside it.
 *
 * Output: DIR/node_fills_by_block/hourly/YYYYMMDD/H.lz4 (24 files a day) and DIR/truth (truth.h). The
 * same options give the same bytes on every machine. Prices, order flow and people are invented; the
 * accounting is the exchange's (clearing.h), so that whoever reads the files can be tested to the last
 * digit. Nothing here is shared with the code that is tested: only base/ is used.
 *
 * Cost: about a microsecond per fill; memory: some 300 bytes per trader, 100 per (trader, coin) that
 * trades, 2.6 MB per day for prices, 30 MB for text on its way to the disk.
 */
#ifndef VIGIL_SIMULATE_SIMULATE_H
#define VIGIL_SIMULATE_SIMULATE_H

#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"

#define SIMULATE_FILLS 1000000
#define SIMULATE_TRADERS 5000
#define SIMULATE_SEED 1
#define SIMULATE_DATE 20574 /* 2026-05-01 as a day number */

struct simulate_options {
    uint64_t fills;   /* rows in all; one less when that is odd and dust does not even it out */
    uint32_t traders; /* besides the dust account; at least 20 */
    uint64_t seed;
    int32_t first_day; /* day.h */
    uint32_t days;
    const char *output;           /* directory; created when missing */
    struct vg_progress *progress; /* or NULL: fills are added as done and as items */
};

struct simulate_result {
    uint64_t fills;      /* rows, dust conversions included */
    uint64_t trades;     /* pairs of rows */
    uint64_t dust_fills; /* one-sided rows */
    uint64_t blocks, first_block;
    uint64_t bytes_raw, bytes_lz4;
    uint32_t files;
    double seconds;
};

/* VG_EUSAGE names an option that makes no sense; VG_ESTATE: the output holds another synthetic market. */
VG_MUST_USE vg_code simulate_market(const struct simulate_options *options, struct simulate_result *result,
                                    vg_err *err);

#endif
