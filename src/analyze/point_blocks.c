#include "analyze/point_blocks.h"

#include <string.h>

#include "base/err.h"

lanes *point_blocks_new(size_t n, unsigned d)
{
    size_t bytes = (point_blocks_count(n) + 1) * d * sizeof(lanes);
    lanes *blocks = aligned_alloc(sizeof(lanes), bytes);
    if (blocks)
        memset(blocks, 0, bytes);
    else
        VG_BUG("out of memory");
    return blocks;
}
