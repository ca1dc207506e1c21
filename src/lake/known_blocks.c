#include "lake/known_blocks.h"

#include "base/map.h"
#include "lake/part_read.h"

/* One object's range of blocks. Digests are loaded when a question falls inside. */
struct range {
    char *part, etag[40];
    int64_t first, last;
    struct part_list blocks;
    bool loaded, shared; /* shared: some block was found here */
    struct map64 digests;
};

struct known_blocks {
    const struct lake *lake;
    struct range *ranges;
    size_t n;
    int64_t free_from, free_to; /* no range touches these numbers */
};

struct known_blocks *known_blocks_new(const struct lake *lake, const char *part)
{
    struct known_blocks *known = vg_calloc(1, sizeof *known);
    known->lake = lake;
    known->free_from = 1;
    known->free_to = 0;
    known->ranges = vg_calloc(lake->manifest.n + 1, sizeof *known->ranges);
    for (size_t i = 0; i < lake->manifest.n; i++) {
        const struct manifest_record *record = &lake->manifest.records[i];
        if (record->surrogate || record->blocks == 0 || strcmp(record->part, part) == 0) continue;
        struct range *range = &known->ranges[known->n++];
        range->part = vg_strdup(record->part);
        memcpy(range->etag, record->etag, sizeof range->etag);
        range->first = record->first_block;
        range->last = record->last_block;
        for (size_t k = 0; k < record->parts.n; k++)
            if (record->parts.items[k].table == TABLE_BLOCKS) part_list_add(&range->blocks, &record->parts.items[k]);
    }
    return known;
}

void known_blocks_free(struct known_blocks *known)
{
    if (!known) return;
    for (size_t i = 0; i < known->n; i++) {
        free(known->ranges[i].part);
        part_list_release(&known->ranges[i].blocks);
        map64_release(&known->ranges[i].digests);
    }
    free(known->ranges);
    free(known);
}

static vg_code keep_digest(void *ctx, const struct block *block, vg_err *err)
{
    (void)err;
    bool added;
    *map64_insert(ctx, (uint64_t)block->number, &added) = block->digest; /* the last row of a block has it whole */
    return VG_OK;
}

vg_code known_blocks_find(struct known_blocks *known, int64_t block, bool *found, uint64_t *digest, vg_err *err)
{
    *found = false;
    if (block >= known->free_from && block <= known->free_to) return VG_OK;
    int64_t below = INT64_MIN, above = INT64_MAX; /* the nearest ranges on either side */
    bool inside = false;
    for (size_t i = 0; i < known->n && !*found; i++) {
        struct range *range = &known->ranges[i];
        if (range->last < block && range->last > below) below = range->last;
        if (range->first > block && range->first < above) above = range->first;
        if (block < range->first || block > range->last) continue;
        inside = true;
        if (!range->loaded) VG_TRY(part_read_blocks(known->lake, &range->blocks, keep_digest, &range->digests, err));
        range->loaded = true;
        const uint64_t *value = map64_find(&range->digests, (uint64_t)block);
        if (!value) continue;
        *found = range->shared = true;
        *digest = *value;
    }
    if (!inside) {
        known->free_from = below == INT64_MIN ? INT64_MIN : below + 1;
        known->free_to = above == INT64_MAX ? INT64_MAX : above - 1;
    }
    return VG_OK;
}

void known_blocks_shares(const struct known_blocks *known, struct share_list *shares)
{
    for (size_t i = 0; i < known->n; i++)
        if (known->ranges[i].shared) share_list_add(shares, known->ranges[i].part, known->ranges[i].etag);
}
