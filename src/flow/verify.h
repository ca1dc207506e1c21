/* verify.h: is everything there, is it what was committed, does it add up? */
#ifndef VIGIL_FLOW_VERIFY_H
#define VIGIL_FLOW_VERIFY_H

#include "analyze/chain.h"
#include "analyze/ledger.h"
#include "base/progress.h"
#include "lake/part_check.h"

struct verify_options {
    const char *lake;
    int32_t from, to; /* days; VG_NO_DATE: from the first, to the last hour that the lake has */
    struct vg_progress *progress;
};

enum hour_state { HOUR_ABSENT, HOUR_PARTIAL, HOUR_COMPLETE };

struct verify_hour {
    int32_t day;
    int hour;
    enum hour_state state;
    uint64_t fills, blocks, missing_blocks, quarantined;
    char remark[120]; /* why it is partial */
};

struct verify_report {
    struct verify_hour *hours;
    size_t hour_count, hours_in[HOUR_COMPLETE + 1];
    size_t other_objects; /* without an hour: histories of wallets and the like */
    uint64_t fills, blocks, quarantined;
    size_t files, files_bad;
    char **problems; /* sentences about files, and about objects that must be fetched again */
    size_t problem_count;
    struct trade_check trades;
    struct chain_report chain;
    struct ledger_report ledger;
    double seconds;
};

/* The report is the caller's to release in any case. */
VG_MUST_USE vg_code verify_run(const struct verify_options *options, struct verify_report *report, vg_err *err);
void verify_report_release(struct verify_report *report);

/* There are fills, and nothing is absent, partial, quarantined, damaged or unexplained. */
bool verify_is_clean(const struct verify_report *report);

#endif
