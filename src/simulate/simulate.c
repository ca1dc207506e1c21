/* The clock of the market: blocks, their times, and how many fills each may have. */
#include "simulate/simulate.h"

#include "base/clock.h"
#include "base/day.h"
#include "simulate/dusting.h"
#include "simulate/hour_file.h"
#include "simulate/openings.h"
#include "simulate/truth.h"

#define BLOCK_GAP_NS (70 * VG_NS_PER_MS) /* never faster (hyperliquid-formats.md 7.5: 67 ms) */
#define FILLS_PER_10_BLOCKS 43           /* 7.5 */
#define BLOCKS_PER_HOUR_MIN 20
#define EDGE_NS (9 * VG_NS_PER_MS) /* the first block belongs to the day before, as on 2026-03-15 */
#define CLOSE_NS VG_NS_PER_S       /* no block in the last second: its local_time would be the next day */

/* Calibrated on block 923950858 of 2026-03-15 and the growth since (2.1, 7.5). Spaced so that days
 * never share numbers, whatever the number of blocks. */
#define REFERENCE_DAY 20527
#define REFERENCE_BLOCK INT64_C(923950857)
#define REFERENCE_ORDER INT64_C(349162667230)
#define BLOCKS_PER_DAY 1250000
#define ORDERS_PER_DAY INT64_C(1150000000)

struct clock {
    int64_t start_ns, end_ns;
    uint64_t blocks, next; /* regular blocks in all, done */
    int64_t block_ns, local_ns;
    int64_t midnight_ns; /* the next one whose dust is due */
    bool is_midnight;    /* the block is the day's first: the dust is swept in it */
};

static void clock_init(struct clock *clock, const struct simulate_options *options)
{
    *clock = (struct clock){
        .start_ns = options->first_day * VG_NS_PER_DAY,
        .end_ns = (options->first_day + (int64_t)options->days) * VG_NS_PER_DAY,
    };
    uint64_t most = (uint64_t)((clock->end_ns - clock->start_ns - CLOSE_NS) / BLOCK_GAP_NS);
    uint64_t least = options->days * UINT64_C(24) * BLOCKS_PER_HOUR_MIN;
    uint64_t wanted = options->fills * 10 / FILLS_PER_10_BLOCKS;
    clock->blocks = wanted < least ? least : wanted > most ? most : wanted;
    clock->block_ns = clock->start_ns - EDGE_NS - 1;
    clock->midnight_ns = clock->start_ns;
}

/* Moves to the next block. False when the window is over. */
static bool clock_tick(struct clock *clock, struct vg_rng *rng)
{
    if (clock->next == clock->blocks) return false;
    int64_t before = clock->block_ns, span = clock->end_ns - clock->start_ns - CLOSE_NS + EDGE_NS;
    int64_t gap = span / (int64_t)clock->blocks;
    int64_t at = clock->start_ns - EDGE_NS + (int64_t)((__int128)span * (int64_t)clock->next / (int64_t)clock->blocks);
    if (clock->next) at += (int64_t)vg_rng_below(rng, (uint64_t)gap * 8 / 10);
    clock->is_midnight = at >= clock->midnight_ns;
    int64_t dusting = clock->midnight_ns + chance_between(rng, 40, 140) * VG_NS_PER_MS;
    if (clock->is_midnight && at > dusting)
        at = dusting; /* a block of its own; the regular one follows */
    else
        clock->next++;
    if (clock->is_midnight) clock->midnight_ns += VG_NS_PER_DAY;
    if (at <= before) at = before + 1 + (int64_t)vg_rng_below(rng, 1000);
    int64_t local = at + chance_between(rng, 100 * VG_NS_PER_MS, 330 * VG_NS_PER_MS);
    if (chance_one_in(rng, 20)) local += chance_between(rng, 0, 270) * VG_NS_PER_MS;
    int64_t soonest =
        clock->local_ns + (int64_t)vg_rng_below(rng, 2000000) + 1; /* the node works through blocks in order */
    clock->block_ns = at;
    clock->local_ns = local > soonest ? local : soonest;
    if (clock->local_ns >= clock->end_ns) clock->local_ns = clock->end_ns - 1;
    return true;
}

/* Relative activity by hour of the day: low in Asia's night, high when America opens. */
static const uint16_t hour_activity[24] = {95,  88,  80,  74,  72,  74,  80,  88,  95,  98,  100, 104,
                                           112, 132, 150, 150, 140, 126, 116, 110, 106, 102, 98,  96};

/* How many rows should exist at a time: activity summed up to it, as a part of the whole. */
static uint64_t rows_until(const struct clock *clock, uint64_t fills, int64_t now_ns)
{
    uint64_t per_day = 0, done = 0;
    for (unsigned hour = 0; hour < 24; hour++)
        per_day += hour_activity[hour];
    int64_t since = now_ns - clock->start_ns, hour_ns = 3600 * VG_NS_PER_S;
    if (since <= 0) return 0;
    uint64_t days = (uint64_t)(since / VG_NS_PER_DAY);
    unsigned hour = (unsigned)(since % VG_NS_PER_DAY / hour_ns);
    for (unsigned h = 0; h < hour; h++)
        done += hour_activity[h];
    const uint64_t fine = 1000000;
    uint64_t part = (uint64_t)(since % hour_ns / 1000) * fine / (uint64_t)(hour_ns / 1000);
    uint64_t elapsed = (days * per_day + done) * fine + hour_activity[hour] * part;
    uint64_t all_days = (uint64_t)((clock->end_ns - clock->start_ns) / VG_NS_PER_DAY);
    return (uint64_t)((unsigned __int128)fills * elapsed / ((unsigned __int128)all_days * per_day * fine));
}

/* Blocks without fills are frequent: two in five even when fills are due. */
static void fill_block(struct market *market, struct ideas *ideas, const struct clock *clock, uint64_t fills)
{
    bool last = clock->next == clock->blocks && !clock->is_midnight;
    if (!last && chance_percent(&market->rng, 40)) return;
    int64_t target = last ? (int64_t)fills : (int64_t)rows_until(clock, fills, clock->block_ns);
    while ((int64_t)fills - market->rows_left < target && market->rows_left >= 2)
        ideas_act(ideas, market);
}

/* Opens the files of all hours up to the block's. */
static vg_code follow_hours(struct hour_writer *writer, int64_t *hour, int64_t local_ns, uint32_t *files, vg_err *err)
{
    for (int64_t now = local_ns / (3600 * VG_NS_PER_S); *hour < now; ++*files) {
        ++*hour;
        VG_TRY(hour_writer_begin(writer, (int32_t)(*hour / 24), (unsigned)(*hour % 24), err));
    }
    return VG_OK;
}

static vg_code run_market(struct market *market, struct ideas *ideas, struct hour_writer *writer,
                          const struct simulate_options *options, struct simulate_result *result, vg_err *err)
{
    struct clock clock;
    clock_init(&clock, options);
    int64_t hour = clock.start_ns / (3600 * VG_NS_PER_S) - 1, reported = (int64_t)options->fills;
    while (clock_tick(&clock, &market->rng)) {
        VG_TRY(follow_hours(writer, &hour, clock.local_ns, &result->files, err));
        market_begin_block(market, hour_writer_text(writer), clock.block_ns, clock.local_ns,
                           result->first_block + result->blocks++);
        if (clock.is_midnight) dusting_run(market, options->fills / 500 + 10);
        fill_block(market, ideas, &clock, options->fills);
        market_end_block(market);
        VG_TRY(hour_writer_push(writer, err));
        if (reported - market->rows_left >= 20000) {
            vg_progress_add(options->progress, (uint64_t)(reported - market->rows_left),
                            (uint64_t)(reported - market->rows_left));
            reported = market->rows_left;
        }
    }
    VG_TRY(follow_hours(writer, &hour, clock.end_ns - 1, &result->files, err));
    result->fills = options->fills - (uint64_t)market->rows_left;
    result->trades = market->trades;
    result->dust_fills = result->fills - 2 * result->trades;
    return hour_writer_finish(writer, &result->bytes_raw, &result->bytes_lz4, err);
}

static vg_code check_options(const struct simulate_options *options, vg_err *err)
{
    if (!options->output || !*options->output) return vg_fail(err, VG_EUSAGE, "no output directory was named");
    if (options->fills < 2 || options->fills > UINT64_C(100000000000))
        return vg_fail(err, VG_EUSAGE, "the number of fills must lie between 2 and 100G");
    if (options->traders < POPULATION_MIN || options->traders > 20000000)
        return vg_fail(err, VG_EUSAGE, "the number of traders must lie between %d and 20M", POPULATION_MIN);
    if (options->days < 1 || options->days > 1000)
        return vg_fail(err, VG_EUSAGE, "the number of days must lie between 1 and 1000");
    if (options->first_day < 19737 || options->first_day > 23000) /* 2024-01-15 to 2032-12-21 */
        return vg_fail(err, VG_EUSAGE,
                       "the date must lie between 2024-01-15 and 2032-12-21: block numbers and order ids follow it");
    return VG_OK;
}

vg_code simulate_market(const struct simulate_options *options, struct simulate_result *result, vg_err *err)
{
    *result = (struct simulate_result){0};
    VG_TRY(check_options(options, err));
    VG_TRY(truth_check_output(options, err));
    int64_t started = vg_clock_ns();
    struct hour_writer *writer = NULL;
    VG_TRY(hour_writer_open(&writer, options->output, err));

    int64_t start_ns = options->first_day * VG_NS_PER_DAY, days = options->first_day - REFERENCE_DAY;
    struct market market;
    struct ideas ideas;
    market_init(&market, options->seed, options->traders, options->fills, start_ns,
                start_ns + options->days * VG_NS_PER_DAY);
    market.next_order_id = (uint64_t)(REFERENCE_ORDER + days * (days < 0 ? ORDERS_PER_DAY / 4 : ORDERS_PER_DAY));
    result->first_block = (uint64_t)(REFERENCE_BLOCK + days * BLOCKS_PER_DAY);
    ideas_init(&ideas, &market);
    openings_draw(&market, &ideas, options->fills, start_ns, start_ns + options->days * VG_NS_PER_DAY);

    vg_code rc = run_market(&market, &ideas, writer, options, result, err);
    if (!rc) rc = truth_write(&market, options, result, err);
    result->seconds = (double)(vg_clock_ns() - started) / 1e9;
    ideas_release(&ideas);
    market_release(&market);
    hour_writer_close(writer);
    return rc;
}
