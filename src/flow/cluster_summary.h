/* cluster_summary.h: clusters as one JSON document: what `vigil cluster --json` prints and outputs/ keeps. */
#ifndef VIGIL_FLOW_CLUSTER_SUMMARY_H
#define VIGIL_FLOW_CLUSTER_SUMMARY_H

#include "flow/cluster_flow.h"

/* One line. What is not known is null. */
void cluster_summary_print(const struct cluster_report *report, vg_buf *out);

#endif
