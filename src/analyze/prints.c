#include "analyze/prints.h"

#include "base/radix.h"

struct print {
    uint32_t coin, event;
    int64_t block, time_ms;
    vg_dec price;
};

struct prints {
    struct price_series *series; /* by coin */
    uint32_t count;
    struct print *round;
    struct radix_item *order; /* twice as many */
    size_t round_count, round_capacity, order_capacity;
};

struct prints *prints_new(void) { return vg_calloc(1, sizeof(struct prints)); }

static void release_series(struct price_series *s)
{
    free(s->times);
    free(s->points);
    free(s->days);
    free(s->index);
    *s = (struct price_series){0};
}

void prints_free(struct prints *prints)
{
    if (!prints) return;
    for (uint32_t i = 0; i < prints->count; i++)
        release_series(&prints->series[i]);
    free(prints->series);
    free(prints->round);
    free(prints->order);
    free(prints);
}

void prints_add(struct prints *prints, uint32_t coin, int64_t time_ms, int64_t block, uint32_t event, vg_dec price)
{
    if (prints->round_count == prints->round_capacity) {
        prints->round_capacity = prints->round_capacity ? prints->round_capacity * 2 : 4096;
        prints->round = vg_realloc(prints->round, prints->round_capacity * sizeof *prints->round);
    }
    prints->round[prints->round_count++] = (struct print){coin, event, block, time_ms, price};
}

static unsigned bits_of(uint64_t largest) { return largest ? 64 - (unsigned)__builtin_clzll(largest) : 0; }

/* The round by coin, block and event. */
static const struct radix_item *sort_round(struct prints *prints)
{
    const struct print *round = prints->round;
    size_t n = prints->round_count;
    uint64_t blocks = 0;
    uint32_t coins = 0, events = 0;
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (round[i].block < least) least = round[i].block;
    for (size_t i = 0; i < n; i++) {
        uint64_t block = (uint64_t)round[i].block - (uint64_t)least;
        if (block > blocks) blocks = block;
        if (round[i].coin > coins) coins = round[i].coin;
        if (round[i].event > events) events = round[i].event;
    }
    if (2 * n > prints->order_capacity) {
        free(prints->order);
        prints->order_capacity = 2 * n;
        prints->order = vg_alloc(2 * n * sizeof *prints->order);
    }
    for (size_t i = 0; i < n; i++)
        prints->order[i] = (struct radix_item){round[i].event, (uint32_t)i};
    struct radix_item *order = radix_sort(prints->order, prints->order + n, n, bits_of(events)), *room;
    for (size_t i = 0; i < n; i++)
        order[i].key = (uint64_t)round[order[i].index].block - (uint64_t)least;
    room = order == prints->order ? prints->order + n : prints->order;
    order = radix_sort(order, room, n, bits_of(blocks));
    for (size_t i = 0; i < n; i++)
        order[i].key = round[order[i].index].coin;
    room = order == prints->order ? prints->order + n : prints->order;
    return radix_sort(order, room, n, bits_of(coins));
}

static struct price_series *series_of(struct prints *prints, uint32_t coin)
{
    if (coin >= prints->count) {
        prints->series = vg_realloc(prints->series, (coin + 1) * sizeof *prints->series);
        memset(prints->series + prints->count, 0, (coin + 1 - prints->count) * sizeof *prints->series);
        prints->count = coin + 1;
    }
    return &prints->series[coin];
}

static void reserve(struct price_series *s, size_t n)
{
    if (s->n + n <= s->capacity) return;
    s->capacity = (s->n + n) * 3 / 2;
    s->times = vg_realloc(s->times, s->capacity * sizeof *s->times);
    s->points = vg_realloc(s->points, s->capacity * sizeof *s->points);
}

static void see_day(struct price_series *s, int32_t day, vg_dec price)
{
    if (s->day_count == 0 || s->days[s->day_count - 1].day != day) {
        s->days = vg_realloc(s->days, (s->day_count + 1) * sizeof *s->days);
        s->days[s->day_count++] = (struct coin_day){day, price, price, price, price};
    }
    struct coin_day *d = &s->days[s->day_count - 1];
    if (price > d->high) d->high = price;
    if (price < d->low) d->low = price;
    d->close = price;
}

/* Clocks of different blocks may disagree by milliseconds: then the later block counts. */
static void append(struct price_series *s, int64_t time_ms, vg_dec price)
{
    while (s->n && s->times[s->n - 1] >= time_ms)
        s->n--;
    s->times[s->n] = time_ms;
    s->points[s->n++] = (struct price_point){.price = price};
}

void prints_settle(struct prints *prints, int32_t day)
{
    size_t n = prints->round_count;
    if (n == 0) return;
    const struct radix_item *order = sort_round(prints);
    for (size_t i = 0, end; i < n; i = end) {
        uint32_t coin = prints->round[order[i].index].coin;
        for (end = i; end < n && prints->round[order[end].index].coin == coin; end++)
            ;
        struct price_series *s = series_of(prints, coin);
        reserve(s, end - i);
        s->slots = 0;
        for (size_t k = i; k < end; k++) {
            const struct print *print = &prints->round[order[k].index];
            see_day(s, day, print->price);
            append(s, print->time_ms, print->price);
        }
    }
    prints->round_count = 0;
}

void prints_forget(struct prints *prints, int64_t before_ms)
{
    for (uint32_t i = 0; i < prints->count; i++) {
        struct price_series *s = &prints->series[i];
        size_t old = prints_until(s, before_ms);
        s->slots = 0;
        if (old < 2) continue;
        s->n -= old - 1;
        memmove(s->times, s->times + old - 1, s->n * sizeof *s->times);
        memmove(s->points, s->points + old - 1, s->n * sizeof *s->points);
    }
}

const struct price_series *prints_of(const struct prints *prints, uint32_t coin)
{
    static const struct price_series none;
    return coin < prints->count ? &prints->series[coin] : &none;
}

static size_t slot_of(const struct price_series *s, int64_t time_ms)
{
    return (size_t)((uint64_t)(time_ms - s->times[0]) * s->slots / (uint64_t)s->span_ms);
}

/* About as many slots as points, so that a look-up finds its place at once; none over absurd times. */
static void make_index(struct price_series *s)
{
    s->slots = 0;
    s->span_ms = s->n ? s->times[s->n - 1] - s->times[0] + 1 : 1;
    if (s->n == 0 || (uint64_t)s->span_ms > UINT64_MAX / s->n) return;
    s->slots = s->n;
    s->index = vg_realloc(s->index, (s->slots + 1) * sizeof *s->index);
    size_t slot = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t own = slot_of(s, s->times[i]); slot <= own; slot++)
            s->index[slot] = (uint32_t)i;
    for (; slot <= s->slots; slot++)
        s->index[slot] = (uint32_t)s->n;
}

static void link_horizon(struct price_series *s, size_t from, int64_t data_end_ms, int horizon)
{
    size_t later = from;
    uint8_t bit = (uint8_t)(1u << horizon);
    for (size_t i = from; i < s->n; i++) {
        struct price_point *point = &s->points[i];
        int64_t then = s->times[i] + horizon_ms[horizon];
        while (later < s->n && s->times[later] <= then)
            later++;
        point->unknown = (uint8_t)(then <= data_end_ms ? point->unknown & ~bit : point->unknown | bit);
        point->stale = (uint8_t)(later - 1 > i ? point->stale & ~bit : point->stale | bit);
        point->later[horizon] = s->points[later - 1].price;
    }
}

void prints_link(struct prints *prints, int64_t from_ms, int64_t data_end_ms)
{
    for (uint32_t i = 0; i < prints->count; i++) {
        struct price_series *s = &prints->series[i];
        VG_ASSERT(s->n < UINT32_MAX);
        make_index(s);
        size_t from = prints_until(s, from_ms - 1);
        for (int h = 0; h < HORIZONS; h++)
            link_horizon(s, from, data_end_ms, h);
    }
}

size_t prints_until(const struct price_series *s, int64_t time_ms)
{
    size_t low = 0, high = s->n;
    if (!s->times || high == 0 || time_ms < s->times[0]) return 0;
    if (time_ms >= s->times[high - 1]) return high;
    if (s->slots) {
        size_t slot = slot_of(s, time_ms);
        low = s->index[slot];
        high = s->index[slot + 1];
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->times[middle] <= time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void prints_prefetch(const struct price_series *s, int64_t time_ms)
{
    if (!s->slots || time_ms < s->times[0] || time_ms >= s->times[s->n - 1]) return;
    __builtin_prefetch(&s->index[slot_of(s, time_ms)]);
}

bool prints_close(const struct price_series *s, int32_t day, vg_dec *price)
{
    size_t i = s->day_count;
    while (i > 0 && s->days[i - 1].day > day)
        i--;
    if (i > 0) *price = s->days[i - 1].close;
    return i > 0;
}

const struct coin_day *prints_day(const struct price_series *s, int32_t day)
{
    for (size_t i = s->day_count; i > 0 && s->days[i - 1].day >= day; i--)
        if (s->days[i - 1].day == day) return &s->days[i - 1];
    return NULL;
}

/* Prices at horizons are linked again. */
static vg_code save_points(const struct price_series *s, const struct state_writer *out, vg_err *err)
{
    vg_dec *prices = vg_alloc(s->n * sizeof *prices);
    for (size_t i = 0; i < s->n; i++)
        prices[i] = s->points[i].price;
    vg_code rc = state_put_array(out, s->times, s->n, sizeof *s->times, err);
    if (!rc) rc = state_put_array(out, prices, s->n, sizeof *prices, err);
    free(prices);
    return rc;
}

vg_code prints_save(const struct prints *prints, const struct state_writer *out, vg_err *err)
{
    VG_TRY(state_put(out, &prints->count, sizeof prints->count, err));
    for (uint32_t i = 0; i < prints->count; i++) {
        const struct price_series *s = &prints->series[i];
        VG_TRY(save_points(s, out, err));
        VG_TRY(state_put_array(out, s->days, s->day_count, sizeof *s->days, err));
    }
    return VG_OK;
}

static bool is_sound(const struct price_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i].price < 0 || !state_is_ms(s->times[i]) || (i && s->times[i] <= s->times[i - 1])) return false;
    return s->n == 0 || s->day_count > 0;
}

static vg_code load_points(struct price_series *s, struct state_reader *in, vg_err *err)
{
    vg_dec *prices;
    size_t n;
    VG_TRY(state_take_array(in, (void **)&s->times, &s->n, sizeof *s->times, err));
    VG_TRY(state_take_array(in, (void **)&prices, &n, sizeof *prices, err));
    s->capacity = s->n;
    s->points = vg_calloc(s->n, sizeof *s->points);
    for (size_t i = 0; i < s->n && i < n; i++)
        s->points[i].price = prices[i];
    free(prices);
    return n == s->n ? VG_OK : vg_fail(err, VG_EPARSE, "damaged: times without prices");
}

vg_code prints_load(struct prints *prints, struct state_reader *in, vg_err *err)
{
    uint32_t count;
    VG_TRY(state_take(in, &count, sizeof count, err));
    for (uint32_t i = 0; i < count; i++) {
        struct price_series *s = series_of(prints, i);
        VG_TRY(load_points(s, in, err));
        VG_TRY(state_take_array(in, (void **)&s->days, &s->day_count, sizeof *s->days, err));
        if (!is_sound(s)) return vg_fail(err, VG_EPARSE, "damaged: prices out of order");
    }
    return VG_OK;
}
