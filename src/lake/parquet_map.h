/* parquet_map.h: where everything lies in a Parquet file of fills: its footer, read once for many readers.
 *
 * Never changes once read, so threads may share it. 1 KiB a row group.
 */
#ifndef VIGIL_LAKE_PARQUET_MAP_H
#define VIGIL_LAKE_PARQUET_MAP_H

#include <sys/stat.h>

#include "lake/parquet_footer.h"

struct parquet_map {
    struct parquet_footer footer;
    struct stat status; /* of the file then */
};

/* Of an open file; `path` is for errors. VG_ESTATE: not a file of fills as vigil writes it. */
VG_MUST_USE vg_code parquet_map_read(struct parquet_map *map, int file, const char *path, vg_err *err);
void parquet_map_release(struct parquet_map *map);

/* VG_ESTATE when the open file is another than the map's, or has changed. */
VG_MUST_USE vg_code parquet_map_check(const struct parquet_map *map, int file, const char *path, vg_err *err);

size_t parquet_map_bytes(const struct parquet_map *map); /* memory, about */

/* Whether the row group may have rows of this trader, as its bounds say. */
bool parquet_map_may_have(const struct parquet_footer *footer, size_t group, vg_slice user);

/* Reads n bytes at `at` of a file into `out`, which is cleared first. VG_ESTATE: there are fewer. */
VG_MUST_USE vg_code parquet_bytes_read(int file, const char *path, uint64_t at, size_t n, vg_buf *out, vg_err *err);

#endif
