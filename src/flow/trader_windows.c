#include "flow/trader_windows.h"

#include <math.h>
#include <string.h>

#include "flow/fill_feed.h"

#define FIGURE_NAME(name) #name,
static const char *const figure_names[] = {TRADER_FIGURES(FIGURE_NAME)};
#define FIGURE_COUNT (sizeof figure_names / sizeof *figure_names)
_Static_assert(sizeof(struct trader_figures) == FIGURE_COUNT * sizeof(double), "figures are an array of doubles");

static double number_of(enum column_type type, const struct feature_value *value)
{
    if (value->null) return (double)NAN;
    switch (type) {
    case COLUMN_DOUBLE: return value->number;
    case COLUMN_SUM: return vg_dec20_double(value->decimal);
    case COLUMN_INT64: return (double)value->integer;
    default: VG_BUG("a figure of another type");
    }
}

/* --- windows --- */

struct window_reader {
    struct trader_window *window;
    struct intern *addresses;
    size_t columns[FIGURE_COUNT]; /* of `traders` */
};

static void find_columns(struct window_reader *r)
{
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        size_t c = 0;
        while (c < TRADER_COLUMN_COUNT && strcmp(trader_columns[c].name, figure_names[i]) != 0)
            c++;
        if (c == TRADER_COLUMN_COUNT) VG_BUG("a figure that traders do not have");
        r->columns[i] = c;
    }
}

static vg_code take_figures(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err)
{
    (void)err;
    struct window_reader *r = ctx;
    struct trader_window *w = r->window;
    double numbers[FIGURE_COUNT];
    struct trader_figures figures;
    if (table != TABLE_TRADERS) return VG_OK;
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        numbers[i] = number_of(trader_columns[r->columns[i]].type, &values[r->columns[i]]);
    memcpy(&figures, numbers, sizeof figures);
    vg_slice address = values[TRADER_USER_ADDRESS].text;
    if (cluster_left_out(address, &figures)) return VG_OK;
    if (w->n == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 1024;
        w->traders = vg_realloc(w->traders, w->capacity * sizeof *w->traders);
        w->figures = vg_realloc(w->figures, w->capacity * sizeof *w->figures);
    }
    w->traders[w->n] = intern_id(r->addresses, address.p, address.n);
    w->figures[w->n++] = figures;
    return VG_OK;
}

vg_code trader_window_read(struct lake *lake, int32_t from, int32_t to, struct intern *addresses,
                           struct trader_window *window, struct vg_progress *progress, vg_err *err)
{
    struct window_reader reader = {.window = window, .addresses = addresses};
    struct feature_sink sink = {&reader, take_figures};
    struct features *features = features_new(0, 1);
    struct fill_feed feed;
    vg_code rc = VG_OK;
    find_columns(&reader);
    fill_feed_open(&feed, lake, from, to);
    feed.progress = progress;
    while (!rc && feed.next_group < feed.group_count) {
        int32_t day = feed.groups[feed.next_group].day;
        rc = fill_feed_next(&feed, features, err);
        bool over = feed.next_group == feed.group_count || feed.groups[feed.next_group].day != day;
        if (!rc && over) rc = features_close_day(features, day, &sink, err);
    }
    if (!rc) rc = features_print(features, &sink, err);
    fill_feed_close(&feed);
    features_free(features);
    return rc;
}

void trader_window_release(struct trader_window *window)
{
    free(window->traders);
    free(window->figures);
    *window = (struct trader_window){0};
}

/* --- results --- */

struct result_reader {
    const struct intern *addresses;
    struct day_results *results;
};

static void take_trader(void *ctx, vg_slice user, vg_dec20 total, vg_dec20 worth)
{
    struct result_reader *r = ctx;
    uint32_t id = intern_find(r->addresses, user.p, user.n);
    if (id == UINT32_MAX) return;
    r->results->totals[id] = vg_dec20_double(total);
    r->results->worths[id] = vg_dec20_double(worth);
}

/* `day`: the last one that was fed. */
static vg_code read_day(const struct intern *addresses, const struct features *features, int32_t day,
                        struct day_results *results, vg_err *err)
{
    static const char *const coins[MARKET_COINS] = {"BTC", "ETH"};
    struct result_reader reader = {addresses, results};
    for (unsigned c = 0; c < MARKET_COINS; c++) {
        vg_dec price;
        bool known = features_close_price(features, vg_slice_of(coins[c]), day, &price);
        results->prices[c] = known ? vg_dec_double(price) : (double)NAN;
    }
    results->n = addresses->count;
    results->totals = vg_calloc(results->n + 1, sizeof *results->totals);
    results->worths = vg_calloc(results->n + 1, sizeof *results->worths);
    return features_marked(features, day, take_trader, &reader, err);
}

static vg_code ignore_row(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err)
{
    (void)ctx, (void)table, (void)values, (void)err;
    return VG_OK;
}

/* Days before `until` that were asked for and not read yet; `fed`: the last one that was fed. */
static vg_code read_days(const struct intern *addresses, const struct features *features, int32_t fed, int32_t until,
                         struct day_results *days, size_t count, size_t *next, vg_err *err)
{
    for (; *next < count && days[*next].day < until; (*next)++)
        VG_TRY(read_day(addresses, features, fed, &days[*next], err));
    return VG_OK;
}

vg_code day_results_read(struct lake *lake, const struct intern *addresses, struct day_results *days, size_t day_count,
                         struct vg_progress *progress, vg_err *err)
{
    struct feature_sink sink = {NULL, ignore_row};
    struct features *features = features_new(0, 1);
    struct fill_feed feed;
    vg_code rc = VG_OK;
    size_t next = 0;
    int32_t fed = days[0].day;
    fill_feed_open(&feed, lake, VG_NO_DATE, days[day_count - 1].day);
    feed.progress = progress;
    while (!rc && feed.next_group < feed.group_count) {
        int32_t day = feed.groups[feed.next_group].day;
        if (feed.next_group == 0 || feed.groups[feed.next_group - 1].day != day)
            rc = read_days(addresses, features, fed, day, days, day_count, &next, err);
        if (!rc) rc = fill_feed_next(&feed, features, err);
        bool over = feed.next_group == feed.group_count || feed.groups[feed.next_group].day != day;
        if (!rc && over) rc = features_close_day(features, day, &sink, err);
        fed = day;
    }
    if (!rc) rc = read_days(addresses, features, fed, INT32_MAX, days, day_count, &next, err);
    fill_feed_close(&feed);
    features_free(features);
    return rc;
}

void day_results_release(struct day_results *results)
{
    free(results->totals);
    free(results->worths);
}

/* --- extent --- */

bool lake_day_range(struct lake *lake, int32_t *from, int32_t *to)
{
    struct part_list parts = {0};
    manifest_live_parts(&lake->manifest, TABLE_FILLS, INT32_MIN, INT32_MAX, &parts);
    for (size_t i = 0; i < parts.n; i++) {
        if (i == 0 || parts.items[i].day < *from) *from = parts.items[i].day;
        if (i == 0 || parts.items[i].day > *to) *to = parts.items[i].day;
    }
    bool any = parts.n > 0;
    part_list_release(&parts);
    return any;
}

uint64_t lake_fill_count(struct lake *lake, int32_t from, int32_t to)
{
    struct part_list parts = {0};
    uint64_t rows = 0;
    manifest_live_parts(&lake->manifest, TABLE_FILLS, from, to, &parts);
    for (size_t i = 0; i < parts.n; i++)
        rows += parts.items[i].rows;
    part_list_release(&parts);
    return rows;
}
