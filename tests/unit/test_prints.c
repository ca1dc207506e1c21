#include "analyze/prints.h"

#include "support.h"

#define DAY_MS VG_MS_PER_DAY

/* All prints of a coin, in block order, and what brute force says about them. */
struct truth {
    struct {
        int64_t time_ms;
        vg_dec price;
    } prints[4000];
    size_t n;
    int64_t forgotten_ms; /* nobody asks before this */
};

/* The last print at or before a time; NULL: none. */
static const vg_dec *price_at(const struct truth *t, int64_t time_ms)
{
    for (size_t i = t->n; i > 0; i--)
        if (t->prints[i - 1].time_ms <= time_ms) return &t->prints[i - 1].price;
    return NULL;
}

static void assert_price(const struct truth *t, const struct price_series *s, int64_t time_ms)
{
    size_t n = prints_until(s, time_ms);
    const vg_dec *price = price_at(t, time_ms);
    assert_int_equal(n > 0, price != NULL);
    if (n) assert_true(s->points[n - 1].price == *price && s->times[n - 1] <= time_ms);
    if (n < s->n) assert_true(s->times[n] > time_ms);
}

/* At, just before and just after every point, and in between. */
static void assert_series(const struct truth *t, const struct price_series *s, struct vg_rng *rng)
{
    for (size_t i = 0; i < t->n; i++) {
        for (int64_t off = -1; off <= 1; off++)
            if (t->prints[i].time_ms + off >= t->forgotten_ms) assert_price(t, s, t->prints[i].time_ms + off);
        int64_t time_ms = t->forgotten_ms + (int64_t)vg_rng_below(rng, (uint64_t)DAY_MS);
        assert_price(t, s, time_ms);
    }
    assert_price(t, s, INT64_MAX);
    for (size_t i = 1; i < s->n; i++)
        assert_true(s->times[i - 1] < s->times[i]);
}

static void assert_links(const struct price_series *s, int64_t from_ms, int64_t end_ms)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->times[i] < from_ms) continue;
        for (int h = 0; h < HORIZONS; h++) {
            int64_t then = s->times[i] + horizon_ms[h];
            size_t later = i;
            while (later + 1 < s->n && s->times[later + 1] <= then)
                later++;
            assert_int_equal(s->points[i].unknown >> h & 1, then > end_ms);
            if (then > end_ms) continue;
            assert_true(s->points[i].later[h] == s->points[later].price);
            assert_int_equal(s->points[i].stale >> h & 1, later == i);
        }
    }
}

/* Some prints of a round, blocks with one to three prints each; blocks may share milliseconds. */
static void random_round(struct prints *prints, uint32_t coin, struct truth *t, struct vg_rng *rng, int64_t *clock_ms,
                         int64_t *block, size_t n)
{
    size_t first = t->n;
    int64_t blocks[200];
    uint32_t events[200];
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || vg_rng_below(rng, 3) == 0) {
            ++*block;
            *clock_ms +=
                (int64_t)vg_rng_below(rng, 4) * (int64_t)vg_rng_below(rng, vg_rng_below(rng, 9) ? 900 : 900000);
        }
        blocks[i] = *block;
        events[i] = (uint32_t)(i * 3);
        t->prints[t->n].time_ms = *clock_ms;
        t->prints[t->n++].price = (vg_dec)(1 + vg_rng_below(rng, 1000));
    }
    size_t order[200];
    for (size_t i = 0; i < n; i++) { /* they come in any order */
        size_t k = vg_rng_below(rng, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < n; i++)
        prints_add(prints, coin, t->prints[first + order[i]].time_ms, blocks[order[i]], events[order[i]],
                   t->prints[first + order[i]].price);
}

static struct prints *reloaded(struct prints *prints)
{
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(prints_save(prints, &out, NULL), VG_OK);
    prints_free(prints);
    prints = prints_new();
    struct state_reader in = state_memory_reader(&memory);
    vg_err err;
    assert_int_equal(prints_load(prints, &in, &err), VG_OK);
    assert_int_equal(in.left, 0);
    vg_buf_release(&memory.bytes);
    return prints;
}

static void agrees_with_brute_force(void **state)
{
    (void)state;
    struct vg_rng rng;
    for (uint64_t seed = 0; seed < 12; seed++) {
        vg_rng_init(&rng, seed);
        struct truth *coins = calloc(3, sizeof *coins);
        assert_non_null(coins);
        struct prints *prints = prints_new();
        int64_t clock_ms = 20000 * DAY_MS, block = 0;
        for (int round = 0; round < 12; round++) {
            int64_t from_ms = clock_ms + 1, end_ms = from_ms;
            clock_ms = from_ms;
            for (uint32_t coin = 0; coin < 3; coin++) {
                int64_t own_clock = from_ms;
                if (vg_rng_below(&rng, 4))
                    random_round(prints, coin * 2, &coins[coin], &rng, &own_clock, &block, vg_rng_below(&rng, 200));
                if (own_clock > clock_ms) clock_ms = own_clock;
            }
            prints_settle(prints, 20000);
            if (vg_rng_below(&rng, 4) == 0) prints = reloaded(prints);
            end_ms = clock_ms + (int64_t)vg_rng_below(&rng, 4000000) - 2000000;
            for (uint32_t coin = 0; coin < 3; coin++)
                assert_series(&coins[coin], prints_of(prints, coin * 2), &rng); /* without an index */
            prints_link(prints, from_ms, end_ms);
            for (uint32_t coin = 0; coin < 3; coin++) {
                assert_series(&coins[coin], prints_of(prints, coin * 2), &rng);
                assert_links(prints_of(prints, coin * 2), from_ms, end_ms);
            }
            assert_int_equal(prints_of(prints, 1)->n, 0); /* a coin without prints */
            assert_int_equal(prints_of(prints, 99)->n, 0);
            if (vg_rng_below(&rng, 2)) {
                int64_t before_ms = from_ms + (int64_t)vg_rng_below(&rng, (uint64_t)(clock_ms - from_ms + 1));
                prints_forget(prints, before_ms);
                for (uint32_t coin = 0; coin < 3; coin++) {
                    const struct price_series *s = prints_of(prints, coin * 2);
                    coins[coin].forgotten_ms = before_ms;
                    assert_series(&coins[coin], s, &rng);
                    assert_true(s->n < 2 || s->times[1] > before_ms); /* all but the last before it */
                }
            }
        }
        prints_free(prints);
        free(coins);
    }
}

static void keeps_the_last_of_a_millisecond(void **state)
{
    (void)state;
    struct prints *prints = prints_new();
    prints_add(prints, 0, 1000, 7, 2, 30);
    prints_add(prints, 0, 1000, 7, 1, 20);
    prints_add(prints, 0, 1000, 6, 9, 10);
    prints_settle(prints, 0);
    const struct price_series *s = prints_of(prints, 0);
    assert_int_equal(s->n, 1);
    assert_true(s->points[0].price == 30);
    prints_add(prints, 0, 1000, 8, 0, 40); /* also when it comes a round later */
    prints_settle(prints, 0);
    s = prints_of(prints, 0);
    assert_int_equal(s->n, 1);
    assert_true(s->points[0].price == 40);
    const struct coin_day *day = prints_day(s, 0);
    assert_true(day->open == 10 && day->high == 40 && day->low == 10 && day->close == 40);
    prints_free(prints);
}

static void lets_the_later_block_count_where_clocks_disagree(void **state)
{
    (void)state;
    struct prints *prints = prints_new();
    prints_add(prints, 0, 1000, 1, 0, 10);
    prints_add(prints, 0, 1005, 2, 0, 20);
    prints_add(prints, 0, 1003, 3, 0, 30);
    prints_settle(prints, 0);
    const struct price_series *s = prints_of(prints, 0);
    assert_int_equal(prints_until(s, 1002), 1);
    assert_int_equal(prints_until(s, 1003), 2);
    assert_true(s->points[1].price == 30 && s->n == 2);
    prints_free(prints);
}

static void remembers_open_high_low_and_close_of_each_day(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 9);
    struct prints *prints = prints_new();
    struct coin_day days[40];
    size_t n = 0;
    int64_t block = 0;
    for (int32_t day = 100; day < 160; day++) {
        if (vg_rng_below(&rng, 3) == 0) continue; /* a day without prints */
        struct coin_day *d = &days[n++];
        for (int i = 0; i < 20; i++) {
            vg_dec price = (vg_dec)(1 + vg_rng_below(&rng, 50));
            if (i == 0) *d = (struct coin_day){day, price, price, price, price};
            d->high = price > d->high ? price : d->high;
            d->low = price < d->low ? price : d->low;
            d->close = price;
            prints_add(prints, 1, day * DAY_MS + i * 1000, ++block, 0, price);
            if (i == 11) prints_settle(prints, day); /* a day in two rounds */
        }
        prints_settle(prints, day);
        prints_forget(prints, (day + 1) * DAY_MS);
        if (day % 16 == 0) prints = reloaded(prints);
        if (n == COUNT(days)) break;
    }
    const struct price_series *s = prints_of(prints, 1);
    assert_int_equal(s->n, 1); /* prices are forgotten, days are not */
    size_t at = 0;
    vg_dec close = 0;
    for (int32_t day = 90; day < 170; day++) {
        while (at < n && days[at].day <= day)
            close = days[at++].close;
        const struct coin_day *own = at && days[at - 1].day == day ? &days[at - 1] : NULL, *got = prints_day(s, day);
        assert_int_equal(got != NULL, own != NULL);
        if (own)
            assert_true(got->day == day && got->open == own->open && got->high == own->high && got->low == own->low &&
                        got->close == own->close);
        vg_dec found = -1;
        assert_int_equal(prints_close(s, day, &found), at > 0);
        assert_true(found == (at ? close : -1));
    }
    prints_free(prints);
}

static vg_code load(const struct state_memory *memory)
{
    struct state_memory copy = {.bytes = memory->bytes};
    struct prints *prints = prints_new();
    struct state_reader in = state_memory_reader(&copy);
    vg_code rc = prints_load(prints, &in, NULL);
    if (!rc) { /* then it must be safe to use */
        prints_link(prints, 0, INT64_MAX / 2);
        const struct price_series *s = prints_of(prints, 0);
        for (int64_t ms = -10; ms < 3000; ms += 7)
            assert_true(prints_until(s, ms) <= s->n);
        prints_forget(prints, 1500);
    }
    prints_free(prints);
    return rc;
}

static struct state_memory saved(const struct prints *prints)
{
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(prints_save(prints, &out, NULL), VG_OK);
    return memory;
}

static struct prints *four_prints(void)
{
    struct prints *prints = prints_new();
    for (int i = 0; i < 4; i++)
        prints_add(prints, 0, 1000 + 100 * i, i, 0, 10 + i);
    prints_settle(prints, 0);
    return prints;
}

static void refuses_states_that_make_no_sense(void **state)
{
    (void)state;
    for (int fault = 0; fault < 6; fault++) {
        struct prints *prints = four_prints();
        struct price_series *s = (struct price_series *)prints_of(prints, 0);
        if (fault == 1) s->times[1] = 900;
        if (fault == 2) s->times[1] = 1000;
        if (fault == 3) s->times[3] = INT64_MAX;
        if (fault == 4) s->points[0].price = -1;
        if (fault == 5) s->day_count = 0;
        struct state_memory memory = saved(prints);
        prints_free(prints);
        assert_int_equal(load(&memory), fault ? VG_EPARSE : VG_OK);
        vg_buf_release(&memory.bytes);
    }
}

static void survives_damaged_states(void **state)
{
    (void)state;
    struct prints *prints = four_prints();
    struct state_memory memory = saved(prints);
    prints_free(prints);
    for (size_t i = 0; i < memory.bytes.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            memory.bytes.data[i] ^= (char)(1 << bit);
            (void)!load(&memory);
            memory.bytes.data[i] ^= (char)(1 << bit);
        }
    }
    while (memory.bytes.len > 0) {
        memory.bytes.len--;
        assert_int_equal(load(&memory), VG_EPARSE);
    }
    vg_buf_release(&memory.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_brute_force),
        cmocka_unit_test(keeps_the_last_of_a_millisecond),
        cmocka_unit_test(lets_the_later_block_count_where_clocks_disagree),
        cmocka_unit_test(remembers_open_high_low_and_close_of_each_day),
        cmocka_unit_test(refuses_states_that_make_no_sense),
        cmocka_unit_test(survives_damaged_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
