/* The loader's continuous aggregates, which follow the fills of a hypertable. */
#include "base/clock.h"
#include "base/day.h"
#include "base/pool.h"
#include "store/loader_core.h"

/* A policy's refresh, which takes turns with ours, is over soon. */
#define ATTEMPTS 120
#define PAUSE_NS (500 * VG_NS_PER_MS)

void loader_rollups_note(const struct loader *l, const char *date, vg_buf *sql)
{
    if (!l->timescale) return;
    vg_buf_addf(sql, "INSERT INTO vigil_lake.days_to_refresh VALUES ('%s') ON CONFLICT DO NOTHING; ", date);
}

static vg_code refresh(struct loader *l, const char *aggregate, int32_t day, vg_err *err)
{
    struct pg *pg = loader_control(l);
    char from[VG_DATE_TEXT], to[VG_DATE_TEXT];
    vg_code rc;
    vg_day_print(day, '-', from);
    vg_day_print(day + 1, '-', to);
    for (unsigned attempt = 1;; attempt++) {
        rc = pg_runf(pg, "refreshing rollups", err,
                     "CALL refresh_continuous_aggregate('%s', '%s 00:00+00', '%s 00:00+00')", aggregate, from, to);
        bool others = rc && strcmp(pg_state(pg), "55P03") == 0; /* lock_not_available */
        if (!others || attempt == ATTEMPTS || vg_cancelled()) return rc;
        vg_wait_until(vg_now_ns() + PAUSE_NS);
    }
}

/* The current day is shown as it is; it must not count as materialized, or its later rows would not be seen. It stays
 * noted until it is over. */
vg_code loader_rollups_refresh(struct loader *l, int32_t day, vg_err *err)
{
    char date[VG_DATE_TEXT];
    if (!l->timescale || day >= vg_day_of_ns(vg_now_ns())) return VG_OK;
    VG_TRY(refresh(l, "trader_daily", day, err));
    VG_TRY(refresh(l, "coin_daily", day, err));
    vg_day_print(day, '-', date);
    return pg_runf(loader_control(l), "noting that rollups are fresh", err,
                   "DELETE FROM vigil_lake.days_to_refresh WHERE day = '%s'", date);
}

struct day_list {
    int32_t *days;
    size_t n;
};

static vg_code take_day(void *ctx, const struct feature_value *values, vg_err *err)
{
    struct day_list *list = ctx;
    (void)err;
    list->days = vg_realloc(list->days, (list->n + 1) * sizeof *list->days);
    list->days[list->n++] = (int32_t)values[0].integer;
    return VG_OK;
}

vg_code loader_rollups_rest(struct loader *l, vg_err *err)
{
    static const struct column column = {.type = COLUMN_DATE};
    struct row_question question = {.sql = "SELECT day FROM vigil_lake.days_to_refresh ORDER BY day",
                                    .columns = &column,
                                    .column_count = 1,
                                    .deadline_ns = INT64_MAX};
    struct day_list list = {0};
    vg_code rc = pg_ask(loader_control(l), "reading days to refresh", &question, take_day, &list, err);
    for (size_t i = 0; i < list.n && !rc; i++)
        rc = loader_rollups_refresh(l, list.days[i], err);
    free(list.days);
    return rc;
}
