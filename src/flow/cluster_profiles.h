/* cluster_profiles.h: the table `cluster_profiles`: what clusters are like, for databases and servers. */
#ifndef VIGIL_FLOW_CLUSTER_PROFILES_H
#define VIGIL_FLOW_CLUSTER_PROFILES_H

#include "flow/cluster_flow.h"
#include "lake/feature_files.h"

VG_MUST_USE vg_code cluster_profiles_write(const struct cluster_report *report, struct feature_writer *writer,
                                           vg_err *err);

/* As JSON arrays. */
void cluster_hours_print(const double *shares, size_t n, vg_buf *out);
void cluster_members_print(const struct cluster_typical *typical, vg_buf *out);

#endif
