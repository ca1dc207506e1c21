#include "cmd/trader_print.h"

#include <math.h>

#include "base/json.h"

static void add_money(const char *key, vg_dec20 value, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":\"", key);
    vg_buf_add_dec20(out, value);
    vg_buf_addc(out, '"');
}

static void add_ratio(const char *key, double value, vg_buf *out)
{
    if (isnan(value))
        vg_buf_addf(out, ",\"%s\":null", key);
    else
        vg_buf_addf(out, ",\"%s\":%.12g", key, value);
}

static void add_count(const char *key, uint64_t value, vg_buf *out)
{
    vg_buf_addf(out, ",\"%s\":%llu", key, (unsigned long long)value);
}

static void add_time(const char *key, int64_t time_ns, vg_buf *out)
{
    char text[VG_TIME_TEXT];
    vg_time_print(time_ns, 3, text);
    vg_buf_addf(out, ",\"%s\":\"%sZ\"", key, text);
}

void trader_print_json(const struct trader *t, vg_buf *out)
{
    vg_buf_adds(out, "{\"user_address\":");
    json_add_string(out, t->address);
    add_count("fill_count", t->fill_count, out);
    add_money("volume", trader_volume(t), out);
    add_money("perp_volume", t->perp_volume, out);
    add_money("spot_volume", t->spot_volume, out);
    add_money("other_volume", t->other_volume, out);
    add_money("realized_pnl", trader_pnl(t), out);
    add_money("perp_realized_pnl", t->perp_pnl, out);
    add_money("spot_realized_pnl", t->spot_pnl, out);
    add_money("other_realized_pnl", t->other_pnl, out);
    add_money("fees_paid", t->fees_paid, out);
    add_count("fee_unpriced_fills", t->fee_unpriced_fills, out);
    add_money("net_pnl", t->net_pnl, out);
    add_ratio("win_rate", trader_win_rate(t), out);
    add_ratio("maker_pct", trader_maker_pct(t), out);
    add_ratio("maker_share", trader_maker_share(t), out);
    add_count("unique_coins", t->unique_coins, out);
    add_count("active_days", t->active_days, out);
    add_count("liquidated_fills", t->liquidated_fills, out);
    add_time("first_trade", t->first_time_us * 1000, out);
    add_time("last_trade", t->last_time_us * 1000, out);
    vg_buf_addc(out, '}');
}

/* A time as a JSON string, or null when the answer rests on no fills. */
static void add_bound(const char *key, const struct traders_coverage *c, int64_t time_ns, vg_buf *out)
{
    char text[VG_TIME_TEXT];
    vg_time_print(time_ns, 3, text);
    if (c->fills)
        vg_buf_addf(out, "\"%s\":\"%sZ\",", key, text);
    else
        vg_buf_addf(out, "\"%s\":null,", key);
}

void coverage_print_json(const struct traders_coverage *c, vg_buf *out)
{
    vg_buf_adds(out, "\"coverage\":{");
    add_bound("from", c, c->first_time_ns, out);
    add_bound("to", c, c->last_time_ns, out);
    vg_buf_addf(out, "\"fills\":%llu,\"hours_present\":%llu,\"hours_span\":%llu,\"complete\":%s}",
                (unsigned long long)c->fills, (unsigned long long)c->hours_present, (unsigned long long)c->hours_span,
                c->hours_present && c->hours_present == c->hours_span ? "true" : "false");
}

void coverage_print_text(const struct traders_coverage *c, vg_buf *out)
{
    if (c->fills == 0) {
        vg_buf_adds(out, "no fills of the days asked for are in the lake.\n");
        return;
    }
    char from[VG_TIME_TEXT], to[VG_TIME_TEXT];
    vg_time_print(c->first_time_ns, 0, from);
    vg_time_print(c->last_time_ns, 0, to);
    vg_buf_addf(out, "%llu fills from %s to %s UTC", (unsigned long long)c->fills, from, to);
    if (c->hours_span)
        vg_buf_addf(out, "; %llu of %llu hours are in the lake", (unsigned long long)c->hours_present,
                    (unsigned long long)c->hours_span);
    vg_buf_adds(out, ". PnL is trading PnL, without funding.\n");
}
