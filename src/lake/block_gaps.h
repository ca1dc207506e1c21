/* block_gaps.h: which block numbers are missing.
 *
 * The exchange numbers its blocks without holes and writes empty ones too, so a number that is in no
 * object was lost on the way.
 */
#ifndef VIGIL_LAKE_BLOCK_GAPS_H
#define VIGIL_LAKE_BLOCK_GAPS_H

#include "lake/lake.h"

struct block_gaps {
    uint64_t missing;
    int64_t first, last; /* the first gap's numbers; meaningless when nothing is missing */
};

/* Looks at the blocks in `parts` from block number `from` to `to`; numbers before the first and behind the
 * last block found there do not count. */
VG_MUST_USE vg_code block_gaps_find(const struct lake *lake, const struct part_list *parts, int64_t from, int64_t to,
                                    struct block_gaps *gaps, vg_err *err);

#endif
