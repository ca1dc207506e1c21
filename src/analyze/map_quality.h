/* map_quality.h: how far a map can be trusted: whether neighbours on it are neighbours, and the other way round.
 *
 * Venna and Kaski 2001, over 15 neighbours: 1 when all are, less the farther off intruders (trustworthiness) or those
 * who were torn away (continuity) really are. Over all points up to MAP_QUERIES, above over so many spread evenly, each
 * against all points (standard error about 0.0005).
 */
#ifndef VIGIL_ANALYZE_MAP_QUALITY_H
#define VIGIL_ANALYZE_MAP_QUALITY_H

#include "analyze/umap.h"

#define MAP_QUERIES 2000
#define MAP_NEIGHBOURS 15

struct map_quality {
    double trustworthiness, continuity; /* NAN with fewer than 2 MAP_NEIGHBOURS points */
    double preserved;                   /* share of the 15 nearest that are so on the map, too; falls with n */
};

/* points: n rows of d finite floats. */
struct map_quality map_quality_of(const float *points, size_t n, unsigned d, const struct umap_place *places,
                                  unsigned threads);

#endif
