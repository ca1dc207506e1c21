/* profile_flow.h: what the tables of `vigil features` say about one trader, one coin, or the best of all. */
#ifndef VIGIL_FLOW_PROFILE_FLOW_H
#define VIGIL_FLOW_PROFILE_FLOW_H

#include "flow/sql_rows.h"
#include "lake/coverage.h"

/* What the tables rest on; every answer says it. VG_ESTATE: `vigil features` has not run here. */
VG_MUST_USE vg_code features_coverage_read(const char *lake, struct lake_coverage *coverage, vg_err *err);

/* VG_ESTATE: what to do about tables that are not there. */
vg_code features_missing(const char *lake, vg_err *err);

struct trader_profile {
    struct sql_rows trader;    /* one row of `traders`, or none */
    struct sql_rows positions; /* open ones, largest first, with unrealized_pnl */
    struct sql_rows episodes;  /* the last ones, newest first */
    struct sql_rows daily;     /* `trader_daily`, in order */
    struct sql_rows coins;     /* `trader_coins`, largest volume first */
};

/* `address`: 0x and 40 lower-case hex digits, else VG_EUSAGE. */
VG_MUST_USE vg_code trader_profile_read(const char *lake, const char *address, unsigned episodes,
                                        struct trader_profile *profile, vg_err *err);
void trader_profile_release(struct trader_profile *profile);

/* A condition of a leaderboard: metric >= least. */
struct leaderboard_condition {
    const char *metric;
    double least;
};

struct leaderboard_question {
    const char *by; /* a numeric column of traders, or of trader_daily's sums with `since` */
    bool worst;
    uint64_t limit;
    const struct leaderboard_condition *conditions;
    size_t condition_count;
    int32_t since; /* VG_NO_DATE: the whole window; else sums of the days from this one on */
};

/* Rows with user_address, the metric and the usual company; *all: how many match. VG_EUSAGE names the metrics there are
 * when one is not. */
VG_MUST_USE vg_code leaderboard_read(const char *lake, const struct leaderboard_question *question,
                                     struct sql_rows *rows, uint64_t *all, vg_err *err);

struct coin_profile {
    struct sql_rows daily;     /* `coin_daily`, in order */
    struct sql_rows positions; /* the biggest open ones */
    struct sql_rows traders;   /* `trader_coins`, largest volume first */
    struct sql_rows results;   /* the same, largest |net_pnl| first */
};

/* A coin without rows gives empty tables. */
VG_MUST_USE vg_code coin_profile_read(const char *lake, const char *coin, unsigned limit, struct coin_profile *profile,
                                      vg_err *err);
void coin_profile_release(struct coin_profile *profile);

#endif
