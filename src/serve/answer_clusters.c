/* Clusters and the map of traders: printed with the snapshot. */
#include "serve/answers.h"

static void answer_printed(struct api_call *call, vg_slice rest)
{
    call_begin(call);
    vg_buf_add(&call->response->body, rest.p, rest.n);
    call_json(call);
}

void answer_clusters(struct api_call *call) { answer_printed(call, snapshot_cluster_profiles(call->snapshot)); }

void answer_map(struct api_call *call) { answer_printed(call, snapshot_cluster_map(call->snapshot)); }
