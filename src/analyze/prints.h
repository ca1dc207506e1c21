/* prints.h: the price of every coin over time: the price of its last taker print.
 *
 * Rounds of prints arrive one day or part after the other, in any order within a round. Times are
 * milliseconds; of several prints in one millisecond the last in block order counts. What lies longer
 * back than anybody asks is forgotten; open, high, low and close of each day stay.
 */
#ifndef VIGIL_ANALYZE_PRINTS_H
#define VIGIL_ANALYZE_PRINTS_H

#include "base/dec.h"
#include "base/state_bytes.h"
#include "model/feature_schema.h"

struct coin_day {
    int32_t day;
    vg_dec open, high, low, close;
};

/* The coin's price from a time on. */
struct price_point {
    uint8_t unknown; /* bit per horizon: the data end before it */
    uint8_t stale;   /* bit per horizon: no print between here and there */
    vg_dec price;
    vg_dec later[HORIZONS]; /* prices at the horizons, beside each other for the sake of the cache */
};

/* Prices of one coin. Read it through the functions below. */
struct price_series {
    int64_t *times;             /* in ms; apart from what they lead to, for the sake of the cache */
    struct price_point *points; /* one for each time */
    size_t n, capacity;
    struct coin_day *days;
    size_t day_count;
    uint32_t *index; /* points before each of `slots` equal times from the first point on */
    size_t slots;    /* 0: no index */
    int64_t span_ms;
};

struct prints;

struct prints *prints_new(void);
void prints_free(struct prints *prints);

/* One print of the round at hand. */
void prints_add(struct prints *prints, uint32_t coin, int64_t time_ms, int64_t block, uint32_t event, vg_dec price);

/* Ends a round of prints of one day, all of them later than those of earlier rounds. */
void prints_settle(struct prints *prints, int32_t day);

/* Forgets what was before a time, but for the last print of each coin. */
void prints_forget(struct prints *prints, int64_t before_ms);

/* Valid until the next call that adds, settles or forgets. */
const struct price_series *prints_of(const struct prints *prints, uint32_t coin);

/* Links each point from a time on to the prices at the horizons after it, as far as the data go, and
 * makes points quick to find. Holds until the next round, or until something is forgotten. */
void prints_link(struct prints *prints, int64_t from_ms, int64_t data_end_ms);

/* The number of points at or before a time; the price at that time is points[number - 1].price. */
size_t prints_until(const struct price_series *series, int64_t time_ms);

/* The number will be asked for soon: gets its place from memory. */
void prints_prefetch(const struct price_series *series, int64_t time_ms);

/* The last print of the coin up to the end of a day; false when there is none. */
bool prints_close(const struct price_series *series, int32_t day, vg_dec *price);

/* The day's figures, or NULL. */
const struct coin_day *prints_day(const struct price_series *series, int32_t day);

/* The state as bytes, after prints_settle; prints_load makes of them what was saved. VG_EPARSE when
 * they are something else. */
VG_MUST_USE vg_code prints_save(const struct prints *prints, const struct state_writer *out, vg_err *err);
VG_MUST_USE vg_code prints_load(struct prints *prints, struct state_reader *in, vg_err *err);

#endif
