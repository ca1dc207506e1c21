/* cluster_words.h: a cluster in sentences: what its members do, when, and how they earn or lose. */
#ifndef VIGIL_ANALYZE_CLUSTER_WORDS_H
#define VIGIL_ANALYZE_CLUSTER_WORDS_H

#include "analyze/cluster.h"
#include "model/day_hours.h"

/* When positions are opened, UTC; each member that opened any counts the same. */
struct cluster_when {
    size_t members;                /* that it rests on */
    double hours[24], weekdays[7]; /* shares of openings; weekdays from Monday on */
    unsigned covered[7][24];       /* how often the data cover each hour of each weekday */
};

/* Medians, without an end of sentence. */
void cluster_words_what(const struct cluster_profile *profile, vg_buf *out);
void cluster_words_when(const struct cluster_when *when, vg_buf *out);
void cluster_words_earn(const struct cluster_profile *profile, vg_buf *out);

/* "45 s", "4.5 min", "3.1 h", "2.0 d". */
void cluster_words_minutes(double minutes, vg_buf *out);

#endif
