/* known_blocks.h: whether a block is in the lake already, from another object.
 *
 * Objects cover ranges of block numbers that hardly ever overlap, so the answer is nearly always no,
 * and costs a comparison. Only inside a range the object's blocks are read, and kept for the next
 * question. One thread at a time.
 */
#ifndef VIGIL_LAKE_KNOWN_BLOCKS_H
#define VIGIL_LAKE_KNOWN_BLOCKS_H

#include "lake/lake.h"

struct known_blocks;

/* Looks at the objects in the lake's manifest except the one named `part`. The lake must not change
 * while the result is used. */
struct known_blocks *known_blocks_new(const struct lake *lake, const char *part);
void known_blocks_free(struct known_blocks *known);

VG_MUST_USE vg_code known_blocks_find(struct known_blocks *known, int64_t block, bool *found, uint64_t *digest,
                                      vg_err *err);

/* Adds the objects in which blocks were found. */
void known_blocks_shares(const struct known_blocks *known, struct share_list *shares);

#endif
