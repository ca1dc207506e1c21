#include "ingest/archive.h"

/* Hours since 1970 of midnights (UTC). */
#define DAY_20250322 (INT64_C(20169) * 24)
#define DAY_20250525 (INT64_C(20233) * 24)
#define DAY_20250727 (INT64_C(20296) * 24)

/* node_fills begins at 14:32 on its first day, so that hour is taken whole from node_trades. The by-block archive
 * begins at 08:50 in the hour in which node_fills ends at 08:45: both have a part of it. */
const struct archive archives[ARCHIVES] = {
    {"node_trades/hourly", STREAM_TRADES, DAY_20250322 + 10, DAY_20250525 + 14},
    {"node_fills/hourly", STREAM_LEGACY, DAY_20250525 + 15, DAY_20250727 + 8},
    {"node_fills_by_block/hourly", STREAM_BLOCKS, DAY_20250727 + 8, INT64_MAX},
};

bool archive_has_days(const struct archive *a, int32_t from, int32_t to)
{
    return (from == VG_NO_DATE || archive_hour(from, 0) <= a->last) &&
           (to == VG_NO_DATE || archive_hour(to, 23) >= a->first);
}

bool archive_has_hour(const struct archive *a, int32_t day, int hour)
{
    int64_t at = archive_hour(day, hour);
    return at >= a->first && at <= a->last;
}
