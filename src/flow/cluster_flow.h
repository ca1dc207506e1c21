/* cluster_flow.h: traders of the lake in groups of similar behaviour, into the tables `clusters` and
 * `cluster_profiles`.
 *
 *     features/clusters/part-N.parquet   one row a trader, of the generation of the figures that it rests on
 *     features/cluster_profiles/part-N.parquet   one row a cluster
 *     features/cluster_model.json        the model: next time ids and names are carried over from it
 *     outputs/cluster_summary.json       the clusters in words and numbers
 *
 * A refresh leaves the two files as they are.
 *
 * The tables are committed first. After a kill between, the two files are of the run before, and say of
 * which data.
 */
#ifndef VIGIL_FLOW_CLUSTER_FLOW_H
#define VIGIL_FLOW_CLUSTER_FLOW_H

#include "analyze/cluster.h"
#include "analyze/map_quality.h"
#include "flow/cluster_fit_facts.h"
#include "flow/cluster_typical.h"

struct cluster_run_options {
    const char *lake;
    const char *model;              /* a file: place traders by it, fit nothing; or NULL */
    bool refresh;                   /* by the lake's own model as it is, on its map; fit nothing */
    bool fresh;                     /* begin ids, names and map anew */
    bool no_map;                    /* leave the map out, which takes most of the time */
    bool keep_map;                  /* traders of the last map stay where they are; others are placed among them */
    struct cluster_options cluster; /* as_of_ns is filled in */
};

struct cluster_report {
    struct clustering clustering;
    bool frozen; /* placed by a model that was there */
    char model_id[CLUSTER_MODEL_IDENTITY_TEXT];
    bool skipped;                 /* refresh: nothing to do, for there is no model or its table is current */
    struct cluster_fit_facts fit; /* refresh: what the model's own run knew of its clusters */
    int64_t first_time_ns, last_time_ns;
    uint64_t traders; /* all; clustering.n of them take part */
    /* Against the table before this run, over traders who are placed in both; NAN: there was none. */
    uint64_t compared;
    double agreement_rand, agreement_information;
    struct cluster_typical *typical; /* by cluster */
    struct umap_place *places;       /* of clustering.n traders; NULL without a map */
    uint64_t places_known;           /* of these, on the map before, which it started from */
    struct map_quality map_quality;
};

/* Whether some cluster's share of traders is more than 1.5 times what it was when the model was fitted, or less than
 * 1/1.5 of it. */
bool cluster_report_has_changed(const struct cluster_report *report);

/* VG_ESTATE: no lake, no features yet, too few traders, or somebody writes. Release in any case. */
VG_MUST_USE vg_code cluster_run(const struct cluster_run_options *options, struct cluster_report *report, vg_err *err);
void cluster_report_release(struct cluster_report *report);

#endif
