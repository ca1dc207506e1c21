#include "flow/profile_flow.h"

#include <string.h>

#include "base/day.h"
#include "model/coin.h"

vg_code features_missing(const char *lake, vg_err *err)
{
    return vg_fail(err, VG_ESTATE, "%s: no tables of traders yet; `vigil features --lake %s` computes them", lake,
                   lake);
}

vg_code features_coverage_read(const char *root, struct lake_coverage *coverage, vg_err *err)
{
    struct lake lake;
    struct feature_files files;
    VG_TRY(lake_open(&lake, root, LAKE_READ, err));
    vg_code rc = feature_files_load(&lake, &files, err);
    if (!rc && files.generation == 0) rc = features_missing(root, err);
    if (!rc) lake_coverage(&lake, &files, coverage);
    feature_files_release(&files);
    lake_close(&lake);
    return rc;
}

static bool is_address(const char *text)
{
    return strlen(text) == 42 && strncmp(text, "0x", 2) == 0 && strspn(text + 2, "0123456789abcdef") == 40;
}

void trader_profile_release(struct trader_profile *p)
{
    sql_rows_release(&p->trader);
    sql_rows_release(&p->positions);
    sql_rows_release(&p->episodes);
    sql_rows_release(&p->daily);
    sql_rows_release(&p->coins);
}

/* Runs the statement that `sql` holds, and empties it. */
static vg_code ask(const char *lake, vg_buf *sql, struct sql_rows *rows, vg_err *err)
{
    vg_code rc = sql_rows_read(lake, sql->data, rows, err);
    vg_buf_clear(sql);
    return rc;
}

#define UNREALIZED "CAST(position AS DOUBLE) * (CAST(last_price AS DOUBLE) - entry) AS unrealized_pnl"
#define POSITION_USD "abs(CAST(position AS DOUBLE) * CAST(last_price AS DOUBLE)) AS position_usd"

vg_code trader_profile_read(const char *lake, const char *address, unsigned episodes, struct trader_profile *p,
                            vg_err *err)
{
    if (!is_address(address))
        return vg_fail(err, VG_EUSAGE, "'%s' is no address: wanted are 0x and 40 hex digits", address);
    vg_buf sql = {0};
    vg_buf_addf(&sql, "SELECT * FROM traders WHERE user_address = '%s'", address);
    vg_code rc = ask(lake, &sql, &p->trader, err);
    vg_buf_addf(&sql,
                "SELECT *, " POSITION_USD ", " UNREALIZED " FROM positions WHERE user_address = '%s' "
                "ORDER BY position_usd DESC, coin",
                address);
    if (!rc) rc = ask(lake, &sql, &p->positions, err);
    vg_buf_addf(
        &sql,
        "SELECT * FROM episodes WHERE user_address = '%s' ORDER BY close_time DESC, open_time DESC, coin LIMIT %u",
        address, episodes);
    if (!rc) rc = ask(lake, &sql, &p->episodes, err);
    vg_buf_addf(&sql, "SELECT * FROM trader_daily WHERE user_address = '%s' ORDER BY date", address);
    if (!rc) rc = ask(lake, &sql, &p->daily, err);
    vg_buf_addf(&sql, "SELECT * FROM trader_coins WHERE user_address = '%s' ORDER BY volume DESC, coin", address);
    if (!rc) rc = ask(lake, &sql, &p->coins, err);
    vg_buf_release(&sql);
    return rc;
}

/* Leaderboard. */

static bool is_number(enum column_type type)
{
    return type == COLUMN_INT64 || type == COLUMN_SUM || type == COLUMN_DOUBLE;
}

/* The metric's column; its name is then one of ours, and safe in SQL. */
static bool is_metric(const char *name, const struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_number(columns[i].type) && strcmp(columns[i].name, name) == 0) return true;
    return false;
}

/* Sums of some days; the rest of trader_daily adds up too, but means nothing. */
static const struct column since_columns[] = {
    {.name = "net_pnl", .type = COLUMN_SUM},         {.name = "realized_pnl", .type = COLUMN_SUM},
    {.name = "fees_paid", .type = COLUMN_SUM},       {.name = "volume", .type = COLUMN_SUM},
    {.name = "perp_volume", .type = COLUMN_SUM},     {.name = "spot_volume", .type = COLUMN_SUM},
    {.name = "taker_volume", .type = COLUMN_SUM},    {.name = "net_pnl_mtm", .type = COLUMN_SUM},
    {.name = "fill_count", .type = COLUMN_INT64},    {.name = "order_count", .type = COLUMN_INT64},
    {.name = "episode_count", .type = COLUMN_INT64}, {.name = "liquidated_notional", .type = COLUMN_SUM},
    {.name = "active_days", .type = COLUMN_INT64},   {.name = "win_rate", .type = COLUMN_DOUBLE},
};

static const char since_sql[] =
    "SELECT user_address, sum(net_pnl) AS net_pnl, sum(realized_pnl) AS realized_pnl, sum(fees_paid) AS fees_paid, "
    "sum(volume) AS volume, sum(perp_volume) AS perp_volume, sum(spot_volume) AS spot_volume, "
    "sum(taker_volume) AS taker_volume, sum(net_pnl_mtm) + sum(net_pnl_mtm_idle) AS net_pnl_mtm, "
    "sum(fill_count) AS fill_count, sum(order_count) AS order_count, sum(episode_count) AS episode_count, "
    "sum(liquidated_notional) AS liquidated_notional, count(*) AS active_days, "
    "sum(winning_fills) / nullif(sum(winning_fills) + sum(losing_fills), 0) AS win_rate "
    "FROM trader_daily WHERE date >= DATE ";

static vg_code no_metric(const char *name, const struct column *columns, size_t n, vg_err *err)
{
    vg_buf list = {0};
    for (size_t i = 0; i < n && list.len < 700; i++)
        if (is_number(columns[i].type)) vg_buf_addf(&list, "%s%s", list.len ? ", " : "", columns[i].name);
    vg_code rc = vg_fail(err, VG_EUSAGE, "no metric '%s'; there are %s%s", name, list.data,
                         list.len >= 700 ? ", … (docs/data-dictionary.md has all)" : "");
    vg_buf_release(&list);
    return rc;
}

vg_code leaderboard_read(const char *lake, const struct leaderboard_question *q, struct sql_rows *rows, uint64_t *all,
                         vg_err *err)
{
    bool since = q->since != VG_NO_DATE;
    const struct column *columns = since ? since_columns : trader_columns;
    size_t n = since ? sizeof since_columns / sizeof *since_columns : TRADER_COLUMN_COUNT;
    if (!is_metric(q->by, columns, n)) return no_metric(q->by, columns, n, err);
    for (size_t i = 0; i < q->condition_count; i++)
        if (!is_metric(q->conditions[i].metric, columns, n)) return no_metric(q->conditions[i].metric, columns, n, err);
    vg_buf from = {0}, sql = {0};
    char date[VG_DATE_TEXT];
    vg_buf_adds(&from, " FROM (");
    if (since) {
        vg_day_print(q->since, '-', date);
        vg_buf_addf(&from, "%s'%s' GROUP BY user_address", since_sql, date);
    } else {
        vg_buf_adds(&from, "SELECT * FROM traders");
    }
    vg_buf_addf(&from, ") WHERE user_address <> '" DUST_ADDRESS "' AND %s IS NOT NULL", q->by);
    for (size_t i = 0; i < q->condition_count; i++)
        vg_buf_addf(&from, " AND %s >= %.17g", q->conditions[i].metric, q->conditions[i].least);
    vg_buf_addf(&sql, "SELECT count(*) AS n%s", from.data);
    vg_code rc = ask(lake, &sql, rows, err);
    if (!rc) *all = (uint64_t)sql_rows_number(rows, 0, "n");
    vg_buf_addf(&sql, "SELECT *%s ORDER BY %s %s, user_address LIMIT %llu", from.data, q->by, q->worst ? "ASC" : "DESC",
                (unsigned long long)q->limit);
    if (!rc) rc = ask(lake, &sql, rows, err);
    vg_buf_release(&from);
    vg_buf_release(&sql);
    return rc;
}

/* Coins. */

void coin_profile_release(struct coin_profile *p)
{
    sql_rows_release(&p->daily);
    sql_rows_release(&p->positions);
    sql_rows_release(&p->traders);
    sql_rows_release(&p->results);
}

/* As an SQL literal. */
static void add_literal(vg_buf *sql, const char *text)
{
    vg_buf_addc(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'') vg_buf_addc(sql, '\'');
        vg_buf_addc(sql, *text);
    }
    vg_buf_addc(sql, '\'');
}

vg_code coin_profile_read(const char *lake, const char *coin, unsigned limit, struct coin_profile *p, vg_err *err)
{
    vg_buf sql = {0};
    vg_buf_adds(&sql, "SELECT * FROM coin_daily WHERE coin = ");
    add_literal(&sql, coin);
    vg_buf_adds(&sql, " ORDER BY date");
    vg_code rc = ask(lake, &sql, &p->daily, err);
    vg_buf_adds(&sql, "SELECT *, " POSITION_USD ", " UNREALIZED " FROM positions WHERE coin = ");
    add_literal(&sql, coin);
    vg_buf_addf(&sql, " ORDER BY position_usd DESC, user_address LIMIT %u", limit);
    if (!rc) rc = ask(lake, &sql, &p->positions, err);
    vg_buf_adds(&sql, "SELECT * FROM trader_coins WHERE coin = ");
    add_literal(&sql, coin);
    vg_buf_addf(&sql, " ORDER BY volume DESC, user_address LIMIT %u", limit);
    if (!rc) rc = ask(lake, &sql, &p->traders, err);
    vg_buf_adds(&sql, "SELECT * FROM trader_coins WHERE coin = ");
    add_literal(&sql, coin);
    vg_buf_addf(&sql, " ORDER BY abs(net_pnl) DESC, user_address LIMIT %u", limit);
    if (!rc) rc = ask(lake, &sql, &p->results, err);
    vg_buf_release(&sql);
    return rc;
}
