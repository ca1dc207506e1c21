/* Clusters and the map of traders, printed with the snapshot, and the figures of those who are on it. */
#include <pthread.h>

#include "serve/answers.h"
#include "serve/row_print.h"

static void answer_printed(struct api_call *call, vg_slice rest)
{
    call_begin(call);
    vg_buf_add(&call->response->body, rest.p, rest.n);
    call_json(call);
}

void answer_clusters(struct api_call *call) { answer_printed(call, snapshot_cluster_profiles(call->snapshot)); }

void answer_map(struct api_call *call) { answer_printed(call, snapshot_cluster_map(call->snapshot)); }

/* Figures by which the map can be coloured. */

static bool is_number(enum column_type type)
{
    return type == COLUMN_SUM || type == COLUMN_DECIMAL || type == COLUMN_DOUBLE || type == COLUMN_INT32 ||
           type == COLUMN_INT64;
}

static struct {
    size_t columns[TRADER_COLUMN_COUNT], n;
} figures;

static void find_figures(void)
{
    for (size_t i = 0; i < TRADER_COLUMN_COUNT; i++)
        if (is_number(trader_columns[i].type)) figures.columns[figures.n++] = i;
}

const char *choice_figure(size_t i)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_figures);
    return i < figures.n ? trader_columns[figures.columns[i]].name : NULL;
}

void answer_map_figure(struct api_call *call)
{
    size_t column = figures.columns[call_argument(call, "figure")->number];
    struct feature_value as_of = snapshot_map_as_of(call->snapshot);
    vg_buf *out = &call->response->body;
    call_begin(call);
    vg_buf_adds(out, ",\"as_of\":");
    row_print_value(out, cluster_profile_columns[CLUSTER_PROFILE_AS_OF].type, &as_of);
    vg_buf_addf(out, ",\"version\":\"%016llx\",\"figure\":\"%s\",\"values\":",
                (unsigned long long)snapshot_map_version(call->snapshot), trader_columns[column].name);
    snapshot_map_values(call->snapshot, column, out);
    vg_buf_adds(out, "}\n");
    call_json(call);
}
