/* fill_feed.h: the fills of the lake's parts, in the order of time, into `features`.
 *
 * Parts that overlap in time make a group and are merged; mostly a group is one part. Prices run ahead of the rows by
 * the hour that markouts look ahead. The one who feeds opens and closes days.
 */
#ifndef VIGIL_FLOW_FILL_FEED_H
#define VIGIL_FLOW_FILL_FEED_H

#include "analyze/features.h"
#include "base/progress.h"
#include "lake/part_read.h"

/* Parts of one day that overlap in time. */
struct fill_group {
    int32_t day;
    int64_t first_ns, last_ns, first_block, last_block;
    bool surrogate;
    size_t first_part, parts;
    uint64_t rows;
};

struct fill_feed {
    struct lake *lake;
    struct vg_progress *progress; /* may be NULL */
    struct part_list parts;       /* in the order of groups */
    struct fill_group *groups;
    size_t group_count;
    size_t next_group, next_prices; /* groups whose rows, and whose prices, were fed before this */
    struct part_reader *price_reader, *row_reader;
};

/* What the lake holds of these days (VG_NO_DATE: no bound); without fills there is no group. The lake must outlive the
 * feed. */
void fill_feed_open(struct fill_feed *feed, struct lake *lake, int32_t from, int32_t to);
void fill_feed_close(struct fill_feed *feed);

/* The index of the first part of a group, parts.n for group_count; and the group that begins with a part, group_count
 * when none does. */
size_t fill_feed_part_of(const struct fill_feed *feed, size_t group);
size_t fill_feed_group_at(const struct fill_feed *feed, uint64_t part);

/* Feeds the rows of the next group, and the prices that they need. Not to be called when there is none. */
VG_MUST_USE vg_code fill_feed_next(struct fill_feed *feed, struct features *features, vg_err *err);

#endif
